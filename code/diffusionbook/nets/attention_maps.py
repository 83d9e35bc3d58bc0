"""Where the tokens of a transformer look."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from diffusionbook.nets.dit import DiT


@torch.no_grad()
def attention_maps(
    net: DiT,
    x: Float[Tensor, "b c h w"],
    t: Float[Tensor, " b"],
    y: Int[Tensor, " b"] | None = None,
) -> Float[Tensor, "depth b heads n n"]:
    """How much each patch (row) attends to each other one (column), in every block and head.

    Args:
        net: the transformer.
        x: (b, c, h, w) noisy images.
        t: (b,) their times.
        y: (b,) labels; -1 for none.

    Returns:
        (depth, b, heads, n, n); each row sums to 1.

    Raises:
        ValueError: as the network does.
    """
    found = []
    hooks = [block.attention.register_forward_pre_hook(
        lambda layer, given: found.append(layer.weights(*given))) for block in net.blocks]
    try:
        net(x, t, y)
    finally:
        for hook in hooks:
            hook.remove()
    return torch.stack(found)
