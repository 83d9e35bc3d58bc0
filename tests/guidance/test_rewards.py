"""Rewards, and the refusal of those that cannot guide."""

import pytest
import torch
from torch import nn
from torch.distributions import Normal

from diffusionbook.guidance import ClassifierReward, LinearReward, QuadraticReward, checked
from diffusionbook.randomness import randn, seeded, torch_seeded
from exact import f64, gradient

X = randn((5, 2, 3), seeded(0))
DIRECTION = randn((2, 3), seeded(1))


def net(dtype=torch.float64) -> nn.Module:
    with torch_seeded(0):
        made = nn.Sequential(nn.Flatten(), nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 4))
    return made.to(dtype).eval()


def test_a_linear_reward_is_an_inner_product() -> None:
    reward = LinearReward(DIRECTION)
    assert (reward(X) - torch.einsum("bij,ij->b", X, DIRECTION)).abs().max() < 1e-12
    assert (gradient(reward, X) - DIRECTION).abs().max() < 1e-12


def test_a_quadratic_reward_is_a_normal_log_density_up_to_a_constant() -> None:
    reward, law = QuadraticReward(DIRECTION, 0.7), Normal(DIRECTION, 0.7)
    wanted = (law.log_prob(X) - law.log_prob(DIRECTION)).sum((1, 2))
    assert (reward(X) - wanted).abs().max() < 1e-12
    assert reward(DIRECTION[None]) == 0


def test_a_classifier_is_a_reward_in_nats() -> None:
    own, labels = net(), torch.tensor([3, 0, 1, 2, 3])
    wanted = own(X).softmax(1).log().detach()
    assert (ClassifierReward(own, 3)(X) - wanted[:, 3]).abs().max() < 1e-12
    each = ClassifierReward(own, labels)(X)
    assert (each - wanted[torch.arange(5), labels]).abs().max() < 1e-12
    whatever = ClassifierReward(lambda x: own(x), 3)  # a function is a classifier, too
    assert torch.equal(whatever(X), ClassifierReward(own, 3)(X))


def test_a_network_is_asked_in_its_own_dtype_and_answers_in_the_samples() -> None:
    value = ClassifierReward(net(torch.float32), 1)(X)
    assert value.dtype == torch.float64
    assert (value - ClassifierReward(net(), 1)(X)).abs().max() < 1e-5  # float32's rounding
    assert ClassifierReward(net(), 1)(X.float()).dtype == torch.float32
    for reward in (LinearReward(DIRECTION), QuadraticReward(DIRECTION, 1.0)):
        assert reward(X.float()).dtype == torch.float32


def test_what_is_no_reward_of_these_samples_is_refused(without_shape_checks) -> None:
    for reward in (LinearReward(DIRECTION), QuadraticReward(DIRECTION, 1.0)):
        for bad in (X[..., :2], X[0], X[:0]):
            with pytest.raises(ValueError, match="x must"):
                reward(bad)
    with pytest.raises(ValueError, match="net must be in evaluation mode"):
        ClassifierReward(net().train(), 1)(X)
    with pytest.raises(ValueError, match="label must lie in 0 to 3, the classes of net; it is 4"):
        ClassifierReward(net(), 4)(X)
    with pytest.raises(ValueError, match="label must lie in 0 to 3, the classes of net; it is -1"):
        ClassifierReward(net(), torch.tensor([0, 1, 2, 3, -1]))(X)
    with pytest.raises(ValueError, match=r"label must have shape \(5,\)"):
        ClassifierReward(net(), torch.tensor([0, 1]))(X)
    with pytest.raises(ValueError, match=r"net must return.*k\), .*returned \(5, 2, 3\)"):
        ClassifierReward(lambda x: x, 0)(X)


@pytest.mark.parametrize(("reward", "message"), [
    (lambda x: x.square().sum(), r"shape \(5,\), one number for each sample; it returned \(\)"),
    (lambda x: x.flatten(1), r"one number for each sample; it returned \(5, 6\)"),
    (lambda x: x.flatten(1).sum(1, keepdim=True), r"it returned \(5, 1\)"),
    (lambda x: 0.0, "it returned 0.0"),
    (lambda x: x.flatten(1).sum(1) * torch.nan, "reward must be finite; it holds nan"),
    (lambda x: x.flatten(1).sum(1) * torch.inf, "reward must be finite; it holds -?inf"),
])  # fmt: skip
def test_a_reward_that_is_not_one_number_a_sample_is_refused(reward, message: str) -> None:
    with pytest.raises(ValueError, match=f"reward must .*{message}|{message}"):
        checked(reward)(X)


def quiet(x):
    with torch.no_grad():
        return x.flatten(1).sum(1)


WEIGHT = f64(2.0).requires_grad_()


@pytest.mark.parametrize("reward", [
    quiet,
    lambda x: x.detach().flatten(1).sum(1),
    lambda x: torch.from_numpy(x.detach().numpy().sum((1, 2))),
    lambda x: x.new_ones(len(x)),
    lambda x: WEIGHT * x.detach().flatten(1).sum(1),  # a graph, but one that leads elsewhere
])  # fmt: skip
def test_a_reward_that_is_cut_off_from_the_graph_is_refused(reward) -> None:
    for x in (X.clone().requires_grad_(), 2 * X.clone().requires_grad_()):
        with pytest.raises(ValueError, match="reward must lead back to x.*it is cut off"):
            checked(reward)(x)
        with torch.no_grad():
            checked(reward)(x)  # nothing is wanted here
    checked(reward)(X)


def test_a_gradient_of_zero_is_as_good_as_any() -> None:
    x = X.clone().requires_grad_()
    for reward in (lambda x: (0 * x).flatten(1).sum(1), lambda x: x.flatten(1).amax(1).relu() * 0,
                   lambda x: WEIGHT * x.flatten(1).sum(1)):
        value = checked(reward)(x)
        assert torch.equal(value, reward(x))
        (slope,) = torch.autograd.grad(value.sum(), x)
        assert torch.equal(slope, gradient(reward, X))
