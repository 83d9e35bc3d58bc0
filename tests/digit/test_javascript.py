"""The page's sampler against the package, on a made-up network that both can compute."""

import pytest
import torch
from torch import nn

from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.denoisers.wrapped import Remembered
from diffusionbook.guidance import cfg
from diffusionbook.page import digit as digit_page
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.loop import trajectory
from diffusionbook.samplers.ode import DPMpp2M

LOOK = """
const asked = [];
async function look(x, t, labels) {
  asked.push(labels.length);
  const answers = labels.map((y) => x.map(
    (z, i) => Math.sin((1.3 + 0.2 * y) * z + t) - 0.1 * (i % 3)));
  return Float64Array.from(answers.flatMap((answer) => Array.from(answer)));
}
"""


class Network(nn.Module):
    """The same in PyTorch: nonlinear, and it heeds the time, the label and the place."""

    def forward(self, x, t, y=None):
        y = torch.full(t.shape, -1) if y is None else y
        t, y = t[:, None, None, None], y[:, None, None, None].to(x)
        place = torch.arange(x[0].numel()).reshape(x[0].shape) % 3
        return torch.sin((1.3 + 0.2 * y) * x + t) - 0.1 * place.to(x)


MODEL = NetDenoiser(Network(), Cosine(), "v")


def same(found, wanted, tolerance=1e-11):
    found = torch.tensor(found, dtype=torch.float64).reshape(wanted.shape)
    assert (found - wanted).abs().max() <= tolerance


@pytest.mark.parametrize("seed", [1, 2, 9999])
def test_noise(node, seed):
    body = "const f = DiffusionShared.normals(given); return Array.from({ length: 784 }, f);"
    same(node(body, seed), digit_page.noise(seed).double(), 3e-7)  # rounded to float32


@pytest.mark.parametrize("n", [1, 2, 5, 20, 50])
def test_grid_and_path(node, n):
    wanted = grids.uniform_log_snr(n, Cosine())
    found = node("return D.grid(given)", n)
    same(found, wanted, 1e-13)
    assert found[-1] == 0 and found[0] == 0.999
    path = node("return given.map((t) => Object.values(D.path(t)))", wanted.tolist())
    same(path, torch.stack([Cosine().alpha(wanted), Cosine().sigma(wanted)], 1), 1e-14)


@pytest.mark.parametrize("scale", [0, 0.75, 1, 1.75, 4])
@pytest.mark.parametrize("steps", [1, 2, 20])
def test_every_moment_of_a_digit(node, scale, steps):
    x = randn((1, 1, 4, 4), seeded(3))
    body = LOOK + """
      const { x, ...wish } = given, found = [];
      const done = await D.draw(look, { ...wish, noise: Float64Array.from(x) },
                                (moment) => { found.push(moment); });
      return { found, asked, done };"""
    given = {"x": x.flatten().tolist(), "label": 7, "scale": scale, "steps": steps}
    answer = node(body, given)
    guided = Remembered(cfg(MODEL, scale))
    grid = grids.uniform_log_snr(steps, Cosine())
    states = list(trajectory(DPMpp2M(), guided, x, grid, y=torch.tensor([7])))
    assert answer["done"] and [m["k"] for m in answer["found"]] == list(range(steps + 1))
    assert answer["asked"] == [1 if scale in (0, 1) else 2] * steps
    for moment, (t, state) in zip(answer["found"], states, strict=True):
        assert moment["t"] == pytest.approx(t, abs=1e-13)
        same(moment["x"], state)
    for moment, guess in zip(answer["found"], guided.guesses, strict=False):
        same(moment["x0"], guess)
    same(answer["found"][-1]["x0"], states[-1][1])  # the last step takes the guess


def test_a_digit_that_is_no_longer_wanted_stops(node):
    body = LOOK + """
      const wish = { noise: new Float64Array(16), label: 1, scale: 2, steps: 9 };
      const done = await D.draw(look, wish, ({ k }) => k < 3);
      return [done, asked.length];"""
    assert node(body) == [False, 4]
