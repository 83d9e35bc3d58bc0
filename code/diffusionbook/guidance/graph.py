"""Walks along the graph that autograd keeps, from a result to what it was made of."""

from collections.abc import Iterator

from torch import Tensor


def leads_to(value: Tensor, source: Tensor) -> bool:
    """Whether a value was made of ``source``, which is itself the result of an operation."""
    return any(node is source.grad_fn for node in _nodes(value))


def uses_more(value: Tensor, point: Tensor) -> bool:
    """Whether a value has a gradient with respect to anything but ``point``."""
    return any(getattr(node, "variable", point) is not point for node in _nodes(value))


def _nodes(value: Tensor) -> Iterator[object]:
    waiting, seen = [value.grad_fn], {None}
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            yield node
            waiting += [before for before, _ in node.next_functions]
