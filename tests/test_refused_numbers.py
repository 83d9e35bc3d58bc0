"""No function computes with a number that cannot be meant.

The list of numbers that the public functions ask for is read from their signatures, so a new
argument is walked without being named here. NaN and the infinities are refused for every number,
a fraction and what is below 1 for every whole number, times outside [0, 1] for every time, unless
a line below says what such a value means there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

import pytest
import torch
from jaxtyping import Float, Int
from matplotlib import pyplot
from numbers_asked import Argument, asked, found, numbers, spoilt
from numbers_given import CALLS, good, one
from numbers_meant import CALLED, CONSTANT, LEFT_OUT, MEANT, NOT_YET, PASSES_ON, REFUSED_TOO
from torch import Tensor

from diffusionbook.shapes import Times

# They need weights or data once their numbers are accepted.
DEAR = ("page.digit.*", "page.explorer.*", "zoo.judge.Judge.*", "page.film.frames_of",
        "page.report.few_colours", "training.loop.fit", "page.slider.explore")


@pytest.fixture(autouse=True)
def figures_closed():
    yield
    pyplot.close("all")


ASKED = list(asked(LEFT_OUT, CONSTANT))


def _listed(argument: Argument, patterns) -> list[str]:
    """The patterns that the argument fits."""
    return [p for p in patterns if fnmatchcase(f"{argument.of}.{argument.name}", p)]


WALKED = [a for a in ASKED if not _listed(a, PASSES_ON) and not _listed(a, NOT_YET)]


@pytest.mark.parametrize("argument", WALKED, ids=lambda a: f"{a.of}.{a.name}")
def test_a_number_that_cannot_be_meant_is_refused(argument, without_shape_checks):
    function = found(argument.of)
    called = (CALLED[p] for p in _listed(argument, CALLED))
    name = next(called, argument.name)
    meant = [value for p in _listed(argument, MEANT) for value in MEANT[p]]
    bad = [(value, text) for value, text in spoilt(argument, one(argument.of, argument.name))
           if text not in map(str, meant)]
    assert bad, "there is no value that it refuses"
    more = [value for p in _listed(argument, REFUSED_TOO) for value in REFUSED_TOO[p]]
    bad += [(value, str(tuple(value.shape) if isinstance(value, torch.Tensor) else value))
            for value in more]
    for value, text in bad:
        given = {**good(argument.of, function), argument.name: value}
        with pytest.raises(ValueError) as error:
            CALLS.get(argument.of, function)(**given)
        assert re.search(rf"\b{name}\b", str(error.value)), (value, error.value)
        assert text in str(error.value), (value, error.value)


@pytest.mark.parametrize("of", sorted({a.of for a in WALKED}))
def test_the_numbers_that_a_bad_one_replaces_are_good(of, without_shape_checks):
    if not any(fnmatchcase(of, pattern) for pattern in DEAR):
        function = found(of)
        CALLS.get(of, function)(**good(of, function))


LISTS = {"passes on": PASSES_ON, "meant": MEANT, "called": CALLED, "refused too": REFUSED_TOO,
         "not yet": NOT_YET}  # fmt: skip


@pytest.mark.parametrize("patterns", LISTS.values(), ids=list(LISTS))
def test_no_exception_outlives_its_argument(patterns):
    for pattern in patterns:
        assert any(_listed(a, [pattern]) for a in ASKED), pattern


def test_what_is_not_yet_walked_is_said():
    print("not yet walked:", *NOT_YET)
    assert len(NOT_YET) <= 10


def test_numbers_are_found_in_every_form_that_a_signature_has():
    """The walk walks nothing that is not found."""
    def function(
        self, a: int, b: float | None, c: Times, d: Float[Tensor, " n"], e: tuple[int, int],
        f: Sequence[float], g: Mapping[str, Sequence[Tensor]], h, i: Tensor | float, j: bool,
        k: Callable[[float], float] | float, l: str, m: Int[Tensor, " n"], n: Callable[[int], int],
    ):  # fmt: skip
        """Nothing."""

    kinds = dict(numbers(function))
    assert kinds == {
        "a": "whole", "b": "float", "c": "time", "d": "tensor", "e": "several whole",
        "f": "several float", "g": "nested", "h": "unread", "i": "float", "k": "float",
    }  # fmt: skip
