"""How good the chapters' models and methods are, from the results and receipts that the package
keeps, beside what was asked of them before they were made; where nothing was asked, beside the
exact answer. A result that no longer holds for today's code is refused."""

import json
from collections.abc import Iterator
from pathlib import Path

from row import Row

REASONS = {
    "canvases: CPU-seconds of the best pixels over the latents'": "at level "
        "quality patches of 4 cost about twice as much, and not more",
    "particles, second case: spread over runs, by that of independent draws": "the twist gives "
        "points between the humps far too much weight",
}
DRAWS = 1_000  # particles of a run


def rows(root: Path) -> Iterator[Row]:
    """Chapter by chapter."""
    for chapter in (spiral, digits, guided, flows, canvases, steered):
        yield from chapter()


def spiral() -> Iterator[Row]:
    group, run = "Chapter 1, the spiral", _result("spiral-chain")
    network, exact, floor = (run.mean(key) for key in (
        "network sliced_w2 T=1000", "exact sliced_w2 T=1000", "floor sliced_w2"))
    yield Row("sliced W₂ of the network's samples", network, None, "", group,
              beside=f"exact model {exact:.3f}, fresh data {floor:.3f}")
    bound = _result("spiral-bound")
    yield Row("nats that the bound leaves at 1,600 steps, variance β", bound.mean("beta T=1600"),
              None, "", group, beside=f"posterior variance {bound.mean('posterior T=1600'):.2f}")


def digits() -> Iterator[Row]:
    group, run = "Chapter 2, digits", _result("mnist-quality")

    def over_real(model: str) -> float:
        return run.mean(f"{model} frechet judge") / run.mean("real frechet judge")

    yield Row("mnist-unet: Fréchet distance over that of real digits", over_real("mnist-unet"), 2,
              "", group)
    lost = run.mean("real recall judge") - run.mean("mnist-unet recall judge")
    yield Row("mnist-unet: recall below that of real digits", lost, 0.1, "", group)
    yield Row("mnist-unet: labels read as asked for, of 10,000",
              100 * run.mean("mnist-unet accuracy judge"), 99, "%", group, least=True,
              beside=f"real digits {100 * run.mean('real accuracy judge'):.2f} %")
    yield Row("mnist-unet: copies of training digits, of 5,000",
              100 * run.mean("mnist-unet memorised"), 0, "%", group)
    yield Row("mnist-unet-quick: Fréchet distance over that of real digits",
              over_real("mnist-unet-quick"), 6, "", group)
    yield Row("mnist-unet-quick: labels read as asked for, of 10,000",
              100 * run.mean("mnist-unet-quick accuracy judge"), 95, "%", group, least=True)
    yield Row("mnist-unet-quick: training, CPU-seconds",
              _receipt("mnist-unet-quick")["cpu_seconds"], 1200, "s", group)


def guided() -> Iterator[Row]:
    group, run = "Chapter 3, guidance", _result("mnist-guidance-variants")
    for name, key in (("all the time", "w = 1.75"), ("in an interval", "interval, w = 1.75")):
        yield Row(f"guidance 1.75 {name}: Fréchet distance", run.mean(f"judge frechet {key}"),
                  None, "", group,
                  beside=f"not guided {run.mean('judge frechet none'):.1f}; labels "
                  f"{100 * run.mean(f'judge accuracy {key}'):.1f} % against "
                  f"{100 * run.mean('judge accuracy none'):.1f} %")


def flows() -> Iterator[Row]:
    group, run = "Chapter 4, flows", _result("flow-2d")
    yield Row("rectified flow, one step: sliced W₂", run.mean("reflow sliced_w2 euler 1"), None, "",
              group, beside=f"the flow itself {run.mean('flow sliced_w2 euler 1'):.3f}, "
              f"fresh data {run.mean('floor'):.3f}")
    run = _result("mnist-flow")
    yield Row("digits by flow, 16 evaluations: Fréchet distance over that of diffusion",
              run.mean("flow dpmpp2m frechet judge n=16")
              / run.mean("diffusion dpmpp2m frechet judge n=16"), None, "", group,
              beside="the same network and steps of training")


def canvases() -> Iterator[Row]:
    group, real = "Chapter 5, canvases", _result("canvas-quality")
    latents, pixels, folded = (
        _result(f"canvas-{name}") for name in ("latents", "patch-4", "patch-8"))

    def read(run, whose: str = "") -> float:
        return 100 * run.mean(f"{whose}both judge")

    yield Row("real canvases: both digits read by the second judge", read(real, "real "), 98.5, "%",
              group, least=True)
    yield Row("latents: both digits read, trained numbers", read(latents), 92, "%", group,
              least=True, beside=f"the best pixels {read(pixels):.1f} %")
    yield Row("latents: both digits read, numbers held out", read(latents, "held out "), 88, "%",
              group, least=True, beside=f"the best pixels {read(pixels, 'held out '):.1f} %")
    far = [run.mean("frechet_debiased judge") for run in (latents, pixels, folded)]
    yield Row("latents: Fréchet distance over that of patches of 8, as dear", far[0] / far[2],
              0.333, "", group)
    yield Row("latents: Fréchet distance over that of the best pixels", far[0] / far[1], None, "",
              group, beside="level: samples alone move it by a tenth")
    yield Row("canvases: CPU-seconds of the best pixels over the latents'", _cheaper(), 2.3, "",
              group, least=True)


def _cheaper() -> float:
    """By how much a canvas from latents, decoded, is cheaper than one from patches of 4."""
    costs = _result("canvas-costs")
    latents = _looks("canvas-latent") * costs.mean("latent look") + costs.mean("decode")
    return _looks("canvas-pixels") * costs.mean("patch 4 look") / latents


def _looks(name: str) -> int:
    """How often a model of canvases is evaluated for one, by its recipe."""
    from diffusionbook import zoo
    from diffusionbook.data.canvases import in_turn
    from diffusionbook.denoisers import Counted
    from diffusionbook.experiments.common.canvases import drawn

    recipe, model = zoo.find(name), Counted(zoo.load(name))
    drawn(model, recipe, in_turn(1), recipe.guidance, 0)
    return model.evaluations


def steered() -> Iterator[Row]:
    group, run = "Chapter 6, steering", _result("two-humps")
    for case, name in (("0.5 1", "first"), ("0.3 0.5", "second")):
        share = run.mean(f"{case} exact right")
        independent = (share * (1 - share) / DRAWS) ** 0.5
        yield Row(f"particles, {name} case: bias of a hump's share",
                  abs(run.mean(f"{case} runs bias")), 0.005, "", group)
        yield Row(f"particles, {name} case: spread over runs, by that of independent draws",
                  run.mean(f"{case} runs std") / independent, 1.2, "", group)
    table = _result("posterior-table")
    far = {method: _mean_of(table, f"{method} w2")
           for method in ("particles sde", "dps sde", "pigdm sde", "exact score sde", "exact")}
    yield Row("particles: W₂ over twelve posteriors", far["particles sde"], None, "", group,
              beside=f"DPS {far['dps sde']:.2f}, ΠGDM {far['pigdm sde']:.2f}, exact score "
              f"{far['exact score sde']:.2f}, exact draws {far['exact']:.2f}")


def beside(root: Path) -> Iterator[Row]:
    """The quick digits recipe beside the public implementations, from what `make rivals` kept: on
    each count it is to be better than the best of them."""
    held = json.loads((root / "tests" / "tools" / "rivals.json").read_text("utf-8"))
    ours, *others = held["contestants"]
    seconds = held["setting"]["cpu_seconds"]
    for what, of, unit, least in (
        ("images a CPU-second of training", _speed, "", True),
        ("Fréchet distance above its floor", _above, "", False),
        ("CPU-seconds a sample, at that distance", _price, "s", False),
    ):
        theirs = {name: of(held["contestants"][name]) for name in others}
        found = "; ".join(f"{name}: {_few(value)}" for name, value in theirs.items())
        yield Row(f"{ours}: {what}", of(held["contestants"][ours]),
                  (max if least else min)(theirs.values()), unit,
                  f"Beside public implementations, {seconds:,.0f} CPU-seconds of training each",
                  least, found)


def _few(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _speed(one: dict) -> float:
    return one["trained"][0]["images"] / one["trained"][0]["cpu_seconds"]


def _best(one: dict) -> dict:
    """Of its samplers with at most 20 evaluations, the nearest."""
    return min((score for score in one["trained"][0]["scores"].values()
                if score["evaluations"] <= 20), key=lambda score: score["frechet"])


def _above(one: dict) -> float:
    return _best(one)["frechet"] - _best(one)["frechet_floor"]


def _price(one: dict) -> float:
    return _best(one)["sample_cpu_seconds"]


def _mean_of(table, measure: str) -> float:
    """Over all operators and noises, which the first two words of a key name."""
    keys = [key for key in table.numbers if key.split(" ", 2)[2] == measure]
    return sum(map(table.mean, keys)) / len(keys)


def _result(name: str):
    from diffusionbook.evidence import results

    return results.load(name)


def _receipt(name: str) -> dict:
    from diffusionbook import zoo

    return zoo.receipt(name)
