"""What chapter 7 measures of trained networks, on runs of two steps and on laws that are known."""

import json
import statistics

import pytest
import torch

from diffusionbook.data import mnist
from diffusionbook.evidence import results
from diffusionbook.experiments import (
    transformer_costs,
    transformer_quality,
    transformer_sizes,
    transformer_trials,
    transformer_unet,
)
from diffusionbook.experiments.common import digits, transformers
from diffusionbook.nets import dit_cost
from diffusionbook.randomness import randn, seeded

CPU = torch.device("cpu")
MODULES = {"transformer-unet": transformer_unet, "transformer-costs": transformer_costs,
           "transformer-quality": transformer_quality, "transformer-sizes": transformer_sizes,
           "transformer-trials": transformer_trials}


class Judge:
    """Likes every image as much."""

    def score(self, images, labels):
        assert torch.equal(labels, torch.arange(len(images)) % 10)
        return dict.fromkeys(digits.MEASURES, 3.0)

    def floor(self, n: int) -> float:
        return n / 1_000


@pytest.fixture
def few(monkeypatch, without_shape_checks):
    """Twenty digits to train on and to test on, and two times."""
    images = randn((20, 1, 28, 28), seeded(0), torch.float32)
    some = mnist.Digits(images, torch.arange(20) % 10, "random")
    monkeypatch.setattr(mnist, "real", lambda split, root=None: some)
    monkeypatch.setattr(digits, "TIMES", (0.3, 0.6))
    monkeypatch.setattr(transformers, "SAMPLES", 20)
    monkeypatch.setattr(transformers, "LOOKS", 2)


def test_a_training_is_measured_by_its_errors_and_by_who_judges(few) -> None:
    recipe = transformers.transformer(2, 1e-3, patch=7, width=16, heads=2)
    assert (recipe.batch, recipe.steps, recipe.patch, recipe.width) == (64, 2, 7, 16)
    found = transformers.measured(recipe, {"one": Judge()}, CPU)
    errors = [value for key, value in found.items() if key.startswith("error t=")]
    assert found["error"] == pytest.approx(sum(errors) / len(errors)) and len(errors) > 1
    assert found["cpu seconds"] > 0 and found["frechet one"] == 3.0
    assert found["frechet_floor one"] == 0.02
    alone = transformers.measured(recipe, {}, CPU)
    assert set(found) - set(alone) == {"frechet one", "recall one", "accuracy one",
                                       "frechet_floor one"}
    assert alone["error"] == found["error"]  # a training is its seed's


def test_the_same_arithmetic_is_the_same() -> None:
    """By PyTorch's counter for the U-Net, and by the formula for the transformer."""
    from torch.utils.flop_counter import FlopCounterMode

    unet, other = transformer_unet.ARMS["unet"], transformer_unet.ARMS["same arithmetic"]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        unet.model().net(torch.zeros(1, 1, 28, 28), torch.ones(1), torch.zeros(1).long())
    mine = sum(dit_cost.flops(other.patch, other.width, other.depth).values())
    assert other.steps * mine == pytest.approx(unet.steps * counter.get_total_flops(), rel=0.01)
    assert unet.batch == other.batch


def test_the_same_time_is_the_same_by_the_costs_that_were_measured() -> None:
    costs = json.loads((results.RESULTS / "transformer-costs.json").read_bytes())["numbers"]
    steps = {"unet": "unet", "same time": "patch 4", "same time, patch 2": "patch 2",
             "same time, patch 7": "patch 7"}
    seconds = {arm: transformer_unet.ARMS[arm].steps * statistics.median(costs[f"{cost} step"])
               for arm, cost in steps.items()}
    assert seconds == pytest.approx(dict.fromkeys(steps, seconds["unet"]), rel=0.01)


def test_each_network_has_the_rate_that_did_best_in_as_many_trials() -> None:
    trials = json.loads((results.RESULTS / "transformer-trials.json").read_bytes())["numbers"]
    for name in transformer_trials.NETS:
        errors = {rate: trials[f"{name} lr={rate:g} error"][0] for rate in transformer_trials.RATES}
        rates = {recipe.lr for arm, recipe in transformer_unet.ARMS.items()
                 if (arm == "unet") == (name == "unet")}
        assert rates == {min(errors, key=errors.get)}


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    x = randn((40,), seeded(0))
    without = (x.sum() - x) / 39
    assert transformer_quality.jackknife(without) == pytest.approx(float(x.std() / 40**0.5))


def test_groups_leave_out_as_many_of_each_label() -> None:
    group = torch.arange(10_000) // 10 % transformer_quality.GROUPS
    for k in range(transformer_quality.GROUPS):
        assert (torch.arange(10_000)[group == k] % 10).bincount().tolist() == [100] * 10


def test_each_committed_result_is_of_all_seeds() -> None:
    for name, module in MODULES.items():
        path = results.RESULTS / f"{name}.json"
        if path.is_file():
            held = json.loads(path.read_bytes())
            assert held["seeds"] == list(module.SEEDS), name
            assert all(len(values) == len(held["seeds"]) for values in held["numbers"].values())
