"""The loss and the training loop of chapter 1, taken from its cells: they are the package's."""

import re
from pathlib import Path

import pytest
import torch

from diffusionbook import nets
from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.losses import denoising_loss
from diffusionbook.nets.mlp import MLP
from diffusionbook.paths.gaussian import VP
from diffusionbook.randomness import seeded

CHAPTER = Path(__file__).parents[2] / "book" / "chapters" / "01-diffusion-basics.md"
CELL = re.compile(r"^```\{code-cell\} python\n(?::[^\n]*\n)*(.*?)^```$", re.S | re.M)


def cell(holds: str) -> str:
    (found,) = [code for code in CELL.findall(CHAPTER.read_text("utf-8")) if holds in code]
    return found


def simple_loss():
    names = {"torch": torch, "VP": VP}
    exec(compile(cell("def simple_loss"), "the loss", "exec"), names)
    return names["simple_loss"]


@pytest.mark.equation("eq-simple-loss")
def test_the_loss_of_the_page_is_the_package_s() -> None:
    """The same times and noise, so the same number up to float32's rounding."""
    net, x0 = MLP(generator=seeded(0)), spiral_mixture().sample(64, seeded(1)).float()
    ours = simple_loss()(net, x0, seeded(2))

    def the_same_times(path, n, generator):
        return 1 - torch.rand(n, generator=generator).double()

    theirs = denoising_loss(NetDenoiser(net, VP(), "eps"), x0, time=the_same_times,
                            generator=seeded(2))
    assert ours.requires_grad
    assert abs(float(ours.detach()) / float(theirs.detach()) - 1) < 1e-5


def test_the_loop_of_the_page_trains() -> None:
    """An untrained guess is off by about 1; 300 steps of the loop take a third off at the least."""
    start, end = losses_of(cell("optimiser.step()"))
    assert end < 2 / 3 * start


@pytest.mark.parametrize("line", ["loss.backward()", "optimiser.step()"])
def test_the_loop_without_one_of_its_lines_does_not_train(line: str) -> None:
    start, end = losses_of(cell("optimiser.step()").replace(line, "pass"))
    assert end > 2 / 3 * start


def losses_of(loop: str) -> tuple[float, float]:
    """The loss before and after 300 steps of the page's loop."""
    names = {"torch": torch, "seeded": seeded, "nets": nets, "simple_loss": simple_loss(),
             "x0": spiral_mixture().sample(500, seeded(0))}
    assert "range(1000)" in loop
    exec(compile(loop.replace("range(1000)", "range(300)"), "the loop", "exec"), names)
    x0 = names["x0"].float()
    before = MLP(generator=seeded(0))
    return tuple(float(names["simple_loss"](net, x0, seeded(3)).detach())
                 for net in (before, names["by_hand"]))
