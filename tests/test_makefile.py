"""What is missing from a make command is said before anything is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from diffusionbook import zoo

ROOT = Path(__file__).parents[1]


def said(tmp_path, *arguments):
    """What make says in a copy that has no environment, and whether it began to make one."""
    folder = tmp_path / "code" / "diffusionbook" / "recipes"
    folder.mkdir(parents=True)
    (tmp_path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    for path in (ROOT / "code" / "diffusionbook" / "recipes").glob("*.py"):
        (folder / path.name).touch()
    own = {key: value for key, value in os.environ.items()  # make test itself runs under make
           if key not in ("MAKELEVEL", "MAKEFLAGS", "MFLAGS")}
    done = subprocess.run(["make", *arguments], cwd=tmp_path, capture_output=True, text=True,
                          check=False, env=own)
    assert done.returncode == 2 and not (tmp_path / ".venv").exists() and not done.stdout
    return done.stderr.splitlines()[0]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_train_and_chapter_say_what_they_need(tmp_path):
    assert said(tmp_path / "train", "train") == (
        f"make train needs RECIPE=name, one of: {' '.join(zoo.recipe_names())}")
    assert said(tmp_path / "chapter", "chapter").startswith("make chapter needs NAME=")
