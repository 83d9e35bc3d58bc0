"""The functions of the experiments on digits, on small tensors or with a model that is known."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest
import torch
from models import Constant, InRow
from networks import awake
from torch import nn

from diffusionbook import experiments, zoo
from diffusionbook.data import mnist
from diffusionbook.data.toy import ring_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser, EmpiricalDenoiser
from diffusionbook.denoisers.linear import LinearDenoiser
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.evidence import keys, results
from diffusionbook.experiments import (
    mnist_flow,
    mnist_grids,
    mnist_guidance,
    mnist_guidance_variants,
    mnist_params,
    mnist_parts,
    mnist_quality,
    mnist_rate_distortion,
    mnist_speed,
    mnist_steps,
)
from diffusionbook.experiments.common import digits as _mnist
from diffusionbook.losses import denoising_loss
from diffusionbook.nets.blocks import Attention
from diffusionbook.nets.unet import UNet
from diffusionbook.paths.gaussian import VP, Cosine, Linear
from diffusionbook.prediction import NAMES, Prediction
from diffusionbook.randomness import randn, randn_like, seeded
from diffusionbook.recipes.mnist_unet import RECIPE
from diffusionbook.samplers import grids
from diffusionbook.samplers import named as drawing
from diffusionbook.samplers.named import sample_many
from diffusionbook.zoo.judge import Judge

CPU = torch.device("cpu")
MODULES = {
    "mnist-flow": mnist_flow,
    "mnist-grids": mnist_grids,
    "mnist-guidance": mnist_guidance,
    "mnist-guidance-variants": mnist_guidance_variants,
    "mnist-params": mnist_params,
    "mnist-parts": mnist_parts,
    "mnist-quality": mnist_quality,
    "mnist-rate-distortion": mnist_rate_distortion,
    "mnist-speed": mnist_speed,
    "mnist-steps": mnist_steps,
}
SCORES = ("frechet", "kid", "precision", "recall", "coverage", "accuracy")
MORE = ("frechet", "frechet_floor", *SCORES[1:])  # no result holds the floor
RING = ring_mixture()
POINTS = RING.sample(40, seeded(0))
SMALL = {"channels": (8, 16), "blocks": (1, 2)}


def digits(n: int, seed: int, split: str = "test") -> mnist.Digits:
    """Noise on the 256 levels of a pixel."""
    levels = torch.randint(256, (n, 1, 28, 28), generator=seeded(seed))
    return mnist.Digits(levels / 127.5 - 1, torch.arange(n) % 10, split)


@pytest.fixture
def few(monkeypatch) -> dict[str, mnist.Digits]:
    """Small sets in the place of MNIST; nothing may stand in for them."""
    sets = {"train": digits(60, 0), "test": digits(50, 1)}

    def real(split="train", root=None):
        return sets[split]

    monkeypatch.setattr(mnist, "real", real)
    return sets


# --- what they share ----------------------------------------------------------------------------


def test_what_they_share_is_no_experiment_but_a_dependency_of_each_that_trains_or_draws() -> None:
    assert [name for name in experiments.names() if name.startswith("mnist")] == list(MODULES)
    for name, module in MODULES.items():
        shared = _mnist.__name__ in keys.mentions(Path(module.__file__).read_text("utf8"))
        assert shared == (name not in ("mnist-rate-distortion", "mnist-speed"))


def test_a_short_run_is_the_flagships_but_for_what_it_says() -> None:
    short = _mnist.short("x0", 5, 70)
    changed = {"name": "mnist-unet, short, x0", "title": "a short run", "param": "x0",
               "steps": 70, "batch": 64, "ema": 0.99, "seed": 5}  # fmt: skip
    assert asdict(short) == asdict(RECIPE) | changed
    assert type(short) is type(RECIPE)
    default = _mnist.short("v")
    assert (default.param, default.steps, default.seed) == ("v", _mnist.STEPS, 0)


def test_short_runs_differ_in_the_row_alone() -> None:
    alike = [_mnist.short(row) for row in ("x0", "eps", "v")]
    assert list(mnist_params.RECIPES) == alike
    one, *others = (recipe.model() for recipe in mnist_params.RECIPES)
    assert [model.param for model in (one, *others)] == ["x0", "eps", "v"]
    for other in others:
        pairs = zip(one.parameters(), other.parameters(), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs)


def tiny(steps: int = 3, **options):
    return replace(_mnist.short("v", steps=steps), channels=(8, 16), batch=4, **options)


def test_training_follows_its_seed_and_returns_the_averaged_weights(few) -> None:
    first, again, other = (_mnist.train(tiny(seed=seed), CPU) for seed in (0, 0, 1))
    weights, same, others = (list(model.parameters()) for model in (first, again, other))
    assert all(torch.equal(a, b) for a, b in zip(weights, same, strict=True))
    assert not torch.equal(weights[0], others[0])
    assert isinstance(first, NetDenoiser) and not any(p.requires_grad for p in weights)
    last = list(_mnist.train(tiny(ema=0.0), CPU).parameters())  # no average
    start = list(tiny().model().parameters())
    steps = [(a - b).detach().abs().max() for a, b in zip(weights, start, strict=True)]
    behind = [(a - b).detach().abs().max() for a, b in zip(weights, last, strict=True)]
    assert 0 < max(behind) < max(steps)


def test_a_network_is_changed_before_it_is_trained_and_averaged(few) -> None:
    seen = []

    def change(net) -> None:
        seen.append(net.leave.weight.abs().max().item())
        mnist_parts.hide_time(net)

    model = _mnist.train(tiny(), CPU, change)
    assert seen == [0.0]  # a new net answers 0
    x, y = few["test"].images[:4], few["test"].labels[:4]
    with torch.no_grad():
        answers = [model(x, t, y).y for t in (0.1, 0.9)]
    assert torch.equal(*answers) and answers[0].abs().max() > 0


def test_held_out_images_are_the_first_of_the_test_set(few) -> None:
    x0, y = _mnist.held_out(7)
    assert torch.equal(x0, few["test"].images[:7]) and torch.equal(y, few["test"].labels[:7])


# --- the error of v -----------------------------------------------------------------------------


@pytest.fixture
def unequal_parts(monkeypatch) -> None:
    monkeypatch.setattr(drawing, "PART", 17)  # 40 = 17 + 17 + 6


def by_hand(model, x0, t: float, seed: int) -> tuple[float, float, float]:
    """The mean squared errors of x0, eps and v, in one loop over samples; v = alpha eps - sigma x0.
    """
    generator, alpha, sigma = seeded(seed), float(model.path.alpha(t)), float(model.path.sigma(t))
    eps = torch.cat([randn_like(x0[a : a + 17], generator) for a in range(0, len(x0), 17)])
    of_x0 = of_eps = of_v = 0.0
    for x, e in zip(x0, eps, strict=True):
        x_t = alpha * x + sigma * e
        guess = model(x_t[None], t).x0[0]
        noise = (x_t - alpha * guess) / sigma
        of_x0 += float((guess - x).square().mean()) / len(x0)
        of_eps += float((noise - e).square().mean()) / len(x0)
        v, expected = alpha * noise - sigma * guess, alpha * e - sigma * x
        of_v += float((v - expected).square().mean()) / len(x0)
    return of_x0, of_eps, of_v


@pytest.mark.equation("eq-v-error")
@pytest.mark.parametrize("t", [0.03, 0.4, 0.95])
@pytest.mark.parametrize("path", [Cosine(), VP(), Linear()], ids=str)
def test_the_error_of_v_is_that_of_x0_over_sigma_squared_and_of_eps_over_alpha_squared(
    path, t: float, unequal_parts
) -> None:
    model = AnalyticDenoiser(RING, path)
    found = _mnist.v_error(model, POINTS, t, seed=3)
    of_x0, of_eps, of_v = by_hand(model, POINTS, t, 3)
    assert found == pytest.approx(of_v, rel=1e-9)
    alpha, sigma = float(path.alpha(t)), float(path.sigma(t))
    share = (alpha**2 + sigma**2) ** 2  # 1 but on the linear path
    assert (share == pytest.approx(1)) == (path != Linear())
    assert found == pytest.approx(share * of_x0 / sigma**2, rel=1e-9)
    assert found == pytest.approx(share * of_eps / alpha**2, rel=1e-9)
    assert found != pytest.approx(_mnist.v_error(model, POINTS, t, seed=4), rel=1e-3)


@pytest.mark.equation("eq-v-error")
@pytest.mark.parametrize("t", [0.1, 0.7])
def test_the_error_of_v_does_not_depend_on_what_a_model_predicts(t: float) -> None:
    model = AnalyticDenoiser(RING, Cosine())
    expected = _mnist.v_error(model, POINTS, t, seed=0)
    assert expected > 0.01
    for row in NAMES:
        answering = InRow(model, row, without_labels=True)
        assert _mnist.v_error(answering, POINTS, t, 0) == pytest.approx(expected, rel=1e-9)


@pytest.mark.equation("eq-v-error")
def test_the_error_of_v_of_the_linear_denoiser_is_as_foretold() -> None:
    """Its error in x0 is a formula; here it is met over the data and 200 draws of the noise each.

    The bound is five standard errors of a mean of 8,000 squares, whose spread is that of chi².
    """
    t, model = 0.4, LinearDenoiser(POINTS, Cosine())
    found = _mnist.v_error(model, POINTS.repeat(200, 1), t, seed=0)
    expected = float(model.error(t)) / float(Cosine().sigma(t)) ** 2
    assert found == pytest.approx(expected, rel=5 * (2 / 8_000) ** 0.5)


@pytest.mark.equation("eq-v-error")
def test_who_knows_the_answer_makes_no_error() -> None:
    image = randn((1, 1, 3, 3), seeded(0))
    model = EmpiricalDenoiser(image, Cosine())
    assert _mnist.v_error(model, image.expand(300, -1, -1, -1), 0.3, seed=0) < 1e-20


def test_errors_are_those_of_v_at_each_time_on_the_same_noise() -> None:
    model = AnalyticDenoiser(RING, Cosine())
    found = _mnist.errors(model, POINTS, 2, times=(0.3, 0.07))
    assert found == {f"error t={t}": _mnist.v_error(model, POINTS, t, 2) for t in (0.3, 0.07)}
    assert list(_mnist.errors(model, POINTS, 2)) == [f"error t={t}" for t in _mnist.TIMES]


def test_fast_drawing_is_drawing_in_bfloat16() -> None:
    net, labels = UNet(**SMALL), torch.tensor([3, 1, -1])
    with torch.no_grad():
        for p in net.parameters():
            p.add_(0.02 * randn(p.shape, seeded(p.numel()), torch.float32))
    half = []
    net.register_forward_hook(
        lambda module, inputs, output: half.append(torch.is_autocast_enabled("cpu")))
    model = NetDenoiser(net, Cosine(), "v")
    fast = _mnist.draw_fast(model, labels, sampler="ddim", steps=3, seed=4)
    assert half == [True] * 3 and fast.shape == (3, 1, 28, 28) and fast.dtype == torch.float32
    exact = sample_many(model, (1, 28, 28), 3, labels, sampler="ddim", steps=3, seed=4)
    assert half[3:] == [False] * 3
    assert 0 < (fast - exact).norm() < 0.05 * exact.norm()


# --- the parts of the network -------------------------------------------------------------------


def batch():
    return randn((3, 1, 16, 16), seeded(1)), torch.tensor([0.1, 0.5, 0.8]).double(), torch.arange(3)


def wrong_and_right() -> tuple[mnist_parts.WrongAxis, Attention]:
    """The two of them with the same weights, in two heads."""
    right, wrong = awake(Attention(64)).requires_grad_(False), mnist_parts.WrongAxis(64).double()
    wrong.load_state_dict(right.state_dict())
    assert wrong.heads == right.heads == 2
    return wrong.requires_grad_(False), right


def test_the_wrong_softmax_adds_up_to_1_over_the_places_that_ask() -> None:
    (wrong, right), x = wrong_and_right(), randn((2, 64, 2, 3), seeded(2))
    rows = right.norm(x).flatten(2).mT
    q, k, v = (rows @ w.T + b for w, b in zip(right.query_key_value.weight.split(64),
                                              right.query_key_value.bias.split(64), strict=True))
    mixed = torch.zeros_like(v)
    for i in range(2):
        for own in (slice(0, 32), slice(32, 64)):
            products = (q[i][:, own] @ k[i][:, own].T / 32**0.5).exp()
            for asked in range(6):
                weights = products[:, asked] / products[:, asked].sum()  # over those who ask
                mixed[i][:, own] += weights[:, None] * v[i][asked, own]
    expected = x + (mixed @ right.leave.weight.T + right.leave.bias).mT.reshape(x.shape)
    assert (wrong(x) - expected).abs().max() < 1e-10
    assert (wrong(x) - right(x)).abs().max() > 0.1


def test_everything_but_the_axis_is_that_of_attention() -> None:
    """One place alone, and places that ask for nothing in particular, cannot tell the axes apart.
    """
    (wrong, right), one = wrong_and_right(), randn((2, 64, 1, 1), seeded(3))
    assert (wrong(one) - right(one)).abs().max() < 1e-10
    for block in (wrong, right):
        block.query_key_value.weight[:128] = 0
        block.query_key_value.bias[:128] = 0
    x = randn((2, 64, 2, 3), seeded(2))
    assert (wrong(x) - right(x)).abs().max() < 1e-10
    assert (wrong(x) - x).abs().max() > 0.1


def test_turning_the_softmax_keeps_the_weights() -> None:
    net, (x, t, y) = awake(UNet(channels=(8, 64), blocks=(1, 1))).float(), batch()
    x, t = x.float(), t.float()
    before, right = net(x, t, y), net.attention
    weights = {name: w.clone() for name, w in right.state_dict().items()}
    mnist_parts.turn_softmax(net)
    assert isinstance(net.attention, mnist_parts.WrongAxis) and net.attention.heads == right.heads
    assert all(torch.equal(w, weights[name]) for name, w in net.attention.state_dict().items())
    assert (net(x, t, y) - before).abs().max() > 1e-3


def test_without_attention_the_middle_is_its_two_blocks() -> None:
    net, (x, t, y) = awake(UNet(**SMALL)), batch()
    before = net(x, t, y)
    never = UNet(**SMALL, attention=False).double()
    rest = {k: w for k, w in net.state_dict().items() if not k.startswith("attention.")}
    never.load_state_dict(rest)
    mnist_parts.drop_attention(net)
    assert torch.equal(net(x, t, y), never(x, t, y))
    assert (net(x, t, y) - before).abs().max() > 1e-3
    assert not any(isinstance(part, Attention) for part in net.modules())


def test_without_time_every_image_looks_as_at_one_half() -> None:
    net, (x, t, y) = awake(UNet(**SMALL)), batch()
    before, half = net(x, t, y), net(x, torch.full_like(t, 0.5), y)
    mnist_parts.hide_time(net)
    assert torch.equal(net(x, t, y), half) and torch.equal(net(x, t.flip(0), y), half)
    assert (half - before)[0].abs().max() > 1e-3
    assert (net(x, t, y.flip(0)) - half).abs().max() > 1e-3  # the label is still told


def test_without_skips_the_way_up_does_not_see_what_the_way_down_has_left() -> None:
    net, (x, t, y) = awake(UNet(**SMALL)), batch()
    ups = [*net.up_coarse, *net.up_fine]
    for block in ups:  # somebody writes over the maps on their way
        block.register_forward_pre_hook(lambda module, inputs: (
            torch.cat([inputs[0].chunk(2, 1)[0], shift + inputs[0].chunk(2, 1)[1]], 1), inputs[1]))

    def answer(written: float) -> torch.Tensor:
        nonlocal shift
        shift = written
        return net(x, t, y)

    shift = 0.0
    plain = answer(0.0)
    assert (answer(3.0) - plain).abs().max() > 1e-3
    seen = []
    mnist_parts.hide_skips(net)
    for block in ups:
        block.register_forward_pre_hook(lambda module, inputs: seen.append(inputs))
    hidden = answer(0.0)
    assert torch.equal(answer(3.0), hidden)
    assert (hidden - plain).abs().max() > 1e-3
    assert len(seen) == 2 * len(ups)
    for h, told in seen:
        below, skip = h.chunk(2, 1)
        assert not skip.any() and below.abs().max() > 1e-3 and told.abs().max() > 1e-3


def test_the_whole_network_is_left_as_it_is() -> None:
    net, same, (x, t, y) = awake(UNet(**SMALL)), awake(UNet(**SMALL)), batch()
    mnist_parts.CHANGES["whole"](net)
    assert torch.equal(net(x, t, y), same(x, t, y))


@pytest.mark.parametrize("name", mnist_parts.CHANGES)
def test_every_change_can_be_trained(name: str, few) -> None:
    """Gradients reach the weights and the averaged copy is changed, too."""
    model = _mnist.train(tiny(2), CPU, mnist_parts.CHANGES[name])
    with torch.no_grad():
        v = model(few["test"].images[:2], 0.5, few["test"].labels[:2]).v
    assert torch.isfinite(v).all() and v.abs().max() > 0
    kind = {"no attention": nn.Identity, "wrong softmax": mnist_parts.WrongAxis}
    assert type(model.net.attention) is kind.get(name, Attention)


# --- what is measured ---------------------------------------------------------------------------


def check_committed(name: str, numbers: dict[str, float]) -> None:
    """The result that is in the repository has these keys, in this order, for the seeds."""
    path = results.RESULTS / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"{name} has not been measured yet")
    held, module = json.loads(path.read_bytes()), MODULES[name]
    assert list(held["numbers"]) == list(numbers)
    assert held["seeds"] == list(module.SEEDS)
    assert all(len(values) == len(module.SEEDS) for values in held["numbers"].values())


class Scores(Judge):
    """A judge whose Fréchet distance is the mean of what it is shown, and 1,000 for real digits."""

    def __init__(self, name: str) -> None:
        self.more = {"mnist-features": 0.0, "mnist-judge": 0.5}[name]

    def score(self, images, labels) -> dict[str, float]:
        assert torch.equal(labels, torch.arange(len(images)) % 10)
        return dict.fromkeys(MORE, float(images.mean()) + self.more)

    def score_real(self, n: int, seed: int) -> dict[str, float]:
        return dict.fromkeys(MORE, 1_000.0 + n + seed + self.more)


@pytest.fixture
def fakes(monkeypatch) -> Callable:
    """fakes(module, draw) puts quick things in the place of slow ones; the draws are recorded."""

    def install(module, look: Callable) -> list[dict]:
        draws = []

        def draw_fast(model, labels, **options):
            draws.append(options)
            return torch.full((len(labels), 1, 28, 28), float(look(model, labels, **options)))

        monkeypatch.setattr(module, "SAMPLES", 20)
        for place in (_mnist, module):
            if hasattr(place, "Judge"):
                monkeypatch.setattr(place, "Judge", Scores)
        monkeypatch.setattr(module, "draw_fast", draw_fast)
        return draws

    return install


def guided_at(t: float) -> Callable:
    """The x0 that a guided :class:`Constant` answers at t: 2 w - 1 times its value."""
    return lambda model, labels, **options: model(
        torch.zeros(len(labels), 2), t, labels).x0.mean()


def test_guidance_is_measured_at_every_scale_by_both_classifiers(fakes, monkeypatch) -> None:
    draws = fakes(mnist_guidance, guided_at(0.5))
    monkeypatch.setattr(zoo, "load", lambda name: Constant({"mnist-unet": 1.0}[name]))
    numbers = mnist_guidance.measure(2, CPU)
    for w in mnist_guidance.SCALES:
        assert numbers[f"features frechet w={w:g}"] == pytest.approx(2 * w - 1)
        assert numbers[f"judge accuracy w={w:g}"] == pytest.approx(2 * w - 0.5)
    assert numbers["features real frechet"] == 1_022 and numbers["judge real kid"] == 1_022.5
    assert len(numbers) == 12 * (len(mnist_guidance.SCALES) + 1)
    same = {"sampler": RECIPE.sampler, "steps": RECIPE.sampler_steps, "seed": 2}
    assert draws == [same] * len(mnist_guidance.SCALES)
    check_committed("mnist-guidance", numbers)


def test_samplers_are_measured_at_every_number_of_looks(fakes, monkeypatch) -> None:
    draws = fakes(mnist_steps, lambda model, labels, *, steps, **options: steps)
    monkeypatch.setattr(zoo, "load", lambda name: Constant({"mnist-unet": 1.0}[name]))
    numbers = mnist_steps.measure(1, CPU)
    assert numbers.pop("real frechet") == 1_021
    expected = {f"{sampler} {key} n={n}": n for sampler, counts in mnist_steps.LOOKS.items()
                for n in counts for key in ("frechet", "accuracy")}  # fmt: skip
    assert numbers == expected
    assert {options["sampler"] for options in draws} == {"ddpm", "ddim", "dpmpp2m"}
    assert {options["seed"] for options in draws} == {1}
    check_committed("mnist-steps", {"real frechet": 0.0} | numbers)


def test_flow_and_diffusion_are_measured_at_equal_numbers_of_evaluations(
    fakes, monkeypatch
) -> None:
    """A model of value 1 is the flow, one of value 3 the diffusion; Heun makes half the steps."""
    values = {"mnist-flow": 1.0, "mnist-unet-quick": 3.0}
    draws = fakes(mnist_flow, lambda model, labels, *, steps, sampler, **options: (
        100 * float(model(torch.zeros(1, 2), 0.5, labels[:1]).x0.mean())
        + steps * (2 if sampler == "heun" else 1)))  # fmt: skip
    monkeypatch.setattr(zoo, "load", lambda name: Constant(values[name]))
    numbers = mnist_flow.measure(1, CPU)
    assert numbers["real frechet features"] == 1_021 and numbers["real frechet judge"] == 1_021.5
    for kind, value in (("flow", 100), ("diffusion", 300)):
        for sampler in ("euler", "heun", "dpmpp2m"):
            for n in (4, 8, 16, 32):
                assert numbers[f"{kind} {sampler} frechet features n={n}"] == value + n
                assert numbers[f"{kind} {sampler} accuracy judge n={n}"] == value + n + 0.5
    assert len(numbers) == 2 + 2 * 3 * 4 * 4 and {draw["seed"] for draw in draws} == {1}
    check_committed("mnist-flow", numbers)


def test_both_solvers_are_measured_on_both_grids(fakes, monkeypatch) -> None:
    """What is drawn is 100 times the model, plus 10 for DPM-Solver++, plus the second time."""
    values = {"mnist-unet": 1.0, "mnist-unet-quick": 2.0, "mnist-flow": 3.0}
    draws = fakes(mnist_grids, lambda model, labels, *, solver, grid, seed: (
        100 * float(model(torch.zeros(1, 2), 0.5, labels[:1]).x0.mean())
        + 10 * (solver == "dpmpp2m") + float(grid[1])))  # fmt: skip
    monkeypatch.setattr(zoo, "load", lambda name: Constant(values[name]))
    numbers = mnist_grids.measure(1, CPU)
    assert numbers["real frechet features"] == 1_021 and numbers["real frechet judge"] == 1_021.5
    for name, value in values.items():
        for solver, more in (("ddim", 0), ("dpmpp2m", 10)):
            for spacing, times in (("t", (0.75, 0.875)), ("log-SNR", (None, None))):
                for n, second in zip((4, 8), times, strict=True):
                    path = Cosine()
                    second = second or float(grids.uniform_log_snr(n, path)[1])
                    expected = 100 * value + more + second
                    for key, off in (("features", 0), ("judge", 0.5)):
                        found = numbers[f"{name} {solver} {spacing} frechet {key} n={n}"]
                        assert found == pytest.approx(expected + off, abs=1e-3)
    assert len(numbers) == 2 + 3 * 2 * 2 * 2 * 2 and {draw["seed"] for draw in draws} == {1}
    check_committed("mnist-grids", numbers)


def test_a_grid_s_samples_are_those_of_the_sampler_that_is_given_it(monkeypatch) -> None:
    """On its own grid DPM-Solver++ draws what ``draw`` does, part by part."""
    monkeypatch.setattr(drawing, "PART", 3)
    model, labels = AnalyticDenoiser(RING, Cosine()), torch.arange(8) % 8
    monkeypatch.setattr(mnist_grids, "SIZE", (2,))
    for solver, spacing in (("ddim", "t"), ("dpmpp2m", "log-SNR")):
        grid = mnist_grids.GRIDS[spacing](6, model.path)
        ours = mnist_grids.draw_fast(model, labels, solver=solver, grid=grid, seed=3)
        theirs = sample_many(model, (2,), 8, labels, sampler=solver, steps=6, seed=3)
        assert torch.equal(ours, theirs)


def test_flow_and_diffusion_train_for_equal_steps_and_differ_in_path_and_row_alone() -> None:
    flow, diffusion = mnist_flow.RECIPES
    ours, theirs = asdict(flow), asdict(diffusion)
    assert {key for key in ours if ours[key] != theirs[key]} == {
        "name", "title", "param", "steps", "cpu_seconds"}  # fmt: skip
    assert flow.cpu_seconds is None and flow.steps == zoo.receipt(diffusion.name)["steps"]
    a, b = flow.model(), diffusion.model()
    assert (a.path, a.param, b.path, b.param) == (Linear(), "velocity", Cosine(), "v")
    pairs = zip(a.parameters(), b.parameters(), strict=True)
    assert all(torch.equal(x, y) for x, y in pairs)
    for ours, theirs in ((flow.low, diffusion.low), (flow.high, diffusion.high)):
        level = a.path.half_log_snr(ours), b.path.half_log_snr(theirs)
        assert float(level[0]) == pytest.approx(float(level[1]), abs=3e-3)


def log_prob_of_ink(x_t, t, y):
    """A classifier whose gradient is 1 in every pixel."""
    return x_t.flatten(1).sum(1)


@pytest.mark.parametrize("t", [0.05, 0.5, 0.75, 0.95])
def test_every_variant_is_what_its_name_says(t: float) -> None:
    """Strong is 1 with a label and -1 without, weak 0.5 and -0.5."""
    found = mnist_guidance_variants.variants(Constant(1.0), Constant(0.5), log_prob_of_ink)
    x, y = randn((3, 1, 2, 2), seeded(0)), torch.arange(3)
    alpha, sigma = float(Cosine().alpha(t)), float(Cosine().sigma(t))
    expected = {
        "none": 1,
        "w = 1.75": 2.5,
        "interval, w = 1.75": 2.5 if 0.1 <= t <= 0.8 else 1,
        "interval, w = 3": 5 if 0.1 <= t <= 0.7 else 1,
        "w = 3": 5,
        "rescaled, w = 3": 5,  # flat images have no spread
        "projected, w = 3": 1,  # all of the update is along x0
        "autoguidance, w = 1.5": 1.25,
        "autoguidance, w = 2": 1.5,
        "classifier, s = 1": -1 + sigma**2 / alpha,
        "classifier, s = 3": -1 + 3 * sigma**2 / alpha,
    }
    assert list(found) == list(expected)
    for name, value in expected.items():
        answer = found[name](x, t, y).x0
        assert (answer - value).abs().max() < 1e-9 * max(1, abs(value)), name


def test_rescaled_and_projected_are_what_their_names_say_for_images_with_strokes() -> None:
    """Two pixels: along the strong x0 = (1, -1) nothing is left, and the spread is mixed."""

    class Strokes(Constant):
        def __call__(self, x_t, t, y=None):
            one = torch.tensor([1.0, -1] if y is not None else [-1.0, -2]).double()
            return Prediction(one.expand_as(x_t), "x0", x_t, t, self.path)

    found = mnist_guidance_variants.variants(Strokes(1.0), Constant(0.5), log_prob_of_ink)
    x, y = torch.zeros(1, 2).double(), torch.zeros(1).long()
    plain = found["w = 3"](x, 0.5, y).x0[0]
    assert plain.tolist() == pytest.approx([5, 1])
    factor = 0.7 * 2 / 4 + 0.3  # the strong answer's pixels are 2 apart, the guided ones 4
    rescaled = found["rescaled, w = 3"](x, 0.5, y).x0[0]
    assert rescaled.tolist() == pytest.approx([5 * factor, factor])
    projected = found["projected, w = 3"](x, 0.5, y).x0[0]  # the update (2, 1) is across (1.5, 1.5)
    assert projected.tolist() == pytest.approx([1 + 2 * 1.5, -1 + 2 * 1.5])


@pytest.mark.parametrize("t", [0.3, torch.tensor(0.3), torch.tensor([0.3, 0.3, 0.3]).double()])
def test_the_classifiers_answer_is_the_log_probability_of_the_label(t) -> None:
    told = []

    class Classifier(nn.Module):
        def forward(self, x, time):
            told.append(time)
            return x[:, 0, :2, :5].flatten(1)

    x, y = randn((3, 1, 28, 28), seeded(0)).float(), torch.tensor([9, 0, 4])
    found = mnist_guidance_variants.log_prob_of(Classifier())(x, t, y)
    for i in range(3):
        logits = x[i, 0, :2, :5].flatten().double()
        expected = logits[y[i]] - logits.exp().sum().log()
        assert float(found[i]) == pytest.approx(float(expected), abs=1e-5)
    (time,) = told
    assert time.dtype == x.dtype and time.tolist() == pytest.approx([0.3] * 3)


def test_variants_are_measured_under_their_names(fakes, monkeypatch) -> None:
    draws = fakes(mnist_guidance_variants, guided_at(0.5))
    known = {"mnist-unet": Constant(1.0), "mnist-unet-weak": Constant(0.5),
             "mnist-noisy-classifier": None}  # fmt: skip
    monkeypatch.setattr(zoo, "load", known.__getitem__)
    monkeypatch.setattr(mnist_guidance_variants, "log_prob_of", lambda model: log_prob_of_ink)
    numbers = mnist_guidance_variants.measure(1, CPU)
    assert numbers["features frechet w = 3"] == pytest.approx(5)
    assert numbers["judge frechet autoguidance, w = 2"] == pytest.approx(2)
    names = list(mnist_guidance_variants.variants(Constant(1.0), Constant(0.5), log_prob_of_ink))
    assert list(numbers) == [f"{judge} {score} {name}" for name in names
                             for judge in ("features", "judge") for score in SCORES]  # fmt: skip
    once = {"sampler": RECIPE.sampler, "steps": RECIPE.sampler_steps, "seed": 1}
    assert draws == [once] * len(names)
    check_committed("mnist-guidance-variants", numbers)


def test_rows_of_the_table_are_measured_with_one_seed(fakes, few, monkeypatch) -> None:
    def drawn(model, labels, **options):
        clipped = isinstance(model, mnist_params.Clipped)
        return model.model.value + 5 if clipped else model.value

    draws = fakes(mnist_params, drawn)
    trained = []

    def train(recipe, device, loss):
        trained.append((recipe, loss.func == recipe.loss, loss.keywords))
        return Constant(len(trained) / 4)

    monkeypatch.setattr(mnist_params, "train", train)
    numbers = mnist_params.measure(2, CPU)
    assert trained == [
        (_mnist.short(row, 2), True, {"loss_in": scored})
        for row, scored in (("x0", "x0"), ("eps", "eps"), ("v", "v"), ("x0", "v"), ("v", "x0"))
    ]
    once = {"sampler": "dpmpp2m", "steps": mnist_params.LOOKS, "seed": 2, "arithmetic": "float32"}
    assert draws == [once] * 10
    expected = {}
    for name, value in (("x0", 0.25), ("eps", 0.5), ("v", 0.75), ("x0 scored in v", 1.0),
                        ("v scored in x0", 1.25)):
        errors = _mnist.errors(Constant(value), few["test"].images, 2)
        expected |= {f"{name} {key}": error for key, error in errors.items()}
        for how, more in (("", 0), ("clipped ", 5)):
            expected |= {f"{name} {how}{key}": value + more for key in ("frechet", "accuracy")}
    assert numbers == expected
    check_committed("mnist-params", numbers)


def test_a_clipped_guess_is_the_models_guess_between_paper_and_ink() -> None:
    x_t = randn((5, 2), seeded(0))
    model = InRow(AnalyticDenoiser(RING, Cosine()), "eps")
    answer, clipped = model(x_t, 0.2), mnist_params.Clipped(model)(x_t, 0.2)
    assert answer.x0.abs().max() > 1
    assert torch.equal(clipped.x0, answer.x0.clamp(-1, 1))
    assert torch.equal(clipped.x_t, x_t) and clipped.path == Cosine()


def test_a_loss_in_another_row_is_that_error_in_the_same_noise(few) -> None:
    recipe, model = tiny(label_dropout=0.0), tiny().model()
    awake(model.net)
    images, labels = few["train"].images[:6], few["train"].labels[:6]
    own, same, other = (
        recipe.loss(model, images, labels, generator=seeded(3), **options).item()
        for options in ({}, {"loss_in": "v"}, {"loss_in": "x0"})
    )
    assert own == same and other != own
    noise = seeded(3)
    torch.rand(6, generator=noise)  # which labels are hidden: none
    expected = denoising_loss(model, images, labels, loss_in="x0", generator=noise)
    assert other == expected.item()


def test_parts_are_measured_with_one_seed_and_averaged_over_the_times(few, monkeypatch) -> None:
    trained = []

    def train(recipe, device, change):
        trained.append((recipe, change))
        return Constant(len(trained) / 8)

    monkeypatch.setattr(mnist_parts, "train", train)
    numbers = mnist_parts.measure(1, CPU)
    assert trained == [(_mnist.short("v", 1), change) for change in mnist_parts.CHANGES.values()]
    for name in mnist_parts.CHANGES:
        each = [numbers[f"{name} error t={t}"] for t in _mnist.TIMES]
        assert numbers[f"{name} error"] == pytest.approx(sum(each) / len(each))
    assert numbers["whole error"] != numbers["no time error"]
    assert len(numbers) == len(mnist_parts.CHANGES) * (len(_mnist.TIMES) + 1)
    check_committed("mnist-parts", numbers)


def test_a_copier_is_found_out(fakes, few, monkeypatch, without_shape_checks) -> None:
    """The flagship returns training images with a little noise, the quick model held-out ones."""
    fakes(mnist_quality, lambda model, labels, **options: 0)
    drawn = {1.0: few["train"].images, 0.5: few["test"].images}
    options = []

    def draw_fast(model, labels, **said):
        options.append(said)
        value = float(model(torch.zeros(1, 1).double(), 0.9, labels[:1]).x0)  # no guidance there
        strong = float(model(torch.zeros(1, 1).double(), 0.5, labels[:1]).x0)
        assert strong == pytest.approx(value * (2 * RECIPE.guidance - 1))
        return drawn[value][: len(labels)] + 1e-4

    monkeypatch.setattr(mnist_quality, "draw_fast", draw_fast)
    monkeypatch.setattr(mnist_quality, "COPIES", 15)
    known = {"mnist-unet": Constant(1.0), "mnist-unet-quick": Constant(0.5)}
    monkeypatch.setattr(zoo, "load", known.__getitem__)
    numbers = mnist_quality.measure(3, CPU)
    assert numbers["held out memorised"] == numbers["mnist-unet-quick memorised"] == 0
    assert numbers["mnist-unet memorised"] == numbers["mnist-unet data copying"] == 1
    assert 0 < numbers["mnist-unet-quick data copying"] < 1
    assert numbers["real frechet features"] == 1_023
    assert numbers["mnist-unet recall judge"] == pytest.approx(
        0.5 + float(few["train"].images[:20].mean()), abs=1e-3)  # fmt: skip
    assert options == [{"sampler": RECIPE.sampler, "steps": RECIPE.sampler_steps, "seed": 3}] * 2
    check_committed("mnist-quality", numbers)


# --- speed --------------------------------------------------------------------------------------


def test_each_setting_changes_one_thing() -> None:
    usual = asdict(mnist_speed.SETTINGS["as trained"])
    assert usual == asdict(mnist_speed.Setting())
    changes = {name: {key: value for key, value in asdict(setting).items() if value != usual[key]}
               for name, setting in mnist_speed.SETTINGS.items()}  # fmt: skip
    assert changes == {
        "as trained": {}, "float32": {"bfloat16": False}, "channels last": {"channels_last": True},
        "kept memory": {"keep_memory": True}, "two threads": {"threads": 2},
        "no attention": {"attention": False}, "full resolution": {"patch": 1},
        "optimiser not fused": {"fused": False},
    }  # fmt: skip
    assert {field.name for field in fields(mnist_speed.Setting)} - {"batch"} == {
        key for change in changes.values() for key in change
    }


@pytest.mark.parametrize("name", ["as trained", "float32", "channels last", "no attention",
                                  "full resolution", "optimiser not fused"])  # fmt: skip
def test_a_training_step_is_made_in_its_setting(name: str, monkeypatch) -> None:
    setting, seen = replace(mnist_speed.SETTINGS[name], batch=2), []
    small = replace(RECIPE, channels=(8, 16), blocks=(1, 1))
    monkeypatch.setattr(mnist_speed, "RECIPE", small)

    def loss(model, x0, y, *, generator):
        seen.append((model.net, model.net.leave.bias.detach().clone()))
        assert torch.is_autocast_enabled("cpu") == setting.bfloat16
        assert x0.shape == (2, 1, 28, 28) and y.tolist() == [0, 1]
        weight = model.net.down_fine[0].conv1.weight
        assert weight.is_contiguous(memory_format=torch.channels_last) == setting.channels_last
        assert model.net.patch == setting.patch
        assert isinstance(model.net.attention, Attention) == setting.attention
        return model(x0, 0.5, y).v.float().square().mean() + model.net.leave.bias.sum()

    adam, fused = torch.optim.Adam, []

    def optimiser(*arguments, **options):
        fused.append(options["fused"])
        return adam(*arguments, **options)

    monkeypatch.setattr(mnist_speed, "denoising_loss", loss)
    monkeypatch.setattr(torch.optim, "Adam", optimiser)
    step = mnist_speed.training_step(setting)
    assert fused == [setting.fused]
    step()
    step()
    (_, before), (_, after) = seen
    assert (after - before).abs().min() > 1e-4  # Adam has made a step


def test_times_are_means_and_the_first_call_is_not_counted(monkeypatch) -> None:
    clock = {"cpu": 0.0, "wall": 0.0}
    costs = iter([(100.0, 1_000.0), (1.0, 2.0), (3.0, 6.0), (2.0, 1.0)])

    def step() -> None:
        cpu, wall = next(costs)
        clock["cpu"] += cpu
        clock["wall"] += wall

    monkeypatch.setattr(mnist_speed.time, "process_time", lambda: clock["cpu"])
    monkeypatch.setattr(mnist_speed.time, "perf_counter", lambda: clock["wall"])
    assert mnist_speed.timed(step, 3) == (2.0, 3.0)
    assert next(costs, None) is None


def test_rates_are_images_over_seconds(monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(mnist_speed, "timed", lambda step, times: asked.append(times) or (4.0, 2.0))
    monkeypatch.setattr(mnist_speed, "training_step", lambda setting: None)
    monkeypatch.setattr(mnist_speed, "keep_memory", lambda: asked.append("kept"))
    monkeypatch.setattr(mnist_speed.torch, "set_num_threads", asked.append)
    setting = mnist_speed.Setting(batch=12, threads=2)
    assert mnist_speed.rates(setting, 5) == (3.0, 6.0)
    assert asked == [2, 5]
    assert mnist_speed.rates(replace(setting, keep_memory=True), 5) == (3.0, 6.0)
    assert asked[2:] == [2, "kept", 5]


def test_memory_cannot_be_kept_without_glibc(monkeypatch) -> None:
    class Library:
        def __init__(self, *answers: int) -> None:
            self.answers, self.asked = list(answers), []

        def mallopt(self, name: int, value: int) -> int:
            self.asked.append((name, value))
            return self.answers.pop(0)

    good = Library(1, 1)
    for library in (object(), Library(0, 1), Library(1, 0), good):
        monkeypatch.setattr(mnist_speed.ctypes, "CDLL", lambda name, library=library: library)
        if library is good:
            mnist_speed.keep_memory()
        else:
            with pytest.raises(OSError, match="this needs glibc's mallopt"):
                mnist_speed.keep_memory()
    assert good.asked == [(-1, 2**30), (-3, 2**25)]  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD


def test_speed_is_measured_under_its_names(monkeypatch) -> None:
    monkeypatch.setattr(mnist_speed, "_alone", lambda function, setting: (
        {mnist_speed.rates: 1.0}[function] + setting.threads, 7.0))
    parts = {mnist_speed.Attention: 10.0, mnist_speed.conv3: 20.0}
    monkeypatch.setattr(mnist_speed, "layer", lambda part, side: parts[part] + side)
    numbers = mnist_speed.measure(0, CPU)
    expected = {}
    for name, setting in mnist_speed.SETTINGS.items():
        expected[f"{name} per cpu second"] = 1.0 + setting.threads
        expected[f"{name} per second"] = 7.0
    for side in mnist_speed.SIDES:
        expected |= {f"attention side={side}": 10.0 + side, f"convolution side={side}": 20.0 + side}
    assert numbers == expected
    check_committed("mnist-speed", numbers)


@pytest.mark.slow
def test_a_setting_runs_in_a_process_of_its_own_and_a_layer_takes_time() -> None:
    import os

    assert mnist_speed._alone(os.getpid) != os.getpid()
    for part in (Attention, mnist_speed.conv3):
        assert 0 < mnist_speed.layer(part, 7, times=2) < 10 * mnist_speed.layer(part, 28, times=2)


# --- the true digits ----------------------------------------------------------------------------


def test_held_out_are_the_first_thousand_of_mnists_test_images(true_digits) -> None:
    x0, y = _mnist.held_out()
    assert x0.shape == (1_000, 1, 28, 28) and y[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert x0.min() == -1 and x0.max() == 1


@pytest.mark.slow
def test_the_shipped_network_sees_more_than_the_best_straight_line(true_digits) -> None:
    """On images that neither has seen. Near pure noise a straight line is all but the answer."""
    line = LinearDenoiser(mnist.real("train").images, Cosine())
    (x0, _), net = _mnist.held_out(300), zoo.load("mnist-unet")
    for t in _mnist.TIMES:
        ours, its = (_mnist.v_error(model, x0, t, 0) for model in (net, line))
        assert ours < (0.5 if t <= 0.6 else 1.02) * its, t
