"""One model on every path: the same picture at another size and another time."""

import pytest
import torch
from models import TRIO

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.denoisers.wrapped import Repathed
from diffusionbook.nets.mlp import MLP
from diffusionbook.paths.gaussian import VE, VP, Cosine, Linear, same_mixture
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import Euler, Heun
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")

PATHS = [Linear(), Cosine(), VP(), VE(100.0)]
TIMES = f64([0.02, 0.2, 0.5, 0.8, 0.9])
pairs = pytest.mark.parametrize(
    ("source", "target"), [(a, b) for a in PATHS for b in PATHS if a != b], ids=str)


@pytest.mark.equation("eq-repath")
@pairs
def test_data_and_noise_are_mixed_in_the_same_proportion(source, target) -> None:
    ratio, there = same_mixture(source, target, TIMES)
    assert (source.alpha(there) - ratio * target.alpha(TIMES)).abs().max() < 1e-10
    assert (source.sigma(there) - ratio * target.sigma(TIMES)).abs().max() < 1e-8


@pytest.mark.equation("eq-repath")
@pairs
def test_the_exact_model_of_one_path_is_that_of_the_other(source, target) -> None:
    x = target.interpolate(TRIO.sample(5, seeded(0)), randn((5, 2), seeded(1)), TIMES)
    ours = Repathed(AnalyticDenoiser(TRIO, source), target)(x, TIMES)
    right = AnalyticDenoiser(TRIO, target)(x, TIMES)
    for row in ("x0", "eps", "velocity", "score"):
        assert torch.allclose(ours.to(row), right.to(row), rtol=1e-8, atol=1e-8)


@pytest.mark.equation("eq-repath")
@pytest.mark.parametrize("path", [Cosine(), VP(), VE(100.0)], ids=str)
def test_ddim_on_any_path_is_euler_on_the_linear_one(path, without_shape_checks) -> None:
    model, line = AnalyticDenoiser(TRIO, path), Linear()
    straight = Repathed(model, line)
    grid = grids.uniform(7, 0.95)  # on the linear path
    ratio, there = same_mixture(path, line, grid)
    noise = randn((20, 2), seeded(2))
    ddim = sample(DDIM(), model, ratio[0] * noise, there)
    euler = sample(Euler(), straight, noise, grid)
    assert (ddim / ratio[-1] - euler).abs().max() < 1e-12
    other = sample(Euler(), model, ratio[0] * noise, there[:-1])
    off = (other / ratio[-2] - sample(Euler(), straight, noise, grid[:-1])).abs().max()
    # on VE, where sigma is proportional to t, Euler's rule and DDIM's are one
    assert off < 1e-12 if isinstance(path, VE) else off > 1e-3


def test_the_flow_arrives_at_the_same_points(without_shape_checks) -> None:
    """The ODE knows of no path: the same noise leads to the same data."""
    noise, ends = randn((6, 2), seeded(3)), []
    for path in (Linear(), Cosine()):
        grid = same_mixture(path, Linear(), grids.uniform(600, 1.0, 0.02))[1]
        ratio = same_mixture(path, Linear(), grid.new_tensor([0.02]))[0]
        ends.append(sample(Heun(), AnalyticDenoiser(TRIO, path), noise, grid) / ratio)
    assert (ends[0] - ends[1]).abs().max() < 1e-3


def test_a_path_that_keeps_some_signal_has_no_pure_noise() -> None:
    model = Repathed(AnalyticDenoiser(TRIO, VP()), Linear())
    with pytest.raises(ValueError, match="t must be a time whose signal-to-noise ratio VP"):
        model(randn((2, 2), seeded(0)), 1.0)


def test_networks_keep_their_gradients_and_labels_are_passed_on() -> None:
    net = NetDenoiser(MLP(generator=seeded(0)), VP(), "eps")
    Repathed(net, Linear())(torch.zeros(3, 2), 0.5).velocity.sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    exact = Repathed(AnalyticDenoiser(TRIO, VP()), Linear())
    x, y = randn((3, 2), seeded(1)), torch.arange(3)
    right = AnalyticDenoiser(TRIO, Linear())(x, 0.5, y).x0
    assert torch.allclose(exact(x, 0.5, y).x0, right, atol=1e-9)
