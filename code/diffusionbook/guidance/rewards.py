"""Rewards: one number for each clean sample, in nats, that guidance makes larger.

A reward is any differentiable function (b, *d) → (b,). Steering asks it about the denoiser's guess
x0 and follows its gradient; a reward of log-likelihoods makes that inference, one of a classifier's
log-probabilities makes it class guidance without a classifier of noisy points.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from diffusionbook.arguments import all_finite, positive, whole
from diffusionbook.guidance.graph import leads_to
from diffusionbook.guidance.operators.operator import constant
from diffusionbook.shapes import Labels, Samples, check_each, check_samples

Reward = Callable[[Samples], Tensor]


class LinearReward:
    """<direction, x>.

    Args:
        direction: in the shape of a sample.

    Raises:
        ValueError: if ``direction`` is not finite.
    """

    def __init__(self, direction: Tensor) -> None:
        self.direction = constant("direction", direction)

    def __call__(self, x: Samples) -> Tensor:
        check_samples("x", x, *self.direction.shape)
        return (x * self.direction.to(x)).flatten(1).sum(1)


class QuadraticReward:
    """``-|x - centre|^2 / (2 std^2)``: the log-density of a normal law, up to a constant.

    Args:
        centre: in the shape of a sample.
        std: in each of its numbers; positive.

    Raises:
        ValueError: if ``centre`` is not finite, or ``std`` not positive and finite.
    """

    def __init__(self, centre: Tensor, std: float) -> None:
        positive("std", std)
        self.centre, self.std = constant("centre", centre), std

    def __call__(self, x: Samples) -> Tensor:
        check_samples("x", x, *self.centre.shape)
        return -(x - self.centre.to(x)).flatten(1).square().sum(1) / (2 * self.std**2)


class ClassifierReward:
    """log p(label | x), by a classifier of clean samples.

    Args:
        net: (b, *d) → (b, k) logits, in evaluation mode; it is asked in the dtype of its weights.
        label: the same for all samples, or (b,), one for each.

    Raises:
        ValueError: if ``label`` is a number, but no whole one, or below 0. When it is asked: if
            ``net`` is in training mode, where dropout or batch norm would make one sample's reward
            depend on chance or on its neighbours; or ``label`` fits neither the samples nor the
            logits.
    """

    def __init__(self, net: Callable[[Samples], Tensor], label: int | Labels) -> None:
        if not isinstance(label, Tensor):
            whole("label", label, least=0)
        self.net = net
        self.label = constant("label", torch.as_tensor(label))

    def __call__(self, x: Samples) -> Tensor:
        if getattr(self.net, "training", False):
            raise ValueError("net must be in evaluation mode; call net.eval() first")
        if self.label.ndim:
            check_each("label", self.label, x)
        label = self.label.to(x.device).expand(len(x))
        weights = self.net.parameters() if isinstance(self.net, nn.Module) else ()
        own = next((w.dtype for w in weights if w.is_floating_point()), x.dtype)
        logits = self.net(x.to(own)).to(x)
        if logits.ndim != 2 or len(logits) != len(x):
            raise ValueError(f"net must return shape ({len(x)}, k), a logit for each class; it "
                             f"returned {tuple(logits.shape)}")
        k = logits.shape[1]
        for wrong in label[(label < 0) | (label >= k)]:
            raise ValueError(f"label must lie in 0 to {k - 1}, the classes of net; it is {wrong}")
        return logits.log_softmax(1).gather(1, label[:, None])[:, 0]


def checked(reward: Reward) -> Reward:
    """The same reward, which refuses to be one that cannot guide.

    A reward that is cut off from the graph, by a ``detach``, a ``no_grad`` or a detour through
    NumPy, has no gradient: guidance would add nothing and nobody would notice. One whose gradient
    is 0 is as good as any. Whether it is cut off shows only where x requires a gradient.

    Raises:
        ValueError: when it is asked: the reward is not one number for each sample, holds NaN or an
            infinity, or does not lead back to x.
    """

    def ask(x: Samples) -> Tensor:
        seen = x.view_as(x)  # a node of its own, to be found again
        value = reward(seen)
        if not isinstance(value, Tensor) or value.shape != x.shape[:1]:
            got = tuple(value.shape) if isinstance(value, Tensor) else value
            raise ValueError(f"reward must return shape ({len(x)},), one number for each sample; "
                             f"it returned {got}")
        all_finite("reward", value)
        if seen.grad_fn is not None and not leads_to(value, seen):
            raise ValueError("reward must lead back to x through the graph; it is cut off (by "
                             "detach, no_grad or NumPy?), and guidance by it would do nothing")
        return value

    return ask
