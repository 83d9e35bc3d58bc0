"""A checkpoint is of one run: of one loss with its values, one model and one code."""

import functools
import math
import shutil
import subprocess
import sys

import pytest
import torch
from torch import nn

from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.evidence.sources import PACKAGE, Package
from diffusionbook.losses import denoising_loss
from diffusionbook.nets.mlp import MLP
from diffusionbook.paths.gaussian import VP, Linear
from diffusionbook.randomness import seeded, torch_seeded
from diffusionbook.training import identity
from diffusionbook.training.loop import EMA, Checkpoint, batches, fit


def squares(model, x, *, generator):
    return model(x).square().mean()


def fourths(model, x, *, generator):
    return model(x).square().square().mean()


def weighted(weight, power=2):
    def loss(model, x, *, generator):
        return weight * model(x).abs().pow(power).mean()

    return loss


def scaled(model, x, scale=1.0, *, generator):
    return scale * squares(model, x, generator=generator)


def capped(model, x, most, *, generator):
    return squares(model, x, generator=generator).clamp(max=most)


class Loss:
    """A loss that is an object."""

    def __init__(self, weight):
        self.weight = weight

    def __call__(self, model, x, *, generator):
        return self.weight * squares(model, x, generator=generator)

    def method(self, model, x, *, generator):
        return self(model, x, generator=generator)


def run(path, loss, of=None):
    """One step of a training, saved; or what is there, read."""
    with torch_seeded(3):
        model = nn.Linear(2, 1)
    checkpoint = Checkpoint(path) if of is None else Checkpoint(path, of)
    list(fit(model, batches(torch.ones(5, 2), size=4), loss, steps=1, lr=0.1,
             checkpoint=checkpoint))  # fmt: skip


def doubled(loss):
    return lambda *batch, generator: 2 * loss(*batch, generator=generator)


ONE = torch.tensor(1.0)
LOSSES = {
    "a function": squares, "an inner function": weighted(0.3), "an object": Loss(0.3),
    "a method": Loss(0.3).method, "a partial": functools.partial(scaled, scale=2.0),
    "a lambda": lambda model, x, generator: model(x).square().mean(),
    "without source": eval("lambda model, x, generator: model(x).square().mean()"),
    "a lambda around a partial": doubled(functools.partial(capped, most=math.inf)),
    "with a tensor": functools.partial(scaled, scale=ONE),
    "a module": functools.partial(lambda mse, model, x, generator: mse(model(x), x[:, :1]),
                                  nn.MSELoss()),
}  # fmt: skip


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_whatever_can_be_called_is_a_loss_and_goes_on(loss, tmp_path):
    run(tmp_path / "run", loss)
    run(tmp_path / "run", loss)


@pytest.mark.parametrize(("one", "other", "message"), [
    (squares, fourths, "its loss is squares, and this run's is fourths"),
    (weighted(0.3), weighted(0.4), "its weight is 0.3, and this run's is 0.4"),
    (weighted(0.3), weighted(0.3, power=3), "its power is 2, and this run's is 3"),
    (Loss(0.3), Loss(0.4), "its weight is 0.3, and this run's is 0.4"),
    (Loss(0.3).method, Loss(0.4).method, "its weight is 0.3, and this run's is 0.4"),
    (functools.partial(scaled, scale=2.0), functools.partial(scaled, scale=3.0),
     "its scale is 2.0, and this run's is 3.0"),
    (doubled(weighted(1.0)), doubled(weighted(2.0)), "its weight is 1.0, and this run's is 2.0"),
    (doubled(squares), doubled(fourths), "its text of the loss is"),
    (eval("lambda model, x, generator: model(x).sum()"),
     eval("lambda model, x, generator: model(x).mean()"), "its text of the loss is"),
])  # fmt: skip
def test_another_loss_is_another_run(one, other, message, tmp_path):
    run(tmp_path / "run", one)
    before = (tmp_path / "run").read_bytes()
    with pytest.raises(ValueError, match=f"of another run: {message}"):
        run(tmp_path / "run", other)
    assert (tmp_path / "run").read_bytes() == before


def test_what_the_caller_says_of_a_run_counts(tmp_path):
    run(tmp_path / "run", squares, {"channels": (48, 96), "data": "digits"})
    run(tmp_path / "run", squares, {"channels": [48, 96], "data": "digits"})  # JSON has no tuples
    with pytest.raises(ValueError, match="its data is digits, and this run's is letters"):
        run(tmp_path / "run", squares, {"channels": (48, 96), "data": "letters"})
    with pytest.raises(ValueError, match="its data is digits, and this run's is not recorded"):
        run(tmp_path / "run", squares, {"channels": (48, 96)})
    with pytest.raises(ValueError, match="of must hold what JSON can"):
        run(tmp_path / "run", squares, {"folder": tmp_path})


@pytest.mark.parametrize(("param", "path", "message"), [
    ("x0", VP(), "its param is eps, and this run's is x0"),
    ("eps", Linear(), "its path is VP, and this run's is Linear")])
def test_what_the_models_answer_means_counts(param, path, message, tmp_path):
    def train(param, path):
        model = NetDenoiser(MLP(2, 8, 1, generator=seeded(0)), path, param)
        list(fit(model, batches(torch.ones(5, 2), size=4), denoising_loss, steps=1, lr=0.1,
                 ema=EMA(model, 0.9), checkpoint=Checkpoint(tmp_path / "run")))  # fmt: skip

    train("eps", VP())
    with pytest.raises(ValueError, match=message):
        train(param, path)


EDITED = """
import sys
sys.path.insert(0, sys.argv[1])
import torch
from torch import nn
import diffusionbook
assert diffusionbook.__file__.startswith(sys.argv[1])
from diffusionbook.training.loop import EMA, Checkpoint, batches, fit
def squares(model, x, *, generator):
    return model(x).square().mean()
torch.manual_seed(0)
model = nn.Linear(2, 1)
list(fit(model, batches(torch.ones(5, 2), size=4), squares, steps=1, lr=0.1, ema=EMA(model, 0.9),
         checkpoint=Checkpoint(sys.argv[2])))
"""


@pytest.mark.slow
def test_a_run_does_not_go_on_with_other_code(tmp_path):
    """A comment changes nothing; a line of the average does."""
    copy, script = tmp_path / "diffusionbook", tmp_path / "script.py"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "weights"))
    script.write_text(EDITED, "utf-8")
    path = copy / "training" / "ema.py"
    text = path.read_text("utf-8")

    def train():
        command = [sys.executable, script, str(tmp_path), tmp_path / "run"]
        return subprocess.run(command, capture_output=True, text=True)

    assert train().returncode == 0
    path.write_text(text.replace("self.updates += 1", "self.updates += 1  # one more"), "utf-8")
    said = train()
    assert said.returncode == 0, said.stderr
    path.write_text(text.replace("(10 + self.updates)", "(11 + self.updates)"), "utf-8")
    said = train().stderr
    assert "of another run: EMA.update has changed" in said and "since it was begun" in said


def test_the_code_of_a_training_is_what_its_steps_run():
    from diffusionbook import zoo
    from diffusionbook.training import loop as train
    from diffusionbook.training.step import Trainer

    recipe = zoo.find("spiral-mlp")
    model = recipe.model()
    trainer = Trainer(model, batches(torch.ones(5, 2), size=4), recipe.loss, 1, lambda _: 0.1, 0,
                      EMA(model, 0.9), None, "float32")
    found = {name for _, name in identity.code(trainer, train._records, Package()).own}
    assert {"_records", "Trainer.step", "EMA.update", "SpiralMLP.loss", "denoising_loss",
            "NetDenoiser.forward", "MLP.forward", "VP.alpha", "computing_in"} <= found
    assert not {"SpiralMLP.evaluate", "sample", "Saved.save", "reach", "fastest"} & found
