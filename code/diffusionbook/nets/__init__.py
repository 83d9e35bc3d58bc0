"""Networks: embeddings, an MLP for points, U-Nets and transformers for images, autoencoders."""

from diffusionbook.nets.blocks import Attention, ResBlock, attend, conv3, group_norm
from diffusionbook.nets.bundle import Networks
from diffusionbook.nets.classifier import PlainClassifier, ResidualClassifier, cross_entropy
from diffusionbook.nets.dit import DiT
from diffusionbook.nets.embeddings import FourierFeatures
from diffusionbook.nets.latent_scale import LatentScale
from diffusionbook.nets.mlp import MLP
from diffusionbook.nets.number_classifiers import (
    PlainNumberClassifier,
    ResidualNumberClassifier,
    digits_of,
    number_cross_entropy,
)
from diffusionbook.nets.numbers import NumberUNet
from diffusionbook.nets.patches import patchify, positions, unpatchify
from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.nets.transformer import Block, Modulation, SelfAttention
from diffusionbook.nets.unet import UNet
from diffusionbook.nets.vae import ConvVAE
from diffusionbook.nets.vector_vae import VectorVAE, conv_vae, linear_vae, mlp_vae

__all__ = [
    "Attention", "Block", "ConvVAE", "DiT", "DiagonalGaussian", "FourierFeatures", "LatentScale",
    "MLP", "Modulation", "Networks", "NumberUNet", "PlainClassifier", "PlainNumberClassifier",
    "ResBlock", "ResidualClassifier", "ResidualNumberClassifier", "SelfAttention", "UNet",
    "VectorVAE", "attend", "conv3", "conv_vae", "cross_entropy", "digits_of", "group_norm",
    "linear_vae", "mlp_vae", "number_cross_entropy", "patchify", "positions", "unpatchify",
]  # fmt: skip
