"""What becomes of a latent model whose path is told nothing of the size of its latents?

An encoder starts with wide means and is trained with next to no weight on the divergence, so that
nothing brings its latents to size 1. Then one latent model is trained three times, for equally many
steps, on the same latents in three units: standard ones, those that the encoder happens to have,
and 0.8 of the standard ones, about the size that ``canvas-vae`` leaves. Only the unit differs.
"""

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from diffusionbook.data import canvases
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.guidance.models import cfg
from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.nets.vae import ConvVAE
from diffusionbook.randomness import seeded
from diffusionbook.recipes import canvas_latent, canvas_vae
from diffusionbook.samplers.named import sample_many
from diffusionbook.shapes import Labels, Samples
from diffusionbook.zoo.by_recipe import trained
from diffusionbook.zoo.canvas_judge import JUDGE, CanvasJudge

SEEDS = (0,)
CANVASES = 20_000
ENCODING_STEPS = 900  # two processor minutes
STEPS = 2_200  # six processor minutes for each latent model
SAMPLES = 900
LOOKS = 20
WIDE = 115.0  # by which the means of the untrained encoder are stretched
SMALL = 0.8  # of the standard unit
AUTOENCODER = replace(
    canvas_vae.RECIPE, name="canvas-vae, next to no weight", title="a short run", weight=1e-6,
    canvases=CANVASES, steps=ENCODING_STEPS, ema=0.99)
LATENT = replace(canvas_latent.RECIPE, name="canvas-latent, short", title="a short run",
                 canvases=CANVASES, steps=STEPS, ema=0.99)
RECIPES = (AUTOENCODER,)
TINY = {"CANVASES": 200, "ENCODING_STEPS": 2, "STEPS": 2, "SAMPLES": 90, "LOOKS": 2}


class Unit(NamedTuple):
    """Latents in this unit are place + size · z for standard latents z; (k, 1, 1) each."""

    size: Tensor
    place: Tensor

    def of(self, standard: DiagonalGaussian) -> DiagonalGaussian:
        """The law, in this unit, of a draw from ``standard``."""
        return DiagonalGaussian(self.place + self.size * standard.mean,
                                standard.log_variance + 2 * self.size.log())

    def standard(self, z: Samples) -> Samples:
        """Latents in this unit, in standard ones."""
        return (z - self.place) / self.size


def units(autoencoder: ConvVAE) -> dict[str, Unit]:
    """The three units, by name."""
    mean, std = (x[:, None, None] for x in (autoencoder.scale.mean, autoencoder.scale.std))
    one, nought = torch.ones_like(std), torch.zeros_like(mean)
    return {"scaled": Unit(one, nought), "small": Unit(SMALL * one, nought),
            "as encoded": Unit(std, mean)}


def encoder(seed: int, images: Samples, device: torch.device) -> ConvVAE:
    """The autoencoder of this seed, on the CPU, with its scale measured."""
    recipe = replace(AUTOENCODER, seed=seed)
    autoencoder = recipe.model()
    with torch.no_grad():
        autoencoder.encoder[-1].weight[: recipe.latents] *= WIDE
    autoencoder = trained(recipe, autoencoder.to(device), (images,)).model.cpu()
    recipe.finish(autoencoder, images)
    return autoencoder


def draw(model: Denoiser, numbers: Labels, seed: int) -> Samples:
    """Guided latents for these numbers."""
    return sample_many(cfg(model, LATENT.guidance), canvas_latent.LATENT, len(numbers), numbers,
                       sampler=LATENT.sampler, steps=LOOKS, seed=seed)


@torch.no_grad()
def judged(judge: CanvasJudge, autoencoder: ConvVAE, z: Samples, numbers: Labels
           ) -> dict[str, float]:
    """``both`` digits and ``frechet``, debiased, of standard latents when they are decoded."""
    found = judge.score(autoencoder.decode(z), numbers)
    return {"both": found["both"], "frechet": found["frechet_debiased"]}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``as encoded both`` and ``scaled frechet``; ``autoencoder both`` of draws from the
    posteriors of test canvases, the floor; ``std`` and ``shift``, of the encoder's own unit."""
    train = canvases.load("train", CANVASES, seed=seed, stand_in=False)
    test = canvases.load("test", SAMPLES, seed=seed, stand_in=False)
    judge, autoencoder = CanvasJudge(JUDGE), encoder(seed, train.images, device)
    floor = autoencoder.encode(test.images).sample(seeded(seed))
    numbers = {"std": float(autoencoder.scale.std.mean()),
               "shift": autoencoder.scale.half_log_snr_shift()}
    found = {"autoencoder": judged(judge, autoencoder, floor, test.numbers)}
    standard, recipe = autoencoder.encode(train.images), replace(LATENT, seed=seed)
    for name, unit in units(autoencoder).items():
        law = unit.of(standard)
        model = trained(recipe, recipe.model().to(device),
                        (law.mean, law.log_variance, train.numbers)).model.cpu()
        z = unit.standard(draw(model, test.numbers, seed))
        found[name] = judged(judge, autoencoder, z, test.numbers)
    return numbers | {f"{name} {key}": value for name, part in found.items()
                      for key, value in part.items()}
