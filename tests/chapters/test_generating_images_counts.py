"""Chapter 2's counts: what attention costs, when the running average reaches its share."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from diffusionbook.experiments import mnist_parts
from diffusionbook.nets.blocks import Attention, conv3
from diffusionbook.recipes.mnist_unet import RECIPE
from diffusionbook.training.ema import EMA


def multiplications(part: nn.Module, side: int) -> int:
    """Of one image's way forwards; the counter counts additions, too."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        part(torch.zeros(1, 96, side, side))
    return counter.get_total_flops() // 2


@pytest.mark.parametrize("side", [7, 14, 28])
def test_attention_multiplies_as_often_as_the_page_says(side: int) -> None:
    n, c = side**2, 96
    assert multiplications(Attention(c), side) == 4 * n * c**2 + 2 * n**2 * c


def test_a_convolution_multiplies_nine_times_for_each_place_and_pair_of_channels() -> None:
    assert multiplications(conv3(96, 96), 14) == 9 * 14**2 * 96**2


def test_its_growth_is_not_sixteen() -> None:
    at = [multiplications(Attention(96), side) for side in (7, 14, 28)]
    assert at[1] / at[0] == pytest.approx(6.44, abs=0.005)
    assert at[2] / at[1] == pytest.approx(10.06, abs=0.005)


@pytest.mark.parametrize(("mu", "after"), [
    (0.98, 440), (0.99, 890), (0.999, 8990)])
def test_the_running_average_keeps_its_share_only_after_a_while(mu: float, after: int) -> None:
    """Weights that are 0 at first and then 1: 1 - average is the product of the shares."""
    model = nn.Linear(1, 1, bias=False).double()
    model.weight.data.zero_()
    ema = EMA(model, mu)
    model.weight.data.fill_(1)
    left = 1.0
    for k in range(after + 3):
        ema.update()
        now = 1 - float(ema.model.weight)
        if left > 1e-6:  # else what is left is the rounding of 1 - average
            assert now / left == pytest.approx(min(mu, (1 + k) / (10 + k)), rel=1e-6)
        left = now
    shares = [(1 + k) / (10 + k) for k in range(after + 1)]
    assert shares[-1] >= mu > shares[-2]


def test_the_short_runs_end_before_their_average_keeps_its_share() -> None:
    short = mnist_parts.RECIPES[0]
    assert (1 + short.steps) / (10 + short.steps) < short.ema
    assert (1 + RECIPE.steps) / (10 + RECIPE.steps) > RECIPE.ema
