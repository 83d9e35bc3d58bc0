"""Two classifiers of digits that have nothing in common but their purpose.

One gives the features in which samples are compared while the book is written; the other judges
them at the end. A model that was tuned to please the first has never seen the second.
"""

from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from diffusionbook.arguments import whole
from diffusionbook.nets.blocks import ResBlock, conv3, group_norm
from diffusionbook.nets.embeddings import FourierFeatures
from diffusionbook.randomness import torch_seeded
from diffusionbook.shapes import check_each, check_samples


class ResidualClassifier(nn.Module):
    """Images, clean or noisy → logits, through residual blocks; smooth units, group norm.

    Args:
        width: channels on 14 × 14 places, a multiple of 8; twice as many on 7 × 7.
        features: length of the vector before the logits.
        classes: how many.
        time_conditional: whether it is told how noisy its images are. Then t is an argument.
        seed: of the initial weights.

    Raises:
        ValueError: ``features`` or ``classes`` is below 1, or ``width`` no multiple of 8.
    """

    def __init__(self, width: int = 32, features: int = 64, classes: int = 10,
                 time_conditional: bool = False, seed: int = 0) -> None:
        super().__init__()
        for name, value in (("width", width), ("features", features), ("classes", classes)):
            whole(name, value, least=1)
        self.time_conditional, conditioning = time_conditional, 64
        with torch_seeded(seed):
            self.fourier = FourierFeatures(conditioning) if time_conditional else None
            self.enter = conv3(4, width)
            self.fine = ResBlock(width, width, conditioning)
            self.shrink = conv3(width, 2 * width, stride=2)
            self.coarse = nn.ModuleList(
                [ResBlock(2 * width, 2 * width, conditioning) for _ in range(2)])
            self.norm = group_norm(2 * width)
            self.to_features = nn.Linear(2 * width * 9, features)
            self.to_logits = nn.Linear(features, classes)

    def features(
        self, x: Float[Tensor, "b 1 28 28"], t: Float[Tensor, " b"] | None = None
    ) -> Float[Tensor, "b f"]:
        """The vector before the logits, (b, features).

        Raises:
            ValueError: t is given and it is not told the time, or the other way round; x or t has
                another shape, or x is empty.
        """
        check_samples("x", x, 1, 28, 28)
        check_each("t", t, x)
        if self.time_conditional != (t is not None):
            raise ValueError(f"t must be given if and only if the classifier was made with "
                             f"time_conditional; time_conditional is {self.time_conditional}, "
                             f"t is {t}")
        conditioning = self.fourier(t) if self.time_conditional else x.new_zeros(len(x), 64)
        h = self.fine(self.enter(F.pixel_unshuffle(x, 2)), conditioning)
        h = self.shrink(h)
        for block in self.coarse:
            h = block(h, conditioning)
        h = F.adaptive_avg_pool2d(F.silu(self.norm(h)), 3)
        return F.silu(self.to_features(h.flatten(1)))

    def forward(
        self, x: Float[Tensor, "b 1 28 28"], t: Float[Tensor, " b"] | None = None
    ) -> Float[Tensor, "b k"]:
        """x: (b, 1, 28, 28), and t: (b,) where it is told the time → (b, classes) logits.

        Raises:
            ValueError: as :meth:`features` does.
        """
        return self.to_logits(self.features(x, t))


class PlainClassifier(nn.Module):
    """Images → logits, through plain 5 × 5 convolutions, batch norm and max pooling.

    Args:
        width: channels of the first layer; twice as many in the second.
        features: length of the vector before the logits.
        classes: how many.
        seed: of the initial weights.

    Raises:
        ValueError: ``width``, ``features`` or ``classes`` is below 1.

    Source: LeCun et al., Proceedings of the IEEE 86 (1998), for the layout.
    """

    def __init__(
        self, width: int = 32, features: int = 128, classes: int = 10, seed: int = 0
    ) -> None:
        super().__init__()
        for name, value in (("width", width), ("features", features), ("classes", classes)):
            whole(name, value, least=1)
        with torch_seeded(seed):
            self.trunk = nn.Sequential(
                nn.Conv2d(1, width, 5, padding=2), nn.BatchNorm2d(width), nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Conv2d(width, 2 * width, 5, padding=2), nn.BatchNorm2d(2 * width), nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Flatten(),
                nn.Linear(2 * width * 49, features), nn.ReLU(),
            )  # fmt: skip
            self.drop = nn.Dropout(0.4)
            self.to_logits = nn.Linear(features, classes)

    def features(self, x: Float[Tensor, "b 1 28 28"]) -> Float[Tensor, "b f"]:
        """The vector before the logits, (b, features).

        Raises:
            ValueError: x has another shape or is empty.
        """
        check_samples("x", x, 1, 28, 28)
        return self.trunk(x)

    def forward(self, x: Float[Tensor, "b 1 28 28"]) -> Float[Tensor, "b k"]:
        """x: (b, 1, 28, 28) → (b, classes) logits.

        Raises:
            ValueError: as :meth:`features` does.
        """
        return self.to_logits(self.drop(self.features(x)))


def cross_entropy(
    logits: Float[Tensor, "b k"], y: Int[Tensor, " b"]
) -> Float[Tensor, ""]:
    """The mean of -log p(y | x) over the batch, in nats (:eq:`eq-cross-entropy`).

    Raises:
        ValueError: y does not hold one label for each row of logits, or there is none.
    """
    check_samples("logits", logits, "k")
    check_each("y", y, logits)
    return F.cross_entropy(logits, y)
