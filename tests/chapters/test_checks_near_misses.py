"""How near an answer must come: a right one that is a hundredth too large is refused."""

import math
import re
from importlib import import_module

import pytest
import torch
from checked import answering, sentence
from test_exercises import exercises

from diffusionbook.checks.answers import asked, number, numbers
from diffusionbook.checks.mistakes import NoSoftmax, in_every_coordinate, unlike
from diffusionbook.checks.verdict import same
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
# fields, steps that never come, a reader's guess beside the function, and two contests
OTHER_ANSWERS = {"check_their_time", "check_first_step", "check_lost", "check_six_looks",
                 "check_garments"}
CHECK = re.compile(r"checks\.(check_\w+)\(")
SOLUTIONS = {name: text for _, _, text in exercises() for name in CHECK.findall(text)}


@pytest.mark.parametrize("name", sorted(set(SOLUTIONS) - OTHER_ANSWERS))
def test_a_hundredth_too_much_is_refused(name: str, monkeypatch) -> None:
    text, said = SOLUTIONS[name], []
    module = import_module(
        "diffusionbook.checks." + re.search(r"checks import (\w+) as", text)[1])
    check = getattr(module, name)
    monkeypatch.setattr(module, name, lambda f: said.append(
        sentence(check, answering(lambda answer: 1.01 * answer, f))))
    exec(compile(text, name, "exec"), {})
    assert said


@pytest.mark.parametrize(("right", "near", "far"), [
    (0.0, 9e-7, 1.1e-6), (0.5, 9e-7, 1.1e-6), (-1e3, 9e-4, 1.1e-3), (f64([1e3, 0.0]), 9e-4, 1.1e-3),
])
def test_a_millionth_of_the_largest_or_of_1_is_forgiven(right, near: float, far: float) -> None:
    for sign in (1, -1):
        same("x", right + sign * near, right)
        assert "x: your answer is off by up to" in sentence(
            lambda yours: same("x", yours, right), right + sign * far)
    same("x", right + 1e5 * near, right, 0.1)


@pytest.mark.parametrize(("yours", "right", "says"), [
    (None, 1.0, "returned None; it should return a value"),
    ([1.0, 2.0], 1.0, "its shape is (2,), not ()"),
    (f64([[1.0], [2.0]]), f64([1.0, 2.0]), "its shape is (2, 1), not (2,)"),
    ([1.0, math.nan], [1.0, 2.0], "values that are not finite"),
    (math.inf, 1.0, "values that are not finite"),
    ("two", 2.0, "it should be real numbers; it is 'two'"),
    (1j, 1.0, "it should be real numbers; it is 1j"),
    (["a" * 50], 1.0, "…, of type list"),
])
def test_what_cannot_be_compared_is_told(yours, right, says: str) -> None:
    assert says in sentence(lambda answer: same("x", answer, right), yours)


def test_numbers_in_any_form_are_float64_without_gradient() -> None:
    weight = torch.ones(2, requires_grad=True)
    for value in ([weight, [3, 4]], (weight, torch.tensor([3, 4])), f64([[1, 1], [3, 4]])):
        found = numbers("x", value)
        assert found.dtype == torch.float64 and not found.requires_grad
        assert found.tolist() == [[1, 1], [3, 4]]
    assert number("x", [[2]]) == 2 and isinstance(number("x", torch.tensor([2])), float)
    assert "one number; its shape is (2,)" in sentence(lambda x: number("x", x), weight)


def test_a_function_is_asked_and_its_faults_are_told() -> None:
    assert asked(lambda a, b: a - b)(5, 3) == 2
    assert sentence(lambda f: asked(f, "yours"), 3) == "yours: it should be a function; it is 3"
    assert "stopped with ZeroDivisionError" in sentence(lambda f: asked(f)(1), lambda x: x / 0)
    assert "it should return two" in sentence(lambda f: asked(f, returns="two")(), lambda: None)


def test_a_known_mistake_is_named_and_another_answer_is_not() -> None:
    known = {"the sign": f64([-1.0]), "the factor": f64([2.0]), "the shape": f64([1.0, 2.0])}
    assert sentence(lambda x: unlike("your one number", x, known), 2.0) \
        == "your one number: the factor"
    for other in (1.0, None, "two", 1j):
        unlike("your one number", other, known)


def test_a_variance_is_given_to_each_coordinate() -> None:
    points, each = torch.zeros(3, 2), f64([4.0, 9.0])
    for form in (each, each.diag(), each.diag().expand(3, 2, 2), each.expand(3, 2)):
        assert torch.equal(in_every_coordinate("v", form, points), each.expand(3, 2))
    assert in_every_coordinate("v", [1, 2, 3], points)[:, 1].tolist() == [1, 2, 3]


def test_softmax_is_refused_only_while_it_is_forbidden() -> None:
    with NoSoftmax():
        assert float(torch.ones(2).exp().sum()) > 5
        for forbidden in (torch.softmax, torch.logsumexp, torch.nn.functional.softmin):
            said = sentence(lambda x, f=forbidden: f(x, 0), torch.ones(2))
            assert said.endswith("that is the exercise")
    assert torch.softmax(torch.ones(2), 0).tolist() == [0.5, 0.5]
