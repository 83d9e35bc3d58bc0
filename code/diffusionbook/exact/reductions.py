r"""What a mean in the place of a sum does to a variational autoencoder.

The loss is a squared error and a KL divergence. Each can be summed over what one image has, or
averaged, and a code that averages the one and sums the other trains with another beta than it says.
"""

from typing import Literal, get_args

from diffusionbook.arguments import positive, whole

#: How the numbers of one sample become one: added up, or averaged.
Reduction = Literal["sum", "mean"]


def level_of(
    weight: float,
    pixels: int,
    latents: int,
    *,
    error: Reduction = "sum",
    divergence: Reduction = "sum",
) -> float:
    """The level beta · variance that the loss error + weight · divergence trains with
    (:eq:`eq-reductions`).

    With both summed the loss is minus the beta-ELBO times 2 · variance, but for a constant, so that
    the level is weight / 2. Averaging the error raises it by the number of pixels, averaging the
    divergence lowers it by the number of latents. A linear model loses every axis whose variance is
    at most this level (:class:`~diffusionbook.exact.linear_vae.LinearVAE`).

    Args:
        weight: of the divergence, positive.
        pixels: numbers in one sample of the data.
        latents: numbers in its latent.
        error: whether the squared errors of one sample are summed or averaged.
        divergence: whether the KL divergences of its latents are summed or averaged.

    Raises:
        ValueError: ``weight`` is not positive, a count is below 1, or a reduction is neither.
    """
    positive("weight", weight)
    whole("pixels", pixels, least=1)
    whole("latents", latents, least=1)
    check_reduction("error", error)
    check_reduction("divergence", divergence)
    raised = pixels if error == "mean" else 1
    lowered = latents if divergence == "mean" else 1
    return weight * raised / lowered / 2


def check_reduction(name: str, value: str) -> None:
    """Refuse all but "sum" and "mean".

    Raises:
        ValueError: it is something else.
    """
    if value not in get_args(Reduction):
        raise ValueError(f"{name} must be 'sum' or 'mean'; it is {value!r}")
