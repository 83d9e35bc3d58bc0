"""A latent model and its autoencoder belong together, and no other pair decodes a sample."""

from dataclasses import replace

import pytest
import torch

from diffusionbook import zoo
from diffusionbook.data.canvases import SIZE
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.evidence import receipts
from diffusionbook.nets.vae import ConvVAE
from diffusionbook.randomness import randn, seeded
from diffusionbook.recipes.canvas_latent import CanvasLatent
from diffusionbook.recipes.canvas_vae import CanvasVAE

AUTOENCODER = CanvasVAE(channels=(8, 16))
LATENT = CanvasLatent(channels=(8, 8), blocks=(1, 1))


def autoencoder(seed: int = 0) -> ConvVAE:
    net = replace(AUTOENCODER, seed=seed).model()
    net.measure_scale(randn((6, *SIZE), seeded(0), torch.float32).clamp(-1, 1))
    return zoo.round_weights(net, torch.float16)  # as it is loaded


def test_only_the_autoencoder_that_it_is_bound_to_is_taken() -> None:
    model, first = LATENT.model(), autoencoder()
    with pytest.raises(ValueError, match="the model keeps 000000000000, the digest of this one is"):
        model.check(first)
    model.bind(first)
    model.check(first)
    model.check(autoencoder())  # a digest tells what it is, not which object
    wrong = [autoencoder(1), autoencoder(), autoencoder()]
    wrong[1].scale.mean[2] += 1e-3
    with torch.no_grad():
        wrong[2].decoder[-2].bias[0] += 1e-3
    for other in wrong:
        with pytest.raises(ValueError, match="autoencoder must be the one whose latents"):
            model.check(other)


def test_the_binding_is_stored_with_the_weights_and_hides_nothing_of_them() -> None:
    model, other = LATENT.model(), replace(LATENT, seed=1).model()
    model.bind(autoencoder())
    other.load_state_dict(model.state_dict())
    other.check(autoencoder())
    half = {k: x.half() if x.is_floating_point() else x for k, x in model.state_dict().items()}
    assert half["autoencoder"].dtype == torch.uint8 and half["autoencoder"].shape == (32,)
    plain, y = NetDenoiser(model.net, model.path, model.param), torch.tensor([47, -1])
    x, t = randn((2, 4, 8, 8), seeded(1), torch.float32), torch.tensor(0.4)
    assert torch.equal(model(x, t, y).x0, plain(x, t, y).x0)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "runs"
    folder.mkdir()
    first, model = autoencoder(), LATENT.model()
    model.bind(first)
    zoo.save(first, AUTOENCODER, folder, {}, torch.float16)
    zoo.save(model, LATENT, folder, {}, torch.float16)
    return folder


def moved(folder, name, to):
    for path in folder.glob(f"{name}.*"):
        path.rename(to / path.name)


def test_both_are_found_in_one_folder_whatever_recipe_the_autoencoder_is_by(folder) -> None:
    model, first = zoo.load_latent("canvas-latent", folder, LATENT)
    assert isinstance(model, zoo.LatentDenoiser) and isinstance(first, ConvVAE)
    assert not any(p.requires_grad for net in (model, first) for p in net.parameters())
    z = randn((2, *first.latent_shape), seeded(0), torch.float32)
    assert first.decode(z).shape == (2, *SIZE)


def test_without_one_beside_it_the_shipped_one_is_taken(folder, tmp_path, monkeypatch) -> None:
    shipped, other = tmp_path / "shipped", tmp_path / "other"
    shipped.mkdir()
    other.mkdir()
    moved(folder, "canvas-vae", shipped)
    monkeypatch.setattr(receipts, "WEIGHTS", shipped)
    zoo.load_latent("canvas-latent", folder, LATENT)
    zoo.save(autoencoder(1), AUTOENCODER, folder, {}, torch.float16)
    with pytest.raises(ValueError, match=f"canvas-vae in {folder} is not what canvas-latent in "
                                         f"{folder} goes with: autoencoder must be the one"):
        zoo.load_latent("canvas-latent", folder, LATENT)
    zoo.load_latent("canvas-latent", folder, LATENT, autoencoder=shipped)
    (folder / "canvas-vae.json").unlink()  # half of one is no reason to take another
    with pytest.raises(ValueError, match="canvas-vae has no receipt"):
        zoo.load_latent("canvas-latent", folder, LATENT)
    moved(shipped, "canvas-vae", other)
    moved(folder, "canvas-vae", other)
    with pytest.raises(ValueError, match="'canvas-vae' is not a model in .*train canvas-vae"):
        zoo.load_latent("canvas-latent", folder, LATENT)


@pytest.mark.parametrize("name", ["canvas-vae", "canvas-pixels", "spiral-mlp"])
def test_a_model_that_has_no_autoencoder_is_refused(name) -> None:
    with pytest.raises(ValueError, match=f"that of a latent model; '{name}' has no autoencoder"):
        zoo.load_latent(name)
