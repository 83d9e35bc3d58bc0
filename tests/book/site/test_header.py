"""The header, the logo and the favicon are what the book's exact model draws."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from bookext.site import header

FOLDER = Path(__file__).parents[3] / "book" / "static" / "header"


@pytest.fixture(scope="module")
def committed() -> torch.Tensor:
    text = (FOLDER / "spiral-data.js").read_text("utf-8")
    held = json.loads(text.removeprefix("window.SPIRAL = ").rstrip(";\n"))
    xy = np.frombuffer(base64.b64decode(held["xy"]), np.int8).copy()
    return torch.from_numpy(xy).reshape(held["frames"], held["points"], 2)


def test_the_pictures_show_the_committed_points(committed: torch.Tensor) -> None:
    assert (FOLDER / "spiral.svg").read_text("utf-8") == header.strip(committed)
    assert (FOLDER / "logo.svg").read_text("utf-8") == header.mark(committed, 7)
    assert (FOLDER / "favicon.svg").read_text("utf-8") == header.mark(committed, 16)


@pytest.mark.slow
def test_the_points_are_those_of_the_exact_flow(committed: torch.Tensor) -> None:
    """A point between two windings may end on the other one where arithmetic differs."""
    apart = (header.frames().int() - committed.int()).abs().amax((0, 2))
    assert (apart <= 2).float().mean() > 0.99
