r"""Another clock: the time at which a path is noisier, or cleaner, by a given ratio.

What a model sees at a time hangs on sigma / alpha alone, so data of another size, and images of
another number of pixels, are the same problem at other times.

* Latents of std c are the standard ones times c. On the same path they are at t what standard ones
  are at the time whose sigma / alpha is 1 / c of that: ``shift(t, 1 / c)``.
* A constant image of n pixels is known from its noisy pixels up to sigma / (alpha sqrt(n)). With m
  pixels it is known as well where sigma / alpha is sqrt(m / n) of that:
  ``shift(t, (m / n) ** 0.5)``.

Shifts form a group: one by a and one by b are one by a b, and 1 / a takes a back.
"""

import math

from torch import Tensor

from diffusionbook.arguments import positive
from diffusionbook.paths.gaussian import GaussianPath, Linear
from diffusionbook.shapes import Times, as_time

ROUNDING = 1e-9  # by which the end of a path may be missed on the way there and back


def shift(t: Times, ratio: float, path: GaussianPath | None = None) -> Tensor:
    """The time whose sigma / alpha is ``ratio`` times that of t (:eq:`eq-shift`).

    On the linear path it is ratio t / (1 + (ratio - 1) t). It acts on a time grid as on the times
    of a training: ``shift(grids.uniform(20), 3.0)`` spends more steps where there is much noise.

    Args:
        t: times in [0, 1].
        ratio: above 1 for more noise, below 1 for less; positive. In half-log-SNR the shift is
            -log(ratio).
        path: any continuous path; default :class:`~diffusionbook.paths.gaussian.Linear`.

    Returns:
        float64, the shape of t. The ends 0 and, where the path ends in pure noise, 1 stay.

    Raises:
        ValueError: ``ratio`` is not positive and finite, t leaves [0, 1], the path is a chain, or
            it has no time that noisy (VP and VE end while there are data left).

    Source: Esser et al., arXiv 2403.03206, for images of another number of pixels.
    """
    positive("ratio", ratio)
    path, t = path or Linear(), as_time(t)
    shifted = path.t_from_half_log_snr(path.half_log_snr(t) - math.log(ratio))
    if not bool((shifted <= 1 + ROUNDING).all()):
        raise ValueError(f"t must be a time that {path} can be {ratio:g} times as noisy as; it is "
                         f"{float(t.max()):g}")
    return shifted.clamp(max=1)
