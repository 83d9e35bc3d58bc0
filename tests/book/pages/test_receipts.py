"""The page of models says what receipts record of their training, and what older ones do not."""

from copy import deepcopy
from pathlib import Path

import pytest

from bookext.pages import receipts

HELD = {
    "name": "one", "title": "a model", "parameters": 1000, "bytes": 4000, "sha256": "a" * 64,
    "recipe": {"steps": 10, "warmup": 0.1}, "data": {"examples": 5, "sha256": "b" * 64},
    "steps": 10, "seconds": 3.0, "cpu_seconds": 4.0, "device": "a machine",
    "loss": [[5, 0.5], [10, 0.25]], "metrics": {"error": {"mean": 1.0, "std": 0.0, "seeds": 1}},
}  # fmt: skip
TRAINING = {"arithmetic": "bfloat16", "code": "c" * 64, "rates": "at the middle of each step"}


def model(name, warmup=0.1, **more):
    held = deepcopy(HELD) | {"name": name} | more
    held["recipe"]["warmup"] = warmup
    return held


def page(monkeypatch, *models):
    monkeypatch.setattr(receipts, "records", lambda folder: {m["name"]: m for m in models})

    class Anywhere:
        package = Path()

    return " ".join(receipts.page(Anywhere).split())


@pytest.mark.parametrize(("models", "said"), [
    ([model("a"), model("b"), model("c")], "The models below were trained with the learning rate"),
    ([model("a"), model("b", training=TRAINING)], "`a` was trained with the learning rate"),
    ([model("a"), model("b", training=TRAINING), model("c")], "`a` and `c` were trained with"),
    ([model("a"), model("b"), model("c"), model("d", training=TRAINING)],
     "`a`, `b` and `c` were trained with"),
    ([model("a", warmup=0.0), model("b")], "`b` was trained with"),
])
def test_models_of_the_older_schedule_are_named(models, said, monkeypatch):
    text = page(monkeypatch, *models)
    assert f"measures. {said}" in text and "step 1 changed no weight" in text


@pytest.mark.parametrize("one", [model("a", training=TRAINING), model("a", warmup=0.0)])
def test_of_others_nothing_is_said(one, monkeypatch):
    assert "no weight" not in page(monkeypatch, one)


def test_the_arithmetic_is_what_the_receipt_says(monkeypatch):
    assert "| Arithmetic | whether float32 or bfloat16 was not recorded |" in page(
        monkeypatch, model("a"))
    assert "| Arithmetic | bfloat16, by code `cccccccccccccccc…` |" in page(
        monkeypatch, model("a", training=TRAINING))
    changed = TRAINING | {"changed": "loss has changed (fit → loss)"}
    assert "`cccccccccccccccc…`; while it was trained, loss has changed (fit → loss) |" in page(
        monkeypatch, model("a", training=changed))
