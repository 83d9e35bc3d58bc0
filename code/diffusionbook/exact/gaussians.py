r"""Gaussian mixtures: the data laws whose diffusion is known in closed form.

Noise one Gaussian and it stays Gaussian; noise a mixture and each component does so on its own.
So for mixtures every quantity a network has to learn is a formula: the density of x_t
(:eq:`eq-mixture-marginal`), its score (:eq:`eq-mixture-score`) and the posterior mean of the data
(:eq:`eq-mixture-posterior-mean`). All of it runs in float64 through ``logsumexp``.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite, positive, whole
from diffusionbook.randomness import randn
from diffusionbook.shapes import Labels, Samples, check_each, check_samples


class GaussianMixture:
    """A mixture of k Gaussians in d dimensions, with optional integer component labels.

    Args:
        weights: (k,), positive; normalised to sum to 1.
        means: (k, d).
        covs: (k, d, d) symmetric positive semi-definite, or (k,) variances of isotropic components.
        labels: (k,) integers, the class each component belongs to; default all 0.

    Raises:
        ValueError: if a shape does not match, a number is not finite, a weight is not positive, a
            covariance is not symmetric or has a negative eigenvalue, or a label is no integer.
    """

    def __init__(
        self, weights: Tensor, means: Tensor, covs: Tensor, labels: Tensor | None = None
    ) -> None:
        self.weights = _numbers("weights", weights)
        self.means = _numbers("means", means)
        covs = _numbers("covs", covs)
        if self.means.ndim != 2 or 0 in self.means.shape:
            raise ValueError(f"means must have shape (k, d); it has {tuple(self.means.shape)}")
        k, d = self.means.shape
        if covs.shape == (k,):
            covs = covs[:, None, None] * torch.eye(d, dtype=torch.float64)
        for name, value, shape in (("weights", self.weights, (k,)), ("covs", covs, (k, d, d))):
            if value.shape != shape:
                raise ValueError(f"{name} must have shape {shape}; it has {tuple(value.shape)}")
        if not bool((self.weights > 0).all()):
            raise ValueError(f"weights must be positive; the smallest is {self.weights.min():g}")
        if math.isinf(self.weights.sum()):
            raise ValueError("weights must have a finite sum; it is infinite")
        self.weights = self.weights / self.weights.sum()
        size = covs.abs().amax((1, 2), keepdim=True)
        if not bool(((covs - covs.mT).abs() <= 1e-6 * size).all()):
            raise ValueError(
                f"covs must be symmetric; an entry differs from its mirror image by "
                f"{(covs - covs.mT).abs().max():g}"
            )
        self.covs = (covs + covs.mT) / 2
        self._variances, self._axes = torch.linalg.eigh(self.covs)  # (k, d), (k, d, d)
        rounding = 1e-12 * size[..., 0]
        if not bool((self._variances >= -rounding).all()):
            raise ValueError(
                f"covs must be positive semi-definite; an eigenvalue is {self._variances.min():g}"
            )
        self._variances = self._variances.where(self._variances > rounding / 1e3, 0.0)
        self.labels = torch.zeros(k).long() if labels is None else torch.as_tensor(labels)
        if self.labels.shape != (k,):
            raise ValueError(f"labels must have shape ({k},); it has {tuple(self.labels.shape)}")
        if self.labels.is_floating_point() or self.labels.is_complex():
            raise ValueError(f"labels must be integers; their dtype is {self.labels.dtype}")
        self.labels = self.labels.long()

    @classmethod
    def normal(cls, mean: Tensor, cov: Tensor | float) -> "GaussianMixture":
        """One Gaussian.

        Args:
            mean: (d,).
            cov: (d, d) symmetric positive semi-definite, or a number, the variance along each axis.

        Raises:
            ValueError: as for a mixture of one component.
        """
        mean, cov = (torch.as_tensor(v, dtype=torch.float64) for v in (mean, cov))
        return cls(torch.ones(1, dtype=torch.float64), mean[None], cov[None])

    @property
    def dim(self) -> int:
        """The dimension d of the space."""
        return self.means.shape[1]

    def sample(self, n: int, generator: torch.Generator | None) -> Samples:
        """(n, d) independent float64 draws.

        Raises:
            ValueError: if ``n`` < 1.
        """
        return self.sample_labelled(n, generator)[0]

    def sample_labelled(
        self, n: int, generator: torch.Generator | None
    ) -> tuple[Samples, Labels]:
        """(n, d) independent draws, and the (n,) labels of the components they came from.

        Raises:
            ValueError: if ``n`` < 1.
        """
        whole("n", n, least=1)
        which = torch.multinomial(self.weights, n, replacement=True, generator=generator)
        z = randn((n, self.dim), generator) * self._variances[which].sqrt()
        x = self.means[which] + torch.einsum("nij,nj->ni", self._axes[which], z)
        return x, self.labels[which]

    def mean(self) -> Tensor:
        """(d,) the mean of the mixture."""
        return self.weights @ self.means

    def cov(self) -> Tensor:
        """(d, d) the covariance of the mixture."""
        centred = self.means - self.mean()
        within = torch.einsum("k,kij->ij", self.weights, self.covs)
        return within + torch.einsum("k,ki,kj->ij", self.weights, centred, centred)

    def diffuse(self, alpha: float | Tensor, sigma: float | Tensor) -> "GaussianMixture":
        """The law of alpha x + sigma eps, a mixture again (:eq:`eq-mixture-marginal`).

        Raises:
            ValueError: if alpha or sigma is not finite.
        """
        all_finite("alpha", torch.as_tensor(alpha))
        all_finite("sigma", torch.as_tensor(sigma))
        noise = sigma**2 * torch.eye(self.dim, dtype=torch.float64)
        return GaussianMixture(
            self.weights, alpha * self.means, alpha**2 * self.covs + noise, self.labels
        )

    def log_prob(self, x: Samples) -> Tensor:
        """(b,) the log density at x: (b, d), in nats.

        Raises:
            ValueError: if ``x`` is not (b, d).
        """
        return self._given(x, 1.0, 0.0).log_joint.logsumexp(-1).flatten()

    def score(self, x: Samples, alpha: float | Tensor = 1.0, sigma: float | Tensor = 0.0) -> Tensor:
        """(b, d) the gradient of the log density of alpha x0 + sigma eps (:eq:`eq-mixture-score`).

        Args:
            x: (b, d) points.
            alpha: the factor of the data, a number or (b,).
            sigma: the std of the noise, a number or (b,).

        Raises:
            ValueError: if ``x`` is not (b, d), or alpha and sigma hold more than one number but not
                one for each point.
        """
        g = self._given(x, alpha, sigma)
        # each component pulls with P (alpha m - x), and the pulls are averaged
        return g.average(g.shares(), -1 / g.stds).reshape(x.shape)

    def posterior_mean(
        self,
        x_t: Samples,
        alpha: float | Tensor,
        sigma: float | Tensor,
        y: Labels | None = None,
    ) -> Samples:
        """E[x0 | alpha x0 + sigma eps = x_t] (:eq:`eq-mixture-posterior-mean`).

        Args:
            x_t: (b, d) noisy points.
            alpha: the factor of the data, a number or (b,).
            sigma: the std of the noise, a number or (b,); positive.
            y: (b,) labels; only components of that label are considered. Default: all.

        Raises:
            ValueError: if ``x_t`` is not (b, d), if alpha and sigma hold more than one number but
                not one for each point, or if a label in ``y`` belongs to no component.
        """
        g = self._given(x_t, alpha, sigma, y)
        shares = g.shares()
        moved = g.average(shares, g.alpha * self._variances.mT / g.stds)
        return (shares @ self.means + moved).reshape(x_t.shape)

    def condition(self, operator: Tensor, y: Tensor, noise_std: float) -> "GaussianMixture":
        """The exact posterior of x given y = A x + noise_std * eps, a mixture again.

        Args:
            operator: A, (m, d).
            y: (m,) the observation.
            noise_std: positive.

        Raises:
            ValueError: if ``noise_std`` is not positive, a number is not finite, or ``operator``
                and ``y`` do not have the shapes (m, d) and (m,).
        """
        positive("noise_std", noise_std)
        a = torch.as_tensor(operator, dtype=torch.float64)
        y = torch.as_tensor(y, dtype=torch.float64)
        if a.ndim != 2 or a.shape[1] != self.dim or y.shape != (a.shape[0],):
            raise ValueError(
                f"operator must be (m, {self.dim}) and y (m,); they are {tuple(a.shape)} and "
                f"{tuple(y.shape)}"
            )
        all_finite("operator", a)
        all_finite("y", y)
        noise = noise_std**2 * torch.eye(len(y), dtype=torch.float64)
        s = a @ self.covs @ a.T + noise  # (k, m, m)
        gain = torch.linalg.solve(s, a @ self.covs).mT  # (k, d, m)
        residual = y - self.means @ a.T  # (k, m)
        means = self.means + torch.einsum("kdm,km->kd", gain, residual)
        covs = self.covs - gain @ a @ self.covs
        observed = torch.distributions.MultivariateNormal(self.means @ a.T, s)
        log_weights = self.weights.log() + observed.log_prob(y)
        keep = (log_weights - log_weights.max()) > -600  # a weight below e^-600 is 0 in float64
        weights = (log_weights - log_weights.max())[keep].exp()
        covs = (covs + covs.mT) / 2
        return GaussianMixture(weights, means[keep], covs[keep], self.labels[keep])

    def _given(
        self, x: Samples, alpha: float | Tensor, sigma: float | Tensor, y: Labels | None = None
    ) -> "_Given":
        """Everything about the components that depends on the noisy points x."""
        check_samples("x", x, self.dim)
        check_each("y", y, x)
        alpha, sigma = (
            torch.as_tensor(v, dtype=torch.float64).reshape(-1, 1, 1) for v in (alpha, sigma)
        )
        variances = alpha**2 * self._variances + sigma**2  # (c, k, d): along each component's axes
        times = len(variances)  # c is 1, or b when every point has its own time
        if times not in (1, len(x)):
            raise ValueError(
                f"alpha and sigma must be numbers or have shape ({len(x)},), one per point; "
                f"they hold {times}"
            )
        least, most = map(float, variances.detach().aminmax())
        if not 0 < least <= most < math.inf:
            all_finite("alpha", alpha)
            all_finite("sigma", sigma)
            raise ValueError(
                "covs must be positive definite where there is no noise (sigma = 0): a component "
                "without extent along an axis has no density"
            )
        # How many stds x lies from each mean, along each component's axes. Expanding the square of
        # that distance would lose everything where x and m are large, and so their common part
        # is taken off first.
        centre, stds = self.mean(), variances.sqrt().mT  # (d,), (c, d, k)
        points = x.double().reshape(times, -1, self.dim) - alpha * centre  # (c, b / c, d)
        axes = self._axes.permute(1, 2, 0)  # (d, d, k)
        means = torch.einsum("ki,ijk->jk", self.means - centre, axes)
        onto = (axes / stds[:, None]).flatten(-2)  # (c, d, d k)
        away = torch.baddbmm(-(alpha * means / stds).flatten(1)[:, None], points, onto)
        away = away.reshape(*points.shape, -1)  # (c, b / c, d, k)
        constant = self.weights.log() - 0.5 * (2 * math.pi * variances).log().sum(-1)  # (c, k)
        log_joint = constant[:, None] - 0.5 * away.square().sum(-2)
        if y is not None:
            allowed = y[:, None] == self.labels
            if not bool(allowed.any(-1).all()):
                raise ValueError(
                    f"y must hold labels of the mixture, {self.labels.unique().tolist()}; it "
                    f"holds {y.unique().tolist()}"
                )
            log_joint = log_joint.masked_fill(~allowed.reshape(log_joint.shape), -math.inf)
        return _Given(alpha, axes, stds, away, log_joint)


class _Given(NamedTuple):
    """A mixture seen from noisy points: c times, b / c points each, k components."""

    alpha: Tensor  # (c, 1, 1)
    axes: Tensor  # (d, d, k): column j of component k is its axis j
    stds: Tensor  # (c, d, k): of the noisy component along its axes
    away: Tensor  # (c, b / c, d, k): x - alpha m along those axes, in stds
    log_joint: Tensor  # (c, b / c, k): log weight + log density

    def shares(self) -> Tensor:
        """(c, b / c, k): how probable each component is, given the point."""
        return self.log_joint.softmax(-1)

    def average(self, shares: Tensor, gain: Tensor) -> Tensor:
        """(c, b / c, d): the mean of gain * away over the components, with a gain, (c, d, k), for
        each of their axes."""
        back = (self.axes * gain[:, None]).flatten(-2).mT  # (c, d k, d)
        return (shares[..., None, :] * self.away).flatten(-2) @ back


def _numbers(name: str, value: Tensor) -> Tensor:
    value = torch.as_tensor(value, dtype=torch.float64)
    all_finite(name, value)
    return value
