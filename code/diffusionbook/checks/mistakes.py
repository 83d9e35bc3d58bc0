"""What a check says about an answer that is wrong in a known way, or right in another shape."""

import re

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from diffusionbook.checks.verdict import same


def unlike(what: str, yours: object, mistakes: dict[str, Tensor]) -> None:
    """Name the mistake that ``yours`` agrees with, if it is one of them.

    Raises:
        AssertionError: with the name of the mistake.
    """
    for name, wrong in mistakes.items():
        try:
            same(what, yours, wrong)
        except (AssertionError, TypeError, ValueError, RuntimeError):
            continue
        raise AssertionError(f"{what}: {name}")


def in_every_coordinate(what: str, yours: object, points: Tensor) -> Tensor:
    """A variance as (b, d): from one number, one for each point or coordinate, or v times I.

    Raises:
        AssertionError: it has none of these shapes.
    """
    if yours is None:
        raise AssertionError(f"{what}: your function returned None; it should return a value")
    v, (b, d) = torch.as_tensor(yours).double(), points.shape
    if v.shape in ((d, d), (b, d, d)):
        if not torch.equal(v, v * torch.eye(d).double()):
            raise AssertionError(f"{what}: as a matrix it should be 0 off the diagonal")
        v = v.diagonal(dim1=-2, dim2=-1)
    elif v.shape == (b,):
        v = v[:, None]
    try:
        return v.expand(b, d)
    except RuntimeError:
        raise AssertionError(
            f"{what}: it should be one number, a value for each coordinate, or a matrix; "
            f"its shape is {tuple(v.shape)}"
        ) from None


class NoSoftmax(TorchFunctionMode):
    """While it is active, torch's own softmax and logsumexp raise AssertionError."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        name = getattr(function, "__name__", "")
        if re.search("softm(ax|in)|logsumexp|cross_entropy|attention", name):
            raise AssertionError(f"write it without torch's {name}: that is the exercise")
        return function(*args, **(kwargs or {}))
