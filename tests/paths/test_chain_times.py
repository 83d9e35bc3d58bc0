"""A chain knows its own times in every dtype that can tell them apart."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffusionbook.data.toy import trio_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser, EmpiricalDenoiser
from diffusionbook.denoisers.linear import LinearDenoiser
from diffusionbook.paths.chain import Chain
from diffusionbook.prediction import loss_weight
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample

LENGTHS = st.integers(1, 10_000) | st.sampled_from([128, 129, 255, 256, 1000, 1025, 4000, 10_000])
HALVES = {torch.bfloat16: 8, torch.float16: 11}  # bits of a number, the leading one included
each_half = pytest.mark.parametrize("half", HALVES, ids=str)


def chain(steps: int) -> Chain:
    return Chain(-torch.linspace(0, 1, steps + 1, dtype=torch.float64))


def own_times(steps: int) -> torch.Tensor:
    return torch.arange(steps + 1, dtype=torch.float64) / steps


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@given(steps=LENGTHS)
def test_every_time_is_known_in_float32_and_float64(dtype, steps) -> None:
    k, path = torch.arange(steps + 1), chain(steps)
    for t in (own_times(steps).to(dtype), k.to(dtype) / steps, k.to(dtype) * (1 / steps),
              1 - k.flip(0).to(dtype) / steps, torch.linspace(0, 1, steps + 1, dtype=dtype)):
        assert torch.equal(path.index(t), k)
        assert torch.equal(path.index(t.double()), k)  # a cast hides where it was rounded


@given(steps=LENGTHS, share=st.floats(0, 1), off=st.floats(2e-4, 0.5))
def test_what_lies_between_two_steps_is_refused(steps, share, off) -> None:
    t = (int(share * (steps - 1)) + off) / steps
    path, single = chain(steps), torch.tensor(t, dtype=torch.float32)
    with pytest.raises(ValueError, match=f"multiple of 1/{steps} .*given in torch.float64"):
        path.index(t)
    # float32 numbers near t = 1 are 6e-8 apart, which is a share of a step
    if off > 2e-4 + 3e-7 * steps:
        with pytest.raises(ValueError, match=f"multiple of 1/{steps} .*given in torch.float32"):
            path.index(single)


def test_a_number_of_python_has_the_precision_it_has() -> None:
    assert int(chain(4000).index(3999 / 4000)) == 3999
    near = float(torch.tensor(3999 / 4000, dtype=torch.float32))
    assert int(chain(4000).index(near)) == 3999 and near != 3999 / 4000
    with pytest.raises(ValueError, match="it is 0.99975003, given in torch.float64"):
        chain(4000).index(0.99975003)


@each_half
@given(steps=LENGTHS)
def test_in_half_precision_a_time_is_known_where_no_other_step_shares_it(half, steps) -> None:
    path, times = chain(steps), own_times(steps).to(half)
    alone = torch.ones(steps + 1, dtype=torch.bool)
    alone[1:] &= times[1:] != times[:-1]
    alone[:-1] &= times[1:] != times[:-1]
    k = torch.arange(steps + 1)
    assert torch.equal(path.index(times[alone]), k[alone])
    if steps <= 2 ** (HALVES[half] - 1):  # the numbers below 1 are 2^-bits apart, and 1 is too
        assert bool(alone.all())
    for t in times[~alone][:3]:
        with pytest.raises(ValueError, match=f"chain of {steps} apart; in {half} several"):
            path.index(t)


@each_half
def test_between_the_steps_half_precision_is_refused_too(half) -> None:
    with pytest.raises(ValueError, match=rf"multiple of 1/10 .*it is 0.375, given in {half}"):
        chain(10).index(torch.tensor([0.5, 0.375], dtype=half))


def test_too_coarse_a_dtype_is_named_with_its_time() -> None:
    t = torch.tensor([0.001, 0.5], dtype=torch.bfloat16)
    assert int(chain(1000).index(t[0])) == 1  # near 0 there are numbers enough
    with pytest.raises(ValueError, match=r"in torch.bfloat16 several have the time 0.5: "):
        chain(1000).index(t)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16], ids=str)
def test_everybody_hands_the_time_on_as_it_was_given(dtype) -> None:
    path, law = Chain.from_betas(torch.full((70,), 0.05)), trio_mixture()
    data = law.sample(20, seeded(0))
    t, x = (torch.arange(1, 71, dtype=torch.float64) / 70), randn((70, 2), seeded(1))
    for model in (AnalyticDenoiser(law, path), EmpiricalDenoiser(data, path),
                  LinearDenoiser(data, path)):
        assert torch.equal(model(x, t.to(dtype)).eps, model(x, t).eps)
    assert torch.equal(model.error(t.to(dtype)), model.error(t))
    assert torch.equal(loss_weight("v", t.to(dtype), path), loss_weight("v", t, path))


def test_a_long_chain_is_sampled_on_a_float32_grid() -> None:
    path, noise = Chain.from_betas(torch.full((4000,), 1e-3)), randn((3, 2), seeded(2))
    model, grid = AnalyticDenoiser(trio_mixture(), path), grids.trailing(path, 20)
    right = sample(DDIM(), model, noise, grid)
    assert (sample(DDIM(), model, noise, grid.float()) - right).abs().max() < 1e-6
