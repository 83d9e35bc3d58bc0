"""Draw many samples from a model, in parts that fit the memory, by a sampler's name."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from diffusionbook.arguments import whole
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.machine.watching import long_work
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.randomness import randn, seeded, step_seed
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import Stepper, sample
from diffusionbook.samplers.ode import DPMpp2M, Euler, Heun
from diffusionbook.shapes import Labels, Samples

#: Samplers by name, as a recipe names them.
SAMPLERS: dict[str, Stepper] = {
    "ddpm": DDIM(eta=1.0),
    "ddim": DDIM(eta=0.0),
    "euler": Euler(),
    "heun": Heun(),
    "dpmpp2m": DPMpp2M(),
}
PART = 250  # samples that are drawn together


def time_grid(sampler: str, path: GaussianPath, steps: int) -> Tensor:
    """Equal steps of log-SNR for the multistep method, which is built on it; else of time.

    Raises:
        ValueError: ``steps`` < 1.
    """
    whole("steps", steps, least=1)
    if sampler == "dpmpp2m":
        return grids.uniform_log_snr(steps, path)
    return grids.uniform(steps)


@torch.no_grad()
def sample_many(
    model: Denoiser,
    shape: Sequence[int],
    n: int,
    labels: Labels | None = None,
    *,
    sampler: str,
    steps: int,
    seed: int,
    device: torch.device | str = "cpu",
) -> Samples:
    """``(n, *shape)`` float32 samples on the scale of the data, on the CPU.

    Sample i starts from the same noise for every n, model, sampler, number of steps and device;
    the fresh noise of "ddpm" is shared by the samples that are drawn together.

    Args:
        model: a denoiser; a guided one, if its samples shall be guided.
        shape: of one sample.
        n: how many.
        labels: (n,), or None for a model without labels.
        sampler: a key of ``SAMPLERS``.
        steps: of the sampler.
        seed: of all noise.
        device: where the model is.

    Raises:
        ValueError: an unknown sampler, ``n`` < 1, or another number of labels than ``n``.
        FloatingPointError: a sample is not finite.
    """
    if sampler not in SAMPLERS:
        raise ValueError(f"sampler must be {', '.join(SAMPLERS)}; it is {sampler!r}")
    whole("n", n, least=1)
    if labels is not None and labels.shape != (n,):
        raise ValueError(f"labels must have shape ({n},); it has {tuple(labels.shape)}")
    noise = starting_noise(n, shape, seed)
    grid, generator = time_grid(sampler, model.path, steps), seeded(seed + 1, device)

    def one(part: slice) -> Samples:
        y = None if labels is None else labels[part].to(device)
        return sample(SAMPLERS[sampler], model, noise[part].to(device), grid, y=y,
                      generator=generator).cpu()

    drawn = []
    with long_work("sampling", n) as advance:
        for part in parts(n):
            drawn.append(one(part))
            if not bool(drawn[-1].isfinite().all()):
                raise FloatingPointError(f"the samples are not finite ({sampler}, {steps} steps)")
            advance(len(drawn[-1]))
    return torch.cat(drawn)


def starting_noise(n: int, shape: Sequence[int], seed: int) -> Samples:
    """``(n, *shape)`` float32 noise, a seed of its own for each sample: sample i is the same for
    every n.

    Raises:
        ValueError: ``n`` < 1, or a seed below 0.
    """
    whole("n", n, least=1)
    rows = [randn(shape, seeded(step_seed(seed, i)), torch.float32) for i in range(n)]
    return torch.stack(rows)


def parts(n: int) -> Iterator[slice]:
    """Slices that cover n rows, ``PART`` at a time."""
    whole("n", n, least=0)
    return (slice(k, k + PART) for k in range(0, n, PART))
