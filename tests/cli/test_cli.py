"""The command line, in this process where it can be, and in fresh ones where it must."""

import json
import subprocess
import sys

import numpy as np
import pytest

from diffusionbook import cli, zoo
from diffusionbook.cli import arguments
from diffusionbook.cli import drawing as command
from diffusionbook.recipes.spiral_mlp import SpiralMLP
from diffusionbook.samplers import named as drawing
from diffusionbook.zoo import make as runs

NAME = "spiral-mlp"


@pytest.fixture(autouse=True, scope="module")
def small():
    """Evaluations of 200 samples and 4 steps, so that these tests are about the commands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SpiralMLP, "sampler_steps", 4)
        patch.setattr(SpiralMLP, "samples", 200)
        yield


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    assert cli.main(["train", NAME, "--steps", "3", "--seed", "4", "--out", str(folder)]) == 0
    return folder


def refused(capsys, *arguments):
    """Run a command that must fail; return its one line on stderr."""
    try:
        code = cli.main([str(a) for a in arguments])
    except SystemExit as stop:  # the parser's own complaint
        code = stop.code
    assert code == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith(f"{arguments[0]}: ")
    return err


def test_train_writes_weights_and_a_whole_receipt_and_clears_up(trained):
    assert sorted(p.name for p in trained.iterdir()) == [f"{NAME}.json", f"{NAME}.safetensors"]
    receipt = zoo.receipt(NAME, trained)
    assert receipt["recipe"]["steps"] == 3 and receipt["recipe"]["seed"] == 4
    assert receipt["data"]["examples"] == 500 and receipt["loss"][-1][0] == 3
    assert receipt["metrics"]["sliced_w2"]["mean"] > receipt["metrics"]["sliced_w2_floor"]["mean"]
    assert zoo.load(NAME, trained, zoo.trained_recipe(NAME, trained))


@pytest.mark.parametrize("sampler", ["ddpm", "ddim", "euler", "heun", "dpmpp2m"])
def test_sample_writes_numbers_that_depend_on_the_seed(sampler, trained, tmp_path, capsys):
    arrays = []
    for k, seed in enumerate((1, 1, 2)):
        out = tmp_path / f"{k}.npy"
        arguments = ["sample", NAME, "--weights", trained, "--n", 7, "--steps", 4,
                     "--sampler", sampler, "--seed", seed, "--out", out]  # fmt: skip
        assert cli.main([str(a) for a in arguments]) == 0
        arrays.append(np.load(out))
    assert arrays[0].shape == (7, 2) and np.isfinite(arrays[0]).all()
    assert np.array_equal(arrays[0], arrays[1]) and not np.array_equal(arrays[0], arrays[2])
    assert f"7 samples, {sampler}, 4 steps" in capsys.readouterr().out


def test_sample_draws_a_picture(trained, tmp_path):
    out = tmp_path / "x.png"
    arguments = ["sample", NAME, "--weights", trained, "--n", 50, "--steps", 3, "--out", out]
    assert cli.main([str(a) for a in arguments]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")


def test_evaluate_measures_what_the_receipt_says(trained, tmp_path, capsys):
    out = tmp_path / "x.json"
    assert cli.main(["evaluate", NAME, "--weights", str(trained), "--out", str(out)]) == 0
    measured, recorded = json.loads(out.read_text("utf-8")), zoo.receipt(NAME, trained)["metrics"]
    assert measured["sliced_w2"]["mean"] == pytest.approx(recorded["sliced_w2"]["mean"], rel=1e-4)


def test_info_lists_and_prints(trained, capsys):
    assert cli.main(["info", "--weights", str(trained)]) == 0
    out = capsys.readouterr().out
    assert f"  {NAME}  " in out and "the spiral in the plane" in out and "spiral-chain" in out
    assert cli.main(["info", NAME, "--weights", str(trained)]) == 0
    assert json.loads(capsys.readouterr().out) == zoo.receipt(NAME, trained)


def test_mistakes_take_one_line(trained, tmp_path, capsys):
    def sample(*more):
        return refused(capsys, "sample", NAME, "--weights", trained, *more)

    assert "did you mean spiral-mlp or " in refused(capsys, "train", "spirl-mlp")
    assert "--out must end in .npy or .png" in sample("--out", "x.gif")
    assert "--sampler must be ddpm, ddim" in sample("--out", "x.npy", "--sampler", "magic")
    assert "--device must be cpu, cuda" in sample("--out", tmp_path / "x.npy", "--device", "warp")
    assert "there is no folder" in sample("--out", tmp_path / "none" / "x.npy", "--steps", 2)
    assert "there is no folder" in refused(capsys, "evaluate", NAME, "--weights", trained, "--out",
                                           tmp_path / "none" / "x.json")
    assert "there is no folder" in refused(capsys, "export", "digit", "--out", tmp_path / "none")
    assert "'x' is not an experiment" in refused(capsys, "experiment", "x", "--out", tmp_path)
    assert "is not a model" in refused(capsys, "evaluate", NAME, "--weights", tmp_path)
    (tmp_path / f"{NAME}.checkpoint").write_bytes(b"broken")
    assert "is damaged" in refused(capsys, "train", NAME, "--steps", 3, "--out", tmp_path)


@pytest.mark.parametrize("argument", [
    "--n=0", "--n=x", f"--n={'9' * 5000}", "--steps=0", "--steps=nan", "--steps=1e9", "--seed=-1",
    f"--seed={2**63}", "--guidance=nan", "--guidance=inf", "--guidance=", "--label=147",
    "--label=-3", "--label=4.7", "--label=seven", "--label=007", "--label=4_7", "--weights=",
    "--n"])  # fmt: skip
def test_arguments_are_checked_by_the_parser(argument, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["sample", NAME, "--out", "x.npy", argument])
    said = capsys.readouterr().err
    assert caught.value.code == 2 and said.count("\n") == 1 and len(said) < 200
    assert said.startswith(f"sample: {argument.split('=')[0]}: ")


def test_a_misspelt_option_or_command_takes_one_line(capsys):
    for words in (["sample", NAME, "--out", "x.npy", "--sedd=1"], ["smaple"], []):
        with pytest.raises(SystemExit) as caught:
            cli.main(words)
        said = capsys.readouterr().err
        assert caught.value.code == 2 and said.count("\n") == 1 and "--help" in said


def test_the_largest_seed_is_obeyed(trained, tmp_path):
    command = ["sample", NAME, "--weights", trained, "--n", 2, "--steps", 2,
               "--seed", arguments.SEEDS]
    assert cli.main([str(a) for a in [*command, "--out", tmp_path / "x.npy"]]) == 0


def test_a_finished_training_is_replaced_only_if_that_is_asked_for(trained, tmp_path, capsys):
    for path in trained.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    before = (tmp_path / f"{NAME}.json").read_bytes()
    command = ["train", NAME, "--steps", "2", "--out", str(tmp_path)]
    said = refused(capsys, *command)
    assert f"{tmp_path / NAME}.safetensors is there: trained for 3 steps with seed 4" in said
    assert "--again" in said and (tmp_path / f"{NAME}.json").read_bytes() == before
    assert cli.main([*command, "--again"]) == 0
    assert zoo.receipt(NAME, tmp_path)["recipe"]["steps"] == 2
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.endswith(f"sample {NAME} --weights {tmp_path} --out {NAME}.png")
    (tmp_path / f"{NAME}.safetensors").write_bytes(b"damaged")  # nothing of worth is lost
    assert cli.main(command) == 0


def test_an_interrupted_training_says_whether_the_same_command_continues(tmp_path, capsys,
                                                                          monkeypatch):
    command, measured = ["train", NAME, "--steps", "40", "--out", str(tmp_path)], runs.evaluate

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "trained", interrupt)
    assert cli.main(command) == 130
    assert capsys.readouterr().err == "train: interrupted; nothing was saved yet\n"
    monkeypatch.undo()
    monkeypatch.setattr(SpiralMLP, "sampler_steps", 4)
    monkeypatch.setattr(SpiralMLP, "samples", 200)
    monkeypatch.setattr(runs, "evaluate", interrupt)
    assert cli.main(command) == 130
    said = "train: interrupted; saved at step 40 of 40; the same command continues\n"
    assert capsys.readouterr().err == said
    monkeypatch.setattr(runs, "evaluate", measured)
    assert cli.main(command) == 0 and "40 steps" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["x.npy", "x.png"])
def test_samples_that_are_not_finite_are_not_written(name, trained, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(drawing, "sample", lambda stepper, model, noise, *_, **__: noise / 0)
    said = refused(capsys, "sample", NAME, "--weights", trained, "--out", tmp_path / name)
    assert "not finite" in said and not list(tmp_path.iterdir())


def test_too_little_memory_is_said_in_words(trained, tmp_path, capsys, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate")

    monkeypatch.setattr(command, "sample_many", fail)
    said = refused(capsys, "sample", NAME, "--weights", trained, "--out", tmp_path / "x.npy")
    assert "memory of this machine is too small" in said


def test_help_does_not_wait_for_torch():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from diffusionbook import cli\ncli.main(['train', '--help'])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "A run that was interrupted goes on" in " ".join(out.stdout.split())


@pytest.mark.slow
def test_python_m_diffusionbook_exits_with_2_after_a_mistake():
    command = [sys.executable, "-m", "diffusionbook", "train", "nothing"]
    out = subprocess.run(command, capture_output=True, text=True, check=False)
    assert out.returncode == 2 and out.stderr.count("\n") == 1


@pytest.mark.slow
def test_the_spirals_recipe_trains_to_a_stated_bound(tmp_path, monkeypatch):
    """A fifth of the recipe comes within three times the Monte Carlo floor of the data."""
    monkeypatch.setattr(SpiralMLP, "samples", 4000)
    monkeypatch.setattr(SpiralMLP, "sampler_steps", 100)
    assert cli.main(["train", NAME, "--steps", "1000", "--out", str(tmp_path)]) == 0
    metrics = zoo.receipt(NAME, tmp_path)["metrics"]
    assert metrics["sliced_w2"]["mean"] < 3 * metrics["sliced_w2_floor"]["mean"]
