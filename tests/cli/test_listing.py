"""The list of everything there is: whatever is damaged, the rest is listed."""

import json

import pytest

from diffusionbook import cli, zoo
from diffusionbook.cli import listing
from diffusionbook.evidence import results

WHOLE = "mnist-features"
FACTS = {"title": "a model", "bytes": 1_234_567, "parameters": 89, "recipe": {}, "answer": [0.0]}
FAULTS = {
    "cut": b"{",
    "deep": b"[" * 100_000,
    "list": b"[]",
    "empty": b"",
    "letters": b"\xff\xfe",
    "no-title": {"title": None},
    "no-size": {"bytes": "many"},
    "measures": {"metrics": {"a": 3}},
    "words": {"metrics": {"a": {"mean": "x", "std": 0, "seeds": 1}}},
    "other-weights": {"sha256": "0" * 64},
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "stale", lambda name, package: None)  # the slow half of a list
    for kind in ("json", "safetensors"):
        path = tmp_path / f"{WHOLE}.{kind}"
        path.write_bytes((zoo.WEIGHTS / path.name).read_bytes())
    return tmp_path


def listed(folder, capsys):
    code = cli.main(["info", "--weights", str(folder)])
    out, err = capsys.readouterr()
    assert all(len(line) <= listing.WIDEST for line in out.splitlines()[1:])
    rows = {line.split()[0]: line for line in out.split("\n\n")[0].splitlines()[1:]}
    return code, rows, err


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_receipt_is_a_row_and_the_others_are_listed(fault, folder, capsys):
    written, path = FAULTS[fault], folder / f"{fault}.json"
    weights = folder / f"{fault}.safetensors"
    weights.write_bytes((folder / f"{WHOLE}.safetensors").read_bytes())
    digest = json.loads((folder / f"{WHOLE}.json").read_text("utf-8"))["sha256"]
    path.write_bytes(written if isinstance(written, bytes) else
                     json.dumps(FACTS | {"sha256": digest} | written).encode())
    code, rows, err = listed(folder, capsys)
    assert code == 2 and err.count("\n") == 1 and f"damaged: {fault};" in err
    assert "accuracy 0.99" in rows[WHOLE] and rows[fault].split()[1] == "damaged:"
    if fault != "other-weights":
        assert cli.main(["info", fault, "--weights", str(folder)]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_a_missing_receipt_and_a_folder_for_weights_are_rows_too(folder, capsys):
    (folder / "alone.safetensors").write_bytes(b"")
    (folder / "folder.safetensors").mkdir()
    (folder / "folder.json").write_text(json.dumps(FACTS | {"sha256": ""}), "utf-8")
    code, rows, _ = listed(folder, capsys)
    assert code == 2 and "has no receipt" in rows["alone"] and "damaged" in rows["folder"]


def test_hidden_letters_and_long_titles_do_no_harm(folder, capsys):
    facts = json.loads((folder / f"{WHOLE}.json").read_text("utf-8"))
    facts["metrics"] = {"a\x1b[2J\n" + "b" * 300: {"mean": 1.0, "std": 0.5, "seeds": 3}}
    (folder / f"{WHOLE}.json").write_text(json.dumps(facts), "utf-8")
    code, rows, _ = listed(folder, capsys)
    assert code == 0 and "\x1b" not in rows[WHOLE] and rows[WHOLE].endswith("…")


def test_a_floor_stands_beside_its_distance():
    metrics = {"frechet": {"mean": 0.9391, "std": 0.07, "seeds": 3},
               "frechet_floor": {"mean": 0.6248, "std": 0.0, "seeds": 3},
               "kid": {"mean": 0.3, "std": 0.0, "seeds": 1},
               "frechet_real": {"mean": 0.62, "std": 0.08, "seeds": 3}}
    assert listing.measures_of(metrics) == [
        "frechet 0.9391 ± 0.0700 (floor 0.6248)", "kid 0.3000",
        "frechet_real 0.6200 ± 0.0800 (floor 0.6248)"]
    metrics |= {"frechet_held_out": {"mean": 1.5, "std": 0.0, "seeds": 1},
                "frechet_floor_held_out": {"mean": 0.75, "std": 0.0, "seeds": 1}}
    assert listing.measures_of(metrics)[3:] == ["frechet_held_out 1.5000 (floor 0.7500)"]
    del metrics["frechet_floor"]
    assert listing.measures_of(metrics)[0] == "frechet 0.9391 ± 0.0700"
    assert listing.measures_of(metrics)[2:] == [
        "frechet_real 0.6200 ± 0.0800", "frechet_held_out 1.5000 (floor 0.7500)"]


def test_an_empty_folder_holds_none(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(results, "stale", lambda name, package: None)
    assert cli.main(["info", "--weights", str(tmp_path)]) == 0
    assert "  none\n" in capsys.readouterr().out


@pytest.mark.parametrize(("reason", "row"), [
    (None, "fresh"),
    ("result 'x-y' is stale: a.py has changed since it was measured; run: that", "stale: a.py has"),
    ("result 'x-y' is damaged; run: that", "damaged"),
    ("result 'x-y' was edited after it was measured; run: that", "edited after"),
])
def test_an_experiment_is_a_row_that_says_whether_it_is_fresh(reason, row, monkeypatch):
    monkeypatch.setattr(results, "stale", lambda name, package: reason)
    assert listing.experiment_row("x-y")[0].startswith(row)


def test_a_result_that_cannot_be_read_is_a_row(monkeypatch):
    def fail(name, package):
        raise RecursionError

    monkeypatch.setattr(results, "stale", fail)
    assert listing.experiment_row("x")[0].startswith("damaged")
