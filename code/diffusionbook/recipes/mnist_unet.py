"""Chapters 2 and 3: digits from noise, with a label or without.

One network serves both: in training a label is hidden now and then, so it learns to answer with a
label and without one, and the difference of the two answers is guidance.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from diffusionbook.data import mnist
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.guidance import cfg, interval
from diffusionbook.losses import denoising_loss
from diffusionbook.nets.unet import UNet
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.prediction import Param
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers.named import sample_many


@dataclass(frozen=True)
class MnistUNet:
    """A U-Net that predicts v on the cosine path.

    Attributes:
        channels: of the network, on 14 × 14 places and on 7 × 7.
        blocks: residual blocks on the way down, on each.
        param: what the network predicts, a row of the prediction table.
        label_dropout: the share of labels that are hidden in training.

    The other fields are those of every :class:`~diffusionbook.zoo.recipe.Recipe`. How its best
    samples are drawn is no part of training: its fields are those of
    :class:`~diffusionbook.zoo.recipe.Guided`.
    """

    arithmetic: ClassVar[str] = "fastest"
    evaluations: ClassVar[int] = 3
    sampler: ClassVar[str] = "dpmpp2m"
    sampler_steps: ClassVar[int] = 20
    guidance: ClassVar[float] = 1.75
    low: ClassVar[float] = 0.1
    high: ClassVar[float] = 0.8

    name: str = "mnist-unet"
    title: str = "digits of MNIST, a U-Net on the cosine path, with and without labels"
    channels: tuple[int, int] = (48, 96)
    blocks: tuple[int, int] = (1, 2)
    param: str = "v"
    label_dropout: float = 0.1
    steps: int = 12_000
    cpu_seconds: float | None = None
    batch: int = 128
    lr: float = 2e-3
    warmup: float = 0.03
    ema: float = 0.999
    precision: str = "float16"
    seed: int = 0

    def model(self) -> NetDenoiser:
        return NetDenoiser(UNet(self.channels, self.blocks, seed=self.seed), Cosine(), self.param)

    def example(self) -> tuple[Tensor, ...]:
        x_t = randn((4, 1, 28, 28), seeded(0), torch.float32)
        return x_t, torch.tensor([0.1, 0.4, 0.7, 0.95]), torch.tensor([3, 7, 0, -1])

    def data(self, root: Path | None) -> tuple[Tensor, ...]:
        digits = mnist.real("train", root)
        return digits.images, digits.labels

    def loss(
        self, model, x0: Tensor, y: Tensor, *, loss_in: Param | None = None,
        generator: torch.Generator,
    ) -> Tensor:
        hidden = torch.rand(y.shape, generator=generator, device=y.device) < self.label_dropout
        y = torch.where(hidden, -1, y)
        return denoising_loss(model, x0, y, loss_in=loss_in, generator=generator)

    def evaluate(self, model: NetDenoiser, seed: int, root: Path | None) -> dict[str, float]:
        """2,000 guided samples in the features of ``mnist-features``, and real images beside."""
        from diffusionbook.data.mnist import SIZE, all_labels
        from diffusionbook.zoo.judge import FEATURES, Judge

        judge, labels = Judge(FEATURES, root), all_labels(2_000)
        guided = cfg(model, interval(self.guidance, self.low, self.high))
        samples = sample_many(guided, SIZE, 2_000, labels, sampler=self.sampler,
                              steps=self.sampler_steps, seed=seed,
                              device=next(model.parameters()).device)
        measured, real = judge.score(samples, labels), judge.score_real(2_000, seed)
        del real["frechet_floor"]  # as many images, so the same
        return measured | {f"{key}_real": value for key, value in real.items()}


RECIPE = MnistUNet()
TINY = {"MnistUNet.evaluate 2_000": 20, "MnistUNet.sampler_steps": 2, "MnistUNet.evaluations": 1}
