"""Recipes: each makes the model it names, and its loss is the one the book derives."""

from dataclasses import FrozenInstanceError, asdict, replace

import pytest
import torch

from diffusionbook import zoo
from diffusionbook.losses import denoising_loss
from diffusionbook.machine.precision import computing_in
from diffusionbook.nets.classifier import cross_entropy
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded
from diffusionbook.recipes.mnist_noisy_classifier import MnistNoisyClassifier

DIGITS = ["mnist-features", "mnist-judge", "mnist-noisy-classifier", "mnist-unet",
          "mnist-unet-quick", "mnist-unet-weak"]  # fmt: skip


def batch(n=6):
    return randn((n, 1, 28, 28), seeded(1), torch.float32), torch.arange(n) % 10


def test_every_recipe_is_found_by_its_name_and_is_frozen_plain_values():
    assert set(DIGITS) < set(zoo.recipe_names())
    for name in zoo.recipe_names():
        recipe = zoo.find(name)
        assert recipe.name == name and isinstance(recipe, zoo.Recipe)
        large = name.startswith(("mnist-unet", "mnist-flow", "mnist-dit", "canvas-vae",
                                 "canvas-latent", "canvas-pixels"))  # no classifiers, no points
        assert recipe.arithmetic == ("fastest" if large else "float32")
        for value in asdict(recipe).values():
            assert isinstance(value, int | float | str | tuple | None)
        with pytest.raises(FrozenInstanceError):
            recipe.steps = 1
    with pytest.raises(ValueError, match="'mnist-unett' is not a recipe; did you mean mnist-unet"):
        zoo.find("mnist-unett")


@pytest.mark.parametrize("name", DIGITS)
def test_the_model_answers_the_example_and_its_seed_decides_its_weights(name):
    recipe = zoo.find(name)
    model, same, other = recipe.model(), recipe.model(), replace(recipe, seed=77).model()
    network = getattr(model, "net", model).eval()
    answer = network(*recipe.example())
    assert answer.shape in ((4, 1, 28, 28), (4, 10)) and torch.isfinite(answer).all()
    pairs = list(zip(model.parameters(), same.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b, _ in pairs)
    assert any(not torch.equal(a, c) for a, _, c in pairs)


def test_recipes_that_must_differ_differ():
    judge, features = zoo.find("mnist-judge"), zoo.find("mnist-features")
    assert type(judge.model()) is not type(features.model()) and judge.seed != features.seed
    weak, strong, quick = (zoo.find(f"mnist-unet{x}") for x in ("-weak", "", "-quick"))
    size = [sum(p.numel() for p in r.model().parameters()) for r in (weak, strong, quick)]
    assert size[0] < size[1] == size[2] and weak.steps < strong.steps
    assert quick.cpu_seconds is not None and quick.cpu_seconds <= 1_200


def test_the_loss_hides_the_stated_share_of_labels():
    recipe, seen = replace(zoo.find("mnist-unet"), label_dropout=0.25), []

    class Watch(torch.nn.Module):
        path, param = Cosine(), "v"

        def __call__(self, x_t, t, y):
            seen.append(y)
            return Prediction(x_t, "v", x_t, t, self.path)

    x0 = torch.zeros(2_000, 1, 2, 2)
    loss = recipe.loss(Watch(), x0, torch.full((2_000,), 7), generator=seeded(0))
    share = (seen[0] == -1).double().mean()
    assert abs(share - 0.25) < 5 * (0.25 * 0.75 / 2_000) ** 0.5
    assert set(seen[0].tolist()) == {-1, 7} and loss > 0


def test_without_hidden_labels_the_loss_is_the_denoising_loss_in_either_arithmetic():
    recipe = replace(zoo.find("mnist-unet-weak"), label_dropout=0.0)
    model, (x0, y) = recipe.model(), batch(32)
    with torch.no_grad():
        for p in model.parameters():  # away from the zeros it starts with
            p.add_(0.02 * randn(p.shape, seeded(p.numel()), torch.float32))
    generator = seeded(5)
    torch.rand(y.shape, generator=generator)  # the draw that hides labels
    with torch.no_grad():
        plain = denoising_loss(model, x0, y, generator=generator)
        same = recipe.loss(model, x0, y, generator=seeded(5))
        with computing_in("bfloat16", "cpu"):
            half = recipe.loss(model, x0, y, generator=seeded(5))
    assert torch.equal(same, plain) and not torch.equal(half, plain)
    assert float(half) == pytest.approx(float(plain), rel=0.02)


@pytest.mark.equation("eq-cross-entropy")
def test_the_classifiers_loss_is_minus_the_mean_log_probability_of_the_label():
    logits, y = randn((6, 10), seeded(2), torch.float32), torch.arange(6)
    by_hand = -sum(float(logits[i].softmax(0)[y[i]].log()) for i in range(6)) / 6
    assert float(cross_entropy(logits, y)) == pytest.approx(by_hand, rel=1e-5)
    recipe, (x, labels) = zoo.find("mnist-features"), batch()
    model = recipe.model().eval()
    assert recipe.loss(model, x, labels, generator=seeded(0)).item() == pytest.approx(
        cross_entropy(model(x), labels).item()
    )


def test_the_noisy_classifier_is_shown_noise_and_told_how_much():
    told = []

    def network(x_t, t):
        told.append((x_t.std(dim=(1, 2, 3)), t))
        return torch.zeros(len(x_t), 10)

    x0 = torch.zeros(400, 1, 28, 28)
    recipe = MnistNoisyClassifier()
    loss = recipe.loss(network, x0, torch.zeros(400).long(), generator=seeded(3))
    spread, t = told[0]
    assert (spread - Cosine().sigma(t)).abs().max() < 5 * 1 / (2 * 784) ** 0.5
    assert t.min() < 0.05 and t.max() > 0.95
    assert float(loss) == pytest.approx(2.302585, rel=1e-5)  # log 10: it knows nothing
