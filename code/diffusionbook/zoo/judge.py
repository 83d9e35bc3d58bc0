"""How good are digits that a model has drawn?

Everything a chapter, a receipt and the command line say about the quality of digits is measured
here, so that two numbers with one name are always the same quantity.
"""

from pathlib import Path

import torch
from torch import Tensor, nn

from diffusionbook.arguments import whole
from diffusionbook.data import mnist
from diffusionbook.machine.watching import long_work
from diffusionbook.metrics.floor import predicted_floor
from diffusionbook.metrics.images import frechet, kid, label_accuracy
from diffusionbook.metrics.regions import coverage, precision_recall
from diffusionbook.randomness import seeded
from diffusionbook.samplers.named import parts
from diffusionbook.shapes import Labels, Samples
from diffusionbook.zoo.store import load

FEATURES = "mnist-features"  # looks at samples while the book is written
JUDGE = "mnist-judge"  # was never used to choose anything


def as_seen(images: Samples) -> Samples:
    """Samples as anybody sees them: clipped to the range of pixels and rounded to 256 levels."""
    return (mnist.to_unit(images) * 255).round() / 127.5 - 1


@torch.no_grad()
def look(classifier: nn.Module, images: Samples) -> tuple[Tensor, Tensor]:
    """Features (n, f) and logits (n, 10) that a classifier sees in images."""
    seen = []
    with long_work("judging", len(images)) as advance:
        for part in parts(len(images)):
            seen.append(classifier.features(images[part]))
            advance(len(seen[-1]))
    features = torch.cat(seen)
    return features, classifier.to_logits(features)


def balanced(labels: Labels, each: int, generator: torch.Generator) -> Tensor:
    """Indices of ``each`` random examples of every class, (10 each,).

    Raises:
        ValueError: ``each`` < 1, or a class has fewer examples.
    """
    whole("each", each, least=1)
    found = []
    for k in range(10):
        rows = (labels == k).nonzero().flatten()
        if len(rows) < each:
            raise ValueError(f"each must be at most {len(rows)}, the examples of class {k}; "
                             f"it is {each}")
        found.append(rows[torch.randperm(len(rows), generator=generator)[:each]])
    return torch.cat(found)


class Judge:
    """A classifier that has seen the test set and compares samples with it.

    Args:
        name: of the classifier, ``FEATURES`` or ``JUDGE``.
        root: where MNIST is.
    """

    def __init__(self, name: str, root: Path | str | None = None) -> None:
        self.classifier = load(name)
        self.test = mnist.real("test", root)
        self.features, _ = look(self.classifier, self.test.images)
        self._root, self._floors = root, {}

    def floor(self, n: int, *, balanced: bool = True) -> float:
        """The Fréchet distance to the test set that ``n`` images of its own law would have.

        An average, predicted by :func:`~diffusionbook.metrics.floor.predicted_floor`; for equally
        many images of each class, or for any that come.
        """
        if (n, balanced) not in self._floors:
            labels = self.test.labels if balanced else None
            found = predicted_floor(self.features, n, len(self.features), labels)
            self._floors[n, balanced] = float(found)
        return self._floors[n, balanced]

    def score(self, images: Samples, labels: Labels | None) -> dict[str, float]:
        """How like the test set these images are.

        Args:
            images: (n, 1, 28, 28) samples, as a sampler left them.
            labels: (n,) what they should show, of each class equally many; None if nothing was
                asked for.

        Returns:
            ``frechet`` and ``kid`` to the test set, and of the first the :meth:`floor` for as many
            images, ``frechet_floor``; ``precision``, ``recall`` and ``coverage``
            beside as many test images as there are samples; with labels, ``accuracy``: the share
            in which the classifier sees the label.
        """
        features, logits = look(self.classifier, as_seen(images))
        some = self.features[: len(features)]
        precision, recall = precision_recall(some, features)
        found = {
            "frechet": float(frechet(features, self.features)),
            "frechet_floor": self.floor(len(features), balanced=labels is not None),
            "kid": float(kid(features, self.features)),
            "precision": float(precision),
            "recall": float(recall),
            "coverage": float(coverage(some, features)),
        }
        if labels is not None:
            found["accuracy"] = float(label_accuracy(logits, labels))
        return found

    def score_real(self, n: int, seed: int) -> dict[str, float]:
        """The same of a class-balanced draw of ``n`` training images: what is there to reach."""
        whole("n", n, least=10)
        whole("seed", seed, least=0)
        train = mnist.real("train", self._root)
        rows = balanced(train.labels, n // 10, seeded(seed))
        return self.score(train.images[rows], train.labels[rows])
