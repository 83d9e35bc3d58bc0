"""The laboratory on a page: a place for its scripts, and a picture where no script runs.

There the reader draws a law and trains a network on it, in the page. A picture can show neither, so
it shows a law to begin with: under the network of the explorer that learned it, and under the exact
field; with a label, under the exact guided field.

Particles of a model in the plane that the reader trains in the page are the idea of *Diffusion
Explorer* by Alec Helbling and Duen Horng Chau (arXiv 2507.01178). Its code is not used.
"""

import torch

from diffusionbook.arguments import whole
from diffusionbook.data.toy import MIXTURES, SETS
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.guidance import cfg
from diffusionbook.nets.bundle import METHODS
from diffusionbook.page import explorer
from diffusionbook.page.picture import in_base64, live_part, pixels
from diffusionbook.page.report import publish
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.loop import trajectory
from diffusionbook.samplers.named import SAMPLERS

PATHS = {"linear": "flow", "vp": "ddpm"}  # and the explorer's networks that live there
ROWS = ("velocity", "eps", "x0")
PAGE = "../pages/laboratory.html"  # as chapters see it: there a link leads to what a reader chose
SEEN = ("particles", "tracks", "arrows", "density", "data", "lines", "error")


def preset_law(preset: str) -> GaussianMixture | None:
    """The law of a preset, with the labels that it has in the laboratory, 0, 1 and 2 at most.

    Args:
        preset: spiral, whose inner and outer half have a label each, moons, ring, whose humps are
            labelled in turn, trio, or checkerboard, for which the package has no mixture: None.

    Raises:
        ValueError: there is no such preset.
    """
    if preset not in SETS:
        raise ValueError(f"preset must be one of {', '.join(SETS)}; it is {preset!r}")
    if preset not in MIXTURES:
        return None
    law = MIXTURES[preset]()
    count = torch.arange(len(law.weights))
    labels = {"spiral": 2 * count // len(count), "ring": count % 3}.get(preset, law.labels)
    return GaussianMixture(law.weights, law.means, law.covs, labels)


def show(
    name: str | None = None,
    *,
    preset: str = "moons",
    path: str = "linear",
    row: str = "velocity",
    sampler: str = "heun",
    steps: int = 20,
    label: int | None = None,
    w: float = 1.0,
    seed: int = 1,
    time: float = 1.0,
    see: tuple[str, ...] = ("particles", "tracks", "arrows", "data"),
    small: bool = False,
    hash: bool = False,
) -> None:
    """Show the laboratory; in print, and where no script runs, a picture of the law at first.

    Args:
        name: glue it under this name, for ``{glue:figure}``; otherwise it shows in place.
        preset: the law at first: spiral, moons, checkerboard, ring or trio.
        path: linear, that of a flow, or vp, that of a diffusion.
        row: what the network predicts: velocity, eps or x0.
        sampler: at first: ddpm, ddim, euler, heun or dpmpp2m.
        steps: at first, 1 … 50.
        label: which part of the law is asked for at first; None: all of it.
        w: the scale of guidance at first, 0 … 5; it acts with a label.
        seed: of the network and of the noise at first, 1 … 9999.
        time: at first, 0 … 1.
        see: what is drawn at first, some of particles, tracks, arrows, density, data, lines, error.
        small: the settings are folded away.
        hash: the address of the page says what the reader chose, so that it can be passed on. One
            laboratory of a page can have that.

    Raises:
        ValueError: an argument is none of these.
    """
    law = preset_law(preset)
    for argument, value, choices in (
        ("path", path, PATHS), ("row", row, ROWS), ("sampler", sampler, SAMPLERS),
        *(("see", one, SEEN) for one in see),
    ):  # fmt: skip
        if value not in choices:
            raise ValueError(f"{argument} must be one of {', '.join(choices)}; it is {value!r}")
    for argument, number, least, most in (
        ("steps", steps, 1, 50), ("w", w, 0, 5), ("seed", seed, 1, 9999), ("time", time, 0, 1),
    ):  # fmt: skip
        if argument in ("steps", "seed"):
            whole(argument, number)
        if not least <= number <= most:
            raise ValueError(f"{argument} must lie between {least} and {most}; it is {number}")
    labels = [] if law is None else law.labels.unique().tolist()
    if label is not None and label not in labels:
        told = ", ".join(map(str, [*labels, None]))
        raise ValueError(f"label must be one of {told}, as {preset} has them; it is {label!r}")
    first = {"small": small, "hash": hash, "page": not hash and PAGE,
             "preset": preset, "path": path, "row": row, "sampler": sampler, "steps": steps,
             "label": -1 if label is None else label, "w": f"{w:g}", "seed": seed,
             "time": f"{time:g}", "see": " ".join(see)}  # fmt: skip
    if label is None:
        picture, alt = explorer.still(preset, PATHS[path], sampler, steps, exact=True)
    else:
        picture, alt = _guided_still(preset, path, sampler, steps, label, w)
    publish(name, live_part("diffusion-laboratory", first, picture, alt))


@torch.no_grad()
def _guided_still(
    preset: str, path: str, sampler: str, steps: int, label: int, w: float
) -> tuple[str, str]:
    """A picture of the exact guided field: PNG in base64, and what it shows in words."""
    from diffusionbook.plots.points import strip

    where, _ = METHODS[PATHS[path]]
    model, noise = cfg(AnalyticDenoiser(preset_law(preset), where), w), randn((1_000, 2), seeded(1))
    asked = torch.full((len(noise),), label)
    times = list(trajectory(SAMPLERS[sampler], model, noise, grids.uniform(steps), y=asked,
                            generator=seeded(2)))  # fmt: skip
    seen = [times[round(share * steps)] for share in explorer.SHOWN]
    figure = strip([x for _, x in seen], [f"t = {t:.2f}" for t, _ in seen],
                   ["noise" if t == 1 else "exact" for t, _ in seen])  # fmt: skip
    return in_base64(pixels(figure, dpi=160, colours=64)), (
        f"{len(seen)} moments of {steps} steps: a round cloud of open orange dots at t = 1 becomes "
        f"label {label} of the law {preset} at t = 0, by the exact field guided with w = {w:g} "
        f"(path {path}, sampled by {sampler})"
    )
