"""What a receipt says of quality is believed while the code of the evaluation stands."""

import json
import shutil

import pytest

from diffusionbook import zoo
from diffusionbook.evidence import receipts

NAME = "explorer"


@pytest.fixture
def folder(tmp_path):
    for kind in ("json", "safetensors"):
        shutil.copy(receipts.WEIGHTS / f"{NAME}.{kind}", tmp_path)
    return tmp_path


def edit(folder, change):
    path = folder / f"{NAME}.json"
    held = json.loads(path.read_text("utf-8"))
    change(held)
    path.write_text(json.dumps(held), "utf-8")
    return held


def test_every_shipped_receipt_is_true_of_todays_code():
    assert [receipts.stale(name) for name in zoo.names()] == [None] * len(zoo.names())


def test_a_copy_is_as_good(folder):
    assert receipts.stale(NAME, folder) is None


@pytest.mark.parametrize("change", [
    lambda held: held["metrics"]["spiral_sliced_w2_floor"].update(mean=0.0),
    lambda held: held.update(sha256="0" * 64),
    lambda held: held["evidence"].update(seal=""),
])
def test_an_edit_by_hand_is_seen(change, folder):
    edit(folder, change)
    message = receipts.stale(NAME, folder)
    assert "was edited after its metrics were measured" in message
    assert f"evaluate {NAME} --record --weights {folder}" in message


def test_a_changed_definition_makes_it_stale(folder):
    def change(held):
        held["evidence"]["digest"] = "other"
        held["evidence"]["reaches"]["Explorer.evaluate"] = "other"

    edit(folder, change)
    assert "since it was measured Explorer.evaluate has changed (RECIPE → Explorer → " \
        "Explorer.evaluate)" in receipts.stale(NAME, folder)


def test_a_receipt_without_a_record_is_stale(folder):
    edit(folder, lambda held: held.pop("evidence"))
    assert "it has no record of what it depends on" in receipts.stale(NAME, folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100_000, '{"metrics": {}}', "7"])
def test_a_damaged_receipt_is_said_in_a_line(text, folder):
    (folder / f"{NAME}.json").write_text(text, "utf-8")
    message = receipts.stale(NAME, folder)
    assert message.startswith(f"the receipt of {NAME!r}") and "\n" not in message
    (folder / f"{NAME}.json").unlink()
    assert "is missing or damaged" in receipts.stale(NAME, folder)


def test_recording_keeps_all_but_the_metrics(folder):
    held = zoo.receipt(NAME, folder)
    metrics = {"spiral_sliced_w2": {"mean": 1.0, "std": 0.0, "seeds": 1}}
    zoo.record(NAME, folder, {"metrics": metrics, "evidence": held["evidence"]})
    after = zoo.receipt(NAME, folder)
    assert after["metrics"] == metrics and receipts.stale(NAME, folder) is None
    assert {k: v for k, v in after.items() if k not in ("metrics", "evidence")} == {
        k: v for k, v in held.items() if k not in ("metrics", "evidence")}
    zoo.load(NAME, folder)
