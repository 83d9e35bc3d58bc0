"""A small transformer that looks somewhere, and a digit for it."""

import torch
from networks import awake

from diffusionbook.data.mnist import Digits
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.nets.dit import DiT
from diffusionbook.paths.gaussian import Cosine

PATCH, SIDE = 4, 7  # pixels along a patch, patches along an image


def looking() -> NetDenoiser:
    net = awake(DiT(PATCH, width=16, depth=2, heads=2)).float()
    return NetDenoiser(net, Cosine(), "v")


def digits(*_) -> Digits:
    """Two: a 7 whose upper half is ink, and a 3 whose left half is."""
    images = torch.full((2, 1, 28, 28), -1.0)
    images[0, 0, :14] = 1
    images[1, 0, :, :14] = 1
    return Digits(images, torch.tensor([7, 3]), "two halves")
