"""Derivatives that can be differentiated again, wherever the caller's own gradients are kept.

A function that takes a derivative on its way must not cut the graph there and still return a
tensor that claims a gradient: the gradient would be that of the other terms. So the graph goes on
through a derivative where somebody may ask for it, and nothing is kept where nobody can.
"""

from collections.abc import Callable
from functools import wraps
from typing import NamedTuple

import torch
from torch import Tensor


class Traced(NamedTuple):
    """A function's value at a point, ready to be differentiated there."""

    point: Tensor
    value: Tensor
    keep: bool  # whether its derivatives have gradients themselves

    def gradient(self, of: Tensor, last: bool) -> Tensor:
        """The gradient of the sum of ``of`` at the point; 0 where it does not depend on it.

        Args:
            of: any function of ``value``, made while gradients are on.
            last: whether nothing is asked of the value after this.
        """
        if not of.requires_grad:
            return torch.zeros_like(self.point)
        with torch.enable_grad():
            total = of.sum()
        (found,) = torch.autograd.grad(
            total, self.point, create_graph=self.keep, retain_graph=self.keep or not last,
            allow_unused=True,
        )  # fmt: skip
        return torch.zeros_like(self.point) if found is None else found


def trace(function: Callable[[Tensor], Tensor], x: Tensor) -> Traced:
    """``function`` at x. Its derivatives keep the graph if the caller has gradients on, and x or
    something else that the function uses, such as a weight, requires one."""
    wanted = torch.is_grad_enabled()
    with torch.enable_grad():
        through = wanted and x.requires_grad
        point = x if through else x.detach().requires_grad_()
        value = function(point)
    uses_more = _uses_more(value, point)
    return Traced(point, value, through or (wanted and uses_more))


def _uses_more(value: Tensor, point: Tensor) -> bool:
    """Whether ``value`` has a gradient with respect to anything but ``point``."""
    waiting, seen = [value.grad_fn], set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if getattr(node, "variable", point) is not point:
            return True
        waiting += [before for before, _ in node.next_functions]
    return False


def outside_inference(function):
    """Let a function that differentiates be called under ``torch.inference_mode()``, and on
    tensors that were made there: it sees copies, and returns a tensor without a gradient."""

    @wraps(function)
    def called(*args, **kwargs):
        inside = torch.is_inference_mode_enabled()

        def ordinary(value):
            made_there = isinstance(value, Tensor) and (inside or value.is_inference())
            return value.clone() if made_there else value

        def call():
            return function(*map(ordinary, args), **{k: ordinary(v) for k, v in kwargs.items()})

        if not inside:
            return call()
        with torch.inference_mode(False), torch.no_grad():
            return call()

    return called
