"""Where zero is: two rules depend on it, one by its lengths and one by what it multiplies."""

from dataclasses import dataclass, replace

from diffusionbook.arguments import finite
from diffusionbook.guidance.rules import Combine
from diffusionbook.prediction import Prediction


@dataclass(frozen=True)
class MeasuredFrom:
    """A rule on x0, with another picture in the place of 0.

    Move both guesses by minus ``origin``, ask the rule, and move its answer back. Extrapolation
    (:eq:`eq-cfg`) does not notice. Projection (:eq:`eq-projected`) measures its length from the
    origin, and rescaling (:eq:`eq-rescale`) multiplies towards it.

    Args:
        origin: what every number of the origin is; -1 is blank paper for our digits.
        rule: one that works on x0, as :class:`Projected` and :class:`Rescaled` do.

    Raises:
        ValueError: if ``origin`` is not finite, or where x0 cannot be recovered, such as from eps
            where alpha = 0.
    """

    origin: float
    rule: Combine

    def __post_init__(self) -> None:
        finite("origin", self.origin)

    def __call__(self, strong: Prediction, weak: Prediction, w: float) -> Prediction:
        moved = (replace(one, y=one.x0 - self.origin, param="x0") for one in (strong, weak))
        return replace(strong, y=self.rule(*moved, w).to("x0") + self.origin, param="x0")
