"""A reader's function and what it returns, taken so that a mistake is told in a sentence."""

from collections.abc import Callable

import torch
from torch import Tensor


def asked(f: object, what: str = "your function", returns: str = "a value") -> Callable:
    """``f`` for a check to call.

    Raises:
        AssertionError: if ``f`` is no function; and, when it is called, if it stops with an error
            of its own or returns None.
    """
    if not callable(f):
        raise AssertionError(f"{what}: it should be a function; it is {_shown(f)}")

    def call(*arguments: object) -> object:
        try:
            answer = f(*arguments)
        except Exception as error:
            raise AssertionError(
                f"{what} stopped with {type(error).__name__}: {error}") from error
        if answer is None:
            raise AssertionError(f"{what} returned None; it should return {returns}")
        return answer

    return call


def numbers(what: str, value: object) -> Tensor:
    """Numbers in float64: of a number, a tensor, an array, or lists of these.

    Raises:
        AssertionError: if they are none.
    """
    try:
        found = _tensor(value)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        found = None
    if found is None or found.is_complex():
        raise AssertionError(f"{what}: it should be real numbers; it is {_shown(value)}")
    return found.detach().double().cpu()


def number(what: str, value: object) -> float:
    """One number, also where it stands alone in a list or a tensor.

    Raises:
        AssertionError: if it is none, or more than one.
    """
    found = numbers(what, value)
    if found.numel() != 1:
        raise AssertionError(f"{what}: it should be one number; its shape is {tuple(found.shape)}")
    return float(found)


def _tensor(value: object) -> Tensor:
    if isinstance(value, list | tuple) and any(isinstance(part, Tensor) for part in value):
        return torch.stack([_tensor(part) for part in value])
    return torch.as_tensor(value)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:36]} …, of type {type(value).__name__}"
