"""The explorer on a page: a place for its scripts, and a picture where no script runs.

The explorer is small trained networks that run in the reader's browser. Its idea, particles of a
two-dimensional model that the reader sets in motion, is that of
*Diffusion Explorer* by Alec Helbling and Duen Horng Chau (arXiv 2507.01178,
https://github.com/helblazer811/Diffusion-Explorer). Nothing is taken from it: there the page
trains its networks with a library; here it evaluates networks that this package trained.
"""

import torch

from diffusionbook.arguments import whole
from diffusionbook.data.toy import SETS, toy
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.nets.bundle import METHODS
from diffusionbook.page.explorer_export import models
from diffusionbook.page.picture import in_base64, live_part, pixels
from diffusionbook.page.report import publish
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.loop import trajectory
from diffusionbook.samplers.named import SAMPLERS

SHOWN = (0.0, 0.5, 0.8, 1.0)  # shares of the way from noise to data that the picture shows


def show(
    name: str | None = None,
    *,
    data: str = "moons",
    method: str = "flow",
    sampler: str = "heun",
    steps: int = 20,
    particles: int = 2_000,
    time: float = 1.0,
    preset: tuple[str, int] | None = None,
    small: bool = False,
) -> None:
    """Show the explorer; in print, and where no script runs, a picture of the same networks.

    Args:
        name: glue it under this name, for ``{glue:figure}``; otherwise it shows in place.
        data: the data set at first: spiral, moons, checkerboard, ring or trio.
        method: at first: ddpm, flow or reflow.
        sampler: at first: ddpm, ddim, euler, heun or dpmpp2m.
        steps: at first, 1 … 50.
        particles: how many there are, 1 … 5000.
        time: at first, 0 … 1.
        preset: a sampler and its steps that one button chooses, such as those of a question.
        small: the network alone, without the exact field, and its settings folded away.

    Raises:
        ValueError: an argument is none of these.
    """
    preset_sampler, preset_steps = preset or (sampler, steps)
    for argument, value, choices in (
        ("data", data, SETS), ("method", method, METHODS), ("sampler", sampler, SAMPLERS),
        ("preset's sampler", preset_sampler, SAMPLERS),
    ):  # fmt: skip
        if value not in choices:
            raise ValueError(f"{argument} must be one of {', '.join(choices)}; it is {value!r}")
    for argument, number, least, most in (
        ("steps", steps, 1, 50), ("particles", particles, 1, 5_000), ("time", time, 0, 1),
        ("preset's steps", preset_steps, 1, 50),
    ):  # fmt: skip
        if argument != "time":
            whole(argument, number)
        if not least <= number <= most:
            raise ValueError(f"{argument} must lie between {least} and {most}; it is {number}")
    if method == "reflow" and sampler == "ddpm":
        raise ValueError("sampler must not be ddpm with reflow, whose noise and data are paired")
    first = {"small": small, "set": data, "method": method, "sampler": sampler, "steps": steps,
             "particles": particles, "time": time,
             "preset": preset is not None and f"{preset_sampler} {preset_steps}"}  # fmt: skip
    picture, alt = still(data, method, sampler, steps, exact=not small)
    publish(name, live_part("diffusion-explorer", first, picture, alt))


@torch.no_grad()
def still(data: str, method: str, sampler: str, steps: int, *, exact: bool) -> tuple[str, str]:
    """A picture for print: PNG in base64, and what it shows in words."""
    whole("steps", steps, least=1)
    from diffusionbook.plots.points import strip
    from diffusionbook.plots.style import WIDTH

    model, mixture = models()[data, method], toy(data).mixture
    rows = {"trained network": model}
    if exact and mixture is not None:
        rows["exact field"] = AnalyticDenoiser(mixture, model.path)
    clouds, titles, meanings = [], [], []
    for title, which in rows.items():
        noise = randn((1_000, 2), seeded(1), torch.float32)
        times = list(trajectory(SAMPLERS[sampler], which, noise, grids.uniform(steps),
                                generator=seeded(2)))  # fmt: skip
        for share in SHOWN:
            t, x = times[round(share * steps)]
            clouds.append(x)
            titles.append(f"{title}, t = {t:.2f}" if len(rows) > 1 else f"t = {t:.2f}")
            meaning = "learned" if which is model else "exact"
            meanings.append("noise" if t == 1 else meaning)
    width = WIDTH if len(rows) > 1 else 0.8 * WIDTH  # the page stretches it: larger letters
    figure = strip(clouds, titles, meanings, rows=len(rows), width=width)
    png = in_base64(pixels(figure, dpi=160, colours=64))
    words = " and by the ".join(rows).replace("trained network", "a trained network", 1)
    return png, (
        f"{len(SHOWN)} moments of {steps} steps: a round cloud of open orange dots at t = 1 "
        f"becomes the data set {data} at t = 0, by {words} ({method}, sampled by {sampler})"
    )
