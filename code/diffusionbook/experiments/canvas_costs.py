"""What does a training step cost, and a look at the network, in pixels and in latents?

All take turns in one process, so that what else the machine does meets each alike. The seconds
belong to the machine that the result names; read the ratios. Multiply–adds are counted, not timed.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import torch
from torch.utils.flop_counter import FlopCounterMode

from diffusionbook.experiments.canvas_patch_8 import PATCH_8
from diffusionbook.nets.vae import PART
from diffusionbook.randomness import randn, seeded
from diffusionbook.recipes.canvas_latent import RECIPE as LATENT
from diffusionbook.recipes.canvas_pixels import RECIPE as PATCH_4
from diffusionbook.recipes.canvas_vae import RECIPE as VAE

SEEDS = (0, 1, 2)  # repeats
RECIPES = ()
ROUNDS = 5  # of turns, of which the median counts
ARMS = {
    "autoencoder": VAE,
    "latent": LATENT,
    "patch 8": PATCH_8,
    "patch 4": PATCH_4,
    "patch 4 wide": replace(PATCH_4, channels=LATENT.channels),
}
TINY = {"ROUNDS": 1, "CanvasRecipe.batch": 2, "CanvasVAE.batch": 2,
        "PART": 2}


def training_step(recipe, seed: int) -> Callable[[], None]:
    """One optimiser step of a recipe on random data of the right shape."""
    model, generator = recipe.model(), seeded(seed)
    x, adam = recipe.example()[0][:1], torch.optim.Adam(model.parameters(), lr=recipe.lr,
                                                        fused=True)
    x0 = randn((recipe.batch, *x.shape[1:]), generator, torch.float32)
    y = torch.arange(recipe.batch) % 10
    batch = {"canvas-vae": (x0,), "canvas-latent": (x0, -x0.abs(), y)}.get(recipe.name, (x0, y))

    def step() -> None:
        loss = recipe.loss(model.train(), *batch, generator=generator)
        adam.zero_grad()
        loss.backward()
        adam.step()

    return step


def look(recipe, seed: int) -> tuple[Callable[[], object], int]:
    """One evaluation of a recipe's network, and how many samples are in it."""
    model, example = recipe.model().eval(), recipe.example()
    network = getattr(model, "net", model)
    inputs = [x[torch.arange(PART) % len(x)] for x in example]
    return torch.no_grad()(lambda: network(*inputs)), PART


def multiply_adds(recipe) -> float:
    """Of one evaluation for one sample, in millions."""
    run, count = look(recipe, 0)
    with FlopCounterMode(display=False) as counter:
        run()
    return counter.get_total_flops() / 2 / count / 1e6


def in_turns(work: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """The median processor seconds of each, after a first time that does not count."""
    taken = {name: [] for name in work}
    for number in range(ROUNDS + 1):
        for name, run in work.items():
            began = time.process_time()
            run()
            if number:
                taken[name].append(time.process_time() - began)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``patch 4 step`` in seconds, ``patch 4 look`` in seconds a sample, and
    ``patch 4 multiply-adds`` in millions a look; ``decode``, ``encode`` in seconds a canvas.

    A look of the autoencoder is one of encoder and decoder together.
    """
    steps = in_turns({name: training_step(recipe, seed) for name, recipe in ARMS.items()})
    numbers = {f"{name} step": seconds for name, seconds in steps.items()}
    looks = {name: look(recipe, seed) for name, recipe in ARMS.items()}
    vae = VAE.model().eval()
    images, latents = (torch.zeros(PART, *shape) for shape in (vae.image_shape, vae.latent_shape))
    halves = {"encode": torch.no_grad()(lambda: vae.posterior(images)),
              "decode": torch.no_grad()(lambda: vae.image(latents))}
    taken = in_turns({name: run for name, (run, _) in looks.items()} | halves)
    for name, seconds in taken.items():
        numbers[name if name in halves else f"{name} look"] = seconds / PART
    return numbers | {f"{name} multiply-adds": multiply_adds(recipe)
                      for name, recipe in ARMS.items()}
