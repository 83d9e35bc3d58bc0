"""Inverse problems: sampling what an observation, A x0 + noise, leaves possible.

The posterior's score is the prior's plus the gradient of log p(observed | x_t). For that, one must
know how x0 is spread around the denoiser's guess. The methods differ in what they say of it: no
spread (:func:`dps`), one number (:func:`pigdm`), or the denoiser's own, which is its derivative
(:func:`covariance_aware`). :func:`null_space` asks for no gradient.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from diffusionbook import arguments
from diffusionbook.arguments import positive
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.guidance.covariance import solved, whole_gradient
from diffusionbook.guidance.observation import Observation
from diffusionbook.guidance.operators.operator import Operator, pseudo_inverse
from diffusionbook.guidance.solve import conjugate_gradients
from diffusionbook.guidance.steering import Guided, Look, steer
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.prediction import Prediction
from diffusionbook.shapes import Labels, Samples, Times

WHOLE_UP_TO = 64  # numbers in an observation: as many backward passes, and their graph is kept


def dps(model: Denoiser, operator: Operator, observed: Tensor, noise_std: float) -> Denoiser:
    """Diffusion posterior sampling: as if x0 were the guess, without spread (:eq:`eq-dps`).

    The score moves by the gradient of log N(observed; A x0(x_t), noise_std^2): steering with the
    likelihood as the reward. The paper's algorithm, and its code, do something else: they take a
    step of a size chosen by hand along the gradient of the residual's norm, after each step of the
    sampler. That size is tied neither to noise_std nor to the number of steps, so more steps copy
    more of the observation. (The norm for its square is no slip, a reader argues in issue 20 of
    DPS2022/diffusion-posterior-sampling: by footnote 5 and appendix D.1 of the paper, the step is
    divided by the norm. Issue 6 there: noise_std belongs to the scale of the data; said for pixels
    in [0, 1] and used on [-1, 1] it is half of what is meant.)

    Args:
        model: any denoiser that lets gradients through.
        operator: A.
        observed: one observation, ``(*out_shape)``, or one for each sample, ``(b, *out_shape)``.
        noise_std: of the observation's noise, in units of the data; positive.

    Source: Chung et al., arXiv 2209.14687.

    Raises:
        ValueError: if ``noise_std`` is not positive and finite, or ``observed`` is not finite or
            does not fit ``operator``; and, when it is asked, as for
            :func:`~diffusionbook.guidance.steering.steer`.
    """
    positive("noise_std", noise_std)
    observation = Observation(operator, observed)

    def log_likelihood(x0: Samples) -> Tensor:
        return -observation.residual(x0).square().sum(1) / (2 * noise_std**2)

    return steer(model, log_likelihood)


def pigdm(
    model: Denoiser, operator: Operator, observed: Tensor, noise_std: float, data_std: float = 1.0
) -> Denoiser:
    """The guess with the spread it would have for normal data (:eq:`eq-pigdm`).

    The score moves by the gradient of log N(observed; A x0(x_t), R) with
    R = noise_std^2 + T^2 s^2 / (s^2 + T^2) A A', where T = sigma / alpha and s is ``data_std``:
    for data N(m, s^2) the exact posterior.

    Args:
        model, operator, observed, noise_std: as for :func:`dps`.
        data_std: s, the std of the data along each axis; positive. The paper takes 1.

    Source: Song et al., ICLR 2023 (pseudoinverse-guided diffusion models).

    Raises:
        ValueError: if ``data_std`` is not positive and finite, or as for :func:`dps`.
    """
    positive("noise_std", noise_std)
    positive("data_std", data_std)
    observation = Observation(operator, observed)
    square = getattr(operator, "row_square", None)

    def weigh(look: Look, residual: Tensor) -> Tensor:
        alpha, sigma = look.alpha, look.sigma
        spread = sigma**2 * data_std**2 / (alpha**2 * data_std**2 + sigma**2)
        if square is not None:
            return residual / (noise_std**2 + square * spread)

        def apply(w: Tensor) -> Tensor:
            return noise_std**2 * w + spread * observation.rows(observation.back(w))

        return conjugate_gradients(apply, residual, _tolerance(residual), 10_000)

    return _weighted(model, observation, weigh)


def covariance_aware(
    model: Denoiser,
    operator: Operator,
    observed: Tensor,
    noise_std: float,
    whole: bool = False,
    *,
    tolerance: float | None = None,
    iterations: int = 100,
    strict: bool = True,
) -> Denoiser:
    """The guess with the spread that the denoiser itself says (:eq:`eq-covariance-aware`).

    Given x_t, x0 has the covariance V = sigma^2 / alpha times the Jacobian of the guess, exactly.
    The score moves by J' A' R^-1 (observed - A x0) with R = noise_std^2 + A V A': the gradient of
    log N(observed; A x0(x_t), R) with R held fixed. On Gaussians it is exact. On mixtures it is
    not, for there x0 given x_t is no Gaussian; and V changes with x_t.

    R is never written out. Conjugate gradients need R times a vector, and so the Jacobian times a
    vector: one backward pass a product. A backward pass multiplies from the left; for an exact
    denoiser the Jacobian is a covariance, hence symmetric, and left is right. That of a network, or
    of guidance beyond a conditional model, need be neither symmetric nor positive; where
    noise_std is small R may then have no meaning, and this says so.

    Args:
        model, operator, observed, noise_std: as for :func:`dps`.
        whole: also differentiate R, log-determinant included. Then R is written out, and its graph
            is kept: for observations of 64 numbers or fewer.
        tolerance: of the solution, relative; default: 1,000 times the rounding of the dtype.
        iterations: backward passes that conjugate gradients may take.
        strict: whether R must be solved for. If not, each sample gets the best that conjugate
            gradients found until they stopped, which may be no guidance.

    Source: Boys et al., arXiv 2310.06721.

    Raises:
        ValueError: if ``noise_std`` or ``tolerance`` is not positive and finite, ``iterations``
            below 1, or ``observed`` does not fit; or ``whole`` is asked for more than 64 numbers.
            When it is asked: as for :func:`~diffusionbook.guidance.steering.steer`; or, where
            strict, if R is not positive definite, or the tolerance is not reached.
    """
    positive("noise_std", noise_std)
    if tolerance is not None:
        positive("tolerance", tolerance)
    arguments.whole("iterations", iterations, least=1)
    observation = Observation(operator, observed)
    if whole:
        size = torch.Size(operator.out_shape).numel()
        if size > WHOLE_UP_TO:
            raise ValueError(f"operator must give {WHOLE_UP_TO} numbers or fewer where whole is "
                             f"True; it gives {size}")
        return Guided(model, lambda look: whole_gradient(look, observation, noise_std))

    def weigh(look: Look, residual: Tensor) -> Tensor:
        near = _tolerance(residual) if tolerance is None else tolerance
        return solved(look, observation, residual, noise_std, near, iterations, strict)

    return _weighted(model, observation, weigh)


def null_space(model: Denoiser, operator: Operator, observed: Tensor) -> Denoiser:
    """The guess, made to fit an observation without noise (:eq:`eq-null-space`).

    x0 + A⁺ (observed - A x0): the observation says what A sees, the model the rest. No gradient is
    taken.

    Args:
        model: any denoiser.
        operator: A; the better conditioned, the less its pseudo-inverse blows up noise.
        observed: one observation, ``(*out_shape)``, or one for each sample, ``(b, *out_shape)``.

    Source: Wang, Yu & Zhang, arXiv 2212.00490.

    Raises:
        ValueError: if ``observed`` is not finite or does not fit; or, when it is asked, where x0
            cannot be recovered, such as from eps where alpha = 0.
    """
    return _NullSpace(model, Observation(operator, observed), pseudo_inverse(operator))


@dataclass(frozen=True)
class _NullSpace:
    model: Denoiser
    observation: Observation
    inverse: Callable[[Tensor], Samples]

    @property
    def path(self) -> GaussianPath:
        return self.model.path

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        plain = self.model(x_t, t, y)
        residual = self.observation.residual(plain.x0)
        back = self.inverse(residual.reshape(-1, *self.observation.operator.out_shape))
        return replace(plain, y=plain.x0 + back, param="x0")


def _weighted(
    model: Denoiser, observation: Observation, weigh: Callable[[Look, Tensor], Tensor]
) -> Denoiser:
    """The score moves by J' A' weigh(residual)."""

    def push(look: Look) -> Samples:
        with torch.set_grad_enabled(look.traced.keep):
            weight = weigh(look, observation.residual(look.x0))
            return look.pull(observation.back(weight), last=True)

    return Guided(model, push)


def _tolerance(x: Tensor) -> float:
    return 1e3 * torch.finfo(x.dtype).eps
