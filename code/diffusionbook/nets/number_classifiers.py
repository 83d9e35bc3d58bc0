"""Two classifiers that read both digits of a canvas, of different make.

As with the digits, one gives the features in which samples are compared while the book is written,
and the other judges them at the end.
"""

from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from diffusionbook.arguments import whole
from diffusionbook.nets.blocks import ResBlock, conv3, group_norm
from diffusionbook.nets.classifier import cross_entropy
from diffusionbook.randomness import torch_seeded
from diffusionbook.shapes import check_each, check_samples


class ResidualNumberClassifier(nn.Module):
    """Canvases → logits of the tens and of the ones, through residual blocks and group norm.

    The canvas is folded by 4, so the blocks stand on 16 × 16 places and on 8 × 8.

    Args:
        width: channels on 16 × 16 places, a multiple of 8; twice as many on 8 × 8.
        features: length of the vector before the logits.
        seed: of the initial weights.

    Raises:
        ValueError: ``features`` is below 1, or ``width`` no multiple of 8.
    """

    def __init__(self, width: int = 32, features: int = 64, seed: int = 0) -> None:
        super().__init__()
        whole("width", width, least=1)
        whole("features", features, least=1)
        with torch_seeded(seed):
            self.enter = conv3(16, width)
            self.fine = ResBlock(width, width, 1)
            self.shrink = conv3(width, 2 * width, stride=2)
            self.coarse = nn.ModuleList([ResBlock(2 * width, 2 * width, 1) for _ in range(2)])
            self.norm = group_norm(2 * width)
            self.to_features = nn.Linear(2 * width * 16, features)
            self.drop = nn.Dropout(0.2)
            self.to_logits = _TwoDigits(features)

    def features(self, x: Float[Tensor, "b 1 64 64"]) -> Float[Tensor, "b f"]:
        """The vector before the logits, (b, features).

        Raises:
            ValueError: x has another shape or is empty.
        """
        check_samples("x", x, 1, 64, 64)
        told = x.new_zeros(len(x), 1)  # its blocks are told nothing
        h = self.shrink(self.fine(self.enter(F.pixel_unshuffle(x, 4)), told))
        for block in self.coarse:
            h = block(h, told)
        h = F.max_pool2d(F.silu(self.norm(h)), 2)
        return F.silu(self.to_features(h.flatten(1)))

    def forward(self, x: Float[Tensor, "b 1 64 64"]) -> Float[Tensor, "b 2 10"]:
        """x: (b, 1, 64, 64) → (b, 2, 10) logits.

        Raises:
            ValueError: as :meth:`features` does.
        """
        return self.to_logits(self.drop(self.features(x)))


class PlainNumberClassifier(nn.Module):
    """Canvases → logits of the tens and of the ones: plain convolutions, batch norm, max pooling.

    Args:
        width: channels of the first layer; two and four times as many in the pairs after it.
        features: length of the vector before the logits.
        seed: of the initial weights.

    Raises:
        ValueError: ``width`` or ``features`` is below 1.

    Source: Simonyan & Zisserman, arXiv 1409.1556, for pairs of 3 × 3 convolutions.
    """

    def __init__(self, width: int = 24, features: int = 128, seed: int = 0) -> None:
        super().__init__()
        whole("width", width, least=1)
        whole("features", features, least=1)
        sizes, most = [(width, 2 * width), (2 * width, 4 * width)], 4 * width
        with torch_seeded(seed):
            self.trunk = nn.Sequential(
                *_layer(1, width, 5, stride=2), nn.MaxPool2d(2),
                *(layer for channels, out in sizes
                  for layer in (*_layer(channels, out), *_layer(out, out), nn.MaxPool2d(2))),
                nn.Flatten(), nn.Linear(most * 16, features), nn.ReLU(),
            )  # fmt: skip
            self.drop = nn.Dropout(0.25)
            self.to_logits = _TwoDigits(features)

    def features(self, x: Float[Tensor, "b 1 64 64"]) -> Float[Tensor, "b f"]:
        """The vector before the logits, (b, features).

        Raises:
            ValueError: x has another shape or is empty.
        """
        check_samples("x", x, 1, 64, 64)
        return self.trunk(x)

    def forward(self, x: Float[Tensor, "b 1 64 64"]) -> Float[Tensor, "b 2 10"]:
        """x: (b, 1, 64, 64) → (b, 2, 10) logits.

        Raises:
            ValueError: as :meth:`features` does.
        """
        return self.to_logits(self.drop(self.features(x)))


class _TwoDigits(nn.Linear):
    """Features → ten logits for each of two digits."""

    def __init__(self, features: int) -> None:
        super().__init__(features, 20)

    def forward(self, x: Float[Tensor, "b f"]) -> Float[Tensor, "b 2 10"]:
        return super().forward(x).unflatten(1, (2, 10))


def _layer(channels: int, out: int, side: int = 3, stride: int = 1) -> list[nn.Module]:
    """A convolution that looks at side × side places, normalised over the batch."""
    convolution = nn.Conv2d(channels, out, side, stride, padding=side // 2)
    return [convolution, nn.BatchNorm2d(out), nn.ReLU()]


def number_cross_entropy(
    logits: Float[Tensor, "b 2 10"], y: Int[Tensor, " b"]
) -> Float[Tensor, ""]:
    """The mean of -log p(digit | x) over both digits of the batch, in nats.

    Args:
        logits: (b, 2, 10), of the tens and of the ones.
        y: (b,) numbers, 0 … 99.

    Raises:
        ValueError: y does not hold one number for each row of logits, or there is none.
    """
    check_samples("logits", logits, 2, 10)
    check_each("y", y, logits)
    return cross_entropy(logits.flatten(0, 1), digits_of(y).flatten())


def digits_of(y: Int[Tensor, " b"]) -> Int[Tensor, "b 2"]:
    """(b,) numbers 0 … 99 → (b, 2), the tens and the ones.

    Raises:
        ValueError: a number is not 0 … 99.
    """
    if not bool(((y >= 0) & (y < 100)).all()):
        raise ValueError(f"y must hold numbers 0 … 99; it holds {y.unique().tolist()[:5]}")
    return y[:, None] // y.new_tensor([10, 1]) % 10
