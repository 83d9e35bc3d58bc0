"""Many samples by a sampler's name: the same noise for everyone, parts that leave no seam."""

from dataclasses import replace

import pytest
import torch

from diffusionbook.data.toy import ring_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.randomness import seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers import named as drawing
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.named import SAMPLERS, parts, sample_many, starting_noise, time_grid
from diffusionbook.samplers.ode import DPMpp2M

MODEL = AnalyticDenoiser(ring_mixture(), Cosine())
LABELS = torch.arange(9) % 8


@pytest.mark.parametrize("name", ["ddim", "euler", "heun", "dpmpp2m"])
def test_samples_do_not_depend_on_how_many_are_drawn_or_in_which_parts(name, monkeypatch):
    whole = sample_many(MODEL, (2,), 9, LABELS, sampler=name, steps=6, seed=3)
    few = sample_many(MODEL, (2,), 4, LABELS[:4], sampler=name, steps=6, seed=3)
    monkeypatch.setattr(drawing, "PART", 2)
    again = sample_many(MODEL, (2,), 9, LABELS, sampler=name, steps=6, seed=3)
    torch.testing.assert_close(again, whole)
    torch.testing.assert_close(few, whole[:4])
    assert whole.dtype == torch.float32
    other = sample_many(MODEL, (2,), 9, LABELS, sampler=name, steps=6, seed=4)
    assert not torch.equal(other, whole)


def test_the_noise_of_a_sample_is_standard_normal_and_its_own():
    noise = starting_noise(2_000, (3,), 5)
    assert noise.mean(0).abs().max() < 5 / 2_000**0.5
    assert (noise.T.cov() - torch.eye(3)).abs().max() < 5 * (2 / 2_000) ** 0.5
    assert len(noise.unique(dim=0)) == 2_000
    assert not torch.equal(noise, starting_noise(2_000, (3,), 6))


def test_it_is_the_sampler_of_that_name_on_its_grid_from_the_seeds_noise():
    noise = starting_noise(5, (2,), 3)
    y = LABELS[:5]
    expected = sample(DPMpp2M(), MODEL, noise, grids.uniform_log_snr(7, MODEL.path), y=y)
    torch.testing.assert_close(sample_many(MODEL, (2,), 5, y, sampler="dpmpp2m", steps=7, seed=3),
                               expected)
    expected = sample(DDIM(1.0), MODEL, noise, grids.uniform(7), y=y, generator=seeded(4))
    again = sample_many(MODEL, (2,), 5, y, sampler="ddpm", steps=7, seed=3)
    torch.testing.assert_close(again, expected)


def test_samples_of_a_label_lie_at_its_component():
    points = sample_many(MODEL, (2,), 9, LABELS, sampler="heun", steps=40, seed=0)
    offset = points - MODEL.mixture.means[LABELS].float()
    assert offset.norm(dim=1).max() < 5 * 0.15  # five standard deviations of a component


def test_grids_have_the_steps_that_were_asked_for_and_end_at_the_data():
    for name in SAMPLERS:
        for path in (Cosine(), Linear()):
            grid = time_grid(name, path, 11)
            assert len(grid) == 12 and grid[-1] == 0


def test_parts_cover_every_row_once():
    assert [list(range(1000))[p] for p in parts(501)][2] == list(range(500, 750))
    assert sum((list(range(501))[p] for p in parts(501)), []) == list(range(501))


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="sampler must be ddpm, ddim, euler, heun, dpmpp2m; it is"):
        sample_many(MODEL, (2,), 3, sampler="dpmpp", steps=4, seed=0)
    with pytest.raises(ValueError, match=r"labels must have shape \(3,\); it has \(9,\)"):
        sample_many(MODEL, (2,), 3, LABELS, sampler="ddim", steps=4, seed=0)
    for n in (0, -1):
        with pytest.raises(ValueError, match=f"n must be at least 1; it is {n}"):
            sample_many(MODEL, (2,), n, sampler="ddim", steps=4, seed=0)


def test_samples_that_are_not_finite_are_an_error():
    """A scale at which numbers overflow draws nothing, in whichever part that happens."""
    last = torch.where(torch.arange(300) < 299, 1.0, torch.inf)[:, None]

    class Overflows(AnalyticDenoiser):
        def __call__(self, x_t, t, y=None):
            answer = super().__call__(x_t, t)
            return replace(answer, y=answer.y * last[y])

    model = Overflows(ring_mixture(), Cosine())
    fine = sample_many(model, (2,), 299, torch.arange(299), sampler="ddim", steps=3, seed=0)
    assert bool(fine.isfinite().all())
    with pytest.raises(FloatingPointError, match=r"samples are not finite \(ddim, 3 steps\)"):
        sample_many(model, (2,), 300, torch.arange(300), sampler="ddim", steps=3, seed=0)
