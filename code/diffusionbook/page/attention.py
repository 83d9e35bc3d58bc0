"""Where a transformer looks, on a page: the opening picture of its chapter, and patches to click.

The maps are computed before, for a few times: the page's script asks for no network.
"""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, UInt8
from matplotlib.figure import Figure
from torch import Tensor

from diffusionbook.arguments import finite, whole
from diffusionbook.data import mnist
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.nets.attention_maps import attention_maps
from diffusionbook.nets.dit import DiT
from diffusionbook.page.picture import in_base64, live_part, pixels
from diffusionbook.page.report import publish
from diffusionbook.plots.attention import looks
from diffusionbook.randomness import randn, seeded

DIGIT, PATCH = 0, 24  # of the test set; of the patches, the middle one of 49
TIMES = (0.95, 0.8, 0.6, 0.4, 0.2, 0.05)


class _Moment(NamedTuple):
    """What the transformer is given at a time, what it guesses, and where each patch looks."""

    noisy: Float[Tensor, "h w"]
    guess: Float[Tensor, "h w"]
    shares: Float[Tensor, "n n"]

    def drawn(self, patch: int) -> Figure:
        return looks({"noisy": self.noisy, "its guess": self.guess}, self.shares[patch], patch)


def opening(
    model: NetDenoiser, *, digit: int = DIGIT, patch: int = PATCH
) -> Callable[[float], Figure]:
    """A function of t: a test digit noised to t, the guess, and where one patch looks.

    The shares are means over all heads of all blocks. The noise is one draw for all times.

    Args:
        model: of a :class:`~diffusionbook.nets.dit.DiT`.
        digit: which of the test set.
        patch: which looks, row by row.

    Raises:
        ValueError: the model is of another network, or there is no such digit or patch.
    """
    at, _ = _looking(model, digit, patch)
    return lambda t: at(t).drawn(patch)


def show(
    name: str,
    model: NetDenoiser,
    *,
    digit: int = DIGIT,
    patch: int = PATCH,
    times: Sequence[float] = TIMES,
) -> None:
    """Glue a noisy digit whose patches can be clicked; in print and without scripts, a picture.

    The shares are those of :func:`opening`.

    Args:
        name: for ``{glue:figure}``.
        model: of a :class:`~diffusionbook.nets.dit.DiT`.
        digit: which of the test set.
        patch: which looks at first, row by row.
        times: of the noise, falling, in (0, 1]; the picture shows the middle one.

    Raises:
        ValueError: the model is of another network, there is no such digit or patch, or the times
            are none of these.
    """
    finite("times", *times)
    if len(times) < 2 or not all(1 >= a > b > 0 for a, b in zip(times, times[1:], strict=False)):
        raise ValueError(f"times must be two or more, falling, in (0, 1]; they are {list(times)}")
    at, label = _looking(model, digit, patch)
    moments, first = [at(t) for t in times], len(times) // 2
    picture = in_base64(pixels(moments[first].drawn(patch), dpi=160, colours=64))
    alt = _told(moments[first].shares, patch, label, times[first])
    data = {
        "label": label, "patch": patch, "times": json.dumps(list(times)),
        "side": moments[0].noisy.shape[0], "patches": _side(len(moments[0].shares)),
        "maps": _packed([_scaled(moment.shares) for moment in moments]),
        "noisy": _packed([_inked(moment.noisy) for moment in moments]),
        "guess": _packed([_inked(moment.guess) for moment in moments]),
    }  # fmt: skip
    publish(name, live_part("attention-explorer", data, picture, alt, still="attention-still"))


def _scaled(shares: Float[Tensor, "n n"]) -> UInt8[Tensor, "n n"]:
    """Each row in parts of its largest share, which is 255. Rows sum to 1, so the sum of a row's
    bytes tells what one of them is worth."""
    return (255 * shares / shares.amax(1, keepdim=True)).round().to(torch.uint8)


def _inked(image: Float[Tensor, "h w"]) -> UInt8[Tensor, "h w"]:
    """0 where a pixel in [-1, 1] is paper, 255 where it is ink; what lies outside is cut off."""
    return (255 * (image.clamp(-1, 1) + 1) / 2).round().to(torch.uint8)


def _looking(model: NetDenoiser, digit: int, patch: int) -> tuple[Callable[[float], _Moment], int]:
    """A function of t, and the digit that is looked at."""
    net = model.net
    if not isinstance(net, DiT):
        raise ValueError(f"model must be of a DiT; it is of {type(net).__name__}")
    whole("digit", digit)
    whole("patch", patch)
    test = mnist.load("test")
    patches = test.images[0].numel() // net.patch**2
    for argument, value, count in (("digit", digit, len(test.images)), ("patch", patch, patches)):
        if not 0 <= value < count:
            raise ValueError(f"{argument} must lie in 0 … {count - 1}; it is {value}")
    x0, y = test.images[digit : digit + 1], test.labels[digit : digit + 1]
    eps = randn(x0.shape, seeded(0), torch.float32)

    @torch.no_grad()
    def at(t: float) -> _Moment:
        x_t = model.path.interpolate(x0, eps, t)
        shares = attention_maps(net, x_t, torch.tensor([t]), y).mean((0, 2))[0]
        return _Moment(x_t[0, 0], model(x_t, t, y).x0[0, 0], shares)

    return at, int(y)


def _packed(pictures: Sequence[UInt8[Tensor, "h w"]]) -> str:
    return in_base64(torch.stack(list(pictures)).numpy().tobytes())


def _side(patches: int) -> int:
    return round(patches**0.5)


def _told(shares: Float[Tensor, "n n"], patch: int, label: int, t: float) -> str:
    """What the picture shows, in words."""
    side = _side(len(shares))
    row, column = divmod(patch, side)
    near = shares[patch].reshape(side, side)[max(0, row - 1) : row + 2, max(0, column - 1) :
                                             column + 2]
    own = float(shares[patch, patch])
    return (f"Three squares: a handwritten {label} with noise of time {t:g}, what the transformer "
            f"guesses it to be, and {side} by {side} patches, coloured by how much one of them "
            f"attends to each. The one that looks, in row {row + 1} and column {column + 1}, is "
            f"framed: {100 * own:.0f} per cent of its attention is on itself, "
            f"{100 * (float(near.sum()) - own):.0f} on its {near.numel() - 1} neighbours.")
