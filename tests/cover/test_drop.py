"""Noise poured on the cover goes where the book's exact flow carries it."""

import json
from pathlib import Path

import numpy as np
import torch

from bookext.site import cover
from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample

LAW = Path(__file__).parents[2] / "book" / "static" / "header" / "law.js"
POURED = [[1.9, 1.2], [-0.4, 0.1], [2.4, -2.3], [-1.5, 2.0], [0.2, -1.1]]
DROP = """const model = S.exact(globalThis.DiffusionExplorer.mixture, given.rows);
const drop = S.drop(model, given.points.flat());
for (const share of given.stops) drop.to(share);
return [...drop.track[drop.track.length - 1]];"""


def poured(node, stops: list[float]) -> np.ndarray:
    rows = json.loads(LAW.read_text("utf-8").removeprefix("window.SPIRAL = ").rstrip(";\n"))
    return np.reshape(node(DROP, {"rows": rows, "points": POURED, "stops": stops}), (-1, 2))


def test_the_page_has_the_law_of_the_spiral() -> None:
    assert LAW.read_text("utf-8") == cover.law()


def test_a_drop_goes_the_way_of_the_sampler(node) -> None:
    """The same times, and so the same numbers up to the law's rounding."""
    grid = (1 - torch.linspace(0, 1, 121, dtype=torch.float64)) ** 2
    model = AnalyticDenoiser(spiral_mixture(), Cosine())
    noise = torch.tensor(POURED, dtype=torch.float64)
    wanted = sample(DDIM(), model, noise, grid)
    assert np.abs(poured(node, [1.0]) - wanted.numpy()).max() < 5e-3


def test_a_slow_screen_changes_little(node) -> None:
    """However the frames fall, no step is longer than the longest."""
    often = poured(node, [k / 500 for k in range(1, 501)])
    assert np.abs(poured(node, [0.3, 0.31, 1.0]) - often).max() < 0.1
