"""The command line on models of images: what is asked for is what is drawn."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from diffusionbook import cli, guidance, zoo
from diffusionbook.cli import drawing
from diffusionbook.data import mnist
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import sample_many

NAME = "mnist-unet-weak"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small U-Net with random weights, shipped like a trained one, and a classifier."""
    folder = tmp_path_factory.mktemp("weights")
    recipe = replace(zoo.find(NAME), channels=(8, 8))
    model = recipe.model()
    with torch.no_grad():
        for p in model.parameters():  # away from the zeros it starts with
            p.add_(0.1 * randn(p.shape, seeded(p.numel()), torch.float32))
    zoo.save(model, recipe, folder, {"metrics": {}})
    features = zoo.find("mnist-features")
    zoo.save(features.model(), features, folder, {"metrics": {}})
    spiral = zoo.find("spiral-mlp")
    zoo.save(spiral.model(), spiral, folder, {"metrics": {}})
    return folder


@pytest.fixture
def sample(folder, tmp_path):
    def draw(*options, kind="npy"):
        out = tmp_path / f"x.{kind}"
        command = ["sample", NAME, "--weights", folder, "--out", out, *options]
        assert cli.main([str(x) for x in command]) == 0
        return np.load(out) if kind == "npy" else out.read_bytes()

    return draw


def by_hand(folder, labels, w, sampler="dpmpp2m", steps=20, seed=0, interval=None):
    model = zoo.load(NAME, folder, zoo.trained_recipe(NAME, folder))
    recipe = zoo.find(NAME)
    low, high = interval or (recipe.low, recipe.high)
    model = guidance.cfg(model, guidance.interval(w, low, high))
    drawn = sample_many(model, (1, 28, 28), len(labels), torch.tensor(labels),
                              sampler=sampler, steps=steps, seed=seed)  # fmt: skip
    return mnist.to_unit(drawn).numpy()


def test_with_no_options_it_draws_labels_in_turn_at_the_models_best_settings(sample, folder):
    images, recipe = sample("--n", 12), zoo.find(NAME)
    assert images.shape == (12, 1, 28, 28) and images.dtype == np.float32
    assert images.min() >= 0 and images.max() <= 1
    expected = by_hand(folder, [*range(10), 0, 1], recipe.guidance, recipe.sampler,
                       recipe.sampler_steps)
    np.testing.assert_allclose(images, expected, atol=1e-5)


def test_label_guidance_sampler_steps_and_seed_are_obeyed(sample, folder):
    options = ["--n", 3, "--label", 7, "--guidance", 3, "--sampler", "ddim", "--steps", 4,
               "--seed", 5]  # fmt: skip
    expected = by_hand(folder, [7, 7, 7], 3.0, "ddim", 4, 5)
    np.testing.assert_allclose(sample(*options), expected, atol=1e-5)
    for k in (3, 5, 7, 9, 11):  # each of them makes a difference
        fewer = options[: k - 1] + options[k + 1 :] if k > 3 else [*options[:2], *options[4:]]
        assert not np.allclose(sample(*fewer), expected, atol=1e-3)


def test_guidance_acts_in_the_interval_that_is_asked_for(sample, folder):
    options = ["--n", 3, "--label", 7, "--guidance", 3, "--steps", 4]
    always = by_hand(folder, [7, 7, 7], 3.0, steps=4, interval=(0, 1))
    np.testing.assert_allclose(sample(*options, "--interval", 0, 1), always, atol=1e-5)
    assert not np.allclose(sample(*options), always, atol=1e-3)


@pytest.mark.parametrize("nothing", [("--label", -1), ("--label", 7, "--guidance", 0)])
def test_a_label_can_be_left_out(sample, folder, nothing):
    free = by_hand(folder, [-1, -1, -1], 1.0, steps=4)
    np.testing.assert_allclose(sample("--n", 3, "--steps", 4, *nothing), free, atol=1e-5)
    assert not np.allclose(by_hand(folder, [7, 7, 7], 1.0, steps=4), free, atol=1e-3)


def test_it_says_what_it_drew(sample, capsys):
    sample("--n", 3, "--steps", 4, "--sampler", "ddim", "--guidance", 3, "--interval", 0.3, 0.8)
    said = capsys.readouterr().out  # guided at 0.75 and 0.5; one look at 1 and at 0.25
    assert "3 samples, ddim, 4 steps, guidance 3 at times 0.3 to 0.8 (6 evaluations" in said
    sample("--n", 3, "--steps", 4, "--guidance", 1)
    assert "dpmpp2m, 4 steps, guidance 1 (4 evaluations a sample)" in capsys.readouterr().out


def test_a_picture_is_a_grid(sample):
    assert sample("--n", 5, "--steps", 2, kind="png").startswith(b"\x89PNG")


def test_a_hundred_digits_are_drawn_if_no_number_is_given(folder, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(drawing, "sample_many",
                        lambda model, shape, n, *_, **__: drawn.append(n) or torch.zeros(n, *shape))
    for name in (NAME, "spiral-mlp"):
        out = str(tmp_path / f"{name}.npy")
        assert cli.main(["sample", name, "--weights", str(folder), "--out", out]) == 0
    assert drawn == [100, 2000]


def test_mistakes_take_one_line(folder, tmp_path, capsys):
    def refused(*command):
        assert cli.main([str(x) for x in command]) == 2
        out, err = capsys.readouterr()
        assert out == "" and err.count("\n") == 1
        return err

    out = ["--weights", folder, "--out", tmp_path / "x.npy", "--steps", 2, "--n", 2]
    assert "--interval must be two times, 0 <= LOW < HIGH <= 1; it is 0.8 0.1" in refused(
        "sample", NAME, *out, "--interval", 0.8, 0.1)  # fmt: skip
    assert "--interval is given, but spiral-mlp was trained without labels" in refused(
        "sample", "spiral-mlp", *out, "--interval", 0.1, 0.8)  # fmt: skip
    assert "draws no samples: it is a classifier whose" in refused("sample", "mnist-features", *out)
    away = ["--weights", folder, "--out", tmp_path / "no" / "x.npy"]
    assert f"--out: there is no folder {tmp_path / 'no'}" in refused("sample", NAME, *away)
    assert not (tmp_path / "x.npy").exists()


def test_info_prints_the_receipt(folder, capsys):
    assert cli.main(["info", NAME, "--weights", str(folder)]) == 0
    assert json.loads(capsys.readouterr().out)["recipe"]["channels"] == [8, 8]
