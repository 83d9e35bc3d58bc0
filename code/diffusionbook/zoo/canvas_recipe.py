"""What the recipes of chapter 5 share: how canvases are asked for, trained on, drawn and judged."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from diffusionbook.data.canvases import HELD_OUT, TRAINED, in_turn
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.losses import Weight, denoising_loss, logit_normal_time
from diffusionbook.shapes import Labels, Samples


@dataclass(frozen=True)
class CanvasRecipe:
    """A model on the linear path that is told two digits.

    Attributes:
        shift: of the logit-normal times of training, towards noise where above 1
            (:eq:`eq-shift`).
        label_dropout: the share of numbers that are hidden in training.
        canvases: how many it is trained on, of the trained numbers only.

    The other fields are those of every :class:`~diffusionbook.zoo.recipe.Recipe`. How its samples
    are drawn is no part of training: :class:`~diffusionbook.zoo.recipe.Guided`.
    """

    arithmetic: ClassVar[str] = "fastest"
    evaluations: ClassVar[int] = 1  # canvas-quality draws more
    sampler: ClassVar[str] = "dpmpp2m"
    sampler_steps: ClassVar[int] = 20
    guidance: ClassVar[float] = 3.0
    low: ClassVar[float] = 0.1
    high: ClassVar[float] = 0.85

    shift: float = 1.0
    label_dropout: float = 0.1
    canvases: int = 60_000
    cpu_seconds: float | None = None
    batch: int = 64
    lr: float = 1e-3
    warmup: float = 0.03
    ema: float = 0.999
    precision: str = "float16"
    seed: int = 0

    def error(
        self, model: Denoiser, x0: Samples, y: Labels, generator: torch.Generator, *,
        weight: Weight | None = None,
    ) -> Tensor:
        """The denoising loss at this recipe's times, with some of the numbers hidden."""
        hidden = torch.rand(y.shape, generator=generator, device=y.device) < self.label_dropout
        return denoising_loss(model, x0, torch.where(hidden, -1, y), weight=weight,
                              time=logit_normal_time(math.log(self.shift)), generator=generator)

    def drawn(self, model: Denoiser, numbers: Labels, seed: int) -> Samples:
        """What the model makes of these numbers, guided."""
        from diffusionbook.guidance import cfg, interval
        from diffusionbook.samplers.named import sample_many

        guided = cfg(model, interval(self.guidance, self.low, self.high))
        return sample_many(guided, self.example()[0].shape[1:], len(numbers), numbers,
                           sampler=self.sampler, steps=self.sampler_steps, seed=seed,
                           device=next(model.parameters()).device)

    def evaluate(self, model: Denoiser, seed: int, root: Path | None) -> dict[str, float]:
        """2,000 canvases of the trained numbers, and 2,000 of the held-out ones, in the features
        of ``canvas-features``."""
        from diffusionbook.zoo.canvas_judge import FEATURES, CanvasJudge

        measured = {}
        for suffix, asked in (("", TRAINED), ("_held_out", HELD_OUT)):
            numbers = in_turn(2_000, asked)
            found = CanvasJudge(FEATURES, asked, root).score(self.drawn(model, numbers, seed),
                                                             numbers)
            measured |= {f"{key}{suffix}": value for key, value in found.items()}
        return measured
