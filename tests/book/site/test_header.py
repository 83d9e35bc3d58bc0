"""The strip, the logo, the favicon and the cover are what the book's exact model draws."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bookext.site import cover, header

FOLDER = Path(__file__).parents[3] / "book" / "static" / "header"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def flow() -> torch.Tensor:
    return header.flow()


def places(svg: str) -> np.ndarray:
    return np.array(re.findall(r"M(-?\d+) (-?\d+)h0", svg), float)


def test_the_pictures_show_the_exact_flow(flow: torch.Tensor, monkeypatch) -> None:
    """A point between two windings may end on the other one where arithmetic differs."""
    monkeypatch.setattr(header, "flow", lambda: flow)
    film = header.frames()
    for name, drawn in (("spiral", header.strip(film)), ("logo", header.mark(film, 7)),
                        ("favicon", header.mark(film, 16))):
        kept = (FOLDER / f"{name}.svg").read_text("utf-8")
        apart = np.abs(places(kept) - places(drawn)).max(1)
        assert (apart <= 2).mean() > 0.99, name


def test_the_cover_and_the_icon_show_it_too(flow: torch.Tensor, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(cover, "flow", lambda: flow)
    cover.write(tmp_path)
    for name in ("cover.png", "icon.png"):
        kept, drawn = (np.asarray(Image.open(folder / name).convert("RGBA")).astype(float)
                       for folder in (FOLDER, tmp_path))
        assert kept.shape == drawn.shape and np.abs(kept - drawn).mean() < 1, name
