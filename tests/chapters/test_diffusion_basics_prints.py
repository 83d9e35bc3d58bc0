"""What chapter 1 prints as code but does not run as a cell: it runs here."""

import re
from pathlib import Path

import pytest
import torch

from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.losses import denoising_loss
from diffusionbook.nets.mlp import MLP
from diffusionbook.paths.gaussian import VP
from diffusionbook.randomness import seeded

CHAPTER = Path(__file__).parents[2] / "book" / "chapters" / "01-diffusion-basics.md"
PRINTED = re.compile(r"^```python\n(.*?)^```$", re.S | re.M)


@pytest.fixture
def in_float64():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.equation("eq-simple-loss")
def test_the_four_lines_of_the_loss_run_and_are_the_package_s(in_float64) -> None:
    """The same draws from the same seed, so the same number up to rounding."""
    (lines,) = [code for code in PRINTED.findall(CHAPTER.read_text("utf-8")) if "loss =" in code]
    assert len(lines.splitlines()) == 4
    vp, net = VP(), MLP(generator=seeded(0))
    x0 = spiral_mixture().sample(64, seeded(1))
    names = {"torch": torch, "x0": x0, "alpha": vp.alpha, "sigma": vp.sigma, "model": net}
    torch.manual_seed(2)
    exec(compile(lines, "the four lines", "exec"), names)
    torch.manual_seed(2)
    assert abs(names["loss"] - denoising_loss(NetDenoiser(net, vp, "eps"), x0)) < 1e-12
