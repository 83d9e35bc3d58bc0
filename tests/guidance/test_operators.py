"""Linear operators: each does what it says, has a true adjoint, and a true pseudo-inverse."""

import pytest
import torch

from diffusionbook.guidance import (
    Blur,
    Colour,
    ColumnSums,
    Downsample,
    Mask,
    Matrix,
    Operator,
    RowSums,
    dense,
    pseudo_inverse,
)
from diffusionbook.randomness import randn, seeded
from exact import f64

WIDE = randn((2, 3), seeded(1))
TALL = randn((4, 3), seeded(2))
KERNEL = f64([[0.1, 0.2, -0.3, 0.5, 0.1], [0.0, 0.4, 0.9, 0.3, 0.2], [0.3, 0.1, 0.0, 0.1, 0.7]])
KEEP = torch.arange(2 * 3 * 5).reshape(2, 3, 5) % 7 < 3
OPERATORS = {
    "wide": Matrix(WIDE),
    "tall": Matrix(TALL),
    "mask": Mask(KEEP),
    "mask of a point": Mask(torch.tensor([True, False, True])),
    "blur": Blur(KERNEL, (2, 4, 7)),
    "blur beyond the image": Blur(KERNEL, (1, 1, 2)),
    "downsample": Downsample(2, (3, 4, 6)),
    "downsample by 3": Downsample(3, (1, 3, 6)),
    "row sums": RowSums((2, 3, 5)),
    "column sums": ColumnSums((2, 3, 5)),
    "colour": Colour(f64([0.5, -0.3, 0.2]), (3, 2, 5)),
}
each = pytest.mark.parametrize("operator", OPERATORS.values(), ids=list(OPERATORS))


def draw(operator, n: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    return (randn((n, *operator.in_shape), seeded(3)), randn((n, *operator.out_shape), seeded(4)))


@each
def test_the_adjoint_is_the_adjoint(operator) -> None:
    x, y = draw(operator)
    seen, back = operator(x), operator.adjoint(y)
    assert seen.shape == y.shape and back.shape == x.shape and isinstance(operator, Operator)
    ahead = (seen * y).flatten(1).sum(1)
    assert (ahead - (x * back).flatten(1).sum(1)).abs().max() < 1e-12
    assert ahead.abs().min() > 1e-3  # 0 = 0 says nothing


@each
def test_the_matrix_is_the_operator(operator) -> None:
    x, y = draw(operator)
    a = dense(operator)
    assert a.shape == (y[0].numel(), x[0].numel()) and a.dtype == torch.float64
    assert (x.flatten(1) @ a.mT - operator(x).flatten(1)).abs().max() < 1e-12
    assert (y.flatten(1) @ a - operator.adjoint(y).flatten(1)).abs().max() < 1e-12


@each
def test_the_pseudo_inverse_is_moore_and_penroses(operator) -> None:
    """Four equations that one matrix alone fulfils, and the one that guidance uses first."""
    x, y = draw(operator)
    a, inverse = dense(operator), pseudo_inverse(operator)
    eye = torch.eye(len(a)).double().reshape(-1, *operator.out_shape)
    back = inverse(eye).flatten(1).mT
    assert (operator(inverse(operator(x))) - operator(x)).abs().max() < 1e-10
    assert inverse(y).shape == x.shape
    assert (a @ back @ a - a).abs().max() < 1e-10
    assert (back @ a @ back - back).abs().max() < 1e-10 * back.abs().max() ** 2
    assert (a @ back - (a @ back).mT).abs().max() < 1e-10
    assert (back @ a - (back @ a).mT).abs().max() < 1e-10


@each
def test_rows_that_are_said_to_be_at_right_angles_are(operator) -> None:
    a = dense(operator)
    said = getattr(operator, "row_square", None)
    gram = a @ a.mT
    if said is None:
        assert (gram - gram.diagonal().mean() * torch.eye(len(a)).double()).abs().max() > 1e-3
    else:
        assert (gram - said * torch.eye(len(a)).double()).abs().max() < 1e-12


@each
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_numbers_keep_their_dtype_and_gradients_pass(operator, dtype) -> None:
    x, y = (value.to(dtype).requires_grad_() for value in draw(operator))
    for value, function in ((x, operator), (y, operator.adjoint), (y, pseudo_inverse(operator))):
        out = function(value)
        assert out.dtype == dtype
        (slope,) = torch.autograd.grad(out.square().sum(), value)
        assert slope.abs().max() > 0


@each
def test_what_does_not_fit_is_refused(operator, without_shape_checks) -> None:
    x, y = draw(operator)
    for bad in (x[0], x[..., :-1], x[:0]):
        with pytest.raises(ValueError, match="x must"):
            operator(bad)
    for bad in (y[0], y[..., :-1], y[:0]):
        with pytest.raises(ValueError, match="y must"):
            operator.adjoint(bad)
        with pytest.raises(ValueError, match="y must"):
            pseudo_inverse(operator)(bad)


def test_a_blur_sums_a_neighbourhood_with_zeros_beyond_the_edge() -> None:
    operator = OPERATORS["blur"]
    x, _ = draw(operator, 1)
    wanted = torch.zeros_like(x)
    for row in range(4):
        for column in range(7):
            for i in range(3):
                for j in range(5):
                    r, c = row + i - 1, column + j - 2
                    if 0 <= r < 4 and 0 <= c < 7:
                        wanted[..., row, column] += KERNEL[i, j] * x[..., r, c]
    assert (operator(x) - wanted).abs().max() < 1e-12


def test_what_the_others_see() -> None:
    x = torch.arange(24).double().reshape(1, 2, 3, 4)
    assert torch.equal(Matrix(WIDE)(x[0, :, :, 0]), x[0, :, :, 0] @ WIDE.mT)
    assert torch.equal(Mask(x[0] % 5 == 0)(x), f64([[0, 5, 10, 15, 20]]))
    assert torch.equal(Mask(x[0] % 5 == 0).adjoint(f64([[1, 2, 3, 4, 5]])).flatten().nonzero(),
                       torch.tensor([[0], [5], [10], [15], [20]]))
    assert torch.equal(RowSums((2, 3, 4))(x), f64([[[6, 22, 38], [54, 70, 86]]]))
    assert torch.equal(ColumnSums((2, 3, 4))(x),
                       f64([[[12, 15, 18, 21], [48, 51, 54, 57]]]))
    small = Downsample(2, (1, 2, 4))(x[:, :1, :2])
    assert torch.equal(small, f64([[[[2.5, 4.5]]]]))
    assert torch.equal(Colour(f64([1, -2]), (2, 3, 4))(x), x[:, :1] - 2 * x[:, 1:])


def test_numbers_from_inference_mode_do_not_stop_gradients() -> None:
    with torch.inference_mode():
        made = [Matrix(WIDE.clone()), Blur(KERNEL.clone(), (1, 4, 7)),
                Colour(f64([0.5, 2.0]), (2, 3, 3)), Mask(KEEP.clone())]
    for operator in made:
        x = draw(operator)[0].requires_grad_()
        (slope,) = torch.autograd.grad(operator(x).square().sum(), x)
        assert (slope - 2 * operator.adjoint(operator(x))).abs().max() < 1e-12


def test_an_operator_keeps_its_own_numbers() -> None:
    a = WIDE.clone()
    operator = Matrix(a)
    a.zero_()
    assert torch.equal(operator.a, WIDE)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: Matrix(torch.ones(3)), r"a must have shape \(m, d\); it has \(3,\)"),
    (lambda: Matrix(torch.ones(0, 3)), r"a must have shape \(m, d\); it has \(0, 3\)"),
    (lambda: Mask(torch.ones(3)), "keep must hold truth values; its dtype is torch.float32"),
    (lambda: Mask(torch.zeros(3).bool()), "keep must be True somewhere"),
    (lambda: Blur(torch.ones(2, 3), (1, 4, 4)), r"kernel must have two odd sizes.*\(2, 3\)"),
    (lambda: Blur(torch.ones(3), (1, 4, 4)), r"kernel must have two odd sizes.*\(3,\)"),
    (lambda: Blur(torch.ones(3, 3), (4, 4)), r"shape must be \(c, h, w\); it is \(4, 4\)"),
    (lambda: Downsample(3, (1, 6, 4)), r"factor must divide the sides of shape, \(6, 4\).*is 3"),
    (lambda: Colour(torch.ones(2), (3, 4, 4)), r"weights must have shape \(3,\).*has \(2,\)"),
    (lambda: Colour(torch.zeros(3), (3, 4, 4)), "weights must not all be 0"),
])  # fmt: skip
def test_what_is_no_operator_is_refused(make, message: str, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        make()
