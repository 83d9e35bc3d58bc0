"""Training a linear autoencoder without noise: the mean of its loss is a formula."""

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite
from diffusionbook.nets.vector_vae import VectorVAE
from diffusionbook.shapes import check_samples


class Moments:
    """Mean and covariance of images, in float64: (d,) and (d, d).

    Args:
        images: (n, *d).
        around: (d,) the point around which the covariance is taken; default: their own mean.

    Raises:
        ValueError: there is no image, or a number is not finite.
    """

    def __init__(self, images: Tensor, around: Tensor | None = None) -> None:
        check_samples("images", images)
        all_finite("images", images)
        x = images.flatten(1).double()
        self.mean = x.mean(0) if around is None else around.double()
        all_finite("around", self.mean)
        self.cov = (x - self.mean).T @ (x - self.mean) / len(x)


def mean_loss(net: VectorVAE, data: Moments, weight: float) -> Tensor:
    """The mean of the loss of a linear autoencoder over all images and all draws, exactly.

    Only two moments of the images enter.

    Args:
        net: of :func:`~diffusionbook.nets.vector_vae.linear_vae`, in float64.
        data: around their own mean.
        weight: of the divergence beside the summed squared error.
    """
    w, b = net.decoder.weight, net.decoder.bias
    v, c = net.encoder.mean.weight, net.encoder.mean.bias
    log_d, told = net.encoder.log_variance, v @ data.cov  # told: how latents vary with pixels
    centre = v @ data.mean + c
    error = (data.cov.trace() - 2 * (w * told.T).sum() + ((w.T @ w) * (told @ v.T)).sum()
             + (log_d.exp() * w.square().sum(0)).sum()
             + (data.mean - w @ centre - b).square().sum())
    kl = ((told * v).sum() + centre.square().sum() + (log_d.expm1() - log_d).sum()) / 2
    return error + weight * kl


def search(net: VectorVAE, data: Moments, weight: float, steps: int) -> VectorVAE:
    """Train a linear autoencoder on its mean loss, by L-BFGS; in place, and in float64.

    Args:
        net: a linear one, with the weights it starts from.
        data: around their own mean.
        weight: of the divergence.
        steps: at most.
    """
    net.double()
    optimiser = torch.optim.LBFGS(
        net.parameters(), max_iter=steps, history_size=30, tolerance_grad=1e-9,
        tolerance_change=1e-13, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = mean_loss(net, data, weight)
        value.backward()
        return value

    optimiser.step(loss)
    return net
