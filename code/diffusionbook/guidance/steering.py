"""Steering by a reward of the clean sample, which is asked about the denoiser's guess."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from diffusionbook.arguments import finite
from diffusionbook.denoisers.differentiate import Traced, outside_inference, trace
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.guidance.graph import leads_to, uses_more
from diffusionbook.guidance.rewards import Reward, checked
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.prediction import Prediction, determinant
from diffusionbook.shapes import Labels, Samples, Times, as_time, full_precision


def steer(model: Denoiser, reward: Reward, scale: float = 1.0) -> Denoiser:
    """Add scale times the gradient of reward(x0(x_t)) to the score (:eq:`eq-steer`).

    The guess x0 depends on x_t, so the gradient runs through the model: one backward pass a look.
    What is wanted is the gradient of log E[exp(scale reward(x0)) | x_t]; this one puts the mean
    inside. It is exact for linear rewards on Gaussians, and on hardly anything else.

    Each look evaluates the model once, with the label it is given. It works under
    ``torch.no_grad()`` and ``torch.inference_mode()``; where gradients are on, the answer can be
    differentiated, the reward's gradient in it included.

    Args:
        model: any denoiser that lets gradients through.
        reward: (b, *d) → (b,), in nats; see :func:`~diffusionbook.guidance.rewards.checked`.
        scale: one over the temperature; 0 is no guidance.

    Source: Chung et al., arXiv 2209.14687, for likelihoods; Bansal et al., arXiv 2302.07121, for
    any reward.

    Raises:
        ValueError: if ``scale`` is not finite. When it is asked: where alpha is 0; if the reward is
            not one finite number for each sample; or if reward or model is cut off from the graph.
    """
    finite("scale", scale)
    asked = checked(reward)

    def push(look: Look) -> Samples:
        with torch.enable_grad():
            value = asked(look.x0)
        return scale * look.gradient(value)

    return Guided(model, push)


class Look(NamedTuple):
    """One look at a model, which can be differentiated at x_t."""

    traced: Traced
    alpha: Tensor  # () or (b, 1), to multiply rows
    sigma: Tensor
    wanted: bool  # whether the caller has gradients on

    @property
    def x0(self) -> Samples:
        """The guess, (b, *d), with its graph back to x_t."""
        return self.traced.value

    def gradient(self, of: Tensor) -> Samples:
        """(b, *d): the gradient at x_t of the sum of ``of``, a function of the guess; it can be
        differentiated at whatever else ``of`` uses, too."""
        point, _, keep = self.traced
        keep = keep or (self.wanted and uses_more(of, point))
        return Traced(point, of, keep).gradient(of, last=True)

    def pull(self, rows: Samples, last: bool = False, again: bool = False) -> Samples:
        """(b, *d): rows, constants for this derivative, times the Jacobian of the guess.

        Args:
            rows: (b, *d).
            last: whether nothing is asked of the guess after this.
            again: whether the answer is differentiated once more.
        """
        keep = self.traced.keep or again
        (found,) = torch.autograd.grad(
            self.x0, self.traced.point, rows, create_graph=keep, retain_graph=keep or not last
        )
        return found


@dataclass(frozen=True)
class Guided:
    """A model whose score moves by what ``push`` says, whatever row it answers in.

    Args:
        model: it is evaluated once a look.
        push: what is added to the score, (b, *d).
    """

    model: Denoiser
    push: Callable[[Look], Samples]

    @property
    def path(self) -> GaussianPath:
        return self.model.path

    @outside_inference
    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        c = self.path.at(t, x_t)
        if not bool((c.alpha > 1e-12).all()):
            raise ValueError(
                f"t must leave some signal for guidance to steer by; alpha is 0 on {self.path} at "
                f"t = {as_time(t).flatten().tolist()[:3]}"
            )
        answers = []

        def guess(x: Samples) -> Samples:
            seen = x.view_as(x)  # a node of its own, to be found again
            answers.append(self.model(seen, t, y))
            x0 = answers[0].x0
            if not leads_to(x0, seen):
                raise ValueError("model must let gradients through; its x0 is cut off from x_t")
            return full_precision(x0)

        traced = trace(guess, x_t)
        rows = self.path.at(t, traced.value.flatten(1))
        push = self.push(Look(traced, rows.alpha, rows.sigma, torch.is_grad_enabled()))
        # the score moves eps by -sigma and x0 by sigma^2 / alpha, so a row by q, p times these
        plain = answers[0]
        gain = -c.sigma / c.alpha * determinant(plain.param, c)
        value = plain.y if traced.keep else plain.y.detach()
        return replace(plain, y=value + gain * push, x_t=x_t)
