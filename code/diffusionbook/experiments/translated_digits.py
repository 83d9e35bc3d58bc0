"""Real 3s made into 8s, and 8s into 3s: through noise, and by flows from cloud to cloud.

Through noise nothing is trained: the shipped flow runs up with one label and down with the other.
The two flows are trained on lines between a 3 and an 8, independent or the cheapest of a batch;
each serves both directions.
"""

from dataclasses import replace

import torch
from torch import Tensor

from diffusionbook import zoo
from diffusionbook.data import mnist
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.experiments.common.digits import DRAWN_IN, judges
from diffusionbook.experiments.common.translating import followed, pair_measures, through_noise
from diffusionbook.losses import Coupling, denoising_loss
from diffusionbook.machine.precision import computing_in, fastest
from diffusionbook.metrics.images import frechet, label_accuracy
from diffusionbook.randomness import seeded
from diffusionbook.recipes.mnist_flow import RECIPE as FLOW
from diffusionbook.shapes import Samples
from diffusionbook.transport.optimal.couplings import cheapest, independent
from diffusionbook.transport.optimal.plans import assignment, squared_distances
from diffusionbook.zoo.by_recipe import trained
from diffusionbook.zoo.judge import Judge, as_seen, look

SEEDS = (0, 1, 2)  # of the trainings, and of the test images that are translated
STEPS = 600
SHORT = replace(FLOW, name="mnist-flow, from 3 to 8", title="a short run", steps=STEPS, batch=64,
                lr=4e-3, ema=0.99)
RECIPES = (FLOW, SHORT)
DIGITS = (3, 8)
PAIRS: dict[str, Coupling] = {"independent": independent, "cheapest": cheapest}  # of a batch
IMAGES = 500  # test images of each digit
LOOKS = 16  # Heun's steps from one end of a flow to the other
TINY = {"STEPS": 2, "IMAGES": 20, "LOOKS": 2}


def between(starts: Tensor, ends: Tensor, pairs: Coupling, seed: int,
            device: torch.device) -> tuple[NetDenoiser, float]:
    """A flow that leads from one cloud, at t = 0, to the other, at t = 1: the ends stand where
    noise does elsewhere.

    Args:
        starts: (n, 1, 28, 28).
        ends: (m, 1, 28, 28), of which each batch draws as many as it has starts.
        pairs: which end of the batch goes with which start.
        seed: of weights, batches and times.
        device: where it is trained.

    Returns:
        The averaged model, and the processor seconds of its training.
    """
    recipe, ends = replace(SHORT, seed=seed), ends.to(device)

    def loss(model, x0: Tensor, *, generator: torch.Generator) -> Tensor:
        def coupled(x0: Samples, eps: Samples) -> tuple[Samples, Samples]:
            rows = torch.randint(len(ends), (len(x0),), generator=generator, device=eps.device)
            return pairs(x0, ends[rows])

        return denoising_loss(model, x0, coupling=coupled, generator=generator)

    model, records = trained(recipe, recipe.model().to(device), (starts,), loss,
                             arithmetic=fastest(device))
    return model.cpu(), records[-1].cpu_seconds


def measured(x: Samples, y: Samples, target: int, train: Tensor, seen_by: dict[str, Judge],
             seen: dict[str, Tensor]) -> dict[str, float]:
    """What :func:`~diffusionbook.experiments.common.translating.pair_measures` says, and the
    judges: ``accuracy judge``, the share in which the target is read, and ``frechet judge``, the
    distance of the results to the training images of the target, whose features are ``seen``."""
    found = pair_measures(x, y, train)
    for name, judge in seen_by.items():
        features, logits = look(judge.classifier, as_seen(y))
        found[f"accuracy {name}"] = float(label_accuracy(logits, torch.full((len(y),), target)))
        found[f"frechet {name}"] = float(frechet(features, seen[name]))
    return found


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``noise 3 to 8 moved``, ``cheapest 8 to 3 accuracy judge``; in the rows
    ``assignment`` and ``random`` the results are real test images. ``independent cpu seconds`` are
    of its training."""
    train, test, seen_by = mnist.real("train"), mnist.real("test"), judges()
    known = {k: train.images[train.labels == k] for k in DIGITS}
    seen = {k: {name: look(judge.classifier, known[k])[0] for name, judge in seen_by.items()}
            for k in DIGITS}
    real = {}
    for k in DIGITS:
        own = test.images[test.labels == k]
        real[k] = own[torch.randperm(len(own), generator=seeded(seed))[:IMAGES]]
    low, high = DIGITS
    shipped, up = zoo.load("mnist-flow"), torch.linspace(0, 1, LOOKS + 1, dtype=torch.float64)
    small_first = up**2  # near the data the way to noise turns fast
    match, numbers = assignment(squared_distances(real[low], real[high])), {}
    ways = {"random": (real[high], real[low]),
            "assignment": (real[high][match], real[low][match.argsort()])}
    with computing_in(DRAWN_IN, "cpu"):
        ways["noise"] = (through_noise(shipped, real[low], low, high, small_first),
                         through_noise(shipped, real[high], high, low, small_first))
    for name, pairs in PAIRS.items():
        model, numbers[f"{name} cpu seconds"] = between(known[low], known[high], pairs, seed,
                                                        device)
        with computing_in(DRAWN_IN, "cpu"):
            ways[name] = (followed(model, real[low], up),
                          followed(model, real[high], up.flip(0)))
    for name, ends in ways.items():
        for source, target, end in ((low, high, ends[0]), (high, low, ends[1])):
            found = measured(real[source], end, target, known[target], seen_by, seen[target])
            numbers |= {f"{name} {source} to {target} {key}": value
                        for key, value in found.items()}
    return numbers
