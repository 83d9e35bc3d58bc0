"""What the README tells people to type works."""

import re
import shlex
from pathlib import Path

import pytest
import torch
from PIL import Image

from diffusionbook import zoo
from diffusionbook.cli import arguments, preflight
from diffusionbook.data.toy import spiral_mixture
from diffusionbook.metrics.points import sliced_w2
from diffusionbook.randomness import seeded

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
        options = arguments.parser().parse_args(shlex.split(command))
        if getattr(options, "weights", None) is None:  # else it needs what was trained before
            getattr(preflight, options.command)(options)


@pytest.mark.parametrize("model", [None, re.search(r"`(model = zoo[^`]+)`", README)[1]],
                         ids=["exact", "shipped"])
def test_its_snippet_draws_a_picture(model, tmp_path, monkeypatch):
    """With the exact model and with a network that ships; no line but the model's changes."""
    monkeypatch.chdir(tmp_path)
    snippet = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    if model is not None:
        snippet, n = re.subn(r"(?m)^model = .*$", model, snippet)
        assert n == 1
    held = {"zoo": zoo}
    exec(snippet, held)
    assert held["points"].dtype == torch.float64  # as the noise, also around a float32 network
    other = spiral_mixture().sample(1000, seeded(1))
    assert sliced_w2(held["points"], other, seeded(2)) < 0.1  # the noise is .29 away
    seen = Image.open("spiral.png").convert("L")
    dark = sum(seen.histogram()[:128])
    assert seen.size[0] >= 600 and dark > 1_000


def test_its_pictures_are_there():
    pictures = re.findall(r'(?:src="|!\[[^\]]*\]\()([^")]+)', README)
    assert len(pictures) == 2 and all((ROOT / path).is_file() for path in pictures)
    assert README.index("learning-diffusion-models.github.io") < README.index("```")
