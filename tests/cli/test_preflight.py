"""Mistakes are found before PyTorch is imported, and take one line."""

import os
import subprocess
import sys

import pytest

HEAD = """
import sys
sys.modules["torch"] = None  # whoever imports it fails
from diffusionbook import cli
for line in sys.stdin.read().split("\\n"):
    try:
        code = cli.main(line.split(" "))
    except SystemExit as stop:
        code = stop.code
    print(code)
"""
MISTAKES = {
    "sample mnist-unte --out x.png": "did you mean mnist-unet",
    "sample a/b --out x.png": "'a/b' is not a model",
    "sample mnist-unet --out x.txt": "--out must end in .npy or .png; it is x.txt",
    "sample mnist-unet --out none/x.png": "--out: there is no folder none",
    "sample mnist-unet --out folder.png": "folder.png is a folder",
    "sample mnist-unet --out x.png --sampler magic": "--sampler must be ddpm, ddim",
    "sample mnist-unet --out x.png --label 12": "--label must be 0 … 9, or -1 for none, since "
                                                "mnist-unet draws digits; it is 12",
    "sample mnist-unet --out x.png --label 147": "--label: it must be a digit, a number of two "
                                                 "digits, or -1 for none; it is '147'",
    "sample spiral-mlp --out x.png --label 7": "it can be trained with",
    "sample mnist-unet --out x.png --guidance nan": "--guidance: it must be a finite number",
    "sample mnist-unet --out x.png --interval 0.8 0.1": "0 <= LOW < HIGH <= 1; it is 0.8 0.1",
    "sample mnist-unet --out x.png --interval nan 1": "--interval: it must be a finite number",
    "sample mnist-unet --out x.png --device gpu": "--device must be cpu, cuda, mps, xpu",
    "sample mnist-unet --out x.png --device meta": "it is 'meta'",
    "sample mnist-unet --out x.png --weights none": "--weights: there is no folder none",
    "sample mnist-unet --out x.png --n 20000": "a picture holds at most 10,000 digits",
    "sample explorer --out x.png": "draws no samples: it is ten small networks",
    "sample mnist-judge --out x.png": "draws no samples: it is another classifier",
    "sample spiral-flow --out x.png": "it can be trained with",
    "train spirl-mlp": "did you mean spiral-mlp",
    "train spiral-mlp --out file": "--out: file is a file",
    "train spiral-mlp --device tpu": "--device must be",
    "train mnist-unet --data-root file": "--data-root: file is a file",
    "evaluate mnist-unet --out x.png": "--out must end in .json",
    "evaluate mnist-unet --out none/x.json": "--out: there is no folder none",
    "experiment x": "'x' is not an experiment; there are canvas-costs",
    "experiment spiral-chain --out file": "--out: file is a file",
    "export digit": "there is no folder book/static/digit here",
    "export explorer --out none": "--out: there is no folder none",
    "export explorer --out . --weights .": "'explorer' is not a model in .",
    "info nothing": "'nothing' is not a model",
    "info --weights file": "--weights: file is a file",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What each mistaken command said, all in one process that cannot import PyTorch."""
    folder = tmp_path_factory.mktemp("here")
    (folder / "file").touch()
    (folder / "folder.png").mkdir()
    done = subprocess.run([sys.executable, "-c", HEAD], input="\n".join(MISTAKES), cwd=folder,
                          capture_output=True, text=True, check=True,
                          env={**os.environ, "COLUMNS": "100"})  # fmt: skip
    assert done.stdout.split() == ["2"] * len(MISTAKES), done.stdout + done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["file", "folder.png"]
    return dict(zip(MISTAKES, done.stderr.splitlines(), strict=True))


@pytest.mark.parametrize("command", MISTAKES)
def test_a_mistake_is_found_without_pytorch(command, said):
    assert said[command].startswith(command.split()[0] + ": ")
    assert MISTAKES[command] in said[command]


def test_lists_help_and_versions_need_no_pytorch():
    for arguments in (["info"], ["info", "mnist-unet"], ["--version"], ["train", "--help"]):
        code = f"import sys; sys.modules['torch'] = None\nfrom diffusionbook import cli\n" \
               f"sys.exit(cli.main({arguments}))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                              check=False)
        assert done.returncode == 0 and done.stdout and not done.stderr
    assert "A run that was interrupted goes on" in " ".join(done.stdout.split())
