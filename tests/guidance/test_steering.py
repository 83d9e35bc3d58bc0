"""Steering: the definition on every path and row, and the one case where it is exact."""

import pytest
import torch
from models import PATHS, TRIO, InRow, each_path
from moments import given
from torch import nn

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.model import Denoiser, NetDenoiser
from diffusionbook.denoisers.wrapped import Counted
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.guidance import LinearReward, Matrix, QuadraticReward, cfg, dps, steer
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP, Cosine, Linear
from diffusionbook.randomness import randn, seeded, torch_seeded
from diffusionbook.shapes import expand
from exact import f64, gradient

X = randn((6, 2), seeded(0))
COV = f64([[1.0, 0.4], [0.4, 0.5]])
MEAN = f64([0.3, -0.8])
GAUSSIAN = GaussianMixture.normal(MEAN, COV)
REWARD = QuadraticReward(f64([0.5, -1.0]), 0.8)
TIMES = torch.linspace(0.1, 0.9, 6).double()
CHAIN = Chain.from_path(VP(), 10)


@pytest.mark.equation("eq-steer")
@pytest.mark.parametrize("path", [*PATHS, CHAIN], ids=str)
@pytest.mark.parametrize("scale", [0.0, 1.0, -2.5])
def test_a_linear_reward_on_a_gaussian_is_exact(path, scale: float) -> None:
    """N(m, S) tilted by exp(scale b x) is N(m + scale S b, S), and so is what is steered."""
    b = f64([0.7, -0.4])
    tilted = AnalyticDenoiser(GaussianMixture.normal(MEAN + scale * COV @ b, COV), path)
    model = AnalyticDenoiser(GAUSSIAN, path)
    for t in (0.1, 0.5, 0.9):
        answer, wanted = steer(model, LinearReward(b), scale)(X, t), tilted(X, t)
        assert (answer.score - wanted.score).abs().max() < 1e-10
        assert (answer.x0 - wanted.x0).abs().max() < 1e-10


def steered_score(path, t: float, reward, scale: float) -> torch.Tensor:
    """By the definition, with a guess and a score that share no code with the package."""
    alpha, sigma = float(path.alpha(t)), float(path.sigma(t))
    slope = gradient(lambda x: reward(given(TRIO, alpha, sigma, x)[0]), X)
    return (alpha * given(TRIO, alpha, sigma, X)[0] - X) / sigma**2 + scale * slope


@pytest.mark.equation("eq-steer")
@pytest.mark.parametrize("path", [*PATHS, CHAIN], ids=str)
def test_the_score_moves_by_the_gradient_through_the_guess(path) -> None:
    for t in (0.2, 0.7):
        wanted = steered_score(path, t, REWARD, 1.7)
        model = AnalyticDenoiser(TRIO, path)
        assert (steer(model, REWARD, 1.7)(X, t).score - wanted).abs().max() < 1e-10
        assert (model(X, t).score - wanted).abs().max() > 1e-2


@pytest.mark.equation("eq-steer")
@each_path
def test_it_answers_in_the_models_row_at_each_samples_own_time(path) -> None:
    exact = AnalyticDenoiser(TRIO, path)
    wanted = [steered_score(path, float(t), REWARD, 1.0)[i] for i, t in enumerate(TIMES)]
    for param in ("x0", "eps", "v", "velocity", "score"):
        answer = steer(InRow(exact, param), REWARD)(X, TIMES)
        assert answer.param == param
        assert (answer.score - torch.stack(wanted)).abs().max() < 1e-10
        moved = expand(path.sigma(TIMES) ** 2 / path.alpha(TIMES), X)  # Tweedie's formula
        moved = moved * (torch.stack(wanted) - exact(X, TIMES).score)
        assert (answer.x0 - exact(X, TIMES).x0 - moved).abs().max() < 1e-10


@pytest.mark.equation("eq-steer")
def test_it_is_not_exact_elsewhere() -> None:
    """A quadratic reward on a Gaussian: the tilted law's score is another one."""
    path, t = Cosine(), 0.6
    centre, std = f64([0.5, -1.0]), 0.8
    exact = GAUSSIAN.condition(torch.eye(2), centre, std)
    wanted = AnalyticDenoiser(exact, path)(X, t).score
    found = steer(AnalyticDenoiser(GAUSSIAN, path), QuadraticReward(centre, std))(X, t).score
    assert (found - wanted).abs().max() > 0.1


def test_it_works_without_gradients_and_claims_one_only_where_it_has_it() -> None:
    model = steer(AnalyticDenoiser(TRIO, Linear()), REWARD, 1.3)
    loud = model(X, 0.5)
    assert not loud.x0.requires_grad and not loud.x_t.requires_grad
    with torch.no_grad():
        assert torch.equal(model(X, 0.5).x0, loud.x0)
    with torch.inference_mode():
        made_there = REWARD.centre.clone()
        inside = steer(AnalyticDenoiser(TRIO, Linear()), QuadraticReward(made_there, 0.8), 1.3)
        assert torch.equal(inside(X.clone(), torch.tensor(0.5).double()).x0, loud.x0)
    assert torch.equal(inside(X, 0.5).x0, loud.x0)
    assert isinstance(model, Denoiser) and model.path == Linear()


def test_the_answer_can_be_differentiated_at_the_point_and_at_weights() -> None:
    """Central differences of the guided score, gradient of the reward included."""
    weight = f64([0.5, -1.0]).requires_grad_()

    def score(x, weight):
        def reward(x0):
            return -(x0 - weight).square().sum(1)

        return steer(AnalyticDenoiser(TRIO, VP()), reward)(x, 0.4).score.sin().sum()

    x = X.clone().requires_grad_()
    slopes = torch.autograd.grad(score(x, weight), (x, weight))
    with torch.no_grad():
        for slope, moved in zip(slopes, (lambda h: (X + h * X.cos(), weight),
                                         lambda h: (X, weight + h * weight.cos())), strict=True):
            along = X.cos() if slope.shape == X.shape else weight.cos()
            difference = (score(*moved(1e-4)) - score(*moved(-1e-4))) / 2e-4
            assert abs((slope * along).sum() - difference) < 1e-5  # differences are off by h^2
    (alone,) = torch.autograd.grad(score(X, weight), weight)
    assert (alone - slopes[1]).abs().max() < 1e-12


def test_a_network_of_latents_is_steered_in_its_own_dtype_with_one_look() -> None:
    with torch_seeded(0):
        conv = nn.Conv2d(4, 4, 3, padding=1)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = conv

        def forward(self, x, t, y=None):
            return torch.tanh(self.conv(x)) * (1 + t[:, None, None, None])

    z = randn((3, 4, 5, 6), seeded(1), torch.float32)
    direction = randn((4, 5, 6), seeded(2))
    counted = Counted(NetDenoiser(Net(), Linear(), "velocity"))
    with torch.no_grad():
        answer = steer(counted, LinearReward(direction), 2.0)(z, torch.full((3,), 0.4).double())
    assert answer.y.dtype == torch.float32 and answer.y.shape == z.shape
    assert counted.evaluations == 1 and conv.weight.grad is None

    def guess(z):
        return z - 0.4 * torch.tanh(conv(z)) * 1.4

    slope = gradient(lambda z: (guess(z) * direction.float()).flatten(1).sum(1), z)
    wanted = guess(z).detach() + 2.0 * 0.4**2 / 0.6 * slope
    assert (answer.x0 - wanted).abs().max() < 1e-4  # float32; the reward adds 120 terms


def test_labels_pass_and_guidance_composes() -> None:
    """Steering what cfg says, and cfg of what is steered with each label, are different things;
    both run, and each is its own formula."""
    path, t, y = Cosine(), 0.5, torch.arange(6) % 3
    model, b = AnalyticDenoiser(TRIO, path), f64([0.3, 0.9])
    strong, weak = (gradient(lambda x, y=y: model(x, t, y).x0 @ b, X) for y in (y, None))
    score = model(X, t, None).score + 3 * (model(X, t, y).score - model(X, t, None).score)
    wanted = score + weak + 3 * (strong - weak)
    outside = steer(cfg(model, 3.0), LinearReward(b))(X, t, y)
    assert (outside.score - wanted).abs().max() < 1e-10
    inside = cfg(steer(model, LinearReward(b)), 3.0)(X, t, y)
    assert (inside.score - wanted).abs().max() < 1e-10  # a linear reward cannot tell
    assert (strong - weak).abs().max() > 1e-2
    other = (steer(cfg(model, 3.0), REWARD)(X, t, y).score
             - cfg(steer(model, REWARD), 3.0)(X, t, y).score)
    assert other.abs().max() > 1e-2


class Detached:
    """A model as some wrappers leave it: without a graph."""

    path = Linear()

    def __init__(self, weight=1.0) -> None:
        self.weight = weight

    def __call__(self, x_t, t, y=None):
        answer = AnalyticDenoiser(TRIO, Linear())(x_t.detach(), t, y)
        return type(answer)(answer.y * self.weight, "x0", x_t, t, self.path)


def test_guidance_that_would_guide_nothing_is_refused() -> None:
    model = AnalyticDenoiser(TRIO, Linear())
    for t in (1.0, torch.tensor([0.5, 0.5, 0.5, 0.5, 0.5, 1.0])):
        with pytest.raises(ValueError, match=r"alpha is 0 on Linear\(\) at t = \["):
            steer(model, REWARD)(X, t)
    for cut in (Detached(), Detached(f64(1.0).requires_grad_())):
        for guided in (steer(cut, REWARD), dps(cut, Matrix(torch.eye(2)), X[0], 0.5)):
            with pytest.raises(ValueError, match="model must let gradients through"):
                guided(X, 0.5)
    with pytest.raises(ValueError, match="reward must lead back to x"):
        steer(model, lambda x0: x0.detach().sum(1))(X, 0.5)
    with pytest.raises(ValueError, match=r"one number for each sample; it returned \(6, 2\)"):
        steer(model, lambda x0: x0)(X, 0.5)
    with pytest.raises(ValueError, match="reward must be finite; it holds nan"):
        steer(model, lambda x0: (x0.sum(1) * 0) / 0)(X, 0.5)
