"""What all recipes on digits share."""

from pathlib import Path

from torch import Tensor

from diffusionbook.data import mnist


class OnMnist:
    """A recipe that is trained on MNIST's training images and their labels."""

    def data(self, root: Path | None) -> tuple[Tensor, ...]:
        digits = mnist.real("train", root)
        return digits.images, digits.labels
