"""How good are canvases that a model has drawn?

The same for canvases as :mod:`diffusionbook.zoo.judge` is for digits. A canvas is right if both of
its digits are read as they were asked for.
"""

from collections.abc import Sequence
from pathlib import Path

from diffusionbook.arguments import whole
from diffusionbook.data import canvases
from diffusionbook.metrics.floor import predicted_floor
from diffusionbook.metrics.images import frechet
from diffusionbook.metrics.regions import coverage, precision_recall
from diffusionbook.nets.number_classifiers import digits_of
from diffusionbook.shapes import Labels, Samples
from diffusionbook.zoo.judge import as_seen, look
from diffusionbook.zoo.store import load

FEATURES = "canvas-features"  # looks at canvases while the book is written
JUDGE = "canvas-judge"  # was never used to choose anything
CANVASES = 10_000  # of test digits, with which samples are compared


class CanvasJudge:
    """A classifier that has seen canvases of test digits and compares samples with them.

    Args:
        name: of the classifier, ``FEATURES`` or ``JUDGE``.
        numbers: which numbers the samples show, each as often as every other one.
        root: where MNIST is.
    """

    def __init__(self, name: str, numbers: Sequence[int] = canvases.TRAINED,
                 root: Path | str | None = None) -> None:
        self.classifier = load(name)
        self.numbers = tuple(numbers)
        self.test = canvases.load("test", CANVASES, numbers, seed=1_000, root=root, stand_in=False)
        self.features, _ = look(self.classifier, as_seen(self.test.images))
        self._floors: dict[int, float] = {}

    def floor(self, n: int) -> float:
        """The Fréchet distance to these canvases that ``n`` of their own law would have.

        An average, predicted by :func:`~diffusionbook.metrics.floor.predicted_floor` for equally
        many of each number.
        """
        if n not in self._floors:
            found = predicted_floor(self.features, n, len(self.features), self.test.numbers)
            self._floors[n] = float(found)
        return self._floors[n]

    def score(self, images: Samples, numbers: Labels) -> dict[str, float]:
        """How like canvases of test digits these images are.

        Args:
            images: (n, 1, 64, 64) samples, as a sampler left them.
            numbers: (n,) what they should show, of each number equally many.

        Returns:
            ``frechet``; what it would be by chance alone, ``frechet_floor``, and the difference,
            ``frechet_debiased``; ``precision``, ``recall`` and ``coverage`` beside as many test
            canvases as there are samples; the shares in which ``tens``, ``ones`` and ``both``
            digits are read as they should be.

        Raises:
            ValueError: there are more samples than test canvases.
        """
        whole("the number of images", len(images), least=2)
        if len(images) > len(self.features):
            raise ValueError(f"images must be at most {len(self.features)}, as there are test "
                             f"canvases; they are {len(images)}")
        features, logits = look(self.classifier, as_seen(images))
        some, right = self.features[: len(features)], logits.argmax(2) == digits_of(numbers)
        precision, recall = precision_recall(some, features)
        distance, floor = float(frechet(features, self.features)), self.floor(len(features))
        return {
            "frechet": distance,
            "frechet_floor": floor,
            "frechet_debiased": distance - floor,
            "precision": float(precision),
            "recall": float(recall),
            "coverage": float(coverage(some, features)),
            "tens": float(right[:, 0].double().mean()),
            "ones": float(right[:, 1].double().mean()),
            "both": float(right.all(1).double().mean()),
        }
