"""Shipped models: nothing is believed unread, and each refusal says what to do."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from diffusionbook import zoo
from diffusionbook.files.whole import DamagedFile
from diffusionbook.nets.mlp import MLP
from diffusionbook.zoo import store

NAME = "spiral-mlp"
CURE = f"python -m diffusionbook train {NAME} --again --out"


@pytest.fixture
def folder(tmp_path):
    recipe = zoo.find(NAME)
    zoo.save(recipe.model(), recipe, tmp_path, {"seconds": 1.0})
    return tmp_path


def change(folder, **fields):
    path = folder / f"{NAME}.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | fields), "utf-8")


def test_what_is_saved_is_what_is_loaded(folder):
    recipe = zoo.find(NAME)
    model, loaded = recipe.model(), zoo.load(NAME, folder)
    for (name, x), (other, y) in zip(
        model.state_dict().items(), loaded.state_dict().items(), strict=True
    ):
        assert name == other and torch.equal(x, y)
    assert not loaded.training and not any(p.requires_grad for p in loaded.parameters())
    x, t = torch.randn(5, 2), torch.tensor(0.3)
    assert torch.equal(model(x, t).eps, loaded(x, t).eps)
    receipt = zoo.receipt(NAME, folder)
    assert receipt["recipe"]["steps"] == recipe.steps and receipt["seconds"] == 1.0
    assert receipt["parameters"] == sum(p.numel() for p in model.parameters())
    assert zoo.names(folder) == [NAME]


def test_half_precision_halves_the_file_and_loads_as_float32(folder):
    recipe = zoo.find(NAME)
    before = zoo.receipt(NAME, folder)["bytes"]
    zoo.save(recipe.model(), recipe, folder, {}, torch.float16)
    assert zoo.receipt(NAME, folder)["bytes"] < 0.55 * before
    for x, y in zip(recipe.model().parameters(), zoo.load(NAME, folder).parameters(), strict=True):
        assert y.dtype == torch.float32
        torch.testing.assert_close(x, y, rtol=1e-3, atol=1e-6)


def test_the_beginning_of_a_name_meets_those_that_have_it_and_no_others():
    with pytest.raises(ValueError, match="did you mean mnist-unet or ") as said:
        zoo.receipt("mnist-un")
    assert "mnist-unet-weak?" in str(said.value) and "mnist-flow" not in str(said.value)


def test_an_unknown_name_meets_the_nearest_ones(folder):
    with pytest.raises(ValueError, match="'spiral-mpl' is not a model .* did you mean spiral-mlp?"):
        zoo.load("spiral-mpl", folder)
    with pytest.raises(ValueError, match=f"it can be trained with: {CURE[:-14]}"):
        zoo.load(NAME, folder / "empty")
    with pytest.raises(ValueError, match="'nothing-like-it' is not a model .*; there is none"):
        zoo.load("nothing-like-it", folder / "empty")


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty"])
def test_damaged_weights_are_refused(damage, folder):
    path = folder / f"{NAME}.safetensors"
    raw = bytearray(path.read_bytes())
    raw[-7] ^= 1
    path.write_bytes({"cut": raw[:-9], "flipped": raw, "empty": b""}[damage])
    with pytest.raises(DamagedFile, match=f"is damaged or was exchanged.*{CURE}"):
        zoo.load(NAME, folder)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"recipe": {}, "sha256": 3}'])
def test_a_damaged_receipt_is_refused(text, folder):
    (folder / f"{NAME}.json").write_text(text, "utf-8")
    with pytest.raises(DamagedFile, match=f"{NAME}.json"):
        zoo.load(NAME, folder)


@pytest.mark.parametrize(("key", "value"), [
    ("title", None), ("title", 3), ("bytes", "many"), ("bytes", True), ("parameters", 1.5),
    ("answer", {}), ("recipe", []), ("metrics", []), ("metrics", {"a": 1}),
    ("metrics", {"a": {"mean": "x", "std": 0.0, "seeds": 1}}),
])
def test_a_field_of_another_kind_is_damage(key, value, folder):
    change(folder, **{key: value})
    with pytest.raises(DamagedFile, match=f"{NAME}.json is damaged: its {key} should be"):
        zoo.receipt(NAME, folder)


@pytest.mark.parametrize("fields", [
    {"width": "wide"}, {"width": 1.5}, {"width": None}, {"width": [128]}, {"width": True},
    {"lr": "fast"}, {"param": 3}, {"cpu_seconds": "x"}, {"width": 800_000_000}, {"depth": 10**9},
    {"time_features": 10**15},
])
def test_a_recorded_recipe_of_other_kinds_is_damage(fields, folder):
    change(folder, recipe=zoo.receipt(NAME, folder)["recipe"] | fields)
    with pytest.raises(DamagedFile, match=f"is damaged: its {[*fields][0]} is .*{CURE}"):
        zoo.trained_recipe(NAME, folder)


@pytest.mark.parametrize("channels", ["abc", [8], [8, 8, 8], ["8", "8"], [8.0, 8], {},
                                      [800_000_000, 8]])
def test_a_recorded_pair_must_be_a_pair_of_whole_numbers(channels, tmp_path):
    recipe = zoo.find("mnist-unet")
    small = replace(recipe, channels=(8, 8), blocks=(1, 1))
    zoo.save(small.model(), small, tmp_path, {})
    assert zoo.trained_recipe("mnist-unet", tmp_path) == small
    path = tmp_path / "mnist-unet.json"
    facts = json.loads(path.read_text("utf-8"))
    facts["recipe"]["channels"] = channels
    path.write_text(json.dumps(facts), "utf-8")
    with pytest.raises(DamagedFile, match="its channels is"):
        zoo.trained_recipe("mnist-unet", tmp_path)


@pytest.mark.parametrize("fields", [
    {"width": 10**6}, {"depth": 10**5}, {"width": 0}, {"width": -1}, {"point_features": 10**6},
    {"time_features": 3}, {"param": "nonsense"}, {"width": 64},
])
def test_a_recipe_of_another_network_is_refused_before_it_takes_the_memory(fields, folder):
    """More weights than the file has are never made, so that this test ends."""
    change(folder, recipe=zoo.receipt(NAME, folder)["recipe"] | fields)
    recipe = zoo.trained_recipe(NAME, folder)
    with pytest.raises(ValueError, match="or its receipt is of other weights"):
        zoo.load(NAME, folder, recipe)
    zoo.find(NAME).model()  # the bound is gone with the call


@pytest.mark.parametrize("answer", [[], ["x"], [[1.0]], [1e400], [None]])
def test_a_recorded_answer_that_is_none_is_refused(answer, folder):
    change(folder, answer=answer)
    with pytest.raises(ValueError, match="or its receipt is of other weights"):
        zoo.load(NAME, folder)


def test_a_missing_receipt_is_refused(folder):
    (folder / f"{NAME}.json").unlink()
    with pytest.raises(DamagedFile, match="has no receipt"):
        zoo.load(NAME, folder)


def test_weights_of_another_recipe_are_refused(folder):
    other = replace(zoo.find(NAME), steps=7)
    zoo.save(other.model(), other, folder, {})
    with pytest.raises(ValueError, match="the receipt's steps is 7, the recipe's is 4000"):
        zoo.load(NAME, folder)
    assert zoo.trained_recipe(NAME, folder) == other
    zoo.load(NAME, folder, zoo.trained_recipe(NAME, folder))


def test_a_receipt_with_a_field_that_no_longer_exists_is_refused(folder):
    recipe = zoo.receipt(NAME, folder)["recipe"]
    change(folder, recipe=recipe | {"colour": "red"})
    with pytest.raises(ValueError, match="the receipt's colour is 'red', the recipe's is 'absent'"):
        zoo.load(NAME, folder)
    with pytest.raises(ValueError, match="the receipt's colour is 'red'"):
        zoo.trained_recipe(NAME, folder)


def test_a_network_whose_code_changed_is_noticed(folder, monkeypatch):
    """Once in a way that its shapes show, once in a way that only its answers show."""
    zoo.load(NAME, folder)
    with monkeypatch.context() as patch:
        inside = MLP.forward
        patch.setattr(MLP, "forward", lambda self, x, t: inside(self, x, 1 - t))
        with pytest.raises(ValueError, match="the code of its network has changed"):
            zoo.load(NAME, folder)
    recipe = zoo.find(NAME)
    model = recipe.model()
    model.net.layers[-1] = nn.Linear(128, 3)
    monkeypatch.setattr(type(recipe), "model", lambda self: model)
    with pytest.raises(ValueError, match="the code of its network has changed"):
        zoo.load(NAME, folder)


def test_a_save_cut_short_leaves_no_receipt_of_other_weights(folder, monkeypatch):
    recipe = zoo.find(NAME)

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(store, "write_json", fail)
    with pytest.raises(OSError, match="disk full"):
        zoo.save(replace(recipe, seed=1).model(), recipe, folder, {})
    with pytest.raises(DamagedFile, match="has no receipt"):
        zoo.load(NAME, folder)


def test_every_shipped_model_loads_and_has_a_whole_receipt():
    for name in zoo.names():
        receipt = zoo.receipt(name)
        assert {"metrics", "data", "seconds", "device", "versions", "loss"} <= receipt.keys()
        zoo.load(name)
    receipts = {path.stem for path in zoo.WEIGHTS.glob("*.json")}
    assert receipts == set(zoo.names())


def test_recipes_are_found_by_name():
    assert NAME in zoo.recipe_names()
    assert all(zoo.find(name).name == name for name in zoo.recipe_names())
    near = "'spiral' is not a recipe; did you mean spiral-flow or spiral-mlp?"
    with pytest.raises(ValueError, match=near):
        zoo.find("spiral")


def test_a_recipe_is_a_function_of_its_fields():
    recipe = zoo.find(NAME)
    twin, other = replace(recipe), replace(recipe, seed=1)
    first, again, different = (
        torch.cat([p.flatten() for p in r.model().parameters()]) for r in (recipe, twin, other)
    )
    assert torch.equal(first, again) and not torch.equal(first, different)
    assert torch.equal(recipe.data(Path())[0], twin.data(Path())[0])
    assert recipe.data(Path())[0].shape == (recipe.points, 2)
