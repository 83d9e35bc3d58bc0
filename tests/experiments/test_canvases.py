"""The measurements on canvases: what they count, how they choose, and in which unit they judge."""

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from diffusionbook import zoo
from diffusionbook.data.canvases import HELD_OUT, TRAINED, in_turn
from diffusionbook.experiments import canvas_costs, canvas_quality, canvas_scale
from diffusionbook.experiments.common import canvases as common
from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.nets.vae import PART
from diffusionbook.randomness import randn, seeded

CPU = torch.device("cpu")


def test_the_best_scale_is_chosen_by_the_judge_that_may_choose(monkeypatch) -> None:
    """The two judges disagree. Samples of the held-out numbers are drawn at that scale, too, and
    judged by those who know them."""
    asked = []

    class Jury:
        def __init__(self, numbers):
            self.numbers = numbers

        def asked(self, n):
            return in_turn(n, self.numbers)

        def scores(self, images):
            w, held = float(images.flatten()[0]), self.numbers == HELD_OUT
            return {"frechet features": abs(w - 3), "frechet judge": abs(w - 4),
                    "both judge": w + 100 * held}

    def drawn(model, recipe, numbers, scale, seed, autoencoder):
        asked.append((recipe.name, scale, set(numbers.tolist()), autoencoder is None))
        return torch.full((2,), scale)

    vae = SimpleNamespace(encode=lambda x: DiagonalGaussian(x, x), decode=lambda z: z)
    real = SimpleNamespace(images=torch.zeros(4, 2))
    monkeypatch.setattr(canvas_quality, "Jury", Jury)
    monkeypatch.setattr(canvas_quality, "drawn", drawn)
    monkeypatch.setattr(canvas_quality.canvases, "load", lambda *_, **__: real)
    monkeypatch.setattr(zoo, "load", lambda name: vae if name == "canvas-vae" else None)
    found = canvas_quality.measure(0, CPU)
    for name in canvas_quality.MODELS:
        assert found[f"{name} guidance"] == 3
        assert found[f"{name} both judge w=2"] == 2 and found[f"{name} held out both judge"] == 103
        of = [each[1:] for each in asked if each[0] == name]
        pixels = name == "canvas-pixels"
        assert of[-1] == (3, set(HELD_OUT), pixels)
        assert of[:-1] == [(w, set(TRAINED), pixels) for w in canvas_quality.SCALES[name]]


def test_samples_are_guided_in_the_recipes_interval_and_decoded(
    monkeypatch, without_shape_checks
) -> None:
    seen = []

    def sample_many(model, shape, n, labels, **how):
        seen.append(model.scale)
        return randn((n, *shape), seeded(0), torch.float32)

    monkeypatch.setattr(common, "sample_many", sample_many)
    recipe = zoo.find("canvas-latent")
    recipe = replace(recipe, channels=(8, 8), blocks=(1, 1))
    twice = SimpleNamespace(decode=lambda z: 2 * z)
    z = common.drawn(recipe.model(), recipe, in_turn(3), 2.5, 0)
    assert z.shape == (3, 4, 8, 8)
    assert torch.equal(common.drawn(recipe.model(), recipe, in_turn(3), 2.5, 0, twice), 2 * z)
    t = (recipe.low - 0.01, recipe.low + 0.01, recipe.high - 0.01, recipe.high + 0.01)
    assert [seen[0](at) for at in t] == [1, 2.5, 2.5, 1]


def test_a_law_in_a_unit_has_the_same_draws_in_that_unit() -> None:
    law = DiagonalGaussian(randn((6, 3, 2, 2), seeded(0)), randn((6, 3, 2, 2), seeded(1)))
    size, place = (randn((3, 1, 1), seeded(k)) for k in (2, 3))
    unit = canvas_scale.Unit(size.abs(), place)
    z, there = law.sample(seeded(4)), unit.of(law).sample(seeded(4))
    assert (there - place - size.abs() * z).abs().max() < 1e-12
    assert (unit.standard(there) - z).abs().max() < 1e-12


def test_multiply_adds_of_one_convolution_by_hand() -> None:
    class Recipe:
        def model(self):
            return nn.Conv2d(3, 5, 3, padding=1)

        def example(self):
            return (torch.zeros(2, 3, 8, 8),)

    by_hand = 8 * 8 * 5 * 3 * 3 * 3  # places, answers, inputs, taps
    assert canvas_costs.multiply_adds(Recipe()) == pytest.approx(by_hand / 1e6)
    assert canvas_costs.look(Recipe(), 0)[1] == PART


def test_the_first_turn_does_not_count(monkeypatch) -> None:
    clock, lasts = [0.0], {"a": [50, 1, 9, 2, 3, 2], "b": [70, 5, 6, 5, 5, 40]}

    def run(name):
        return lambda: clock.__setitem__(0, clock[0] + lasts[name].pop(0))

    monkeypatch.setattr(time, "process_time", lambda: clock[0])
    monkeypatch.setattr(canvas_costs, "ROUNDS", 5)
    assert canvas_costs.in_turns({name: run(name) for name in lasts}) == {"a": 2, "b": 5}
