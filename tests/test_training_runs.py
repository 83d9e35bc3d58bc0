"""What a run hands to the trainer, and what its measures become in a receipt."""

from dataclasses import dataclass

import pytest

from diffusionbook import recipes, runs
from diffusionbook.train import Checkpoint, warmup_cosine

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
    recipe, asked = recipes.find("spiral-mlp"), {}

    class Enough(Exception):
        pass

    def fit(model, data, loss, **options):
        asked.update(options)
        raise Enough

    monkeypatch.setattr(runs, "fit", fit)
    with pytest.raises(Enough):
        runs.train_recipe(recipe, tmp_path, "cpu", None)
    for share in (0.0, 0.01, 0.5, 0.99):
        assert asked["lr"](share) == warmup_cosine(recipe.lr, recipe.warmup)(share)
    assert asked["save_every"] == recipe.steps // 20
    assert asked["steps"] == recipe.steps and asked["seed"] == recipe.seed
    assert asked["checkpoint"] == Checkpoint(tmp_path / "spiral-mlp.checkpoint")
