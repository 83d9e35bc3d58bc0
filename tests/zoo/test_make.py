"""What a run hands to the trainer, and what its measures become in a receipt."""

import re
import shutil
from copy import deepcopy
from dataclasses import asdict, dataclass, replace

import pytest
import torch

from diffusionbook import zoo
from diffusionbook.evidence.sources import PACKAGE, Package
from diffusionbook.files.whole import read_json
from diffusionbook.randomness import randn, seeded
from diffusionbook.recipes.canvas_vae import CanvasVAE
from diffusionbook.recipes.mnist_unet import MnistUNet
from diffusionbook.training.loop import Checkpoint, warmup_cosine
from diffusionbook.training.step import Trainer
from diffusionbook.zoo import by_recipe
from diffusionbook.zoo import make as runs

pytestmark = pytest.mark.usefixtures("without_shape_checks")


@dataclass
class Measured:
    """A recipe whose measure is a function of the sampling seed."""

    evaluations: int

    def evaluate(self, model, seed, data_root):
        return {"squares": float(seed**2)}


def test_measures_are_means_over_the_seeds_from_1_on() -> None:
    assert runs.evaluate(Measured(3), None, None) == {
        "squares": {"mean": pytest.approx(14 / 3), "std": pytest.approx(4.0414518843), "seeds": 3}}
    assert runs.evaluate(Measured(1), None, None) == {
        "squares": {"mean": 1.0, "std": 0.0, "seeds": 1}}


def test_the_recipe_decides_how_it_is_trained(monkeypatch, tmp_path) -> None:
    recipe, asked = zoo.find("spiral-mlp"), {}

    class Enough(Exception):
        pass

    def fit(model, data, loss, **options):
        asked.update(options)
        raise Enough

    monkeypatch.setattr(by_recipe, "fit", fit)
    with pytest.raises(Enough):
        runs.train_recipe(recipe, tmp_path, "cpu", None)
    for share in (0.0, 0.01, 0.5, 0.99):
        assert asked["lr"](share) == warmup_cosine(recipe.lr, recipe.warmup)(share)
    assert asked["save_every"] == recipe.steps // 20
    assert asked["steps"] == recipe.steps and asked["seed"] == recipe.seed
    assert asked["checkpoint"] == Checkpoint(tmp_path / "spiral-mlp.checkpoint", asdict(recipe))
    assert asked["arithmetic"] == recipe.arithmetic == "float32"
    assert asked["cpu_seconds"] == recipe.cpu_seconds and asked["ema"].decay == recipe.ema


class Stopped(Exception):
    """A training that is cut short."""


def interrupted(recipe, folder, monkeypatch, after: int = 25) -> None:
    """Leave the checkpoint of a training that was cut short after a save."""
    inner, calls = Trainer.step, iter(range(10**6))

    def step(self, k, lr):
        if next(calls) == after:
            raise Stopped
        return inner(self, k, lr)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", step)
        with pytest.raises(Stopped):
            runs.train_recipe(recipe, folder, torch.device("cpu"), None)
    assert (folder / f"{recipe.name}.checkpoint").exists()


def small(**changes):
    return replace(zoo.find("spiral-mlp"), steps=40, width=8, points=20, batch=4, **changes)


@pytest.mark.parametrize(("field", "was", "now"), [
    ("param", "eps", "x0"), ("points", 20, 21), ("depth", 3, 2),
    ("precision", "float32", "float16"), ("ema", 0.998, 0.9), ("warmup", 0.02, 0.5),
    ("cpu_seconds", None, 1e6)])
def test_a_training_goes_on_from_its_own_recipe_alone(field, was, now, monkeypatch, tmp_path):
    interrupted(small(), tmp_path, monkeypatch)
    other = replace(small(), **{field: now})
    message = f"of another run: its {field} is {was}, and this run's is {now}"
    with pytest.raises(ValueError, match=re.escape(message)):
        runs.train_recipe(other, tmp_path, torch.device("cpu"), None)


def digits(**changes):
    """The digits recipe with a small network and data of its own, which needs no MNIST."""
    class Small(MnistUNet):
        def data(self, root):
            return randn((8, 1, 28, 28), seeded(0), torch.float32), torch.arange(8)

    return replace(Small(), channels=(8, 8), blocks=(1, 1), steps=40, batch=2,
                   name="no-such-recipe", **changes)


def test_another_share_of_hidden_labels_is_another_run(monkeypatch, tmp_path):
    monkeypatch.setattr(runs, "fastest", lambda device: "float32")
    interrupted(digits(), tmp_path, monkeypatch, 3)
    with pytest.raises(ValueError, match="its label_dropout is 0.1, and this run's is 0.9"):
        runs.train_recipe(digits(label_dropout=0.9), tmp_path, torch.device("cpu"), None)


@pytest.mark.slow
def test_a_run_that_goes_on_keeps_the_arithmetic_it_was_begun_with(monkeypatch, tmp_path):
    """Also where the other one is faster today; the receipt says which it was."""
    monkeypatch.setattr(runs, "measured", lambda *_: {})
    monkeypatch.setattr(runs, "fastest", lambda device: "bfloat16")
    interrupted(digits(), tmp_path, monkeypatch, 3)
    monkeypatch.setattr(runs, "fastest", lambda device: "float32")
    runs.train_recipe(digits(), tmp_path, torch.device("cpu"), None)
    receipt = read_json(tmp_path / "no-such-recipe.json")
    assert receipt["training"]["arithmetic"] == "bfloat16"
    runs.train_recipe(digits(), tmp_path, torch.device("cpu"), None)
    receipt = read_json(tmp_path / "no-such-recipe.json")
    assert receipt["training"]["arithmetic"] == "float32"


def test_the_receipt_says_by_which_code_a_model_was_trained(monkeypatch, tmp_path):
    monkeypatch.setattr(runs, "measured", lambda *_: {})
    runs.train_recipe(small(), tmp_path, torch.device("cpu"), None)
    plain = zoo.receipt("spiral-mlp", tmp_path)["training"]
    assert plain["rates"] == "at the middle of each step" and "changed" not in plain
    assert re.fullmatch("[0-9a-f]{64}", plain["code"])

    edited = tmp_path / "edited"
    shutil.copytree(PACKAGE, edited / "diffusionbook",
                    ignore=shutil.ignore_patterns("__pycache__", "weights"))
    path = edited / "diffusionbook" / "losses.py"
    text = path.read_text("utf-8")
    path.write_text(text.replace("def denoising_loss(", "def denoising_loss(unheard_of, "), "utf-8")
    monkeypatch.setattr(runs, "Package", lambda: Package(edited / "diffusionbook"))
    runs.train_recipe(small(), tmp_path / "2", torch.device("cpu"), None)
    changed = zoo.receipt("spiral-mlp", tmp_path / "2")["training"]
    assert changed["code"] == plain["code"]  # of the start
    assert changed["changed"].startswith("denoising_loss has changed")


CANVASES = (randn((12, 1, 64, 64), seeded(0), torch.float32) / 2).clamp(-1, 1)


def test_the_last_touch_is_given_to_the_averaged_weights_as_they_are_shipped(monkeypatch, tmp_path):
    """Rounded before, since it looks at them, and after, since it may add to them."""
    finished, measured, averaged, inner = [], [], [], runs.trained

    class Small(CanvasVAE):
        def data(self, root):
            return (CANVASES,)

        def finish(self, model, *data):
            finished.append((deepcopy(model.state_dict()), data))
            super().finish(model, *data)

    def trained(*arguments, **options):
        found = inner(*arguments, **options)
        averaged.append(deepcopy(found.model.state_dict()))
        return found

    monkeypatch.setattr(runs, "trained", trained)
    monkeypatch.setattr(runs, "fastest", lambda device: "float32")
    monkeypatch.setattr(runs, "measured",
                        lambda recipe, model, root: measured.append(deepcopy(model)) or {})
    recipe = Small(channels=(8, 16), steps=3, batch=2, name="no-such-recipe")
    runs.train_recipe(recipe, tmp_path, torch.device("cpu"), None)
    (before, data), = finished
    assert len(data) == 1 and torch.equal(data[0], CANVASES)
    for name, x in averaged[0].items():
        assert torch.equal(before[name], x.half().float()), name
    shipped = zoo.load("no-such-recipe", tmp_path, recipe)
    for name, x in shipped.state_dict().items():  # what is measured is what is shipped
        assert torch.equal(x, measured[0].state_dict()[name]), name
        assert name.startswith("scale.") or torch.equal(x, before[name]), name
    again = deepcopy(shipped)
    again.measure_scale(CANVASES)
    assert torch.equal(shipped.scale.std, again.scale.std.half().float()) and shipped.scale.measured
    assert torch.equal(shipped.scale.mean, again.scale.mean.half().float())
    assert not torch.equal(shipped.scale.std, again.scale.std)


@pytest.mark.parametrize(("name", "place"), [("spiral-mlp", "meta"), ("canvas-latent", "meta"),
                                             ("mnist-features", "cpu"), ("canvas-vae", "cpu")])
def test_what_draws_is_measured_on_the_device_and_what_looks_at_data_beside_them(name, place):
    model = runs.placed(zoo.find(name), torch.nn.Linear(1, 1), torch.device("meta"))
    assert model.weight.device.type == place
