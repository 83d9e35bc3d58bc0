"""Inversion: the noise from which a deterministic sampler would draw given data."""

from torch import Tensor

from diffusionbook.denoisers.model import Denoiser
from diffusionbook.samplers.grids import check_grid
from diffusionbook.shapes import Labels, Samples, check_each, check_samples, full_precision


def invert(model: Denoiser, x0: Samples, grid: Tensor, y: Labels | None = None) -> Samples:
    """DDIM backwards, from data up to the noise at ``grid[0]`` (:eq:`eq-ddim`).

    Each step predicts x0 and eps at its clean end and mixes them for its noisy one; DDIM would ask
    at the noisy end. So data come back up to an error of first order in the steps. Data
    themselves have no noise to predict: the first step up from t = 0 asks at its noisy end,
    about data without noise there.

    Sampled again with another label, or by a guided model, the noise gives an edit: what the label
    does not speak of tends to stay.

    Args:
        model: any denoiser.
        x0: (b, *d), the state at ``grid[-1]``.
        grid: (n + 1,) decreasing times, as for :func:`~diffusionbook.samplers.loop.sample`.
        y: (b,) labels for the model, those of x0.

    Returns:
        (b, *d), for ``sample(DDIM(), model, noise, grid)``.

    Raises:
        ValueError: ``x0`` is empty, ``y`` does not fit it, or what grid and model refuse.

    Source: Song, Meng & Ermon, arXiv 2010.02502; Mokady et al., arXiv 2211.09794, for edits.
    """
    check_samples("x0", x0)
    check_each("y", y, x0)
    path, upwards, x = model.path, check_grid(grid).flip(0), full_precision(x0)
    for s, t in zip(upwards[:-1], upwards[1:], strict=True):
        if s > 0:
            prediction = model(x, s, y)
            x = path.alpha(t) * prediction.x0 + path.sigma(t) * prediction.eps
        else:
            clean = path.alpha(t) * x
            x = clean + path.sigma(t) * model(clean, t, y).eps
    return x
