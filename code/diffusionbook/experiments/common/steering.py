"""What the experiments on steered digits share: a stochastic sampler that counts what guidance
spends, and what two classifiers say of its samples."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook.data.mnist import SIZE
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.metrics.images import frechet
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn_like, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.named import starting_noise
from diffusionbook.shapes import Labels, Samples, Times
from diffusionbook.zoo.judge import Judge, as_seen, look

LOOKS = 20  # at the model, as many as steps of the sampler
START = 0.995  # at t = 1 there is no signal to steer by
TOGETHER = 50  # samples that are drawn at once: their graphs take memory


class Unlabelled:
    """A model that is never told a label, and keeps its last answer.

    Args:
        model: any denoiser.

    Attributes:
        last: what it answered last; guidance starts from there.
    """

    def __init__(self, model: Denoiser) -> None:
        self.model, self.path = model, model.path
        self.last: Prediction | None = None

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        self.last = self.model(x_t, t, None)
        return self.last


class Spending:
    """DDIM's step with eta = 1, and the nats that guidance spends in it.

    Guidance moves the mean of the normal law that a step draws from, and leaves its variance. The
    divergence of the guided step from the plain one is ``|moved|^2 / (2 std^2)``. Summed along a
    trajectory, and averaged over trajectories, it is the divergence between the laws of whole
    trajectories, and no less than that between the laws of samples. The last step, to s = 0, draws
    no noise, so it is not guided: it would cost infinitely many nats.

    Args:
        plain: the model that is guided.
        budget: nats for each sample. The step in which they run out is guided in part.
        until: guidance ends when t is not above it.

    Attributes:
        spent: (b,) nats, of the trajectories that are drawn now or were last.
    """

    order = 1

    def __init__(self, plain: Unlabelled, budget: float = math.inf, until: float = 0.0) -> None:
        self.plain, self.budget, self.until = plain, budget, until
        self.spent: Tensor | None = None

    def step(self, model, x, t, s, *, y=None, generator=None, memory=None):
        """x: (b, *d) at time t → (b, *d) at s, and the nats spent so far, (b,)."""
        path, spent = self.plain.path, x.new_zeros(len(x)) if memory is None else memory
        std = DDIM(1.0).noise_std(path, t, s)
        keep = (path.sigma(s) ** 2 - std**2).clamp_min(0).sqrt()

        def mean(answer: Prediction) -> Samples:
            return path.alpha(s) * answer.x0.detach() + keep * answer.eps.detach()

        if s > 0 and t > self.until:
            guided = mean(model(x, t, y))
            below = mean(self.plain.last)
            moved = guided - below
            price = moved.flatten(1).square().sum(1) / (2 * std**2)
            left = (self.budget - spent).clamp_min(0)
            share = (left / price.clamp_min(1e-30)).sqrt().clamp_max(1)
            below = below + (share.to(x) * moved.movedim(0, -1)).movedim(-1, 0)
            spent = spent + (share**2 * price).to(spent)
        else:
            below = mean(self.plain(x, t))
        self.spent = spent
        return below + std * randn_like(x, generator), spent


Guide = Callable[[Denoiser, Labels], Denoiser]


@torch.no_grad()
def steered(
    model: Denoiser, labels: Labels, guide: Guide, *, seed: int, budget: float = math.inf,
    until: float = 0.0,
) -> tuple[Samples, Tensor]:
    """Digits of a model without labels, guided towards these, and the nats that it took.

    Args:
        model: it is never told a label.
        labels: (n,) what guidance asks for.
        guide: makes the guided model of the plain one and the labels of a part of the samples.
        seed: of all noise.
        budget, until: as for :class:`Spending`.

    Returns:
        (n, 1, 28, 28) and (n,).
    """
    noise, generator = starting_noise(len(labels), SIZE, seed), seeded(seed + 1)
    grid, drawn, nats = grids.uniform(LOOKS, t_max=START), [], []
    for k in range(0, len(labels), TOGETHER):
        part = slice(k, k + TOGETHER)
        plain = Unlabelled(model)
        stepper = Spending(plain, budget, until)
        drawn.append(sample(stepper, guide(plain, labels[part]), noise[part], grid,
                            y=labels[part], generator=generator))
        nats.append(stepper.spent)
    return torch.cat(drawn), torch.cat(nats)


def log_probs(judge: Judge, images: Samples, labels: Labels) -> tuple[Tensor, Tensor, Tensor]:
    """What a classifier sees: (n, f) features, (n,) log p(label), (n,) whether that is the
    largest."""
    features, logits = look(judge.classifier, as_seen(images))
    said = logits.log_softmax(1)
    return features, said.gather(1, labels[:, None])[:, 0], said.argmax(1) == labels


def verdicts(
    seen_by: dict[str, Judge], images: Samples, labels: Labels, *, balanced: bool = True,
    sure: float = 0.9,
) -> dict[str, float]:
    """Of images that should show these labels, as many of each.

    Args:
        seen_by: "features", the classifier that steered, and "judge", which did not.
        images: (n, 1, 28, 28).
        labels: (n,).
        balanced: whether the images were asked for as many of each label.
        sure: probability above which a classifier is sure.

    Returns:
        For each classifier ``accuracy``; ``reward``, the mean of log p(label) in nats; ``frechet``,
        beyond what chance leaves; and ``fooled``, the share in which the first is sure of the label
        and the second sees another one.
    """
    found, said = {}, {}
    for name, judge in seen_by.items():
        features, reward, right = said[name] = log_probs(judge, images, labels)
        distance = float(frechet(features, judge.features)) - judge.floor(
            len(labels), balanced=balanced)
        found |= {f"accuracy {name}": float(right.double().mean()),
                  f"reward {name}": float(reward.double().mean()), f"frechet {name}": distance}
    certain = said["features"][1] > math.log(sure)
    found["fooled"] = float((certain & ~said["judge"][2]).double().mean())
    return found
