"""Chapter 1, "What breaks": each mistake it shows dies under one of these tests.

The steps are written out as on the page, so that the mistakes can be planted in them.
"""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from diffusionbook.nets.embeddings import FourierFeatures
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP

CHAIN = Chain.from_path(VP(), 1000)
BAR = CHAIN.log_alpha_bar.exp()
FEATURES = FourierFeatures(32, max_frequency=100.0)


def right(x: Tensor, eps: Tensor, k: int, j: int, z: Tensor, uphill: float = 1.0) -> Tensor:
    beta = 1 - BAR[k] / BAR[j]
    mean = (x - uphill * beta / (1 - BAR[k]).sqrt() * eps) / (1 - beta).sqrt()
    return mean + (beta * (1 - BAR[j]) / (1 - BAR[k])).sqrt() * z


def stale_previous(x: Tensor, eps: Tensor, k: int, j: int, z: Tensor) -> Tensor:
    return right(x, eps, k, k - 1, z)


def half_rate(x: Tensor, eps: Tensor, k: int, j: int, z: Tensor) -> Tensor:
    return right(x, eps, k, j, z, uphill=0.5)


def test_a_strided_step_is_bayes_rule_on_gaussian_data(step: Callable = right) -> None:
    """For x0 ~ N(0, 1) the exact noise prediction is sigma x, and a step is affine in x and z.

    The mean of q(x_j | x_k) is then shrink * x_k. The noise is what Bayes' rule leaves of x_j when
    x0 is known as well: precisions add.
    """
    one, zero = torch.ones(1).double(), torch.zeros(1).double()
    for k in range(100, 1001, 100):
        j = k - 20
        of_x = step(one, (1 - BAR[k]).sqrt() * one, k, j, zero)
        of_z = step(zero, zero, k, j, one)
        shrink = (BAR[k] / BAR[j]).sqrt()
        precision = shrink**2 / (1 - shrink**2) + 1 / (1 - BAR[j])
        assert abs(of_x - shrink) < 1e-12
        assert abs(of_z - precision**-0.5) < 1e-12


def test_time_features_do_not_depend_on_the_neighbours_in_the_batch(
    embed: Callable = FEATURES,
) -> None:
    t = torch.linspace(0.1, 0.9, 5)
    together = embed(t)
    for i in range(len(t)):
        assert torch.allclose(together[i], embed(t[i : i + 1])[0], atol=1e-6)


class WrongAxis(FourierFeatures):
    def forward(self, t: Tensor) -> Tensor:
        waves = (t[:, None] * self.frequencies).repeat(1, 2)
        waves[::2], waves[1::2] = waves[::2].sin(), waves[1::2].cos()
        return waves


@pytest.mark.parametrize("mutant", [stale_previous, half_rate])
def test_the_wrong_steps_fail(mutant: Callable) -> None:
    with pytest.raises(AssertionError):
        test_a_strided_step_is_bayes_rule_on_gaussian_data(mutant)


def test_the_wrong_axis_fails() -> None:
    with pytest.raises(AssertionError):
        test_time_features_do_not_depend_on_the_neighbours_in_the_batch(WrongAxis(32, 100.0))
