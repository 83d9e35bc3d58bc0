"""What is measured of networks with a narrow layer, against predictors whose loss is known."""

import json

import pytest
import torch

from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.evidence import results
from diffusionbook.exact.small_rank import excess_on_subspace
from diffusionbook.experiments import narrow_layer as narrow
from diffusionbook.prediction import coefficients
from diffusionbook.randomness import randn, seeded

DIMS = 24


class OfRank(torch.nn.Module):
    """The best linear predictor of a rank, for unit data on a plane."""

    def __init__(self, row, axes, rank: int) -> None:
        super().__init__()
        at = narrow.PATH.at(narrow.T, torch.zeros(1).double())
        p, q = (float(v) for v in coefficients(row, at))
        alpha, sigma = float(at.alpha), float(at.sigma)
        on, off = (p * alpha + q * sigma) / (alpha**2 + sigma**2), q / sigma
        frame = torch.linalg.qr(torch.cat([axes.mT, torch.eye(DIMS)], 1)).Q[:, :DIMS]
        n = narrow.DATA_DIMS
        gains = torch.tensor([on] * n + [off] * (DIMS - n))
        variances = gains**2 * torch.tensor([alpha**2 + sigma**2] * n + [sigma**2] * (DIMS - n))
        kept = torch.zeros(DIMS).index_fill_(0, variances.argsort(descending=True)[:rank], 1.0)
        self.map = torch.nn.Parameter((frame * (gains * kept)) @ frame.mT)

    def forward(self, x, t):
        return x @ self.map.mT


@pytest.mark.parametrize("row", narrow.ROWS)
@pytest.mark.parametrize("rank", [0, 4, 12, DIMS])
def test_the_excess_of_the_best_predictor_of_a_rank_is_the_formulas(row, rank) -> None:
    axes = narrow.plane(DIMS, 0)
    x0 = randn((40_000, narrow.DATA_DIMS), seeded(3), torch.float32) @ axes
    found = narrow.excess(NetDenoiser(OfRank(row, axes, rank), narrow.PATH, row), x0, seed=1)
    exact = excess_on_subspace(row, narrow.PATH, narrow.T, DIMS, narrow.DATA_DIMS, rank)
    assert found == pytest.approx(exact, abs=0.15)  # five standard errors of a variance


def test_the_plane_is_one_and_the_layer_is_narrow() -> None:
    axes = narrow.plane(DIMS, 1)
    assert torch.allclose(axes @ axes.mT, torch.eye(narrow.DATA_DIMS), atol=1e-6)
    net = narrow.Narrow(DIMS, 0)
    answers = net(randn((200, DIMS), seeded(0), torch.float32), torch.linspace(0, 1, 200))
    assert torch.linalg.matrix_rank(answers - answers.mean(0), rtol=1e-5) <= narrow.NARROW


def test_samples_of_the_exact_guess_lie_on_the_plane() -> None:
    axes = narrow.plane(DIMS, 0)
    model = NetDenoiser(OfRank("x0", axes, 8), narrow.PATH, "x0")
    x = narrow.drawn(model, DIMS, 0)
    assert (x - x @ axes.mT @ axes).square().sum(1).mean() < 0.02  # what is left at t = 0.01


def test_every_number_that_was_promised_is_measured(monkeypatch) -> None:
    for name, value in {"DIMS": (32,), "STEPS": 2, "BATCH": 8, "POINTS": 30, "LOOKS": 2}.items():
        monkeypatch.setattr(narrow, name, value)
    monkeypatch.setattr(narrow, "eight_numbers",
                        lambda: randn((100, narrow.DATA_DIMS), seeded(5), torch.float32))
    numbers = narrow.measure(0, torch.device("cpu"))
    assert list(numbers) == ["floor w2", *(f"{row} D=32 {key}" for row in narrow.ROWS
                                           for key in ("excess", "off", "w2"))]


def test_the_committed_numbers_are_those_of_all_seeds() -> None:
    held = json.loads((results.RESULTS / "narrow-layer.json").read_bytes())
    assert held["seeds"] == list(narrow.SEEDS)
    for D in narrow.DIMS:
        for row in narrow.ROWS:
            assert len(held["numbers"][f"{row} D={D} excess"]) == len(narrow.SEEDS)
