"""What can a network with a narrow layer predict, when the space is wide and the data are not?

Digits are cut to eight numbers, their first principal components at unit variance, and laid on an
eight-dimensional plane of a space of D dimensions. Three networks of one shape, each with a narrow
first and last layer, predict x0, the noise or the velocity; all are scored in the velocity, so they
differ in what they return and in nothing else.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from diffusionbook.data import mnist
from diffusionbook.denoisers.model import Denoiser, NetDenoiser
from diffusionbook.exact.small_rank import excess_on_subspace
from diffusionbook.losses import denoising_loss, logit_normal_time
from diffusionbook.metrics.points import sliced_w2
from diffusionbook.nets.embeddings import FourierFeatures
from diffusionbook.paths.gaussian import Linear
from diffusionbook.prediction import Param, coefficients
from diffusionbook.randomness import randn, seeded, torch_seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import Heun
from diffusionbook.training.loop import EMA, batches, fit, warmup_cosine

SEEDS = (0, 1, 2)
RECIPES = ()
ROWS: tuple[Param, ...] = ("x0", "eps", "velocity")
DIMS = (64, 256, 1024)
DATA_DIMS = 8
NARROW = 16
HIDDEN = 256
STEPS = 2_000
BATCH = 256
POINTS = 2_000  # that are judged
T = 0.5  # at which the error is taken
LOOKS = 30
PATH = Linear()
TINY = {"DIMS": (32,), "STEPS": 3, "BATCH": 8, "POINTS": 40, "LOOKS": 2}


class Narrow(nn.Module):
    """A perceptron told the time, whose first and last layers pass ``NARROW`` numbers.

    Args:
        dims: of the points.
        seed: of the initial weights.
    """

    def __init__(self, dims: int, seed: int) -> None:
        super().__init__()
        with torch_seeded(seed):
            self.time = FourierFeatures(32)
            self.enter = nn.Linear(dims, NARROW)
            self.middle = nn.Sequential(
                nn.Linear(NARROW + 32, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, HIDDEN), nn.SiLU(),
                nn.Linear(HIDDEN, NARROW))
            self.leave = nn.Linear(NARROW, dims)

    def forward(self, x: Float[Tensor, "b d"], t: Float[Tensor, " b"]) -> Float[Tensor, "b d"]:
        return self.leave(self.middle(torch.cat([self.enter(x), self.time(t)], 1)))


def eight_numbers() -> Float[Tensor, "n 8"]:
    """The training digits' first principal components, each with mean 0 and variance 1."""
    pixels = mnist.real("train").images.flatten(1).double()
    centred = pixels - pixels.mean(0)
    variances, axes = torch.linalg.eigh(centred.mT @ centred / len(centred))
    return (centred @ axes[:, -DATA_DIMS:] / variances[-DATA_DIMS:].sqrt()).float()


def plane(dims: int, seed: int) -> Float[Tensor, "8 dims"]:
    """Orthonormal rows that span a random plane."""
    return torch.linalg.qr(randn((dims, DATA_DIMS), seeded(seed))).Q.mT.float()


@torch.no_grad()
def excess(model: Denoiser, x0: Tensor, seed: int) -> float:
    """Its squared error in its own row at ``T``, less that of the best linear predictor."""
    eps = randn(x0.shape, seeded(seed), torch.float32)
    p, q = coefficients(model.param, PATH.at(T, x0))
    answer = model(PATH.interpolate(x0, eps, T), T).y
    error = float((answer - p * x0 - q * eps).square().sum(1).mean())
    dims = x0.shape[1]
    # what rank 0 loses is the variance of the best prediction: the rest nobody predicts
    variance = DATA_DIMS * float(p) ** 2 + dims * float(q) ** 2
    return error - (variance - excess_on_subspace(model.param, PATH, T, dims, DATA_DIMS, 0))


@torch.no_grad()
def drawn(model: Denoiser, dims: int, seed: int) -> Tensor:
    """Samples by Heun's steps, from where noise is all but everything, t = 0.99."""
    grid = grids.uniform(LOOKS, t_max=0.99, t_min=0.01)
    noise = grid[0] * randn((POINTS, dims), seeded(seed))
    return sample(Heun(), model, noise.float(), grid).float()


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``eps D=64 excess``, ``eps D=64 off`` and ``eps D=64 w2``.

    ``excess`` is measured on fresh noise at t = ½; ``off`` is the mean squared distance of samples
    from the plane, ``w2`` their sliced distance on it to as many digits; ``floor w2`` is that of
    other digits.
    """
    numbers, digits = {}, eight_numbers()
    order = torch.randperm(len(digits), generator=seeded(seed))
    fresh, other = digits[order[:POINTS]], digits[order[POINTS:2 * POINTS]]
    numbers["floor w2"] = float(sliced_w2(fresh, other, seeded(seed)))
    for dims in DIMS:
        axes = plane(dims, seed)
        data = digits @ axes
        for row in ROWS:
            model = NetDenoiser(Narrow(dims, seed), PATH, row).to(device)
            ema = EMA(model, 0.99)
            for _ in fit(model, batches(data, size=BATCH), _loss, steps=STEPS,
                         lr=warmup_cosine(1e-3, 0.05), seed=seed, ema=ema, clip=1.0):
                pass
            trained = ema.model.cpu()
            x = drawn(trained, dims, seed)
            within = x @ axes.mT
            name = f"{row} D={dims}"
            numbers[f"{name} excess"] = excess(trained, fresh @ axes, seed)
            numbers[f"{name} off"] = float((x - within @ axes).square().sum(1).mean())
            numbers[f"{name} w2"] = float(sliced_w2(within, fresh, seeded(seed)))
    return numbers


def _loss(model: Denoiser, x0: Tensor, *, generator: torch.Generator) -> Tensor:
    return denoising_loss(model, x0, loss_in="velocity", time=logit_normal_time(),
                          generator=generator)
