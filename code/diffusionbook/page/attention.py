"""Where a transformer looks, on a page: the opening picture of its chapter."""

from collections.abc import Callable

import torch
from matplotlib.figure import Figure

from diffusionbook.data import mnist
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.nets.attention_maps import attention_maps
from diffusionbook.plots.attention import looks
from diffusionbook.randomness import randn, seeded

DIGIT, PATCH = 0, 24  # of the test set; of the patches, the middle one of 49


def opening(
    model: NetDenoiser, *, digit: int = DIGIT, patch: int = PATCH
) -> Callable[[float], Figure]:
    """A function of t: a test digit noised to t, the guess, and where one patch looks.

    The shares are means over all heads of all blocks. The noise is one draw for all times.

    Args:
        model: of a :class:`~diffusionbook.nets.dit.DiT`.
        digit: which of the test set.
        patch: which looks, row by row.
    """
    test = mnist.load("test")
    x0, y = test.images[digit:digit + 1], test.labels[digit:digit + 1]
    eps = randn(x0.shape, seeded(0), torch.float32)

    @torch.no_grad()
    def at(t: float) -> Figure:
        x_t = model.path.interpolate(x0, eps, t)
        shares = attention_maps(model.net, x_t, torch.tensor([t]), y).mean((0, 2))[0, patch]
        images = {"noisy": x_t[0, 0], "its guess": model(x_t, t, y).x0[0, 0]}
        return looks(images, shares, patch)

    return at
