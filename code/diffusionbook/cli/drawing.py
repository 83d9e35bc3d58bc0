"""``python -m diffusionbook sample``: draw from a model, and write numbers or a picture.

What can be refused before PyTorch is imported, :mod:`diffusionbook.cli.preflight` has refused.
"""

import io
from argparse import Namespace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from diffusionbook import zoo
from diffusionbook.cli.kinds import CANVASES, Kind, kind_of
from diffusionbook.cli.sheet import sheet
from diffusionbook.data import canvases
from diffusionbook.data.mnist import all_labels, to_unit
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.denoisers.wrapped import Counted
from diffusionbook.evidence.catalogue import outline
from diffusionbook.files.whole import write_atomic
from diffusionbook.guidance import cfg, interval
from diffusionbook.machine.environment import pick_device
from diffusionbook.machine.watching import long_work
from diffusionbook.nets.vae import ConvVAE
from diffusionbook.samplers.named import parts, sample_many
from diffusionbook.shapes import Labels, Samples


class Loaded(NamedTuple):
    """A model that a command asked for, the recipe by which it was trained, and the autoencoder
    that makes images of its samples, if it is a model of latents."""

    model: nn.Module
    recipe: zoo.Recipe
    autoencoder: ConvVAE | None = None


def load(options: Namespace) -> Loaded:
    """A shipped model must follow today's recipe; one from a folder, the recipe it came with."""
    folder = options.weights or zoo.WEIGHTS
    recipe = (zoo.find(options.name) if options.weights is None
              else zoo.trained_recipe(options.name, folder))
    if not isinstance(recipe, zoo.Latent):
        return Loaded(zoo.load(options.name, folder, recipe), recipe)
    found = zoo.load_latent(options.name, folder, recipe)
    return Loaded(found.denoiser, recipe, found.autoencoder)


def sample(options: Namespace) -> None:
    """Draw samples of a model; write numbers or a picture. What is not asked for is the recipe's
    best."""
    device, kind = pick_device(options.device), kind_of(outline(options.name))
    model, recipe, autoencoder = load(options)
    sampler, steps = options.sampler or recipe.sampler, options.steps or recipe.sampler_steps
    n, labels, how = options.n or kind.usual, None, f"{sampler}, {steps} steps"
    model = network = Counted(model.to(device))
    if kind.labels:
        labels = _labels(options.label, kind, n)
        model, guidance = _guided(model, recipe, options)
        how = f"{how}, {guidance}"
    try:
        samples = sample_many(model, recipe.example()[0].shape[1:], n, labels, sampler=sampler,
                              steps=steps, seed=options.seed, device=device)
    except FloatingPointError:
        said = f"the samples are not finite ({how}); nothing is written"
        raise FloatingPointError(said) from None
    if autoencoder is not None:
        samples, how = _decoded(autoencoder.to(device), samples, device), (
            f"{how}, decoded by {recipe.autoencoder}")
    if kind.labels:
        samples = to_unit(samples)
    write_atomic(options.out, _file(options.out.suffix, samples, kind))
    each = network.samples / n
    print(f"{options.out}: {n} {'sample' if n == 1 else 'samples'}, {how} "
          f"({each:g} evaluations a sample)")


def _labels(asked: int | None, kind: Kind, n: int) -> Labels:
    """The label that was asked for; or all in turn that the model was trained on."""
    if asked is not None:
        return torch.full((n,), asked)
    return canvases.in_turn(n) if kind is CANVASES else all_labels(n)


def _guided(model: Denoiser, recipe: zoo.Guided, options: Namespace) -> tuple[Denoiser, str]:
    """The guided model, and how it is guided, in words."""
    scale = recipe.guidance if options.guidance is None else options.guidance
    low, high = options.interval or (recipe.low, recipe.high)
    if scale == 0 and options.interval is None:  # the label is ignored, at every time
        low, high = 0.0, 1.0
    how = f"guidance {scale:g}"
    if scale != 1 and (low, high) != (0, 1):
        how += f" at times {low:g} to {high:g}"
    return cfg(model, interval(scale, low, high)), how


@torch.no_grad()
def _decoded(
    autoencoder: ConvVAE, latents: Samples, device: torch.device
) -> Float[Tensor, "b c h w"]:
    """The images of latents, on the CPU."""
    images = []
    with long_work("decoding", len(latents)) as advance:
        for part in parts(len(latents)):
            images.append(autoencoder.decode(latents[part].to(device)).cpu())
            advance(len(images[-1]))
    return torch.cat(images)


def _file(suffix: str, samples: Samples, kind: Kind) -> bytes:
    """The samples as numbers or as a picture."""
    stream = io.BytesIO()
    if suffix == ".npy":
        np.save(stream, samples.numpy())
    elif kind.labels:
        # what stands anywhere on a black canvas does not tell where the canvas ends
        stream.write(sheet(samples, between=0.3 if kind is CANVASES else 0.0))
    else:
        _scatter(samples).savefig(stream, format="png", dpi=150)
    return stream.getvalue()


def _scatter(samples: Tensor):
    """Points in the plane."""
    from diffusionbook.plots.points import scatter
    from diffusionbook.plots.style import WIDTH, canvas

    figure, (axes,) = canvas(height=WIDTH)
    scatter(axes, samples, "learned", extent=1.1 * float(samples.abs().quantile(0.999)))
    return figure
