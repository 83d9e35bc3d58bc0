"""Results of experiments: loaded while they are true, refused with the reason when not."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from diffusionbook import experiment, results
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
        experiment.run(NAME, folder, torch.device("cpu"), Path(), tell=lambda _: None)
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


def test_it_depends_on_what_it_imports_and_on_nothing_else(folder):
    used = set(json.loads((folder / f"{NAME}.json").read_text("utf-8"))["files"])
    assert {"diffusionbook/experiments/spiral_chain.py", "diffusionbook/samplers.py",
            "diffusionbook/recipes/spiral_mlp.py", "diffusionbook/trainer.py",
            "diffusionbook/nets/mlp.py"} <= used  # fmt: skip
    assert not {"diffusionbook/cli.py", "diffusionbook/zoo.py"} & used
    assert f"diffusionbook/results/{NAME}.json" not in used


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"diffusionbook/samplers.py": "0"}, "diffusionbook/samplers.py has changed"),
        ({"diffusionbook/gone.py": "0"}, "diffusionbook/gone.py is gone"),
        (None, "is new"),
    ],
)
def test_a_changed_file_makes_it_stale(change, message, folder):
    files = json.loads((folder / f"{NAME}.json").read_text("utf-8"))["files"]
    edit(folder, files={} if change is None else files | change)
    reason = results.stale(NAME, folder)
    assert message in reason and f"run: python -m diffusionbook experiment {NAME}" in reason
    with pytest.raises(ValueError, match="is stale"):
        results.load(NAME, folder)


def test_a_real_edit_of_a_module_makes_it_stale_and_a_comment_does_not(tmp_path):
    root = tmp_path / "pkg"
    for name, text in {
        "__init__.py": "",
        "used.py": "x = 1\n",
        "other.py": "y = 1\n",
        "experiments/__init__.py": "",
        "experiments/my_test.py": "from pkg import used\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    held = {"seeds": [0], "numbers": {"a": [1.0]}, "facts": {},
            "files": results.dependencies("my-test", root)}  # fmt: skip
    sealed = json.dumps(held | {"sha256": results.seal(held)})
    (tmp_path / "my-test.json").write_text(sealed, "utf-8")
    for name, text, stale in [
        ("used.py", "x = 1  # one\n", False),
        ("other.py", "y = 2\n", False),
        ("used.py", "x = 2\n", True),
    ]:
        (root / name).write_text(text, "utf-8")
        assert bool(results.stale("my-test", tmp_path, root)) is stale, (name, text)


def test_an_edited_or_damaged_or_missing_result_is_refused(folder):
    path = folder / f"{NAME}.json"
    text = path.read_text("utf-8")
    path.write_text(text.replace("0.5", "0.4"), "utf-8")
    assert "was edited after it was measured" in results.stale(NAME, folder)
    for broken in (text[:-20], "[]", "{}"):
        path.write_text(broken, "utf-8")
        assert "is damaged" in results.stale(NAME, folder)
    assert "there is no result 'spiral-chian' (there is spiral-chain)" in results.stale(
        "spiral-chian", folder
    )


def test_seeds_that_measure_different_things_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(spiral_chain, "measure", lambda seed, device: {f"a{seed}": 1.0})
    with pytest.raises(ValueError, match="returned other names than the first seed"):
        experiment.run(NAME, tmp_path, torch.device("cpu"), Path(), tell=lambda _: None)
    assert not list(tmp_path.iterdir())


def test_a_measurement_that_is_not_a_number_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(spiral_chain, "measure", lambda seed, device: {"a": float("nan")})
    with pytest.raises(ValueError, match="not JSON compliant"):
        experiment.run(NAME, tmp_path, torch.device("cpu"), Path(), tell=lambda _: None)
    assert not list(tmp_path.iterdir())


def test_staleness_is_known_without_torch(folder):
    code = (
        "import sys; sys.modules.update(torch=None, numpy=None, safetensors=None)\n"
        f"from diffusionbook import results; print(results.stale({NAME!r}, {str(folder)!r}))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "None\n"


def test_every_committed_result_is_true_of_todays_code():
    assert {name: results.stale(name) for name in results.names()} == dict.fromkeys(results.names())
