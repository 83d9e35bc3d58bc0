"""Small digits for a machine that has neither MNIST nor a network: scikit-learn brings them along.

They are 1,797 scans of 8 × 8 pixels in 17 greys, the test part of the UCI Machine Learning
Repository's "Optical Recognition of Handwritten Digits" (E. Alpaydin, 1998). They
let a page run. What is measured on them says nothing about MNIST, so
:func:`diffusionbook.data.mnist.load` warns when it uses them and the book's build refuses them.
"""

from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import interpolate, pad

SOURCE = "NOT MNIST, but scikit-learn's 8×8 digits, enlarged"
TRAIN = 1_500  # scans; the rest is the test part


def load(
    split: Literal["train", "test"],
) -> tuple[Float[Tensor, "n 1 28 28"], Int[Tensor, " n"]]:
    """1,500 or 297 digits in MNIST's form: float32 images in [-1, 1], and int64 labels.

    The scans are enlarged to 20 × 20 pixels by bilinear interpolation and have a border of four,
    like MNIST's digits. The two parts have no scan in common and are the same on every machine.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    part = slice(None, TRAIN) if split == "train" else slice(TRAIN, None)
    grey = torch.from_numpy(bunch.images[part]).float().unsqueeze(1)
    large = interpolate(grey, size=(20, 20), mode="bilinear", align_corners=False)
    images = pad(large, (4, 4, 4, 4)).div_(8).sub_(1)
    return images, torch.from_numpy(bunch.target[part]).long()
