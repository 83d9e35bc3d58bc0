"""An observation of samples through an operator: one for all, or one for each."""

from torch import Tensor

from diffusionbook.guidance.operators.operator import Operator, constant
from diffusionbook.shapes import Samples


class Observation:
    """What was seen, as rows of m numbers.

    Args:
        operator: A.
        observed: ``(*out_shape)`` for all samples, or ``(b, *out_shape)``.

    Raises:
        ValueError: if ``observed`` is not finite, or has neither of these shapes.
    """

    def __init__(self, operator: Operator, observed: Tensor) -> None:
        shape = tuple(operator.out_shape)
        one = tuple(observed.shape) == shape
        if not one and (tuple(observed.shape[1:]) != shape or len(observed) == 0):
            raise ValueError(f"observed must have the operator's out_shape, {shape}, or be a batch "
                             f"of such; it has {tuple(observed.shape)}")
        self.operator = operator
        self.observed = constant("observed", observed)
        if one:
            self.observed = self.observed[None]

    def residual(self, x0: Samples) -> Tensor:
        """(b, m): observed - A x0.

        Raises:
            ValueError: if x0 does not fit the operator, there are observations for another number
                of samples, or the operator answers in another shape than it says.
        """
        if tuple(x0.shape[1:]) != tuple(self.operator.in_shape):
            raise ValueError(f"operator must take samples of x_t's shape, {tuple(x0.shape[1:])}; "
                             f"it takes {tuple(self.operator.in_shape)}")
        if len(self.observed) not in (1, len(x0)):
            raise ValueError(f"observed must hold one observation, or one for each of {len(x0)} "
                             f"samples; it holds {len(self.observed)}")
        return self.observed.to(x0).flatten(1) - self.rows(x0)

    def rows(self, x: Samples) -> Tensor:
        """A x: ``(b, *in_shape)`` → (b, m)."""
        seen = self.operator(x)
        if seen.shape != (len(x), *self.operator.out_shape):
            raise ValueError(f"operator must return its out_shape for each sample, "
                             f"{(len(x), *self.operator.out_shape)}; it returned "
                             f"{tuple(seen.shape)}")
        return seen.flatten(1)

    def back(self, rows: Tensor) -> Samples:
        """A' of rows: (b, m) → ``(b, *in_shape)``."""
        return self.operator.adjoint(rows.reshape(-1, *self.operator.out_shape))
