"""What is handed to the check of an exercise, and what it answers."""

import inspect
from collections.abc import Callable
from types import ModuleType

import pytest
import torch


def checks_of(module: ModuleType) -> dict[str, Callable]:
    """The checks of a chapter by their names."""
    return {name: check for name, check in inspect.getmembers(module, inspect.isfunction)
            if name.startswith("check_")}


def raises(*_: object) -> None:
    raise ValueError("no idea")


def constant(value: object) -> Callable:
    """What returns ``value`` whatever it is asked; of a field, a field that does."""
    return lambda *_: value


def sentence(check: Callable, f: object) -> str:
    """What a check says of a wrong answer, which is a sentence."""
    with pytest.raises(AssertionError) as caught:
        check(f)
    said = str(caught.value)
    assert said.count(" ") > 3 and len(said) < 250, said
    return said


def each_wrong_answer(wrong: dict[str, list[tuple[Callable, str]]]) -> pytest.MarkDecorator:
    """A test of ``name``, ``f`` and ``says`` for each wrong answer to the check of that name."""
    return pytest.mark.parametrize(("name", "f", "says"), [
        (name, f, says) for name, answers in wrong.items() for f, says in answers])


in_each_form = pytest.mark.parametrize("form", [
    lambda a: a.tolist(), lambda a: a.detach().numpy(), lambda a: list(a) if a.ndim else [a],
    lambda a: a.float() if a.ndim else a.reshape(1, 1), lambda a: a.clone().requires_grad_(),
], ids=["lists", "numpy", "lists of tensors", "float32 or (1, 1)", "with gradient"])


def answering(form: Callable, f: Callable) -> Callable:
    """The function, with its answer, or each of its answers, in another form."""

    def g(*given: object) -> object:
        answer = f(*given)
        if isinstance(answer, tuple):
            return [form(torch.as_tensor(a, dtype=torch.float64)) for a in answer]
        return form(torch.as_tensor(answer, dtype=torch.float64))

    return g
