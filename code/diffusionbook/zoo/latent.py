"""A model of latents and the one autoencoder whose latents they are.

Two autoencoders of one shape have nothing in common: each has latents of its own, in units of its
own. So a latent model keeps the digest of its autoencoder with its weights, and no other one
decodes its samples.
"""

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.evidence.receipts import WEIGHTS, home
from diffusionbook.files.tensors import tensor_digest
from diffusionbook.nets.vae import ConvVAE
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.prediction import Param
from diffusionbook.zoo.recipe import Latent, Recipe, find
from diffusionbook.zoo.store import load, trained_recipe


class LatentDenoiser(NetDenoiser):
    """A denoiser of latents that knows whose latents they are.

    Args:
        net, path, param: as for :class:`~diffusionbook.denoisers.model.NetDenoiser`.

    Attributes:
        autoencoder: (32,) bytes, the digest of the autoencoder; 0 before :meth:`bind`.
    """

    autoencoder: Tensor

    def __init__(self, net: nn.Module, path: GaussianPath, param: Param) -> None:
        super().__init__(net, path, param)
        self.register_buffer("autoencoder", torch.zeros(32, dtype=torch.uint8))

    def bind(self, autoencoder: ConvVAE) -> None:
        """Keep the digest of ``autoencoder``: its weights, and the scale of its latent."""
        self.autoencoder.copy_(_digest(autoencoder))

    def check(self, autoencoder: ConvVAE) -> None:
        """Refuse an autoencoder that did not make the latents of the training.

        Raises:
            ValueError: it has other weights or another scale.
        """
        there = _digest(autoencoder).to(self.autoencoder.device)
        if not torch.equal(there, self.autoencoder):
            raise ValueError(
                "autoencoder must be the one whose latents the model was trained on, with the "
                f"scale that was measured then: the model keeps {_shown(self.autoencoder)}, the "
                f"digest of this one is {_shown(there)}")


class LatentModel(NamedTuple):
    """A denoiser of latents in standard units, and the autoencoder that makes images of them."""

    denoiser: LatentDenoiser
    autoencoder: ConvVAE


def load_latent(
    name: str, folder: Path | str = WEIGHTS, recipe: Recipe | None = None,
    autoencoder: Path | str | None = None,
) -> LatentModel:
    """A trained latent model with its autoencoder.

    Args:
        name: such as ``"canvas-latent"``.
        folder: where its two files are.
        recipe: as for :func:`~diffusionbook.zoo.store.load`.
        autoencoder: the folder with the autoencoder's two files; default: ``folder`` if they are
            there, else those shipped with the package. It may be by another recipe than today's:
            its digest tells whether it is the right one.

    Raises:
        ValueError: as :func:`~diffusionbook.zoo.store.load` does, the model is none of latents, or
            the autoencoder is another one than it was trained with.
        DamagedFile: as :func:`~diffusionbook.zoo.store.load`.
    """
    recipe = find(name) if recipe is None else recipe
    if not isinstance(recipe, Latent):
        raise ValueError(f"name must be that of a latent model; {name!r} has no autoencoder")
    first = recipe.autoencoder
    where = home(first, folder) if autoencoder is None else autoencoder
    found = LatentModel(load(name, folder, recipe),
                        load(first, where, trained_recipe(first, where)))
    try:
        found.denoiser.check(found.autoencoder)
    except ValueError as error:
        raise ValueError(f"{first} in {where} is not what {name} in {folder} goes with: {error}"
                         ) from None
    return found


def _digest(autoencoder: ConvVAE) -> Tensor:
    state = {key: x.cpu() for key, x in autoencoder.state_dict().items()}
    return torch.tensor(list(bytes.fromhex(tensor_digest(state))), dtype=torch.uint8)


def _shown(digest: Tensor) -> str:
    return bytes(digest.tolist()).hex()[:12]
