"""How good are canvases of the shipped models, of latents and of pixels, at each guidance scale?

``canvas-features`` was there while the models were made and chooses each one's scale;
``canvas-judge`` has never been used to choose anything. The decoded latents of real test canvases
stand beside: no latent model can be expected to be nearer than they are.
"""

import torch

from diffusionbook import zoo
from diffusionbook.data import canvases
from diffusionbook.data.canvases import HELD_OUT, TRAINED
from diffusionbook.experiments.common.canvases import SAMPLES, Jury, drawn
from diffusionbook.randomness import seeded

SEEDS = (0,)  # of the sampling noise
MODELS = ("canvas-latent", "canvas-pixels")
RECIPES = tuple(zoo.find(name) for name in MODELS)
SCALES = {"canvas-latent": (1.0, 2.0, 3.0, 4.0, 5.0),
          "canvas-pixels": (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)}
TINY = {"SAMPLES": 90, "CANVASES": 200,
        "CanvasRecipe.sampler_steps": 2,
        "SCALES": {"canvas-latent": (2.0,), "canvas-pixels": (2.0,)}}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``canvas-latent both judge w=2``, ``canvas-latent held out both judge``, ``real
    frechet_debiased judge`` and ``decoded both judge``; ``canvas-latent guidance`` is the scale at
    which ``canvas-features`` sees the smallest distance, and that of the held-out numbers."""
    juries, vae = {"": Jury(TRAINED), "held out ": Jury(HELD_OUT)}, zoo.load("canvas-vae")
    numbers = {}
    for prefix, jury in juries.items():
        real = canvases.load("test", SAMPLES, jury.numbers, seed=seed, stand_in=False).images
        decoded = vae.decode(vae.encode(real).sample(seeded(seed)))
        for name, images in (("real", real), ("decoded", decoded)):
            numbers |= {f"{name} {prefix}{key}": value
                        for key, value in jury.scores(images).items()}
    for recipe in RECIPES:
        model, name = zoo.load(recipe.name), recipe.name
        autoencoder = vae if name == "canvas-latent" else None
        seen = {}
        for w in SCALES[name]:
            found = juries[""].scores(drawn(model, recipe, juries[""].asked(SAMPLES), w, seed,
                                            autoencoder))
            numbers |= {f"{name} {key} w={w:g}": value for key, value in found.items()}
            seen[w] = found["frechet features"]
        numbers[f"{name} guidance"] = best = min(seen, key=seen.get)
        jury = juries["held out "]
        found = jury.scores(drawn(model, recipe, jury.asked(SAMPLES), best, seed, autoencoder))
        numbers |= {f"{name} held out {key}": value for key, value in found.items()}
    return numbers
