"""What the experiments on canvases share: a training with stops on the way, samples, two judges."""

from collections.abc import Iterator, Sequence

import torch
from torch import nn

from diffusionbook.data import canvases
from diffusionbook.data.canvases import HELD_OUT, TRAINED
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.guidance import cfg, interval
from diffusionbook.nets.vae import ConvVAE
from diffusionbook.samplers.named import sample_many
from diffusionbook.shapes import Labels, Samples
from diffusionbook.training.loop import EMA, batches, fit, warmup_cosine
from diffusionbook.zoo.canvas_judge import FEATURES, JUDGE, CanvasJudge
from diffusionbook.zoo.recipe import Recipe

MARKS = (0.25, 0.5, 1.0)  # shares of training after which samples are judged
SCALES = (2.0, 3.0, 4.0)  # of guidance, of which each model takes the best
SAMPLES = 2_000  # to be judged
FEW = 500  # to choose the scale by
MEASURES = ("frechet", "frechet_floor", "frechet_debiased", "tens", "ones", "both")


class Jury:
    """Both judges of canvases of some numbers.

    Args:
        numbers: which the samples show.
    """

    def __init__(self, numbers: Sequence[int] = TRAINED) -> None:
        self.numbers = numbers
        self._seen_by = {"features": CanvasJudge(FEATURES, numbers),
                         "judge": CanvasJudge(JUDGE, numbers)}

    def asked(self, n: int) -> Labels:
        """(n,) the numbers that n samples are asked for."""
        return canvases.in_turn(n, self.numbers)

    def scores(self, images: Samples) -> dict[str, float]:
        """Of images of :meth:`asked`: keys like ``both judge``."""
        return {f"{key} {name}": value for name, judge in self._seen_by.items()
                for key, value in judge.score(images, self.asked(len(images))).items()
                if key in MEASURES}


def stops(
    recipe: Recipe, model: nn.Module, marks: Sequence[float] = MARKS
) -> Iterator[tuple[float, nn.Module, float]]:
    """Train as a recipe says; at each mark (share, the averaged model, processor seconds so far).

    The averaged model is the one in training: use it before the next.
    """
    ema, wanted = EMA(model, recipe.ema), [round(mark * recipe.steps) for mark in marks]
    due = iter(zip(wanted, marks, strict=True))
    step, mark = next(due)
    for record in fit(model, batches(*recipe.data(None), size=recipe.batch), recipe.loss,
                      steps=recipe.steps, lr=warmup_cosine(recipe.lr, recipe.warmup),
                      seed=recipe.seed, ema=ema, log_every=1):
        if record.step == step:
            yield mark, ema.model, record.cpu_seconds
            step, mark = next(due, (0, 0.0))


@torch.no_grad()
def drawn(
    model: Denoiser, recipe: Recipe, numbers: Labels, scale: float, seed: int,
    autoencoder: ConvVAE | None = None,
) -> Samples:
    """Canvases of these numbers, guided at a scale in the recipe's interval; samples of a latent
    model are decoded."""
    guided, shape = cfg(model, interval(scale, recipe.low, recipe.high)), recipe.example()[0].shape
    samples = sample_many(guided, shape[1:], len(numbers), numbers, sampler=recipe.sampler,
                          steps=recipe.sampler_steps, seed=seed)
    return samples if autoencoder is None else autoencoder.decode(samples)


def arm(recipe: Recipe, autoencoder: ConvVAE | None = None) -> dict[str, float]:
    """Train a model of canvases and judge it on the way and at the end.

    At each mark samples are drawn at the recipe's own scale of guidance. At the end the scale is
    chosen, of :data:`SCALES`, by what ``canvas-features`` sees in a few samples; samples of the
    trained and of the held-out numbers are drawn at that scale.

    Args:
        recipe: of a model of latents, or of pixels.
        autoencoder: whose latents they are; None for pixels.

    Returns:
        Keys like ``0.5 both judge``, ``0.5 cpu seconds``; ``w=2 frechet_debiased features``,
        ``guidance``; ``both judge`` and ``held out both judge`` at that scale.
    """
    numbers, model = {}, recipe.model()
    trained, seed = Jury(), recipe.seed + 1
    for mark, averaged, spent in stops(recipe, model):
        model = averaged
        images = drawn(model, recipe, trained.asked(SAMPLES), recipe.guidance, seed, autoencoder)
        numbers[f"{mark:g} cpu seconds"] = spent
        numbers |= {f"{mark:g} {key}": value for key, value in trained.scores(images).items()}
    tried = {}
    for scale in SCALES:
        images = drawn(model, recipe, trained.asked(FEW), scale, seed + 1, autoencoder)
        found = trained.scores(images)
        tried[scale] = found["frechet features"]
        numbers |= {f"w={scale:g} {key} features": found[f"{key} features"]
                    for key in ("frechet_debiased", "both")}
    numbers["guidance"] = best = min(tried, key=tried.get)
    for prefix, jury in (("", trained), ("held out ", Jury(HELD_OUT))):
        images = drawn(model, recipe, jury.asked(SAMPLES), best, seed + 2, autoencoder)
        numbers |= {f"{prefix}{key}": value for key, value in jury.scores(images).items()}
    return numbers
