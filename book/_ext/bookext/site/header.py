"""Draw the strip of spirals, the logo and the favicon with the book's own exact model.

``python -m bookext.site.header`` writes them to ``book/static/header``. Points start as noise and
follow the probability-flow ODE of the spiral's exact denoiser, so nothing here is trained or drawn
by hand.
"""

from pathlib import Path

import torch

from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.randomness import randn
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import trajectory

POINTS, STEPS, FRAMES, STATIONS = 320, 300, 26, 6
SCALE = 2.9  # coordinates beyond it are clipped
DATA, NOISE = (0, 114, 178), (184, 74, 0)


def flow() -> torch.Tensor:
    """(FRAMES, POINTS, 2) positions from noise to spiral."""
    path = Cosine()
    model = AnalyticDenoiser(spiral_mixture(), path)
    noise = randn((POINTS, 2), torch.Generator().manual_seed(3))
    with torch.no_grad():
        states = [x for _, x in trajectory(DDIM(), model, noise, grids.uniform(STEPS))]
    # shape appears late, so later times get more of the frames
    keep = ((1 - (1 - torch.linspace(0, 1, FRAMES)) ** 2) * (len(states) - 1)).round().long()
    return torch.stack(states)[keep]


def frames() -> torch.Tensor:
    """The flow in units of a 127th of SCALE."""
    return (flow() / SCALE * 127).round().clamp(-127, 127).to(torch.int8)


def strip(film: torch.Tensor) -> str:
    """The stations from noise to data side by side, as SVG of 6 : 1."""
    groups = []
    for k in range(STATIONS):
        share = k / (STATIONS - 1)
        points = film[round(share * (FRAMES - 1))].tolist()
        path = "".join(f"M{100 + 200 * k + x * 0.77:.0f} {100 - y * 0.77:.0f}h0" for x, y in points)
        groups.append(f'<path d="{path}" stroke="{_mix(share)}"/>')
    return _svg("0 0 1200 200", 3.4, "".join(groups))


def mark(film: torch.Tensor, width: float) -> str:
    """The spiral alone, large."""
    points = film[-1].double()
    centre = (points.max(0).values + points.min(0).values) / 2
    points = (points - centre) * 88 / (points - centre).abs().max()
    dots = "".join(f"M{100 + x:.0f} {100 - y:.0f}h0" for x, y in points.tolist())
    return _svg("0 0 200 200", width, f'<path d="{dots}" stroke="{_mix(1)}"/>')


def _svg(box: str, width: float, body: str) -> str:
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" fill="none" '
            f'stroke-linecap="round" stroke-width="{width}">{body}</svg>\n')


def _mix(share: float) -> str:
    """From the colour of noise to that of data."""
    rgb = [round(n + share * (d - n)) for n, d in zip(NOISE, DATA, strict=True)]
    return f"rgb({','.join(map(str, rgb))})"


def pdf(film: torch.Tensor, path: Path) -> None:
    """The strip for print."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, STATIONS, figsize=(7, 7 / STATIONS))
    for k, ax in enumerate(axes):
        share = k / (STATIONS - 1)
        x, y = film[round(share * (FRAMES - 1))].double().T
        rgb = [(n + share * (d - n)) / 255 for n, d in zip(NOISE, DATA, strict=True)]
        ax.scatter(x, y, s=1, color=[rgb], linewidths=0)
        ax.set(xlim=(-127, 127), ylim=(-127, 127), aspect="equal")
        ax.axis("off")
    figure.subplots_adjust(0, 0, 1, 1, 0, 0)
    figure.savefig(path, metadata={"CreationDate": None})


def write(folder: Path) -> None:
    film = frames()
    (folder / "spiral.svg").write_text(strip(film), "utf-8")
    (folder / "logo.svg").write_text(mark(film, 7), "utf-8")
    (folder / "favicon.svg").write_text(mark(film, 16), "utf-8")
    pdf(film, folder / "spiral.pdf")


if __name__ == "__main__":
    write(Path.cwd() / "book" / "static" / "header")
