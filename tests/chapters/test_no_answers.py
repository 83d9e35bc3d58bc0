"""Whatever a reader hands to the check of an exercise, of any chapter, he is told in a sentence."""

import importlib
import math
import pkgutil
from functools import partial

import pytest
import torch
from checked import checks_of, constant, raises, sentence

from diffusionbook import checks
from diffusionbook.checks import diffusion_basics

pytestmark = pytest.mark.usefixtures("without_shape_checks")
GUESSES = {"check_lost": {name: right for name, (right, _) in diffusion_basics.LOST.items()}}
CHECKS = {f"{module.name} {name}": partial(check, guess=GUESSES[name]) if name in GUESSES else check
          for module in pkgutil.iter_modules(checks.__path__)
          for name, check in checks_of(
              importlib.import_module(f"diffusionbook.checks.{module.name}")).items()}
ANSWERS = {
    "None": None, "text": "2", "texts": ["1", "2"], "a pair of words": ("z", "kl"),
    "a dictionary": {"w": 1.0}, "an object": object(), "a function": raises, "true": True,
    "nothing": [], "much": list(range(1000)), "lists of two lengths": [[1.0], [1.0, 2.0]],
    "tensors and None": [torch.ones(2), None], "complex": torch.ones(5) * 1j,
    "a wrong shape": torch.ones(3, 1, 7), "nan": math.nan, "two nan": (math.nan, math.nan),
    "five nan": [math.nan] * 5, "six nan": [math.nan] * 6, "seven nan": [math.nan] * 7,
    "a pair of tensors of nan": (torch.full((5, 3), math.nan), torch.full((5,), math.nan)),
    "infinity": math.inf, "zeros": (0, 0), "five halves": [0.5] * 5, "six halves": [0.5] * 6,
    "six of minus 1": [-1] * 6, "far off": [10**6] * 6,
}


def test_every_chapter_has_checks() -> None:
    assert len({name.split()[0] for name in CHECKS}) == 9 and len(CHECKS) >= 9 * 4


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("f", [None, 3.0, "x + 1", [1.0]], ids=str)
def test_what_is_no_function_gets_a_sentence(name: str, f: object) -> None:
    assert "should be a function" in sentence(CHECKS[name], f)


@pytest.mark.parametrize("name", CHECKS)
def test_a_function_that_stops_gets_a_sentence(name: str) -> None:
    assert "no idea" in sentence(CHECKS[name], raises)
    assert "stopped with TypeError" in sentence(CHECKS[name], lambda *, of_a_name: 1.0)


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("what", ANSWERS)
def test_what_is_no_answer_gets_a_sentence(name: str, what: str) -> None:
    said = sentence(CHECKS[name], constant(ANSWERS[what]))
    assert what != "None" or "returned None" in said
    if name.endswith("check_their_time"):  # its answer is a function
        sentence(CHECKS[name], constant(constant(ANSWERS[what])))
