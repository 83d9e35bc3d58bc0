"""The checks of chapter 7: right answers pass in any form, plausible wrong ones are told why."""

import math

import pytest
import torch
from checked import answering, checks_of, constant, each_wrong_answer, in_each_form, sentence
from torch import Tensor, nn
from torch.nn.functional import layer_norm

from diffusionbook.checks import diffusion_transformers as checks
from diffusionbook.nets import Modulation, positions
from diffusionbook.randomness import randn, seeded

pytestmark = pytest.mark.usefixtures("without_shape_checks")
CHECKS = checks_of(checks)


def even_side(tokens=lambda d: 6 * d, side=lambda n, p: p * n**0.5):
    return lambda width, patch: side(tokens(width), patch)


def together(order=(0, 3, 1, 4, 2, 5), turn=lambda x: x):
    def f(tokens: Tensor, patch: int, height: int, width: int) -> Tensor:
        rows, columns = height // patch, width // patch
        x = tokens.reshape(len(tokens), rows, columns, -1, patch, patch)
        return turn(x.permute(*order).reshape(len(tokens), -1, height, width))

    return f


def of_squares(tokens: Tensor, patch: int, height: int, width: int) -> Tensor:
    side = int(tokens.shape[1] ** 0.5)
    x = tokens.reshape(len(tokens), side, side, patch, patch)
    return x.permute(0, 1, 3, 2, 4).reshape(len(tokens), 1, side * patch, side * patch)


def column_by_column(tokens: Tensor, patch: int, height: int, width: int) -> Tensor:
    rows, columns = height // patch, width // patch
    x = tokens.reshape(len(tokens), columns, rows, -1, patch, patch)
    return x.permute(0, 3, 2, 4, 1, 5).reshape(len(tokens), -1, height, width)


def modulated(of=lambda n, a, b: n * (1 + b[:, None]) + a[:, None], normal=True):
    def f(tokens: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
        return of(layer_norm(tokens, tokens.shape[-1:]) if normal else tokens, shift, scale)

    return f


def finer(place=lambda k, times: (k + 0.5) / times - 0.5, turn=lambda both: both):
    def f(rows: int, columns: int, features: int, times: int) -> Tensor:
        speeds = torch.logspace(-4, 0, features // 4)
        each = []
        for n in (rows, columns):
            angle = place(torch.arange(times * n), times)[:, None] * speeds
            each.append(torch.cat([angle.sin(), angle.cos()], 1))
        row, column = each
        both = [row.repeat_interleave(len(column), 0), column.repeat(len(row), 1)]
        return torch.cat(turn(both), 1)

    return f


RIGHT = {
    "check_even_side": even_side(), "check_together": together(),
    "check_first_step": constant(torch.tensor([math.inf, math.inf])),
    "check_modulated": modulated(),
    "check_finer": finer(),
}
WRONG = {
    "check_even_side": [
        (even_side(side=lambda n, p: n), "the number of tokens"),
        (even_side(side=lambda n, p: n**0.5), "the side in patches"),
        (even_side(lambda d: 6 * d / 16), "no number of heads"),
        (even_side(lambda d: d / 6), "six times d"),
        (even_side(lambda d: 5 * d), "off by"),
        (lambda width, patch: [1.0, 2.0], "one number"),
    ],
    "check_together": [
        (of_squares, "stopped with RuntimeError"),
        (together((0, 3, 1, 5, 2, 4)), "rows and columns are exchanged"),
        (column_by_column, "column by column"),
        (together(turn=lambda x: x.flip(1)), "off by"),
        (together(turn=lambda x: x.flatten(1)), "shape"),
        (lambda tokens, *_: tokens, "shape"),
    ],
    "check_first_step": [
        (constant((2, 1)), "what is the gradient of the modulation's matrix"),
        (constant((3, 2)), "a last layer that starts at 0 you say step 3"),
        (constant((math.inf, 2)), "a last layer that starts elsewhere you say step 2"),
        (constant((0, math.inf)), "the first step is 1"),
        (constant(math.inf), "there should be two"),
        (constant((1, 2, 3)), "there should be two; there are 3"),
    ],
    "check_modulated": [
        (modulated(lambda n, a, b: n * (1 + b) + a), "the k-th token of every image"),
        (modulated(lambda n, a, b: n * b[:, None] + a[:, None]), "use 1 . scale"),
        (modulated(normal=False), "not normalised"),
        (modulated(lambda n, a, b: n * (1 + a[:, None]) + b[:, None]), "exchanged"),
        (modulated(lambda n, a, b: (n + a[:, None]) * (1 + b[:, None])), "shifted first"),
        (modulated(lambda n, a, b: n), "off by"),
    ],
    "check_finer": [
        (lambda r, c, features, times: positions(times * r, times * c, features), "counts on"),
        (finer(lambda k, times: k / times), "mind the halves"),
        (finer(lambda k, times: k / times, lambda both: both[::-1]), "where the columns should be"),
        (finer(turn=lambda both: both[::-1]), "off by"),
        (finer(lambda k, times: k * times), "off by"),
        (lambda r, c, features, times: positions(r, c, features), "shape"),
    ],
}


def test_each_check_has_right_and_wrong_answers() -> None:
    assert set(CHECKS) == set(RIGHT) == set(WRONG) and all(len(w) > 5 for w in WRONG.values())


@each_wrong_answer(WRONG)
def test_a_plausible_wrong_answer_is_told_why(name: str, f, says: str) -> None:
    assert says.replace(" . ", " + ") in sentence(CHECKS[name], f)


@in_each_form
@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_passes_in_any_form(name: str, form) -> None:
    CHECKS[name](RIGHT[name])
    CHECKS[name](answering(form, RIGHT[name]))


@pytest.mark.parametrize("zero", [True, False])
def test_a_table_that_starts_at_0_behind_a_modulation_that_does_never_learns(zero: bool) -> None:
    """The exercise's network, and why there is no first step."""
    table, modulate = nn.Embedding(3, 4), Modulation(4, 8, 3)
    branch, last = nn.Linear(8, 8), nn.Linear(8, 2)
    nn.init.zeros_(table.weight)
    if zero:
        nn.init.zeros_(last.weight)
    x, target = (randn((5, d), seeded(d), torch.float32) for d in (8, 2))
    y = torch.arange(5) % 3
    for step in range(6):
        shift, scale, gate = (part[:, 0] for part in modulate(table(y)))
        h = x + gate * branch(layer_norm(x, (8,)) * (1 + scale) + shift)
        for layer in (table, modulate, branch, last):
            layer.zero_grad()
        (last(h) - target).square().mean().backward()
        assert not table.weight.grad.any() and not modulate.map.weight.grad.any()
        gates = modulate.map.bias.grad[16:]
        assert bool(gates.any()) == (not zero or step > 0)  # the bias alone can move
        with torch.no_grad():
            for layer in (table, modulate, branch, last):
                for weight in layer.parameters():
                    weight -= 0.1 * weight.grad
