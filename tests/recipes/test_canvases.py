"""The recipes of canvases: their data, their losses by hand, and what their measures ask for."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from diffusionbook import zoo
from diffusionbook.data.canvases import HELD_OUT, TRAINED, Canvases, in_turn
from diffusionbook.data.mnist import to_unit
from diffusionbook.losses import denoising_loss, logit_normal_time
from diffusionbook.nets.number_classifiers import digits_of, number_cross_entropy
from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.paths.gaussian import Linear
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded
from diffusionbook.recipes import canvas_features, canvas_latent, canvas_pixels, canvas_vae
from diffusionbook.samplers import named
from diffusionbook.zoo import canvas_judge, store

HERE = Path("here")  # where nothing is
SMALL = {
    "canvas-features": {"width": 8, "features": 6}, "canvas-judge": {"width": 4, "features": 6},
    "canvas-vae": {"channels": (8, 16)}, "canvas-latent": {"channels": (8, 8), "blocks": (1, 1)},
    "canvas-pixels": {"channels": (8, 8), "blocks": (1, 1), "patch": 8},
}  # fmt: skip


@pytest.fixture(autouse=True)
def without_gradients():
    with torch.no_grad():
        yield


def small(name, **changes):
    return replace(zoo.find(name), **SMALL[name], **changes)


def images(n, seed=0):
    return (randn((n, 1, 64, 64), seeded(seed), torch.float32) / 2).clamp(-1, 1)


@pytest.fixture
def asked(monkeypatch):
    """Canvases of noise in the place of MNIST's; each question that is asked for them."""
    seen = []

    def load(split, n, numbers=TRAINED, *, seed=0, **options):
        seen.append({"split": split, "n": n, "numbers": tuple(numbers), "seed": seed, **options})
        return Canvases(images(n, seed), in_turn(n, numbers), split)

    for module in (canvas_features, canvas_latent, canvas_pixels, canvas_vae):
        monkeypatch.setattr(module.canvases, "load", load)
    return seen


@pytest.mark.parametrize("name", SMALL)
def test_the_model_answers_the_example_and_its_seed_decides_its_weights(name):
    recipe = small(name)
    model, same, other = recipe.model(), recipe.model(), replace(recipe, seed=77).model()
    answer = getattr(model, "net", model).eval()(*recipe.example())
    assert answer.shape in ((4, 1, 64, 64), (4, 4, 8, 8), (4, 2, 10)) and len(answer) == 4
    assert answer.isfinite().all()
    pairs = list(zip(model.parameters(), same.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b, _ in pairs)
    assert any(not torch.equal(a, c) for a, _, c in pairs)


def test_the_judge_shares_neither_network_nor_seed_nor_canvases_with_the_other():
    features, judge = zoo.find("canvas-features"), zoo.find("canvas-judge")
    assert type(features.model()) is not type(judge.model())
    parts = math.ceil(features.canvases / canvas_features.TOGETHER)
    seeds = [set(range(recipe.seed, recipe.seed + parts)) for recipe in (features, judge)]
    assert not seeds[0] & seeds[1]


def test_classifiers_see_all_hundred_numbers_and_each_part_is_other_canvases(asked, monkeypatch):
    monkeypatch.setattr(canvas_features, "TOGETHER", 20)
    bytes_, numbers = small("canvas-features", canvases=50, seed=3).data(HERE)
    parts = [(question["n"], question["seed"]) for question in asked]
    assert parts == [(20, 3), (20, 4), (10, 5)] and numbers.shape == (50,)
    for question in asked:
        assert question["split"] == "train" and question["numbers"] == tuple(range(100))
        assert question["root"] == HERE and question["stand_in"] is False
    assert bytes_.dtype == torch.uint8 and bytes_.shape == (50, 1, 64, 64)
    level = (images(20, 4) + 1) / 2 * 255
    assert (bytes_[20:40] - level).abs().max() <= 0.5 + 1e-4  # the nearest of 256


@pytest.mark.parametrize("name", ["canvas-features", "canvas-judge"])
def test_a_classifier_reads_bytes_as_greys_from_minus_1_to_1(name):
    recipe, x = small(name), images(4)
    model = recipe.model().eval()
    bytes_, y = (to_unit(x) * 255).round().byte(), torch.tensor([47, 3, 90, 12])
    seen = bytes_.float() / 255 * 2 - 1
    expected = float(number_cross_entropy(model(seen), y))
    found = float(recipe.loss(model, bytes_, y, generator=seeded(0)))
    assert found == pytest.approx(expected, rel=1e-5)  # the two round their greys apart


def test_a_classifier_is_measured_by_the_digits_that_it_reads(asked, monkeypatch):
    class Reader(torch.nn.Module):
        def forward(self, x):
            """The right number; but every third canvas' tens and every fourth's ones are off."""
            at = Reader.seen + torch.arange(len(x))
            Reader.seen += len(x)
            pair = digits_of(in_turn(10_000, range(100))[at])
            pair[at % 3 == 0, 0] += 1
            pair[at % 4 == 0, 1] += 1
            return torch.nn.functional.one_hot(pair % 10, 10).float()

    Reader.seen, few = 0, canvas_features.canvases.load
    monkeypatch.setattr(canvas_features.canvases, "load",
                        lambda split, n, *rest, **options: few(split, 1_200, *rest, **options))
    found = zoo.find("canvas-features").evaluate(Reader(), 1, None)
    assert asked[-1]["split"] == "test" and asked[-1]["numbers"] == tuple(range(100))
    assert found == pytest.approx({"tens": 2 / 3, "ones": 3 / 4, "both": 1 / 2})


def test_the_autoencoders_loss_is_that_of_one_decoded_draw(asked):
    recipe, x = small("canvas-vae", weight=0.3, canvases=5), images(3)
    model = recipe.model()
    draw = model.posterior(x).sample(seeded(5))
    error = (model.image(draw) - x).square().flatten(1).sum(1)
    kl = model.posterior(x).kl().flatten(1).sum(1)
    found = recipe.loss(model, x, generator=seeded(5))
    assert float(found) == pytest.approx(float((error + 0.3 * kl).mean()), rel=1e-5)
    (data,) = recipe.data(HERE)
    assert torch.equal(data, images(5)) and asked[0]["split"] == "train"
    assert asked[0]["numbers"] == TRAINED


def test_the_units_of_the_latent_are_those_of_the_first_canvases(monkeypatch):
    monkeypatch.setattr(canvas_vae, "LATENTS_MEASURED", 6)
    recipe, x = small("canvas-vae"), torch.cat([images(6), torch.ones(6, 1, 64, 64)])
    model, other = recipe.model(), recipe.model()
    recipe.finish(model, x)
    other.measure_scale(x[:6])
    assert torch.equal(model.scale.mean, other.scale.mean)
    assert torch.equal(model.scale.std, other.scale.std)


@pytest.fixture
def judged(monkeypatch):
    """A judge that keeps what it is shown and counts."""
    shown = []

    class Judge:
        def __init__(self, name, numbers=TRAINED, root=None):
            self.of = (name, tuple(numbers), root)

        def score(self, x, numbers):
            shown.append((*self.of, x, numbers))
            return {"frechet": float(len(shown)), "frechet_floor": 0.5}

    monkeypatch.setattr(canvas_judge, "CanvasJudge", Judge)
    return shown


def test_the_autoencoder_is_measured_by_rate_distortion_and_its_decoded_draws(asked, judged,
                                                                              monkeypatch):
    few = canvas_vae.canvases.load
    monkeypatch.setattr(canvas_vae.canvases, "load",
                        lambda split, n, **options: few(split, n // 250, **options))
    recipe = small("canvas-vae")
    model = recipe.model()
    model.measure_scale(images(9, 4))
    found = recipe.evaluate(model, 2, HERE)
    x, posterior = images(8, 2), model.posterior(images(8, 2))
    rate = float(posterior.kl().flatten(1).sum(1).mean())
    draw = model.image(posterior.sample(seeded(2)))
    assert asked[-1] | {"stand_in": None} == {
        "split": "test", "n": 8, "numbers": TRAINED, "seed": 2, "root": HERE, "stand_in": None}
    assert found.pop("rate") == pytest.approx(rate, rel=1e-5)  # in the encoder's own units
    distortion = float((draw - x).square().flatten(1).sum(1).mean())
    assert found.pop("distortion") == pytest.approx(distortion, rel=1e-3)
    assert found == {"frechet": 1.0, "frechet_floor": 0.5, "frechet_real": 2.0}
    (name, numbers, root, decoded, of), (*_, real, _) = judged
    assert (name, numbers, root) == ("canvas-features", TRAINED, HERE)
    assert (decoded - draw).abs().max() < 1e-3 and torch.equal(real, x)
    assert torch.equal(of, in_turn(8))


class Watch(torch.nn.Module):
    """A denoiser of zeros that keeps what it is told."""

    path = Linear()

    def __init__(self, param="velocity"):
        super().__init__()
        self.param, self.told = param, []

    def __call__(self, x_t, t, y):
        self.told.append((x_t, t, y))
        return Prediction(torch.zeros_like(x_t), self.param, x_t, torch.as_tensor(t), self.path)


@pytest.mark.parametrize("name", ["canvas-latent", "canvas-pixels"])
def test_the_stated_share_of_numbers_is_hidden_and_times_are_shifted(name):
    recipe, n, model = small(name, label_dropout=0.25, shift=3.0), 2_000, Watch()
    data = (torch.zeros(n, 2),) * (2 if name == "canvas-latent" else 1)
    recipe.loss(model, *data, torch.full((n,), 47), generator=seeded(0))
    _, t, y = model.told[0]
    share = float((y == -1).double().mean())
    assert abs(share - 0.25) < 5 * math.sqrt(0.25 * 0.75 / n) and set(y.tolist()) == {-1, 47}
    logit = (t / (1 - t)).log()
    assert abs(float(logit.mean()) - math.log(3)) < 5 / math.sqrt(n)
    assert abs(float(logit.std()) - 1) < 5 / math.sqrt(2 * n)


def test_the_latent_model_learns_from_fresh_draws_of_the_posteriors():
    recipe, model = small("canvas-latent", label_dropout=0.0), Watch()
    mean, log_variance = randn((6, 4, 8, 8), seeded(1)), randn((6, 4, 8, 8), seeded(2)) - 1
    y = torch.arange(6)
    found = recipe.loss(model, mean, log_variance, y, generator=seeded(3))
    generator = seeded(3)
    z0 = DiagonalGaussian(mean, log_variance).sample(generator)
    torch.rand(y.shape, generator=generator)  # the draw that hides numbers
    expected = denoising_loss(model, z0, y, time=logit_normal_time(0.0), generator=generator)
    assert torch.equal(found, expected)


def test_its_data_are_posteriors_in_standard_units(asked, monkeypatch):
    first = small("canvas-vae").model()
    first.measure_scale(images(9, 4))
    monkeypatch.setattr(store, "load", {"canvas-vae": first}.get)
    mean, log_variance, numbers = small("canvas-latent", canvases=7).data(HERE)
    expected = first.encode(images(7))
    assert torch.equal(mean, expected.mean) and torch.equal(log_variance, expected.log_variance)
    assert torch.equal(numbers, in_turn(7)) and asked[0]["root"] == HERE
    model = small("canvas-latent").model()
    small("canvas-latent").finish(model, mean, log_variance, numbers)
    model.check(first)


@pytest.mark.equation("eq-velocity-of-x0")
def test_the_weight_turns_an_error_of_x0_into_one_of_the_velocity():
    """u = (x_t - x0) / t on the linear path; below NEAR the weight stays what it is there."""
    x0, t = randn((5, 3), seeded(0)), torch.linspace(0.05, 1, 5).double()
    model, path = Watch("x0"), Linear()
    as_x0 = denoising_loss(model, x0, torch.zeros(5).long(), weight=canvas_pixels.as_velocity,
                           time=lambda *_, **__: t, generator=seeded(1))
    as_u = denoising_loss(model, x0, torch.zeros(5).long(), loss_in="velocity",
                          time=lambda *_, **__: t, generator=seeded(1))
    assert float(as_x0) == pytest.approx(float(as_u), rel=1e-10)
    near = canvas_pixels.as_velocity(torch.tensor([0.0, 0.01, 0.05, 0.5]), path)
    assert near.tolist() == pytest.approx([400, 400, 400, 4])


def test_pixels_are_trained_by_the_row_that_is_asked_for(asked):
    recipe, x0, y = small("canvas-pixels", label_dropout=0.0), images(3).double(), torch.arange(3)
    for param, weight in (("x0", canvas_pixels.as_velocity), ("velocity", None)):
        model = Watch(param)
        found = replace(recipe, param=param).loss(model, x0, y, generator=seeded(3))
        generator = seeded(3)
        torch.rand(y.shape, generator=generator)
        expected = denoising_loss(model, x0, y, weight=weight, generator=generator,
                                  time=logit_normal_time(math.log(recipe.shift)))
        assert torch.equal(found, expected)
        assert replace(recipe, param=param).model().param == param
    data, numbers = small("canvas-pixels", canvases=4).data(HERE)
    assert torch.equal(data, images(4)) and torch.equal(numbers, in_turn(4))


@pytest.fixture
def drawn(monkeypatch):
    """What samplers are asked for."""
    asked = []

    def sample_many(model, shape, n, labels, **how):
        asked.append({"w": model.scale, "shape": tuple(shape), "n": n, "labels": labels, **how})
        return randn((n, *shape), seeded(len(asked)), torch.float32)

    monkeypatch.setattr(named, "sample_many", sample_many)
    return asked


def test_the_latent_model_is_measured_on_decoded_samples_of_both_kinds_of_number(
    judged, drawn, monkeypatch
):
    first, other = small("canvas-vae").model(), small("canvas-vae", seed=1).model()
    for net in (first, other):
        net.measure_scale(images(9, 4))
    monkeypatch.setattr(store, "load", {"canvas-vae": first}.get)
    recipe = small("canvas-latent")
    model = recipe.model()
    model.bind(first)
    found = recipe.evaluate(model, 3, HERE)
    assert found == {"frechet": 1.0, "frechet_floor": 0.5, "frechet_held_out": 2.0,
                     "frechet_floor_held_out": 0.5}
    for k, numbers in enumerate((TRAINED, HELD_OUT)):
        how, (name, of, root, shown, asked) = drawn[k], judged[k]
        assert (name, of, root) == ("canvas-features", numbers, HERE)
        assert torch.equal(asked, in_turn(2_000, numbers)) and torch.equal(how["labels"], asked)
        z = randn((2_000, 4, 8, 8), seeded(k + 1), torch.float32)
        assert torch.equal(shown, first.decode(z))
        assert how["shape"] == (4, 8, 8) and how["n"] == 2_000 and how["seed"] == 3
        assert (how["sampler"], how["steps"]) == (recipe.sampler, recipe.sampler_steps)
        assert [how["w"](t) for t in (0.09, 0.11, 0.84, 0.86)] == [1, *[recipe.guidance] * 2, 1]
    model.bind(other)
    with pytest.raises(ValueError, match="autoencoder must be the one whose latents"):
        recipe.evaluate(model, 3, HERE)


def test_the_pixel_model_is_measured_on_samples_of_both_kinds_of_number(judged, drawn):
    recipe = small("canvas-pixels")
    found = recipe.evaluate(recipe.model(), 3, None)
    assert found == {"frechet": 1.0, "frechet_floor": 0.5, "frechet_held_out": 2.0,
                     "frechet_floor_held_out": 0.5}
    for k, numbers in enumerate((TRAINED, HELD_OUT)):
        assert drawn[k]["shape"] == (1, 64, 64) and drawn[k]["seed"] == 3
        assert [drawn[k]["w"](t) for t in (0.09, 0.11, 0.84, 0.86)] == [
            1, *[recipe.guidance] * 2, 1]
        assert torch.equal(drawn[k]["labels"], in_turn(2_000, numbers))
        assert torch.equal(judged[k][3], randn((2_000, 1, 64, 64), seeded(k + 1), torch.float32))
