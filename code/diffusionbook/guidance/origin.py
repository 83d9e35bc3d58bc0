"""Where zero is: rules that make a guess longer or shorter ask how far it is from somewhere."""

from dataclasses import dataclass, replace

from diffusionbook.guidance.rules import Combine
from diffusionbook.prediction import Prediction


@dataclass(frozen=True)
class MeasuredFrom:
    """A rule on x0, with lengths measured from another picture than 0.

    Move both guesses by minus ``origin``, ask the rule, and move its answer back. Extrapolation
    (:eq:`eq-cfg`) does not notice. Projection (:eq:`eq-projected`) and rescaling
    (:eq:`eq-rescale`) do: their "longer" is "further from the origin".

    Args:
        origin: what every number of the origin is; -1 is blank paper for our digits.
        rule: one that works on x0, as :class:`Projected` and :class:`Rescaled` do.

    Raises:
        ValueError: where x0 cannot be recovered, such as from eps where alpha = 0.
    """

    origin: float
    rule: Combine

    def __call__(self, strong: Prediction, weak: Prediction, w: float) -> Prediction:
        moved = (replace(one, y=one.x0 - self.origin, param="x0") for one in (strong, weak))
        return replace(strong, y=self.rule(*moved, w).to("x0") + self.origin, param="x0")
