"""Networks, exact mixtures and finite data sets as denoisers."""

import math

import pytest
import torch
from models import TRIO, Spy, each_path
from torch import nn

from diffusionbook.denoisers.exact import AnalyticDenoiser, EmpiricalDenoiser
from diffusionbook.denoisers.model import Denoiser, NetDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.paths.gaussian import VE, VP, Cosine, Linear
from diffusionbook.randomness import randn, seeded
from exact import diffused, f64, gradient

X = randn((6, 2), seeded(0))


class Untimed(nn.Module):
    """A network that is told no time."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x, t):
        return self.net(x)


def test_the_net_sees_a_time_per_sample_in_its_own_precision() -> None:
    net = Spy()
    model = NetDenoiser(net, Linear(), "eps")
    prediction = model(X.float(), 0.25)
    assert net.seen[1].tolist() == [0.25] * 6
    assert net.seen[1].dtype == torch.float32
    assert len(net.seen) == 2
    assert torch.equal(prediction.eps, 2 * X.float() + 0.25)
    assert prediction.param == "eps" and prediction.path == Linear()
    t = torch.linspace(0.1, 0.6, 6)
    model(X.float(), t)
    assert torch.equal(net.seen[1], t)


@pytest.mark.equation("eq-row")
def test_the_answer_of_the_net_is_read_as_its_row() -> None:
    out = 2 * X + 0.25
    assert (NetDenoiser(Spy(), Linear(), "x0")(X, 0.25).x0 - out).abs().max() == 0
    x0 = NetDenoiser(Spy(), Linear(), "velocity")(X, 0.25).x0  # x_t = (1 - t) x0 + t (x0 + u)
    assert (x0 - (X - 0.25 * out)).abs().max() < 1e-12


def test_labels_reach_the_net_only_when_given() -> None:
    net = Spy()
    y = torch.arange(6)
    NetDenoiser(net, Linear(), "eps")(X, 0.5, y)
    assert torch.equal(net.seen[2], y)


def test_a_net_of_another_shape_is_refused() -> None:
    model = NetDenoiser(nn.Bilinear(2, 1, 3), Linear(), "eps")
    model.net.forward = lambda x, t: torch.zeros(6, 3)
    with pytest.raises(ValueError, match=r"net must return .*\(6, 2\); it returned \(6, 3\)"):
        model(X, 0.5)


def test_parameters_of_the_net_are_the_denoisers() -> None:
    linear = nn.Linear(2, 2)
    assert list(NetDenoiser(linear, Linear(), "eps").parameters()) == list(linear.parameters())


def test_a_network_that_was_never_trained_is_asked_without_dropout() -> None:
    net = nn.Sequential(nn.Dropout(0.5), nn.Linear(2, 2)).double()
    model = NetDenoiser(Untimed(net), Linear(), "x0")
    assert torch.equal(model(X, 0.5).x0, net[1](X))
    assert not torch.equal(model.train()(X, 0.5).x0, net[1](X))  # a loop of one's own trains


def test_all_kinds_are_denoisers() -> None:
    for model in (
        NetDenoiser(Spy(), Linear(), "eps"),
        AnalyticDenoiser(TRIO, Linear()),
        EmpiricalDenoiser(X, Linear()),
    ):
        assert isinstance(model, Denoiser)


@pytest.mark.equation("eq-tweedie")
@pytest.mark.equation("eq-score-eps")
@each_path
@pytest.mark.parametrize("t", [0.05, 0.5, 0.95])
def test_tweedie(path, t: float) -> None:
    """E[x0 | x_t] = (x_t + sigma^2 grad log p_t) / alpha, with the gradient by autograd."""
    alpha, sigma = path.alpha(t), path.sigma(t)
    score = gradient(diffused(TRIO, alpha, sigma).log_prob, X)
    prediction = AnalyticDenoiser(TRIO, path)(X, t)
    expected = (X + sigma**2 * score) / alpha
    assert (prediction.x0 - expected).abs().max() < 1e-10 * max(1, 1 / float(alpha))
    assert (prediction.score - score).abs().max() < 1e-10
    assert (prediction.eps + sigma * score).abs().max() < 1e-10


@each_path
def test_each_sample_may_have_its_own_time_and_label(path) -> None:
    model = AnalyticDenoiser(TRIO, path)
    t, y = torch.linspace(0.1, 0.9, 6).double(), torch.tensor([0, 1, 2, 0, 1, 2])
    together = model(X, t, y).x0
    for i in range(6):
        one = slice(i, i + 1)
        label = GaussianMixture.normal(TRIO.means[y[i]], TRIO.covs[y[i]])
        alone = AnalyticDenoiser(label, path)(X[one], float(t[i])).x0
        assert (together[one] - alone).abs().max() < 1e-10


def test_the_exact_model_answers_in_the_precision_of_the_samples() -> None:
    prediction = AnalyticDenoiser(TRIO, Linear())(X.float(), 0.5)
    assert prediction.x0.dtype == torch.float32


@pytest.mark.equation("eq-velocity")
@pytest.mark.equation("eq-tweedie")
@pytest.mark.equation("eq-velocity")
@each_path
def test_the_velocity_carries_the_density(path) -> None:
    """d log p / dt + div u + u . grad log p = 0 at every point (the continuity equation)."""
    model = AnalyticDenoiser(TRIO, path)
    for t in (0.1, 0.4, 0.8):
        time = f64(t).requires_grad_()
        alpha, sigma = path.alpha(time), path.sigma(time)
        law = diffused(TRIO, alpha, sigma)
        d_time = torch.stack(
            [torch.autograd.grad(law.log_prob(x), time, retain_graph=True)[0] for x in X]
        )
        x = X.clone().requires_grad_()
        u = model(x, t).velocity
        d_x = gradient(diffused(TRIO, path.alpha(t), path.sigma(t)).log_prob, X)
        divergence = sum(
            torch.autograd.grad(u[:, i].sum(), x, retain_graph=True)[0][:, i] for i in range(2)
        )
        assert (d_time + divergence + (u * d_x).sum(1)).abs().max() < 1e-9


@pytest.mark.equation("eq-empirical")
@each_path
@pytest.mark.parametrize("shape", [(9, 2), (9, 1, 3, 3)])
def test_a_finite_data_set_is_a_softmax_over_its_points(path, shape) -> None:
    data, x_t = randn(shape, seeded(3)), randn((4, *shape[1:]), seeded(4))
    t = f64([0.3, 0.5, 0.7, 0.95])
    model = EmpiricalDenoiser(data, path)
    answer, weights = model(x_t, t).x0, model.weights(x_t, t)
    assert answer.shape == x_t.shape
    for i in range(4):
        alpha, sigma = float(path.alpha(t[i])), float(path.sigma(t[i]))
        near = [
            math.exp(-float((x_t[i] - alpha * z).square().sum()) / (2 * sigma**2)) for z in data
        ]
        expected = sum(w * z for w, z in zip(near, data, strict=True)) / sum(near)
        assert (answer[i] - expected).abs().max() < 1e-10
        assert (weights[i] - f64(near) / sum(near)).abs().max() < 1e-10


@pytest.mark.equation("eq-empirical")
def test_a_finite_data_set_is_a_mixture_without_width() -> None:
    data, labels = randn((9, 2), seeded(3)), torch.tensor([0, 1, 2] * 3)
    y = torch.tensor([0, 0, 1, 1, 2, 2])
    for width in (0.0, 1e-12):
        points = GaussianMixture(torch.ones(9), data, torch.full((9,), width), labels)
        mixture, finite = AnalyticDenoiser(points, VP()), EmpiricalDenoiser(data, VP(), labels)
        for given in (None, y):
            difference = mixture(X, 0.4, given).x0 - finite(X, 0.4, given).x0
            assert difference.abs().max() < 1e-10


def test_far_points_do_not_overflow() -> None:
    model = EmpiricalDenoiser(f64([[0.0], [1.0]]), VE(1.0))
    assert model(f64([[1e4]]), 1e-4).x0.tolist() == [[1.0]]


def test_a_label_restricts_the_data_set() -> None:
    data, labels = randn((9, 2), seeded(3)), torch.tensor([0, 1, 2] * 3)
    model = EmpiricalDenoiser(data, Cosine(), labels)
    alone = EmpiricalDenoiser(data[labels == 2], Cosine())
    y = torch.full((6,), 2)
    assert (model(X, 0.6, y).x0 - alone(X, 0.6).x0).abs().max() < 1e-12
    assert (model.weights(X, 0.6, y)[:, labels != 2] == 0).all()


def test_the_data_set_answers_in_the_precision_of_the_samples() -> None:
    assert EmpiricalDenoiser(X, Linear())(X.float(), 0.5).x0.dtype == torch.float32


@pytest.mark.parametrize("t", [0.0, f64([0.5, 0.5, 0.0, 0.5, 0.5, 0.5])])
@pytest.mark.parametrize(
    "model", [AnalyticDenoiser(TRIO, Linear()), EmpiricalDenoiser(X, Linear())]
)
def test_without_noise_there_is_nothing_to_predict(model, t) -> None:
    with pytest.raises(ValueError, match="t must be positive.*it holds a 0"):
        model(X, t)


def test_bad_data_sets_and_labels_are_refused(without_shape_checks) -> None:
    with pytest.raises(ValueError, match="data must hold at least one point; it is empty"):
        EmpiricalDenoiser(torch.zeros(0, 2), Linear())
    with pytest.raises(ValueError, match=r"labels must have shape \(6,\); it has \(5,\)"):
        EmpiricalDenoiser(X, Linear(), torch.zeros(5).long())
    with pytest.raises(ValueError, match="y was given, but this denoiser was made without labels"):
        EmpiricalDenoiser(X, Linear())(X, 0.5, torch.zeros(6).long())
    labelled = EmpiricalDenoiser(X, Linear(), torch.zeros(6).long())
    with pytest.raises(ValueError, match=r"y holds a label of no data point: \[0, 7\]"):
        labelled(X, 0.5, torch.tensor([0, 0, 0, 0, 0, 7]))
