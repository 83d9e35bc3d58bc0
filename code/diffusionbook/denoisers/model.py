"""Denoisers: everything that can answer "which x0 and eps made this x_t?".

A network, an exact mixture and a finite data set are all called the same way,
``denoiser(x_t, t, y) -> Prediction``, so every sampler and every loss runs on each of them.
"""

from typing import Protocol, runtime_checkable

from torch import Tensor, nn

from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.prediction import Param, Prediction
from diffusionbook.shapes import (
    Labels,
    Samples,
    Times,
    as_time,
    check_each,
    check_samples,
)


@runtime_checkable
class Denoiser(Protocol):
    """What samplers and losses ask of a model."""

    path: GaussianPath

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction: ...


class NetDenoiser(nn.Module):
    """A network and the meaning of its output.

    It is made in evaluation mode, ``net`` with it, so that samples never suffer dropout by mistake.
    :func:`~diffusionbook.training.loop.fit` trains in training mode; a loop of your own calls
    ``train()``.

    Args:
        net: called as ``net(x_t, t)`` or, with labels, ``net(x_t, t, y)``, with t of shape (b,),
            both in the dtype of its own weights; returns a tensor of x_t's shape.
        path: the path on which x_t lives.
        param: which row of the prediction table the output is (:eq:`eq-row`).
    """

    def __init__(self, net: nn.Module, path: GaussianPath, param: Param) -> None:
        super().__init__()
        self.net, self.path, self.param = net, path, param
        self.eval()

    def forward(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        """x_t: (b, *d), t: () or (b,), y: (b,) → a prediction whose values are (b, *d).

        The answer comes in x_t's dtype; under autocast a network in x_t's dtype may answer in less.

        Raises:
            ValueError: if t leaves [0, 1], t or y does not fit x_t, x_t is empty, or the network
                returns another shape than x_t's.
        """
        check_input(x_t, t, y)
        own = next((w.dtype for w in self.parameters() if w.is_floating_point()), x_t.dtype)
        x, time = x_t.to(own), as_time(t).to(x_t.device, own).expand(x_t.shape[0])
        out = self.net(x, time) if y is None else self.net(x, time, y)
        if out.shape != x_t.shape:
            raise ValueError(
                f"net must return the shape of x_t, {tuple(x_t.shape)}; it returned "
                f"{tuple(out.shape)}"
            )
        if own != x_t.dtype:
            out = out.to(x_t)
        return Prediction(out, self.param, x_t, t, self.path)


def check_input(x_t: Samples, t: Times, y: Labels | None, *shape: int) -> None:
    """Refuse x_t that is empty or whose samples have another shape, and t or y that do not fit it.

    Raises:
        ValueError: it is one of these.
    """
    check_samples("x_t", x_t, *shape)
    if isinstance(t, Tensor) and t.ndim:
        check_each("t", t, x_t)
    check_each("y", y, x_t)
