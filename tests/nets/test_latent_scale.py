"""The units of a latent: measured without a draw, stored, and refused where they are not known."""

import math

import pytest
import torch

from diffusionbook.nets.latent_scale import LatentScale
from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.randomness import randn, seeded
from exact import f64


def posteriors(n: int = 60) -> DiagonalGaussian:
    """Channels of different size, place and noise."""
    size, place, noise = (f64(v)[:, None, None] for v in ([3.0, 0.2, 1.0], [5.0, -1.0, 0.0],
                                                          [-2.0, 0.5, 1.0]))
    mean = place + size * randn((n, 3, 4, 4), seeded(0))
    return DiagonalGaussian(mean, noise + 0.3 * randn(mean.shape, seeded(1)))


def test_it_measures_the_law_of_draws_in_parts_as_in_one() -> None:
    whole, scale, parted = posteriors(), LatentScale(3).double(), LatentScale(3).double()
    scale.measure([whole])
    halves = zip(whole.mean.split(7), whole.log_variance.split(7), strict=True)
    parted.measure(DiagonalGaussian(*each) for each in halves)
    assert (scale.mean - parted.mean).abs().max() < 1e-12
    assert (scale.std - parted.std).abs().max() < 1e-12
    draws = torch.cat([whole.sample(seeded(k)) for k in range(200)])
    assert (scale.mean - draws.mean((0, 2, 3))).abs().max() < 0.01
    assert (scale.std / draws.transpose(0, 1).flatten(1).std(1) - 1).abs().max() < 0.01
    # the means alone vary less
    assert (scale.std / whole.mean.transpose(0, 1).flatten(1).std(1) > 1.005).all()


@pytest.mark.equation("eq-latent-scale")
def test_standard_latents_are_standard_and_restored() -> None:
    whole, scale = posteriors(), LatentScale(3).double()
    scale.measure([whole])
    standard, again = scale.standard(whole), LatentScale(3).double()
    again.measure([standard])
    assert again.mean.abs().max() < 1e-12 and (again.std - 1).abs().max() < 1e-12
    # the same draw, in the other unit
    z = standard.sample(seeded(4))
    assert (scale.restore(z) - whole.sample(seeded(4))).abs().max() < 1e-12
    shift = sum(math.log(s) for s in scale.std.tolist()) / 3
    assert scale.half_log_snr_shift() == pytest.approx(shift, abs=1e-12)
    assert again.half_log_snr_shift() == pytest.approx(0, abs=1e-12)


def test_it_is_stored_with_the_weights_and_not_trained() -> None:
    scale = LatentScale(3)
    assert not scale.measured and not list(scale.parameters())
    scale.measure([posteriors()])
    assert scale.measured and set(scale.state_dict()) == {"mean", "std"}
    other = LatentScale(3)
    other.load_state_dict(scale.state_dict())
    z = randn((2, 3, 4, 4), seeded(0), torch.float32)
    assert torch.equal(other.restore(z), scale.restore(z)) and other.measured


def test_one_channel_without_a_unit_is_one_too_many() -> None:
    scale = LatentScale(3)
    scale.std.copy_(torch.tensor([1.0, 0.0, 1.0]))
    assert not scale.measured
    with pytest.raises(ValueError, match="the scale of this latent is not measured"):
        scale.restore(torch.zeros(1, 3, 2, 2))


@pytest.mark.parametrize("value", [0.1, 1 / 3, 0.7, 1.3, 2.9, 7.1])
def test_a_constant_is_refused_whichever_way_it_rounds(value) -> None:
    batch = torch.full((7, 1, 5, 5), value, dtype=torch.float64)
    still = [DiagonalGaussian(batch, torch.full_like(batch, -99.0))] * 3
    with pytest.raises(ValueError, match="posteriors must differ in each channel"):
        LatentScale(1).measure(still)


def test_small_differences_far_from_0_are_measured() -> None:
    """Squares of 300 in float32 are known to 0.004; the variance is 0.0001."""
    mean = (300 + 0.01 * randn((9, 1, 16, 16), seeded(0))).float()
    scale = LatentScale(1)
    scale.measure([DiagonalGaussian(mean, torch.full_like(mean, -99.0))])
    assert float(scale.std) == pytest.approx(float(mean.double().std(correction=0)), rel=1e-3)


@pytest.mark.parametrize(("call", "message"), [
    (lambda s: s.measure([DiagonalGaussian(torch.zeros(1, 3, 2, 2), torch.full((1, 3, 2, 2),
                                                                               math.nan))]),
     "posteriors must be finite"),
    (lambda s: s.standard(posteriors()), "the scale of this latent is not measured"),
    (lambda s: s.restore(torch.zeros(1, 3, 2, 2)), "the scale of this latent is not measured"),
    (lambda s: s.half_log_snr_shift(), "the scale of this latent is not measured"),
    (lambda s: s.restore(torch.zeros(1, 4, 2, 2)), r"z must have shape \(b, 3, h, w\)"),
    (lambda s: s.standard(DiagonalGaussian(torch.zeros(1, 2, 2, 2), torch.zeros(1, 2, 2, 2))),
     r"posterior must have shape \(b, 3, h, w\)"),
    (lambda s: s.measure([]), "posteriors must hold at least one batch"),
    (lambda s: s.measure([DiagonalGaussian(torch.zeros(1, 2, 2, 2), torch.zeros(1, 2, 2, 2))]),
     r"posteriors must have shape \(b, 3, h, w\)"),
    (lambda s: s.measure([DiagonalGaussian(torch.full((1, 3, 2, 2), math.nan),
                                           torch.zeros(1, 3, 2, 2))]), "posteriors must be finite"),
    (lambda s: s.measure([DiagonalGaussian(torch.ones(1, 3, 2, 2), torch.full((1, 3, 2, 2), -99.0)
                                           )]), "posteriors must differ in each channel"),
    (lambda s: s.measure([DiagonalGaussian(torch.zeros(1, 3, 2, 2), torch.full((1, 3, 2, 2), -9e9)
                                           )]), "posteriors must differ in each channel"),
    (lambda s: LatentScale(0), "channels must be at least 1; it is 0"),
])  # fmt: skip
def test_bad_input_is_refused(call, message, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        call(LatentScale(3))
