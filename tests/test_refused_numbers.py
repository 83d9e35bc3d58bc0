"""No function computes with a number that cannot be meant.

The list of numbers that the public functions ask for is read from their signatures, so a new
argument is walked without being named here. NaN and the infinities are refused for every number,
a fraction and what is below 1 for every whole number, times outside [0, 1] for every time, unless
a line below says what such a value means there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from importlib.util import find_spec
from itertools import groupby

import pytest
from jaxtyping import Float, Int
from matplotlib import pyplot
from numbers_asked import Argument, asked, found, numbers, spoilt
from numbers_given import CALLS, FOR, good, one
from numbers_meant import CALLED, CONSTANT, LEFT_OUT, MEANT, PASSES_ON, REFUSED_TOO
from torch import Tensor

from diffusionbook.shapes import Times

# They need weights or data once their numbers are accepted.
DEAR = ("page.attention.opening", "page.attention.show", "page.digit.*", "page.explorer.*",
        "page.preference.*", "page.steering.*",
        "zoo.judge.Judge.*",
        "zoo.canvas_judge.CanvasJudge*", "experiments.common.canvases.Jury", "page.film.frames_of",
        "training.loop.fit", "zoo.by_recipe.trained", "page.slider.explore", "page.square.walk")


@pytest.fixture(autouse=True)
def figures_closed():
    yield
    pyplot.close("all")


ASKED = list(asked(LEFT_OUT, CONSTANT))


def _listed(argument: Argument, patterns) -> list[str]:
    """The patterns that the argument fits."""
    return [p for p in patterns if fnmatchcase(f"{argument.of}.{argument.name}", p)]


WALKED = [a for a in ASKED if not _listed(a, PASSES_ON)]
OF = {of: list(each) for of, each in groupby(WALKED, lambda a: a.of)}


@pytest.mark.parametrize("of", OF)
@pytest.mark.filterwarnings("ignore::diffusionbook.data.mnist.StandInWarning")  # no MNIST, too
def test_a_number_that_cannot_be_meant_is_refused(of, without_shape_checks):
    function, given = CALLS.get(of, found(of)), good(of, found(of))
    if not any(fnmatchcase(of, pattern) for pattern in DEAR):
        function(**given)  # the numbers that a bad one replaces are good
    taken = [f"{argument.name} = {value}: {said}" for argument in OF[of]
             for value, text in _bad(argument)
             if (said := _said(function, {**given, argument.name: value}, argument, text))]
    assert not taken, taken


def _bad(argument: Argument) -> list[tuple[object, str]]:
    """The values that it must refuse, each with how it is written in the message."""
    meant = [str(value) for p in _listed(argument, MEANT) for value in MEANT[p]]
    usual = one(argument.of, argument.name)
    bad = [(value, text) for value, text in spoilt(argument, usual) if text not in meant]
    assert bad, f"there is no value that {argument.name} refuses"
    more = [value for p in _listed(argument, REFUSED_TOO) for value in REFUSED_TOO[p]]
    return bad + [(value, str(tuple(value.shape) if isinstance(value, Tensor) else value))
                  for value in more]


def _said(function: Callable, given: dict, argument: Argument, text: str) -> str | None:
    """What the function said or gave instead of refusing the argument by its name and value."""
    name = next((CALLED[p] for p in _listed(argument, CALLED)), argument.name)
    try:
        answer = function(**given)
    except ValueError as error:
        told = re.search(rf"\b{name}\b", str(error)) and text in str(error)
        return None if told else repr(error)
    except Exception as error:
        return repr(error)
    return f"taken, {answer!r}"


LISTS = {"passes on": PASSES_ON, "meant": MEANT, "called": CALLED, "refused too": REFUSED_TOO}


@pytest.mark.parametrize("patterns", LISTS.values(), ids=list(LISTS))
def test_no_exception_outlives_its_argument(patterns):
    assert [p for p in patterns if not any(_listed(a, [p]) for a in ASKED)] == []


def test_no_exception_outlives_its_function():
    functions = {a.of for a in ASKED}
    listed = (*DEAR, *FOR, *CALLS)
    assert [p for p in listed if not any(fnmatchcase(of, p) for of in functions)] == []


def test_no_module_is_left_out_that_is_not_there():
    assert [name for name in LEFT_OUT if find_spec(f"diffusionbook.{name}") is None] == []


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
