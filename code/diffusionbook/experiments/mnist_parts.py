"""What is each part of the U-Net worth? Short runs without it, or with it built wrongly."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from diffusionbook.experiments.common.digits import TIMES, errors, held_out, short, train
from diffusionbook.nets.blocks import Attention
from diffusionbook.nets.unet import UNet

SEEDS = (0, 1, 2)
RECIPES = (short("v"),)
TINY = {"STEPS": 2, "IMAGES": 20, "TIMES": (0.3,)}


class WrongAxis(Attention):
    """Attention whose weights add up to 1 over the places that ask, not over those asked."""

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        b, c, h, w = x.shape
        split = self.query_key_value(self.norm(x).flatten(2).mT)
        q, k, v = split.reshape(b, h * w, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = torch.softmax(q @ k.mT / q.shape[-1] ** 0.5, -2)
        mixed = (weights @ v).transpose(1, 2).reshape(b, h * w, c)
        return x + self.leave(mixed).mT.reshape(x.shape)


def nothing(net: UNet) -> None:
    """The network as it is."""


def hide_skips(net: UNet) -> None:
    """Blocks on the way up see zeros where the way down has left its maps."""

    def zeros(block: nn.Module, inputs: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        h, skip = inputs[0].chunk(2, 1)
        return torch.cat([h, torch.zeros_like(skip)], 1), inputs[1]

    for block in (*net.up_coarse, *net.up_fine):
        block.register_forward_pre_hook(zeros)


def hide_time(net: UNet) -> None:
    """Every image looks to the network as if its time were 0.5."""
    net.fourier.register_forward_pre_hook(lambda module, inputs: (0 * inputs[0] + 0.5,))


def drop_attention(net: UNet) -> None:
    """Places of the coarse maps see their neighbours only."""
    net.attention = nn.Identity()


def turn_softmax(net: UNet) -> None:
    """The softmax of the attention runs along the wrong axis."""
    wrong = WrongAxis(net.attention.leave.out_features)
    wrong.load_state_dict(net.attention.state_dict())
    net.attention = wrong


CHANGES = {
    "whole": nothing,
    "no skips": hide_skips,
    "no time": hide_time,
    "no attention": drop_attention,
    "wrong softmax": turn_softmax,
}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``no skips error t=0.3``, the mean squared error of v per pixel on held-out images;
    and ``no skips error``, its mean over the times."""
    x0, _ = held_out()
    numbers = {}
    for name, change in CHANGES.items():
        found = errors(train(short("v", seed), device, change), x0, seed)
        found["error"] = sum(found.values()) / len(TIMES)
        numbers |= {f"{name} {key}": value for key, value in found.items()}
    return numbers
