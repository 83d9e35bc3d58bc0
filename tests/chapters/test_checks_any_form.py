"""A right answer passes its check in any form, lists, arrays or tensors: the solutions show it."""

from importlib import import_module

import pytest
from checked import answering, checks_of, in_each_form
from test_exercises import exercises

pytestmark = pytest.mark.usefixtures("without_shape_checks")
CHECKED = {"generating_images": 6, "latent_diffusion": 6, "gradient_based_optimisation": 6,
           "optimal_transport": 5, "multi_objective_optimisation": 5}  # exercises with a check
MODULES = {chapter: import_module(f"diffusionbook.checks.{chapter}") for chapter in CHECKED}
SOLUTIONS = {(chapter, name): text for _, _, text in exercises()
             for chapter, module in MODULES.items() for name in checks_of(module)
             if f"checks.{name}(" in text}


@pytest.mark.parametrize("chapter", CHECKED)
def test_each_check_has_a_solution_to_try(chapter: str) -> None:
    names = {name for its, name in SOLUTIONS if its == chapter}
    assert names == set(checks_of(MODULES[chapter])) and len(names) == CHECKED[chapter]


@in_each_form
@pytest.mark.parametrize(("chapter", "name"), SOLUTIONS)
def test_a_right_answer_passes_in_any_form(chapter: str, name: str, form, monkeypatch) -> None:
    module, tried = MODULES[chapter], []
    check = getattr(module, name)

    def in_this_form(f) -> None:
        tried.append(f)
        check(answering(form, f))

    monkeypatch.setattr(module, name, in_this_form)
    exec(compile(SOLUTIONS[chapter, name], name, "exec"), {})
    assert tried
