"""For tests of networks: weights away from the zeros they start with, and layers by hand."""

import torch
from torch import nn

from diffusionbook.randomness import randn, seeded


def awake(module: nn.Module) -> nn.Module:
    """In float64, every parameter moved, so that no layer is 0 and no normalisation plain."""
    module = module.double()
    with torch.no_grad():
        for k, p in enumerate(module.parameters()):
            p.add_(0.2 * randn(p.shape, seeded(k)))
    return module


def silu(x: torch.Tensor) -> torch.Tensor:
    return x / (1 + torch.exp(-x))


def normalised(x: torch.Tensor, norm: nn.GroupNorm) -> torch.Tensor:
    """Group norm in loops: each image, each of its 8 groups of channels."""
    out, size = torch.empty_like(x), x.shape[1] // 8
    for i in range(len(x)):
        for g in range(8):
            group = x[i, g * size : (g + 1) * size]
            mean = group.sum() / group.numel()
            variance = ((group - mean) ** 2).sum() / group.numel()
            for c in range(g * size, (g + 1) * size):
                standard = (x[i, c] - mean) / (variance + 1e-5).sqrt()
                out[i, c] = norm.weight[c] * standard + norm.bias[c]
    return out
