"""Training by a recipe: what a shipped model and the short runs of an experiment have in common."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor, nn

from diffusionbook.machine.precision import Arithmetic
from diffusionbook.training.checkpoint import Checkpoint
from diffusionbook.training.loop import EMA, Record, batches, fit, warmup_cosine
from diffusionbook.zoo.recipe import Recipe


class Trained(NamedTuple):
    """The end of a training: the model with the averaged weights, and the records on the way."""

    model: nn.Module
    records: list[Record]


def trained(
    recipe: Recipe,
    model: nn.Module,
    data: tuple[Tensor, ...],
    loss: Callable[..., Tensor] | None = None,
    *,
    arithmetic: Arithmetic = "float32",
    checkpoint: Checkpoint | None = None,
    save_every: int | None = 1000,
) -> Trained:
    """Train a model on data for as long, and at such rates, as a recipe says.

    Args:
        recipe: whose batch, steps, processor time, rates, average and seed count.
        model: trained in place, on the device where it is.
        data: (n, …) each.
        loss: default: the recipe's.
        arithmetic: of the products in the loss, "float32" or "bfloat16".
        checkpoint: as :func:`~diffusionbook.training.loop.fit` takes it.
        save_every: steps between two saves.
    """
    ema = EMA(model, recipe.ema)
    records = list(fit(
        model,
        batches(*data, size=recipe.batch),
        loss or recipe.loss,
        steps=recipe.steps,
        lr=warmup_cosine(recipe.lr, recipe.warmup),
        seed=recipe.seed,
        ema=ema,
        cpu_seconds=recipe.cpu_seconds,
        arithmetic=arithmetic,
        checkpoint=checkpoint,
        save_every=save_every,
    ))
    return Trained(ema.model, records)
