"""What can be known without PyTorch is what is so."""

import pytest

from diffusionbook import experiments, zoo
from diffusionbook.cli import preflight
from diffusionbook.evidence import catalogue
from diffusionbook.machine import devices
from diffusionbook.page import digit as digit_page
from diffusionbook.samplers import named as drawing


def test_names_are_those_of_the_things():
    assert catalogue.names_in("recipes") == zoo.recipe_names()
    assert catalogue.names_in("experiments") == experiments.names()
    assert tuple(drawing.SAMPLERS) == catalogue.SAMPLERS
    assert preflight.EXPORTED["digit"] == [digit_page.MODEL]
    assert set(preflight.EXPORTED["explorer"]) < set(zoo.names())


@pytest.mark.parametrize("name", zoo.recipe_names())
def test_the_outline_of_a_recipe_agrees_with_the_recipe(name):
    outline, recipe = catalogue.outline(name), zoo.find(name)
    assert {key: getattr(recipe, key) for key in outline} == outline
    for key in ("name", "title", "sampler", "guidance"):
        assert (key in outline) == hasattr(recipe, key), key


def test_an_outline_follows_classes_and_replacements_and_leaves_out_what_is_computed(tmp_path,
                                                                                      monkeypatch):
    (tmp_path / "recipes").mkdir()
    for name, text in {
        "base": "class Base:\n    a: int = 1\n    b: float = 2.0\n    c: int = 3\n"
                "RECIPE = Base(c=4)\n",
        "child": "from diffusionbook.recipes import base\n"
                 "from diffusionbook.recipes.base import Base as Parent\n"
                 "class Child(Parent):\n    b: float = base.RECIPE.c / 2\n    d: str = 'x'\n"
                 "RECIPE = Child()\n",
        "other": "from dataclasses import replace\nfrom diffusionbook.recipes import base as b\n"
                 "RECIPE = replace(b.RECIPE, a=-7)\n",
    }.items():
        (tmp_path / "recipes" / f"{name}.py").write_text(text, "utf-8")
    monkeypatch.setattr(catalogue, "PACKAGE", tmp_path)
    assert catalogue.outline("child") == {"a": 1, "c": 3, "d": "x"}
    assert catalogue.outline("other") == {"a": -7, "b": 2.0, "c": 4}


@pytest.mark.parametrize("name", ["cpu", "cuda", "cuda:1", "mps", "xpu:0", "cpu:0"])
def test_devices_that_compute_are_known(name):
    devices.check_device(name)


@pytest.mark.parametrize("name", ["gpu", "meta", "", "cuda:", "cuda:x", "CUDA", "cuda\n", "tpu"])
def test_other_words_are_no_devices(name):
    with pytest.raises(ValueError, match="device must be cpu, cuda, mps, xpu, or one"):
        devices.check_device(name)


def test_an_unknown_name_meets_the_nearest_ones_or_all():
    with pytest.raises(ValueError, match="'aple' is not a fruit; did you mean apple"):
        catalogue.check_name("aple", ["apple", "quince"], "a fruit")
    with pytest.raises(ValueError, match="'' is not a fruit; there are apple, quince"):
        catalogue.check_name("", ["apple", "quince"], "a fruit")
