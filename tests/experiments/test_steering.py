"""What steered and restored digits are measured by, against laws that are known."""

import math

import pytest
import torch
from torch import nn

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.experiments import restored_digits, steered_digits
from diffusionbook.experiments.common import restoring, steering
from diffusionbook.guidance.operators import Mask, Matrix
from diffusionbook.guidance.rewards import LinearReward
from diffusionbook.guidance.steering import steer
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample
from diffusionbook.zoo.judge import Judge

LINE = AnalyticDenoiser(GaussianMixture.normal(torch.zeros(1), 0.49 * torch.eye(1)), Cosine())
SLOPE = 2.0
NATS = SLOPE**2 * 0.49 / 2  # between N(s² b, s²) and N(0, s²)
REWARD = LinearReward(torch.tensor([SLOPE]).double())
NOISE = randn((400, 1), seeded(0))


def drawn(steps: int = 100, **options):
    plain = steering.Unlabelled(LINE)
    stepper = steering.Spending(plain, **options)
    grid = grids.uniform(steps, t_max=0.999)
    return sample(stepper, steer(plain, REWARD), NOISE, grid, generator=seeded(1)), stepper.spent


def test_without_a_budget_it_is_the_stochastic_step_and_the_last_one_is_not_guided() -> None:
    grid = grids.uniform(7, t_max=0.999)
    middle = sample(DDIM(1.0), steer(LINE, REWARD), NOISE, grid[:-1], generator=(g := seeded(1)))
    end = sample(DDIM(1.0), LINE, middle, grid[-2:], generator=g)
    x, spent = drawn(7)
    assert torch.allclose(x, end, rtol=1e-10, atol=1e-10)
    assert spent.shape == (400,) and bool((spent > 0).all())


def test_a_steps_price_is_the_divergence_of_its_two_normal_laws() -> None:
    t, s = torch.tensor([0.6, 0.3]).double()
    plain, x = steering.Unlabelled(LINE), NOISE[:5]
    stepper, guided = steering.Spending(plain), steer(plain, REWARD)
    _, spent = stepper.step(guided, x, t, s, generator=seeded(0))
    std = float(DDIM(1.0).noise_std(Cosine(), t, s))

    def law(model):
        """The step's, from the noise that both add."""
        x_s, _ = DDIM(1.0).step(model, x, t, s, generator=seeded(0))
        return torch.distributions.Normal(x_s - std * randn((5, 1), seeded(0)), std)

    exact = torch.distributions.kl_divergence(law(guided), law(LINE))[:, 0]
    assert torch.allclose(spent, exact, rtol=1e-10, atol=1e-10)


def test_steering_that_is_exact_spends_what_the_tilted_law_is_away() -> None:
    """A linear reward on a Gaussian: s² b² / 2, up to an error of order 1 in the steps, so that 4
    times as many leave a quarter."""
    coarse, fine = (float(drawn(steps)[1].mean()) - NATS for steps in (50, 200))
    assert 0 < fine < 0.04 * NATS
    assert coarse / fine == pytest.approx(4, rel=0.1)


def test_nobody_spends_more_than_the_budget_and_all_of_it_is_spent() -> None:
    x, spent = drawn(budget=0.3)
    assert torch.allclose(spent, torch.full_like(spent, 0.3), rtol=1e-9, atol=1e-9)
    free, _ = drawn()
    nothing, none = drawn(budget=0.0)
    assert float(none.abs().max()) == 0
    assert nothing.mean() < x.mean() < free.mean()


def test_steering_ends_in_time() -> None:
    early, some = drawn(until=0.5)
    x, spent = drawn()
    assert bool((some < spent).all()) and early.mean() < x.mean()
    assert float(drawn(until=1.0)[1].abs().max()) == 0


def test_the_model_is_never_told_a_label() -> None:
    seen = []

    def model(x, t, y=None):
        seen.append(y)
        return LINE(x, t)

    model.path = LINE.path
    plain = steering.Unlabelled(model)
    answer = plain(NOISE, 0.5, torch.zeros(400).long())
    assert seen == [None] and plain.last is answer


def fake_judge(logits: torch.Tensor):
    """A judge whose classifier knows an image by its first pixel, one of 256 levels."""

    class Net(nn.Module):
        def features(self, x):
            return x.flatten(1)[:, :2].double()

        def to_logits(self, features):
            return logits[((features[:, 0] + 1) * 127.5).round().long()]

    judge = object.__new__(Judge)  # without the test set
    judge.classifier, judge.features = Net(), randn((50, 2), seeded(3))
    judge._floors = {(4, True): 0.5}
    return judge


def images(n: int) -> torch.Tensor:
    x = torch.full((n, 1, 28, 28), -1.0)
    x[:, 0, 0, 0] = torch.arange(n) / 127.5 - 1
    return x


def test_fooled_is_who_steers_being_sure_where_the_judge_sees_another_digit() -> None:
    sure = torch.zeros(256, 10)
    sure[torch.arange(4), torch.arange(4)] = 9.0
    sure[3] = 0.0  # not sure of the last
    other = torch.zeros(256, 10)
    other[torch.arange(4), torch.tensor([0, 1, 7, 7])] = 9.0
    seen_by = {"features": fake_judge(sure), "judge": fake_judge(other)}
    found = steering.verdicts(seen_by, images(4), torch.arange(4))
    assert found["accuracy judge"] == 0.5 and found["fooled"] == 0.25
    right = 9 - math.log(math.exp(9) + 9)
    assert found["reward features"] == pytest.approx((3 * right - math.log(10)) / 4, abs=1e-6)
    assert found.keys() == {f"{key} {name}" for key in ("accuracy", "reward", "frechet")
                            for name in seen_by} | {"fooled"}  # fmt: skip


def test_the_best_of_n_is_the_one_that_the_classifier_is_surest_of() -> None:
    """Each label has ten of its own; no image is shown to two of them."""
    logits = torch.zeros(256, 10)
    logits[[5, 11, 97, 147], [0, 1, 9, 4]] = 3.0
    logits[[3, 15], [1, 0]] = 9.0  # surer still, of another label's
    labels = torch.arange(20) % 10
    found = steered_digits.best_of(10, images(200), labels, fake_judge(logits))
    which = ((found[:, 0, 0, 0] + 1) * 127.5).round().long().tolist()
    assert which[0] == 5 and which[1] == 11 and which[9] == 97 and which[14] == 147
    assert [place // 10 for place in which] == list(range(20))


def test_the_likeliest_of_a_pool_is_the_nearest_to_what_was_seen() -> None:
    pool = torch.tensor([[0.0], [1.0], [2.0], [10.0], [11.0], [12.0]])
    found = restoring.likeliest(pool, Matrix(torch.eye(1)), torch.tensor([[1.2], [20.0]]), 3, 2)
    assert found[..., 0].tolist() == [[1.0, 10.0], [2.0, 12.0]]


@pytest.mark.parametrize(("narrow", "expected"), [(1.0, 1.0), (0.5, 4 * (1 + 0.25 / 4) / 1.25)])
def test_draws_of_the_right_posterior_are_not_overconfident(narrow, expected) -> None:
    """x0 ~ N(0, 1), seen with noise of std 1: N(y / 2, ½) is right, and half as wide is not. The
    mean of four draws that are k times as wide is off by ½ (1 + k² / 4)."""
    n, each, shape = 300, 4, (1, 28, 28)
    x0 = randn((n, *shape), seeded(0))
    y = x0 + randn((n, *shape), seeded(1))
    draws = y[:, None] / 2 + narrow * 0.5**0.5 * randn((n, each, *shape), seeded(2))
    judge = fake_judge(torch.eye(10).repeat(26, 1)[:256])
    everything = Mask(torch.ones(shape, dtype=torch.bool))
    found = restoring.measures(draws, everything, y.flatten(1), x0, torch.zeros(n).long(), judge)
    # two means over 300 · 784 numbers, each off by sqrt(2 / 235,200) = .3 % or less
    assert found["overconfidence"] == pytest.approx(expected, rel=5 * 0.005)
    off = (y[:, None] - draws).square().mean().sqrt()
    assert found["misfit"] == pytest.approx(float(off) / restoring.STD, rel=1e-6)


def test_operators_fit_digits_and_noise_is_as_wide_as_it_says() -> None:
    x = torch.zeros(200, 1, 28, 28)
    for name, operator in restoring.operators().items():
        seen = restoring.damaged(operator, x, seed=0)
        assert seen.shape == (200, *operator.out_shape), name
        wide = float(seen.std()) / restoring.STD
        assert abs(wide - 1) < 5 / math.sqrt(2 * seen.numel())


def test_samples_come_observation_by_observation(monkeypatch) -> None:
    monkeypatch.setattr(restoring, "LOOKS", 3)
    monkeypatch.setattr(restoring, "TOGETHER", 3)

    class Flat:
        """Exact for standard normal pixels."""

        path = Linear()

        def __call__(self, x, t, y=None):
            c = self.path.at(t, x)
            return Prediction(c.alpha / (c.alpha**2 + c.sigma**2) * x, "x0", x, t, self.path)

    operator = restoring.operators()["half"]
    observed = torch.stack([torch.full((392,), 1.0), torch.full((392,), -1.0)])
    for restore in (restoring.METHODS["null-space"], restoring.METHODS["ΠGDM"]):
        found = restoring.restored(Flat(), operator, observed, restore, each=2, seed=0)
        assert found.shape == (2, 2, 1, 28, 28)
        upper = found[..., :14, :].mean((2, 3, 4))
        assert bool((upper[0] > 0.3).all()) and bool((upper[1] < -0.3).all())
    assert restored_digits.unaware(Flat(), operator, observed)[0] == DDIM(1.0)
