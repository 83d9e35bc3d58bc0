"""What a batch asks of the network, and the floor of its loss."""

import engine
import pytest
import torch

from diffusionbook.data.toy import MIXTURES
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.paths.gaussian import VP, Linear

PATHS = {"linear": Linear(), "vp": VP()}
BATCH = engine.LAW + """
  const path = DiffusionExplorer.path(given.path);
  const batch = L.batches(law, { path, row: given.row, size: 320, labels: given.labels, drop: 0.25,
                                 seed: 9 });
  return [batch.next(), batch.floor()];"""


def batch(kind, labels=0):
    row, path = engine.KINDS[kind]
    given = {"row": row, "path": engine.PATHS[path], "labels": labels}
    found, floor = engine.node()(BATCH, given)
    return {k: torch.tensor(v, dtype=torch.float64) for k, v in found.items() if k != "size"}, floor


@pytest.mark.parametrize("kind", engine.KINDS)
def test_the_floor_is_what_the_exact_answer_loses(kind):
    """With the answer of the package's exact denoiser, which is asked for each time alone."""
    found, floor = batch(kind)
    row, path = engine.KINDS[kind]
    exact = AnalyticDenoiser(MIXTURES["trio"](), PATHS[path])
    x = found["x"].reshape(-1, 2)
    lost = 0
    for k, t in enumerate(found["t"]):
        c = PATHS[path].at(t, x[k : k + 1])
        p, q = {"eps": (0, 1), "x0": (1, 0), "velocity": (c.d_alpha, c.d_sigma)}[row]
        unit = ((p**2 + q**2) / 2) ** 0.5 if row == "velocity" else 1
        guess = (p * c.alpha + q * c.sigma) / (c.alpha**2 + c.sigma**2)
        answer = exact(x[k : k + 1], t)
        y = (p * answer.x0 + q * answer.eps - guess * x[k]) / unit
        lost += found["weight"][k] * (y - found["wanted"].reshape(-1, 2)[k]).square().mean()
    assert floor == pytest.approx(float(lost) / len(x), rel=1e-6)


def test_times_are_spread_over_all_of_the_path():
    times = batch("velocity-linear")[0]["t"]
    assert times.min() >= 1e-3 and times.max() <= 1
    gaps = times.diff()
    assert torch.allclose(gaps, gaps.mean().expand_as(gaps))


def test_some_labels_are_not_told():
    labels = batch("velocity-linear", labels=3)[0]["label"]
    assert set(labels.tolist()) == {-1, 0, 1, 2}
    assert 0.15 < (labels == -1).double().mean() < 0.35
    assert set(batch("velocity-linear")[0]["label"].tolist()) == {-1}
