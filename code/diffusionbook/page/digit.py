"""A digit in the page: a place for the scripts that draw one, and a picture where none runs.

The page's scripts load the network that :mod:`diffusionbook.page.digit_export` wrote, once the
reader asks for it, and do what :func:`journey` does, from the same noise.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch

from diffusionbook import zoo
from diffusionbook.arguments import whole
from diffusionbook.data.mnist import SIZE
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.denoisers.wrapped import Remembered
from diffusionbook.guidance import cfg
from diffusionbook.page.picture import in_base64, live_part, pixels
from diffusionbook.page.report import publish
from diffusionbook.samplers.loop import trajectory
from diffusionbook.samplers.named import time_grid
from diffusionbook.samplers.ode import DPMpp2M
from diffusionbook.shapes import Samples

MODEL = "mnist-unet-quick"
SHOWN = (0.0, 0.35, 0.45, 0.6, 1.0)  # shares of the steps that the picture shows


class Moment(NamedTuple):
    """The time before a step, the state there, and what the guided model takes for the digit in it;
    pictures are (1, 1, 28, 28)."""

    t: float
    x_t: Samples
    x0: Samples


def noise(seed: int) -> Samples:
    """(1, 1, 28, 28) float32 standard normal numbers, those of the page's scripts.

    Mulberry32 gives 32-bit whole numbers, Box and Muller's rule makes two normal ones of two. Both
    are a few lines in any language, which is why neither is PyTorch's.

    Args:
        seed: 0 … 2^32 - 1.
    """
    whole("seed", seed)
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must be a whole number from 0 to 2^32 - 1; it is {seed}")
    numbers, uniform = [], _uniform(seed)
    while len(numbers) < math.prod(SIZE):
        radius, angle = math.sqrt(-2 * math.log(next(uniform))), 2 * math.pi * next(uniform)
        numbers += [radius * math.cos(angle), radius * math.sin(angle)]
    return torch.tensor(numbers, dtype=torch.float64).float().reshape(1, *SIZE)


def _uniform(state: int) -> Iterator[float]:
    """Numbers inside (0, 1): mulberry32 by T. Ettinger."""
    mask = 0xFFFFFFFF
    while True:
        state = (state + 0x6D2B79F5) & mask
        z = (state ^ state >> 15) * (state | 1) & mask
        z ^= (z + ((z ^ z >> 7) * (z | 61) & mask)) & mask
        yield ((z ^ z >> 14) + 0.5) / 2**32


@torch.no_grad()
def journey(model: Denoiser, label: int, scale: float, steps: int, seed: int) -> list[Moment]:
    """From noise to a digit: one moment for each time of the grid, the last at t = 0.

    Args:
        model: a denoiser of digits; it is guided here (:eq:`eq-cfg`).
        label: the digit that is asked for.
        scale: w; 0 ignores the label, 1 is no guidance.
        steps: of DPM-Solver++(2M) (:eq:`eq-dpmpp`), all but the last equal in log-SNR.
        seed: of the noise.

    Raises:
        ValueError: a number is not whole or outside its range.
    """
    whole("label", label, least=0)
    guided = Remembered(cfg(model, scale))
    grid, y = time_grid("dpmpp2m", model.path, steps), torch.tensor([label])
    states = list(trajectory(DPMpp2M(), guided, noise(seed), grid, y=y))
    (end, x), guesses = states[-1], guided.guesses
    return [*(Moment(t, x_t, x0) for (t, x_t), x0 in zip(states[:-1], guesses, strict=True)),
            Moment(end, x, guesses[-1])]  # fmt: skip


def digit_in_page(
    name: str, *, label: int = 3, scale: float = 1.75, steps: int = 20, seed: int = 1
) -> None:
    """Glue a place where the page draws digits; in print and without scripts, a picture of one.

    Args:
        name: for ``{glue:figure}``.
        label: the digit at first.
        scale: of guidance at first, 0 … 4 in quarters.
        steps: at first, 5 … 50.
        seed: of the noise at first, 1 … 9999.

    Raises:
        ValueError: an argument is outside its range.
    """
    for argument, value, least, most in (
        ("label", label, 0, 9), ("scale", scale, 0, 4), ("steps", steps, 5, 50),
        ("seed", seed, 1, 9999),
    ):  # fmt: skip
        if not least <= value <= most:
            raise ValueError(f"{argument} must lie between {least} and {most}; it is {value}")
        if argument != "scale":
            whole(argument, value)
    picture, alt = still(label, scale, steps, seed)
    first = {"label": label, "scale": f"{scale:g}", "steps": steps, "seed": seed}
    publish(name, live_part("digit-in-page", first, picture, alt, still="digit-still"))


def still(label: int, scale: float, steps: int, seed: int) -> tuple[str, str]:
    """The picture for print: PNG in base64, and what it shows in words."""
    from diffusionbook.plots.images import digit_strip

    moments = journey(zoo.load(MODEL), label, scale, steps, seed)
    seen = [moments[round(share * steps)] for share in SHOWN]
    figure = digit_strip(
        [torch.cat([m.x_t for m in seen]), torch.cat([m.x0 for m in seen])],
        ["state", "guess"], [f"t = {m.t:.2f}" for m in seen], scale=1.0,
    )  # fmt: skip
    alt = (
        f"A {label} comes out of noise in {steps} steps at guidance scale {scale:g}, seen at "
        f"{len(SHOWN)} times from t = {seen[0].t:.2f} to 0: above the noisy state, below the "
        f"network's guess of the digit in it"
    )
    return in_base64(pixels(figure, dpi=160)), alt
