"""A velocity is a score in another row, and the exercise tells the plausible mistakes from it."""

from collections.abc import Callable

import pytest
import torch
from models import TRIO
from torch import Tensor

from diffusionbook.checks.flow_matching import check_flow_score
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.prediction import convert
from diffusionbook.randomness import randn, seeded

pytestmark = pytest.mark.usefixtures("without_shape_checks")
LINE = Linear()


def on_the_line(u: Tensor, x: Tensor, path: object, t: float) -> Tensor:
    return -(x + (1 - t) * u) / t


def on_any(u: Tensor, x: Tensor, path, t: float) -> Tensor:
    a, da, s, ds = path.alpha(t), path.d_alpha(t), path.sigma(t), path.d_sigma(t)
    return -(a * u - da * x) / (s * (a * ds - s * da))


@pytest.mark.equation("eq-flow-score")
@pytest.mark.parametrize("rule", [on_the_line, on_any])
def test_the_velocity_of_a_mixture_gives_its_score(rule: Callable) -> None:
    x = randn((50, 2), seeded(0))
    for t in (0.05, 0.4, 0.9):
        u = AnalyticDenoiser(TRIO, LINE)(x, t).velocity
        exact = TRIO.score(x, LINE.alpha(t), LINE.sigma(t))
        package = convert(u, x, t, LINE, source="velocity", target="score")
        assert (rule(u, x, LINE, t) - exact).abs().max() < 1e-10
        assert (package - exact).abs().max() < 1e-10


@pytest.mark.equation("eq-flow-score")
@pytest.mark.parametrize("wrong", [
    lambda u, x, t: (x + (1 - t) * u) / t,
    lambda u, x, t: -(x - (1 - t) * u) / t,  # a paper's sign of the velocity
    lambda u, x, t: -(x + t * u) / (1 - t),  # its time
    lambda u, x, t: -(x + (1 - t) * u),
    lambda u, x, t: -(x + (1 - t) * u) / t**2,
], ids=["sign", "sign of u", "time", "the noise", "variance"])  # fmt: skip
def test_a_plausible_mistake_is_told_from_it(wrong: Callable) -> None:
    x = randn((50, 2), seeded(0))
    u = AnalyticDenoiser(TRIO, LINE)(x, 0.4).velocity
    exact = TRIO.score(x, LINE.alpha(0.4), LINE.sigma(0.4))
    assert (wrong(u, x, 0.4) - exact).abs().max() > 0.1
    with pytest.raises(AssertionError, match="your score on Linear"):
        check_flow_score(lambda u, x, path, t: wrong(u, x, t))


def test_the_linear_formula_fails_on_another_path() -> None:
    with pytest.raises(AssertionError, match=f"your score on {Cosine()}".replace("(", r"\(")
                       .replace(")", r"\)")):
        check_flow_score(on_the_line)
    check_flow_score(on_any)
    check_flow_score(lambda *given: torch.as_tensor(on_any(*given)).tolist())
