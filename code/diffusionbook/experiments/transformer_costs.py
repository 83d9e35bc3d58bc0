"""What does a training step cost, and a look, for the U-Net and for transformers?

All take turns in one process, so that what else the machine does meets each alike.
"""

from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode

from diffusionbook.experiments.canvas_costs import in_turns
from diffusionbook.experiments.common.transformers import transformer, u_net
from diffusionbook.machine.precision import computing_in, fastest
from diffusionbook.randomness import randn, seeded
from diffusionbook.zoo.recipe import Recipe

SEEDS = (0, 1, 2)  # repeats
RECIPES = ()
ARMS = {
    "unet": u_net(1, 1e-3),
    **{f"patch {patch}": transformer(1, 1e-3, patch=patch) for patch in (2, 4, 7)},
    **{f"width {width}": transformer(1, 1e-3, width=width) for width in (48, 80, 192)},
}
LOOKED_AT = 250  # images in a look
TINY = {"ROUNDS": 1, "LOOKED_AT": 2, "MnistUNet.batch": 2, "MnistDiT.batch": 2}


def training_step(recipe: Recipe, seed: int) -> Callable[[], None]:
    """One optimiser step on random images, in the arithmetic that is faster on this machine."""
    model, generator, arithmetic = recipe.model(), seeded(seed), fastest("cpu")
    adam = torch.optim.Adam(model.parameters(), lr=recipe.lr, fused=True)
    x0 = randn((recipe.batch, 1, 28, 28), generator, torch.float32)
    y = torch.arange(recipe.batch) % 10

    def step() -> None:
        with computing_in(arithmetic, "cpu"):
            loss = recipe.loss(model.train(), x0, y, generator=generator)
        adam.zero_grad()
        loss.backward()
        adam.step()

    return step


def look(recipe: Recipe) -> Callable[[], object]:
    """One evaluation of the network for ``LOOKED_AT`` images, in the same arithmetic."""
    net, arithmetic = recipe.model().net, fastest("cpu")
    x = randn((LOOKED_AT, 1, 28, 28), seeded(0), torch.float32)
    t, y = torch.full((LOOKED_AT,), 0.5), torch.arange(LOOKED_AT) % 10

    @torch.no_grad()
    def run() -> None:
        with computing_in(arithmetic, "cpu"):
            net(x, t, y)

    return run


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``unet step``, in seconds; ``unet look``, in seconds an image; ``unet flops``, of a
    look at one image, in millions; and ``bfloat16``, 1 where that was the faster."""
    numbers = {"bfloat16": float(fastest("cpu") == "bfloat16")}
    steps = in_turns({name: training_step(recipe, seed) for name, recipe in ARMS.items()})
    looks = in_turns({name: look(recipe) for name, recipe in ARMS.items()})
    for name, recipe in ARMS.items():
        with FlopCounterMode(display=False) as counter:
            look(recipe)()
        numbers |= {f"{name} step": steps[name], f"{name} look": looks[name] / LOOKED_AT,
                    f"{name} flops": counter.get_total_flops() / LOOKED_AT / 1e6}
    return numbers
