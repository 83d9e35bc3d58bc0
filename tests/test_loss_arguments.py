"""What the loss does with labels, couplings, weights and times."""

import math

import pytest
import torch
from models import Spy

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.losses import denoising_loss, logit_normal_time, uniform_time
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP, Linear
from diffusionbook.paths.shifts import shift
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded
from exact import f64

MEAN, STD = 0.7, 0.5
X0 = randn((8, 1), seeded(4))


def exact(path) -> AnalyticDenoiser:
    return AnalyticDenoiser(GaussianMixture.normal(f64([MEAN]), STD**2), path)


def test_labels_reach_the_model() -> None:
    net, y = Spy(), torch.arange(5)
    denoising_loss(NetDenoiser(net, Linear(), "eps"), randn((5, 2), seeded(0)), y)
    assert net.seen[2] is y


def test_a_coupling_may_exchange_data_and_noise() -> None:
    """With eps = -2 x0 on the linear path x_t is (1 - 3 t) x0: no loss is left."""
    x0 = randn((6, 1), seeded(0))

    class Knows:
        path = Linear()

        def __call__(self, x_t, t, y=None):
            return Prediction(x_t / (1 - 3 * t)[:, None], "x0", x_t, t, self.path)

    loss = denoising_loss(Knows(), x0, coupling=lambda x0, eps: (x0, -2 * x0), generator=seeded(0))
    assert float(loss) < 1e-20


def test_the_weight_multiplies_each_samples_error() -> None:
    x0, t = randn((4, 2), seeded(0)), f64([0.2, 0.4, 0.6, 0.8])
    options = {"time": lambda path, n, generator: t, "coupling": lambda a, b: (a, b)}
    model = exact(Linear())
    model.mixture = GaussianMixture.normal(f64([0, 0]), 1.0)
    asked = []

    def weight(t, path):
        asked.append((t, path))
        return chosen

    alone = []
    for i in range(4):
        chosen = torch.zeros(4).double()
        chosen[i] = 3.0
        alone.append(
            float(denoising_loss(model, x0, weight=weight, generator=seeded(1), **options))
        )
    plain = float(denoising_loss(model, x0, generator=seeded(1), **options))
    assert sum(alone) == pytest.approx(3 * plain, abs=1e-12)
    assert len(set(alone)) == 4
    assert all(torch.equal(times, t) and path == Linear() for times, path in asked)


def test_times_are_uniform_on_the_unit_interval() -> None:
    n = 40_000
    t = uniform_time(VP(), n, seeded(0))
    assert t.shape == (n,) and t.dtype == torch.float64
    assert t.min() > 0 and t.max() <= 1
    for power in (1, 2, 3):
        mean = float((t**power).mean())
        variance = 1 / (2 * power + 1) - 1 / (power + 1) ** 2
        assert abs(mean - 1 / (power + 1)) < 5 * math.sqrt(variance / n)


def test_the_clean_end_is_never_drawn(monkeypatch) -> None:
    monkeypatch.setattr(torch, "rand", lambda n, **_: torch.zeros(n, dtype=torch.float64))
    assert uniform_time(VP(), 3, None).tolist() == [1, 1, 1]


def test_times_of_a_chain_are_its_steps_equally_often() -> None:
    chain, n = Chain.from_betas(torch.full((5,), 0.2)), 20_000
    t = uniform_time(chain, n, seeded(0))
    values, counts = t.unique(return_counts=True)
    assert values.tolist() == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert (counts / n - 0.2).abs().max() < 5 * math.sqrt(0.2 * 0.8 / n)
    assert t.dtype == torch.float64


def test_times_of_a_chain_can_be_trained_on() -> None:
    chain = Chain.from_path(VP(), 8)
    assert math.isfinite(denoising_loss(exact(chain), X0, loss_in="eps", generator=seeded(0)))
    with pytest.raises(ValueError, match="param 'velocity' is not finite on Chain"):
        denoising_loss(exact(chain), X0, loss_in="velocity", generator=seeded(0))


def test_an_unknown_row_is_refused(without_shape_checks) -> None:
    with pytest.raises(ValueError, match="param must be one of .* it is 'noise'"):
        denoising_loss(exact(Linear()), X0, loss_in="noise", generator=seeded(0))


def test_logit_normal_times_have_that_logit() -> None:
    n = 100_000
    t = logit_normal_time(0.4, 1.5)(Linear(), n, seeded(0))
    logit = torch.logit(t)
    assert t.dtype == torch.float64 and t.shape == (n,)
    assert abs(float(logit.mean()) - 0.4) < 5 * 1.5 / math.sqrt(n)
    assert abs(float(logit.std()) / 1.5 - 1) < 5 / math.sqrt(2 * n)
    assert abs(float((t < torch.sigmoid(torch.tensor(1.9))).double().mean()) - 0.8413) < 0.006


def test_a_shift_of_logit_normal_times_moves_their_mean() -> None:
    t = logit_normal_time(0.2, 0.7)(Linear(), 50, seeded(1))
    moved = logit_normal_time(0.2 + math.log(3), 0.7)(Linear(), 50, seeded(1))
    assert (shift(t, 3.0) - moved).abs().max() < 1e-12


def test_logit_normal_times_reach_the_model_and_no_chain() -> None:
    net = Spy()
    denoising_loss(NetDenoiser(net, Linear(), "eps"), randn((5, 2), seeded(0)),
                   time=logit_normal_time(), generator=seeded(2))
    expected = logit_normal_time()(Linear(), 5, seeded(2))
    assert (net.seen[1] - expected).abs().max() < 1e-12
    with pytest.raises(ValueError, match="must be a multiple of 1/6"):
        denoising_loss(exact(Chain.from_path(VP(), 6)), X0, time=logit_normal_time())
