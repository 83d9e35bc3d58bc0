"""What the README tells people to type works."""

import re
import shlex
from pathlib import Path

import pytest
from PIL import Image

from diffusionbook import cli, preflight

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
TOLD = re.compile(r"-m diffusionbook ([^#`\n]+)")


@pytest.mark.parametrize("page", ["README.md", "book/pages/run.md"])
def test_its_commands_can_be_given_one_after_the_other(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "book" / "static" / "digit").mkdir(parents=True)
    told = TOLD.findall((ROOT / page).read_text("utf-8"))
    assert len(told) >= 3
    for command in told:
        options = cli.parser().parse_args(shlex.split(command))
        if getattr(options, "weights", None) is None:  # else it needs what was trained before
            getattr(preflight, options.command)(options)


def test_its_snippet_draws_a_picture(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(re.search(r"```python\n(.*?)```", README, re.DOTALL)[1], {})
    seen = Image.open("spiral.png").convert("L")
    dark = sum(seen.histogram()[:128])
    assert seen.size[0] >= 600 and dark > 1_000


def test_its_pictures_are_there():
    pictures = re.findall(r'(?:src="|!\[[^\]]*\]\()([^")]+)', README)
    assert len(pictures) == 2 and all((ROOT / path).is_file() for path in pictures)
    assert README.index("learning-diffusion-models.github.io") < README.index("```")
