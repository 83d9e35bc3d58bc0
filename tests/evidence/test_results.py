"""Results of experiments: loaded while they are true, refused with the reason when not."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from bare import printed_without_torch

from diffusionbook.evidence import measure, results
from diffusionbook.experiments import spiral_chain

NAME = "spiral-chain"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A result of a stand-in measurement, written by the real runner."""
    folder = tmp_path_factory.mktemp("results")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            spiral_chain, "measure", lambda seed, device: {"a": seed / 2, "b": 1.0 + seed**2}
        )
        measure.run(spiral_chain, folder, torch.device("cpu"), Path(), tell=lambda _: None)
    return folder / f"{NAME}.json"


@pytest.fixture
def folder(tmp_path, written):
    shutil.copy(written, tmp_path)
    return tmp_path


def edit(folder, **fields):
    path = folder / f"{NAME}.json"
    held = json.loads(path.read_text("utf-8")) | fields
    path.write_text(json.dumps(held | {"sha256": results.seal(held)}), "utf-8")


def test_numbers_come_back_with_mean_and_spread(folder):
    assert results.stale(NAME, folder) is None
    result = results.load(NAME, folder)
    assert result.seeds == [0, 1, 2, 3, 4] and result.values("a") == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert result.mean("b") == 7.0 and result.spread("a") == pytest.approx(0.7905694150420949)
    assert result.facts["recipes"]["spiral-mlp"]["width"] == 128
    assert len(result.facts["data"]["spiral-mlp"]) == 64
    # a build's own suffix (+cpu, +cu130) may be missing from what the package index calls it
    assert result.facts["versions"]["torch"].split("+")[0] == torch.__version__.split("+")[0]
    with pytest.raises(ValueError, match="key 'aa' was not measured by spiral-chain; did you mean"):
        result.mean("aa")


def test_it_depends_on_what_it_reaches_and_on_nothing_else(folder):
    used = set(json.loads((folder / f"{NAME}.json").read_text("utf-8"))["evidence"]["reaches"])
    assert {"measure", "CHAINS", "SpiralMLP", "sample", "Trainer.step", "MLP.forward"} <= used
    assert not {"Heun", "bar", "main", "SpiralMLP.evaluate", "TINY"} & used


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sample": "0"}, "sample has changed (measure → distances → draw → sample)"),
        ({"gone": "0"}, "gone is gone"),
        (None, "is new"),
    ],
)
def test_a_changed_definition_makes_it_stale(change, message, folder):
    evidence = json.loads((folder / f"{NAME}.json").read_text("utf-8"))["evidence"]
    reaches = {} if change is None else evidence["reaches"] | change
    edit(folder, evidence={**evidence, "digest": "other", "reaches": reaches})
    reason = results.stale(NAME, folder)
    assert message in reason and f"run: python -m diffusionbook experiment {NAME}" in reason
    with pytest.raises(ValueError, match="is stale"):
        results.load(NAME, folder)


@pytest.mark.parametrize("evidence", [None, [], {}, {"digest": 1, "reaches": {}}, {"digest": "x"}])
def test_a_result_without_a_record_is_stale(evidence, folder):
    edit(folder, evidence=evidence)
    assert "it has no record of what it depends on" in results.stale(NAME, folder)


def test_every_result_loads_whatever_version_of_a_library_it_names(tmp_path):
    for name in results.names():
        held = json.loads((results.RESULTS / f"{name}.json").read_text("utf-8"))
        held["facts"]["versions"] = {"python": "2.7", "torch": "0.1", "numpy": "0.1"}
        held["sha256"] = results.seal(held)
        (tmp_path / f"{name}.json").write_text(json.dumps(held), "utf-8")
        assert results.load(name, tmp_path).facts["versions"]["torch"] == "0.1"


def test_an_edited_or_damaged_or_missing_result_is_refused(folder):
    path = folder / f"{NAME}.json"
    text = path.read_text("utf-8")
    path.write_text(text.replace("0.5", "0.4"), "utf-8")
    assert "was edited after it was measured" in results.stale(NAME, folder)
    for broken in (text[:-20], "[]", "{}", "[" * 100_000):
        path.write_text(broken, "utf-8")
        assert "is damaged" in results.stale(NAME, folder)
    assert "there is no result 'spiral-chian' (there is spiral-chain)" in results.stale(
        "spiral-chian", folder
    )


def test_seeds_that_measure_different_things_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(spiral_chain, "measure", lambda seed, device: {f"a{seed}": 1.0})
    with pytest.raises(ValueError, match="returned other names than the first seed"):
        measure.run(spiral_chain, tmp_path, torch.device("cpu"), Path(), tell=lambda _: None)
    assert not list(tmp_path.glob("*.json"))


def test_an_interrupted_run_goes_on_with_the_next_seed(tmp_path, monkeypatch):
    measured, told = [], []

    def measured_until(seed, device):
        measured.append(seed)
        if len(measured) == 3:
            raise KeyboardInterrupt
        return {"a": float(seed)}

    monkeypatch.setattr(spiral_chain, "measure", measured_until)
    with pytest.raises(KeyboardInterrupt):
        measure.run(spiral_chain, tmp_path, torch.device("cpu"), Path(), tell=told.append)
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.part"]
    measure.run(spiral_chain, tmp_path, torch.device("cpu"), Path(), tell=told.append)
    assert measured == [0, 1, 2, 2, 3, 4]
    assert results.load(NAME, tmp_path).values("a") == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.json"]
    assert f"{NAME}: seed 1 (2 of 5) had been measured before" in told


def test_an_experiment_that_was_given_seeds_goes_on_from_its_result(folder, monkeypatch):
    """Its old numbers stay, also where the new seed is measured on another machine; a result that
    other code measured, or another version of a library, is not gone on from."""
    measured, was = [], results.load(NAME, folder)
    monkeypatch.setattr(spiral_chain, "SEEDS", (*was.seeds, 9))
    monkeypatch.setattr(spiral_chain, "measure",
                        lambda seed, device: measured.append(seed) or {"a": 7.0, "b": float(seed)})
    monkeypatch.setattr(measure, "describe", lambda device: "another machine")
    held = json.loads((folder / f"{NAME}.json").read_text("utf-8"))
    evidence = held["evidence"]
    fewer = {**evidence, "digest": "0", "reaches": evidence["reaches"] | {"SEEDS": "0"}}
    foreign = {**fewer, "reaches": fewer["reaches"] | {"sample": "0"}}
    older = held["facts"] | {"versions": held["facts"]["versions"] | {"torch": "1.0"}}
    for change in ({"evidence": foreign}, {"evidence": fewer, "facts": older}, {}, {"evidence": 0}):
        edit(folder, **{"evidence": evidence, "facts": held["facts"], **change})
        measure.run(spiral_chain, folder, torch.device("cpu"), Path(), tell=lambda _: None)
        assert measured == [0, 1, 2, 3, 4, 9], change
        (folder / f"{NAME}.json").write_text(json.dumps(held), "utf-8")
        measured.clear()
    edit(folder, evidence=fewer,
         facts=held["facts"] | {"device": "a machine or another machine"})
    measure.run(spiral_chain, folder, torch.device("cpu"), Path(), tell=lambda _: None)
    now = results.load(NAME, folder)
    assert measured == [9] and now.seeds == [0, 1, 2, 3, 4, 9]
    assert now.values("a") == [*was.values("a"), 7.0]
    assert now.facts["device"] == "a machine or another machine"  # each once
    assert now.facts["seconds"] >= was.facts["seconds"]


@pytest.mark.parametrize("held", ["", "[]", '{"under": 1}', None])
def test_a_damaged_or_foreign_beginning_is_not_gone_on_with(held, tmp_path, monkeypatch):
    measured = []
    monkeypatch.setattr(spiral_chain, "measure",
                        lambda seed, device: measured.append(seed) or {"a": float(seed)})
    if held is None:
        held = json.dumps({"under": {"digest": "other"}, "seconds": 1, "runs": {"0": {"a": 7}}})
    (tmp_path / f"{NAME}.part").write_text(held, "utf-8")
    measure.run(spiral_chain, tmp_path, torch.device("cpu"), Path(), tell=lambda _: None)
    assert measured == [0, 1, 2, 3, 4]


def test_a_measurement_that_is_not_a_number_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(spiral_chain, "measure", lambda seed, device: {"a": float("nan")})
    with pytest.raises(ValueError, match="not JSON compliant"):
        measure.run(spiral_chain, tmp_path, torch.device("cpu"), Path(), tell=lambda _: None)
    assert not list(tmp_path.iterdir())


def test_staleness_is_known_without_torch(folder):
    out = printed_without_torch(
        "from diffusionbook.evidence import results\n"
        f"print(results.stale({NAME!r}, {str(folder)!r}))"
    )
    assert out == "None\n"


def test_every_committed_result_is_true_of_todays_code():
    assert {name: results.stale(name) for name in results.names()} == dict.fromkeys(results.names())
