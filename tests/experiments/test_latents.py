"""Chapter 7's transformer on chapter 5's latents: what it is told, and how it is measured."""

import json
from types import SimpleNamespace

import pytest
import torch

from diffusionbook import zoo
from diffusionbook.data.canvases import in_turn
from diffusionbook.evidence import results
from diffusionbook.experiments import transformer_latents as race
from diffusionbook.experiments.common import latents
from diffusionbook.nets import dit_cost
from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.paths.gaussian import Linear
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded

CPU = torch.device("cpu")


def test_two_digits_are_told_each_by_itself(without_shape_checks) -> None:
    told = latents.TwoDigits(8)
    with torch.no_grad():
        one = {y: told(torch.tensor([y]))[0] for y in (0, 7, 40, 47, 99, latents.NUMBERS)}
        assert torch.allclose(one[47] - one[40], one[7] - one[0])  # beside any tens
        assert torch.equal(one[latents.NUMBERS], told.tens.weight[10] + told.ones.weight[10])
    assert len({tuple(x.tolist()) for x in one.values()}) == 6


def test_the_transformer_is_told_a_number_and_may_be_told_none(without_shape_checks) -> None:
    model = latents.transformer(2, 1e-3, width=16, depth=1, heads=2).model()
    torch.nn.init.normal_(model.net.leave.weight)
    torch.nn.init.normal_(model.net.modulate.map.weight)
    z, t = randn((3, 4, 8, 8), seeded(0), torch.float32), torch.full((3,), 0.5)
    with torch.no_grad():
        answers = [model(z, t, None if y is None else torch.full((3,), y)).y
                   for y in (None, -1, 14, 41)]
    assert torch.equal(answers[0], answers[1])
    assert all((answers[0] - other).abs().max() > 1e-3 for other in answers[2:])
    assert (answers[2] - answers[3]).abs().max() > 1e-3  # 14 is not 41


def test_both_are_trained_alike() -> None:
    """Only the network, the steps and the name differ."""
    ours, other = latents.transformer(7, 1e-3), latents.u_net(7, 1e-3)
    for field in ("steps", "lr", "batch", "ema", "warmup", "shift", "label_dropout", "canvases",
                  "arithmetic", "guidance", "low", "high", "sampler", "sampler_steps"):
        assert getattr(ours, field) == getattr(other, field), field
    assert (type(ours).loss, type(ours).data) == (type(other).loss, type(other).data)
    assert other.channels == zoo.find("canvas-latent").channels


def test_the_error_of_a_known_law_is_its_variance(without_shape_checks) -> None:
    """z0 ~ N(0, I): the best velocity leaves 1 / ((1 - t)² + t²)."""
    told = []

    def exact(z_t, t, y):
        told.append(y)
        gain = (2 * t - 1) / ((1 - t) ** 2 + t**2)
        return Prediction(gain * z_t, "velocity", z_t, t, Linear())

    exact.path = Linear()
    z0 = randn((4_000, 4, 2, 2), seeded(0))
    for t in (0.2, 0.5, 0.9):
        found = latents.velocity_error(exact, z0, in_turn(4_000), t, seed=1)
        assert found == pytest.approx(1 / ((1 - t) ** 2 + t**2), rel=0.03)
        assert torch.equal(torch.cat(told), in_turn(4_000))
        told.clear()


def test_a_look_is_counted_as_the_formula_counts() -> None:
    recipe = latents.transformer(2, 1e-3)
    mine = sum(dit_cost.flops(recipe.patch, recipe.width, recipe.depth, 8, 8, 4).values())
    assert latents.look_flops(recipe) == pytest.approx(mine / 1e6)


def test_each_seed_trains_at_the_rate_that_did_best_in_its_own_trials(monkeypatch) -> None:
    trained = []

    class Jury:
        def asked(self, n):
            return in_turn(n)

        def scores(self, images):
            return {"both judge": float(images.mean())}

    def train(recipe, device):
        trained.append((recipe.name, recipe.steps, recipe.lr, recipe.seed))
        return recipe, float(recipe.steps)

    best = {"canvas-latent, short": 3e-3, "canvas-latent, a transformer": 1e-3}
    vae = SimpleNamespace()
    monkeypatch.setattr(race, "Jury", Jury)
    monkeypatch.setattr(race, "train", train)
    monkeypatch.setattr(race.zoo, "load", lambda name: vae)
    monkeypatch.setattr(race, "held_out", lambda vae, seed: (None, None))
    monkeypatch.setattr(race, "error", lambda recipe, *_: abs(recipe.lr - best[recipe.name]))
    monkeypatch.setattr(race, "drawn", lambda model, recipe, numbers, scale, *_:
                        torch.full((len(numbers),), scale))
    found = race.measure(5, CPU)
    for name, recipe in zip(race.NETS, race.RECIPES, strict=True):
        mine = [each[1:] for each in trained if each[0] == recipe.name]
        third = race.STEPS[name] // 3
        assert mine == [(third, 1e-3, 5), (third, 3e-3, 5),
                        (race.STEPS[name], best[recipe.name], 5)]
        assert found[f"{name} rate"] == best[recipe.name]
        assert found[f"{name} w=1 both judge"] == 1 and found[f"{name} w=3 both judge"] == 3
        assert found[f"{name} cpu seconds"] == race.STEPS[name]


def test_latents_of_test_canvases_are_drawn_from_their_posteriors(
    monkeypatch, without_shape_checks
) -> None:
    images = randn((6, 1, 2, 2), seeded(0))
    some = SimpleNamespace(images=images, numbers=torch.arange(6))
    monkeypatch.setattr(latents.canvases, "load", lambda split, n, stand_in: some
                        if split == "test" else None)
    law = DiagonalGaussian(images, torch.full_like(images, -40.0))
    z0, numbers = latents.held_out(SimpleNamespace(encode=lambda x: law), 0)
    assert torch.allclose(z0, images, atol=1e-6) and torch.equal(numbers, some.numbers)


def test_the_committed_result_is_of_all_seeds_and_of_equal_time() -> None:
    path = results.RESULTS / "transformer-latents.json"
    if path.is_file():
        held = json.loads(path.read_bytes())
        assert held["seeds"] == list(race.SEEDS)
        spent = {name: sum(held["numbers"][f"{name} cpu seconds"]) for name in race.NETS}
        assert spent["transformer"] == pytest.approx(spent["unet"], rel=0.1)
