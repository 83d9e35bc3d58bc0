"""What a recipe offers, and where to find one by its name."""

import importlib
from dataclasses import fields
from pathlib import Path
from typing import Protocol, runtime_checkable

from torch import Tensor, nn

from diffusionbook.arguments import inside, positive, whole
from diffusionbook.evidence.catalogue import check_name, names_in

PACKAGE = __name__.partition(".")[0]
SHARES = ("warmup", "ema", "label_dropout")


@runtime_checkable
class Recipe(Protocol):
    """What every recipe offers; each is a frozen dataclass of plain values.

    Attributes:
        name: of the model.
        title: what it is, in a few words.
        steps: optimiser steps.
        cpu_seconds: processor time after which training ends even so; None for no such bound.
        batch: examples in each step.
        lr: the highest learning rate.
        warmup: the share of training in which it rises.
        ema: decay of the averaged weights, the ones that are kept.
        precision: of the stored weights, "float32" or "float16".
        arithmetic: of its training: "float32", "bfloat16", or "fastest", the faster of the two on
            the machine that trains it.
        seed: of the initial weights, batches and noise.
        evaluations: sampling seeds over which its measures are taken.
    """

    name: str
    title: str
    steps: int
    cpu_seconds: float | None
    batch: int
    lr: float
    warmup: float
    ema: float
    precision: str
    arithmetic: str
    seed: int
    evaluations: int

    def model(self) -> nn.Module:
        """The untrained model; its initial weights come from ``seed``."""

    def example(self) -> tuple[Tensor, ...]:
        """Fixed inputs of the network, such as (x_t, t, y): its answer to them is recorded, so
        that a change of its code that moves the answer is noticed."""

    def data(self, root: Path | None) -> tuple[Tensor, ...]:
        """The training set; files, where it has any, lie below ``root``."""

    def loss(self, model: nn.Module, *batch: Tensor, generator) -> Tensor:
        """The training loss of one batch."""

    def evaluate(self, model: nn.Module, seed: int, root: Path | None) -> dict[str, float]:
        """Measured quality of a trained model, for one sampling seed."""


@runtime_checkable
class Finished(Protocol):
    """The last touch of a recipe whose model is not whole when its training ends."""

    def finish(self, model: nn.Module, *data: Tensor) -> None:
        """What remains to be done with the averaged weights, before they are measured."""


@runtime_checkable
class Sampled(Protocol):
    """The sampling half of a recipe whose model draws samples: how its best ones are drawn.

    What it draws has the shape of the first part of the recipe's example.

    Attributes:
        sampler: a key of :data:`diffusionbook.samplers.named.SAMPLERS`.
        sampler_steps: how many steps it makes.
    """

    sampler: str
    sampler_steps: int


@runtime_checkable
class Guided(Sampled, Protocol):
    """The sampling half of a recipe whose model has labels and is guided.

    Attributes:
        guidance: the scale.
        low: the time from which guidance acts,
        high: and the time to which.
    """

    guidance: float
    low: float
    high: float


@runtime_checkable
class Latent(Protocol):
    """The part of a recipe whose model draws latents, which another model makes images of.

    Attributes:
        autoencoder: the name of that model.
    """

    autoencoder: str


def recipe_names() -> list[str]:
    """The names of all recipes, sorted."""
    return names_in("recipes")


def find(name: str) -> Recipe:
    """The recipe with this name.

    Raises:
        ValueError: there is none; the message has the nearest names.
    """
    check_name(name, recipe_names(), "a recipe")
    return importlib.import_module(f"{PACKAGE}.recipes.{name.replace('-', '_')}").RECIPE


def check_recipe(recipe: Recipe) -> None:
    """Refuse a recipe with a number that cannot be meant, before anything is trained by it.

    Raises:
        ValueError: a field that should be whole is not or is below 1 (the seed: below 0), a share
            is outside [0, 1], or another number is not positive and finite.
    """
    for field in fields(recipe):
        name, value = field.name, getattr(recipe, field.name)
        if name in SHARES:
            inside(name, value, 0, 1)
        elif isinstance(field.default, int | tuple):
            numbers = value if isinstance(field.default, tuple) else (value,)
            whole(name, *numbers, least=0 if name == "seed" else 1)
        elif not isinstance(field.default, str) and value is not None:
            positive(name, value)
