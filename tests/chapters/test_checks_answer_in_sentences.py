"""The checks of chapters 3 and 4: right answers pass in any form, wrong ones are told why."""

import inspect
from functools import partial

import numpy as np
import pytest
import torch
from checked import checks_of, sentence
from test_exercises import exercises

from diffusionbook.checks import classifier_free_guidance, flow_matching

pytestmark = pytest.mark.usefixtures("without_shape_checks")
MODULES = (classifier_free_guidance, flow_matching)
CHECKS = {name: check for module in MODULES for name, check in checks_of(module).items()}
SOLUTIONS = {name: solution for _, _, solution in exercises() for name in CHECKS
             if f"checks.{name}(" in solution}


@pytest.mark.parametrize("form", [
    lambda a: a.tolist(), lambda a: list(a.clone().requires_grad_()) if a.ndim else [a],
    lambda a: a.numpy().astype(np.float32) if a.ndim else a.numpy().reshape(1, 1),
], ids=["lists", "lists of tensors", "arrays"])
@pytest.mark.parametrize("name", CHECKS)
def test_a_right_answer_passes_in_any_form(name: str, form, monkeypatch) -> None:
    check, module = CHECKS[name], inspect.getmodule(CHECKS[name])

    def in_form(f):
        def g(*arguments):
            answer = f(*arguments)
            if callable(answer):
                return in_form(answer)
            return form(torch.as_tensor(answer, dtype=torch.float64))
        return g

    monkeypatch.setattr(module, name, lambda f: check(in_form(f)))
    exec(compile(SOLUTIONS[name], name, "exec"), {})


def test_each_check_has_a_solution_to_try() -> None:
    assert set(SOLUTIONS) == set(CHECKS) and len(CHECKS) >= 11


def test_the_least_loss_is_told_from_one_a_fiftieth_above_it() -> None:
    check = flow_matching.check_least_loss
    for factor in (3.95 / 3.927, 3.9 / 3.927):
        assert "off by" in sentence(check, lambda stds, f=factor: f * np.pi / 2 * sum(stds))
    check(lambda stds: 1.5708 * sum(stds))


@pytest.mark.parametrize("wrong", [
    lambda theirs, x, t: x - t * theirs(x, 1 - t),  # our sign
    lambda theirs, x, t: x + t * theirs(x, t),  # our time
    lambda theirs, x, t: x + (1 - t) * theirs(x, 1 - t),  # the way to the noise
    lambda theirs, x, t: x - (1 - t) * theirs(x, 1 - t),  # the guess of the noise
    lambda theirs, x, t: -theirs(x, 1 - t),  # our velocity
], ids=["sign", "time", "length", "noise", "velocity"])  # fmt: skip
def test_a_guess_of_the_data_is_told_from_a_plausible_mistake(wrong) -> None:
    said = sentence(flow_matching.check_their_time, lambda theirs: partial(wrong, theirs))
    assert "your guess at t = 0.2" in said and "off by" in said
