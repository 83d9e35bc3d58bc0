"""The command line on models of canvases: numbers as labels, and latents that become images."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from diffusionbook import cli, guidance, zoo
from diffusionbook.cli import drawing
from diffusionbook.data import canvases, mnist
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import sample_many

LATENT, PIXELS, AUTOENCODER = "canvas-latent", "canvas-pixels", "canvas-vae"
SMALL = {AUTOENCODER: {"channels": (8, 16)}, LATENT: {"channels": (8, 8), "blocks": (1, 1)},
         PIXELS: {"channels": (8, 8), "blocks": (1, 1), "patch": 8},
         "canvas-features": {"width": 8}}  # fmt: skip


def stored(name, folder, seed=0, autoencoder=None):
    """A small model with random weights, stored like a trained one."""
    recipe = replace(zoo.find(name), seed=seed, **SMALL[name])
    model = recipe.model()
    with torch.no_grad():
        for k, p in enumerate(model.parameters()):  # away from the zeros it starts with
            p.add_(0.1 * randn(p.shape, seeded(1_000 * seed + k), torch.float32))
    if name == AUTOENCODER:
        model.measure_scale(randn((8, *canvases.SIZE), seeded(seed), torch.float32).clamp(-1, 1))
    if autoencoder is not None:
        model.bind(autoencoder)
    zoo.save(model, recipe, folder, {"metrics": {}})
    return model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    stored(LATENT, folder, autoencoder=stored(AUTOENCODER, folder))
    stored(PIXELS, folder)
    stored("canvas-features", folder)
    return folder


@pytest.fixture
def sample(folder, tmp_path):
    def draw(name, *options, kind="npy"):
        out = tmp_path / f"x.{kind}"
        command = ["sample", name, "--weights", folder, "--out", out, *options]
        assert cli.main([str(x) for x in command]) == 0
        return np.load(out) if kind == "npy" else out.read_bytes()

    return draw


def by_hand(name, folder, numbers, w=None, steps=2, seed=0, sampler="dpmpp2m"):
    recipe = zoo.trained_recipe(name, folder)
    shape, decode = canvases.SIZE, lambda x: x
    if name == LATENT:
        autoencoder = zoo.load(AUTOENCODER, folder, zoo.trained_recipe(AUTOENCODER, folder))
        shape, decode = (4, 8, 8), autoencoder.decode
    scale = guidance.interval(recipe.guidance if w is None else w, recipe.low, recipe.high)
    model = guidance.cfg(zoo.load(name, folder, recipe), scale)
    drawn = sample_many(model, shape, len(numbers), torch.tensor(numbers), sampler=sampler,
                        steps=steps, seed=seed)  # fmt: skip
    return mnist.to_unit(decode(drawn)).numpy()


MODELS = pytest.mark.parametrize("name", [LATENT, PIXELS])


@MODELS
@pytest.mark.parametrize("label", ["7", "07", "47"])
def test_the_number_that_is_asked_for_is_drawn_and_decoded(name, label, sample, folder):
    images = sample(name, "--n", 2, "--steps", 2, "--label", label)
    assert images.shape == (2, 1, 64, 64) and images.dtype == np.float32
    expected = by_hand(name, folder, [int(label)] * 2)
    np.testing.assert_allclose(images, expected, atol=1e-5)
    assert np.abs(expected - by_hand(name, folder, [70] * 2)).max() > 1e-3


def test_samplers_guidance_and_seed_are_obeyed_and_no_number_can_be_asked_for(sample, folder):
    options = ["--n", 2, "--steps", 3, "--label", 47, "--guidance", 4, "--sampler", "ddim",
               "--seed", 5]  # fmt: skip
    expected = by_hand(LATENT, folder, [47, 47], 4.0, 3, 5, "ddim")
    np.testing.assert_allclose(sample(LATENT, *options), expected, atol=1e-5)
    free = by_hand(LATENT, folder, [-1, -1], 1.0)
    for nothing in (("--label", -1), ("--label", 47, "--guidance", 0)):
        np.testing.assert_allclose(sample(LATENT, "--n", 2, "--steps", 2, *nothing), free,
                                   atol=1e-5)


@MODELS
def test_a_hundred_numbers_of_the_training_are_drawn_in_turn(name, folder, tmp_path, monkeypatch):
    asked = []

    def drawn(model, shape, n, labels, **options):
        asked.append(labels)
        return torch.zeros(n, *shape)

    monkeypatch.setattr(drawing, "sample_many", drawn)
    command = ["sample", name, "--weights", str(folder), "--out", str(tmp_path / "x.npy")]
    assert cli.main(command) == 0
    assert asked[0].tolist() == [*canvases.TRAINED, *canvases.TRAINED[:10]]


def test_latents_are_decoded_in_parts(sample, folder, monkeypatch):
    whole, parts = sample(LATENT, "--n", 5, "--steps", 2), drawing.parts
    monkeypatch.setattr(drawing, "parts",
                        lambda n: (slice(k, k + 2) for k in range(0, n, 2)) if n else parts(n))
    np.testing.assert_allclose(sample(LATENT, "--n", 5, "--steps", 2), whole, atol=1e-6)


def test_it_says_what_it_drew(sample, capsys):
    always = "--steps", 2, "--guidance", 2, "--interval", 0, 1
    sample(LATENT, "--n", 1, "--label", 47, *always)
    assert capsys.readouterr().out.endswith(
        "x.npy: 1 sample, dpmpp2m, 2 steps, guidance 2, decoded by canvas-vae "
        "(4 evaluations a sample)\n")
    sample(PIXELS, "--n", 2, *always)
    assert capsys.readouterr().out.endswith(
        "x.npy: 2 samples, dpmpp2m, 2 steps, guidance 2 (4 evaluations a sample)\n")


def test_a_picture_shows_every_canvas_in_its_place(sample):
    """Two rows of two, each pixel enlarged alike."""
    numbers = sample(LATENT, "--n", 4, "--steps", 2)
    seen = np.asarray(Image.open(io.BytesIO(sample(LATENT, "--n", 4, "--steps", 2, kind="png"))))
    factor = (seen.shape[0] - 2) // 2 // 64
    assert seen.shape[:2] == (2 * (64 * factor + 2) + 2,) * 2 and factor >= 4
    assert (abs(seen[:2] - 0.3 * 255) <= 1).all()  # a line tells where a canvas ends
    for k in range(4):
        top, left = (2 + (64 * factor + 2) * at for at in divmod(k, 2))
        one = seen[top : top + 64 * factor : factor, left : left + 64 * factor : factor, 0]
        assert np.abs(one / 255 - numbers[k, 0]).max() <= 0.5 / 255 + 1e-6


def test_evaluate_measures_a_latent_model_by_its_recipe(folder, tmp_path, monkeypatch, capsys):
    looked = []
    monkeypatch.setattr(mnist, "fetch", looked.append)
    recipe = type(zoo.find(LATENT))
    monkeypatch.setattr(recipe, "evaluate", lambda self, model, seed, root: {
        "seen": float(isinstance(model, zoo.LatentDenoiser)) + seed})
    command = ["evaluate", LATENT, "--weights", str(folder), "--data-root", str(tmp_path)]
    assert cli.main(command) == 0
    mean = json.loads(capsys.readouterr().out)["seen"]["mean"]
    assert mean == 1 + (recipe.evaluations + 1) / 2 and looked == [tmp_path]


def refused(capsys, *command):
    assert cli.main([str(x) for x in command]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    return err


def test_an_autoencoder_of_another_training_decodes_nothing(folder, tmp_path, capsys):
    for name, place in ((LATENT, folder), (PIXELS, folder)):
        for kind in ("json", "safetensors"):
            path = tmp_path / f"{name}.{kind}"
            path.write_bytes((place / path.name).read_bytes())
    other = stored(AUTOENCODER, tmp_path, seed=1)
    out = ["--weights", tmp_path, "--out", tmp_path / "x.png", "--n", 2, "--steps", 2]
    for scale in (1.0, 2.0):  # once of other weights, once with another scale alone
        said = refused(capsys, "sample", LATENT, *out)
        assert f"{AUTOENCODER} in {tmp_path} is not what {LATENT}" in said
        assert "the one whose latents the model was trained on" in said
        recipe = zoo.trained_recipe(AUTOENCODER, folder)
        other = zoo.load(AUTOENCODER, folder, recipe)
        other.scale.std.mul_(2 * scale)
        zoo.save(other, recipe, tmp_path, {"metrics": {}})
    assert not (tmp_path / "x.png").exists()
    assert "evaluate: canvas-vae in" in refused(capsys, "evaluate", LATENT, "--weights", tmp_path)


HEAD = """
import sys
sys.modules["torch"] = None  # whoever imports it fails
from diffusionbook import cli
for line in sys.stdin.read().split("\\n"):
    print(cli.main(line.split(" ")))
"""
FOUND_EARLY = {
    "canvas-vae": "name 'canvas-vae' draws no samples: it is an autoencoder of canvases, 64 × 64 "
                  "pixels to 4 × 8 × 8 numbers; canvas-latent, canvas-pixels do",
    "canvas-features": "name 'canvas-features' draws no samples: it is a classifier of canvases "
                       "whose features compare samples with data; canvas-latent, canvas-pixels do",
    "canvas-vae --label 47": "draws no samples: it is an autoencoder",
    "canvas-latent --n 2001": "--n: a picture holds at most 2,000 canvases; write more to a .npy",
    "canvas-judge": "name 'canvas-judge' is not a model in .; it can be trained with: "
                    "python -m diffusionbook train canvas-judge",
}


def early(folder, *lines):
    """What each mistaken command says where PyTorch cannot be imported."""
    text = "\n".join(f"sample {line} --weights . --out x.png" for line in lines)
    done = subprocess.run([sys.executable, "-c", HEAD], input=text, cwd=folder, check=True,
                          capture_output=True, text=True, env=os.environ)
    assert done.stdout.split() == ["2"] * len(lines), done.stdout + done.stderr
    return done.stderr.splitlines()


def test_mistakes_are_found_without_pytorch(folder):
    for line, said in zip(FOUND_EARLY, early(folder, *FOUND_EARLY), strict=True):
        assert FOUND_EARLY[line] in said, line


@pytest.mark.parametrize(("damaged", "content", "message"), [
    (f"{LATENT}.json", None, f"{LATENT} has no receipt"),
    (f"{LATENT}.json", b"{", f"{LATENT}.json is damaged"),
    (f"{AUTOENCODER}.json", None, f"{AUTOENCODER} has no receipt"),
    (f"{AUTOENCODER}.json", b"[]", f"{AUTOENCODER}.json"),
    (f"{AUTOENCODER}.safetensors", None, f"{AUTOENCODER!r} is not a model in ."),
])
def test_a_receipt_that_is_missing_or_damaged_is_named(damaged, content, message, folder, tmp_path):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    if content is None:
        (tmp_path / damaged).unlink()
    else:
        (tmp_path / damaged).write_bytes(content)
    (said,) = early(tmp_path, LATENT)
    assert message in said and said.startswith("sample: ")
