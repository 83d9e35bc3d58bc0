"""Networks: embeddings, an MLP for points, and larger nets for images."""

from diffusionbook.nets.blocks import Attention, ResBlock, attend, conv3, group_norm
from diffusionbook.nets.bundle import Networks
from diffusionbook.nets.classifier import PlainClassifier, ResidualClassifier, cross_entropy
from diffusionbook.nets.embeddings import FourierFeatures
from diffusionbook.nets.mlp import MLP
from diffusionbook.nets.unet import UNet

__all__ = [
    "Attention", "FourierFeatures", "MLP", "Networks", "PlainClassifier", "ResBlock",
    "ResidualClassifier", "UNet", "attend", "conv3", "cross_entropy", "group_norm",
]  # fmt: skip
