"""How good the chapters' models and methods are, from the results and receipts that the package
keeps, beside what was asked of them before they were made; where nothing was asked, beside the
exact answer. A result that no longer holds for today's code is refused."""

import json
from collections.abc import Iterator
from pathlib import Path

from row import Row

FOLDED = "latents: Fréchet distance beyond chance, over that of patches of 8, as dear to draw"
HELD_OUT = "held-out numbers"
LONGER = "both trained for 90 minutes and more: Fréchet distance of latents over patches of 4"
CHEAPER = "drawing a canvas: time of patches of 4 over that of latents"
SLOW = "mnist-dit: training, processor minutes"
TWISTED = ("particles, y = 0.3 ± 0.5: spread of the share over 50 runs, over that of independent "
           "draws")
COMPOSED = f"latents trained three times as long, {HELD_OUT}: both digits read"
REASONS = {
    COMPOSED: "they were at 91 % after a third of it, and were trained no longer",
    LONGER: "with more time patches of 4 come nearer and nearer, latents hardly",
    CHEAPER: "the network on patches of 4 costs about twice as much a look, and latents must be "
        "decoded",
    SLOW: "it was trained on a machine that was at work on other things, too",
    TWISTED: "the twist gives points between the humps far too much weight",
}
DRAWS = 1_000  # particles of a run


def rows(root: Path) -> Iterator[Row]:
    """Chapter by chapter."""
    for chapter in (spiral, digits, guided, flows, canvases, steered, transformed, paired,
                    fronts):
        yield from chapter()


def spiral() -> Iterator[Row]:
    group, run = "Chapter 1, the spiral", _result("spiral-chain")
    network, exact, floor = (run.mean(key) for key in (
        "network sliced_w2 T=1000", "exact sliced_w2 T=1000", "floor sliced_w2"))
    yield Row("sliced W₂ from fresh data, of the network's samples in 1,000 steps", network, None,
              "", group, beside=f"exact model {exact:.3f}, other fresh data {floor:.3f}")
    bound = _result("spiral-bound")
    yield Row("exact model, 1,600 steps of variance β: nats a dimension below the log-likelihood",
              bound.mean("beta T=1600"), None, "", group,
              beside=f"posterior variance {bound.mean('posterior T=1600'):.2f}")


def digits() -> Iterator[Row]:
    group, run = "Chapter 2, digits", _result("mnist-quality")

    def over_real(model: str) -> float:
        return run.mean(f"{model} frechet judge") / run.mean("real frechet judge")

    yield Row("mnist-unet: Fréchet distance over that of real digits, 2,000 of each",
              over_real("mnist-unet"), 2, "", group)
    lost = run.mean("real recall judge") - run.mean("mnist-unet recall judge")
    yield Row("mnist-unet: recall below that of real digits", lost, 0.1, "", group)
    yield Row("mnist-unet: labels read as asked for, of 10,000",
              100 * run.mean("mnist-unet accuracy judge"), 99, "%", group, least=True,
              beside=f"real digits {100 * run.mean('real accuracy judge'):.2f} %")
    yield Row("mnist-unet: near-exact copies of training digits among 5,000 samples",
              5_000 * run.mean("mnist-unet memorised"), 0, "", group,
              beside=f"test digits {5_000 * run.mean('held out memorised'):.0f}")
    yield Row("mnist-unet-quick: Fréchet distance over that of real digits, 2,000 of each",
              over_real("mnist-unet-quick"), 6, "", group)
    yield Row("mnist-unet-quick: labels read as asked for, of 10,000",
              100 * run.mean("mnist-unet-quick accuracy judge"), 95, "%", group, least=True)
    yield Row("mnist-unet-quick: training, CPU-seconds",
              _receipt("mnist-unet-quick")["cpu_seconds"], 1200, "s", group)


def guided() -> Iterator[Row]:
    group, run = "Chapter 3, guidance", _result("mnist-guidance-variants")
    real = _result("mnist-guidance").mean("judge real frechet")
    for name, key in (("at all times", "w = 1.75"), ("in an interval", "interval, w = 1.75")):
        yield Row(f"digits guided by 1.75 {name}: Fréchet distance",
                  run.mean(f"judge frechet {key}"), None, "", group,
                  beside=f"not guided {run.mean('judge frechet none'):.1f}, real digits "
                  f"{real:.1f}; labels {100 * run.mean(f'judge accuracy {key}'):.1f} % against "
                  f"{100 * run.mean('judge accuracy none'):.1f} %")


def flows() -> Iterator[Row]:
    group, run = "Chapter 4, flows", _result("flow-2d")
    yield Row("reflow in one step: sliced W₂ from fresh data", run.mean("reflow sliced_w2 euler 1"),
              None, "", group, beside="the flow in one step "
              f"{run.mean('flow sliced_w2 euler 1'):.3f}, other fresh data {run.mean('floor'):.3f}")
    run = _result("mnist-flow")
    flow, diffusion = (run.mean(f"{model} dpmpp2m frechet judge n=16")
                       for model in ("flow", "diffusion"))
    yield Row("digits by flow, 16 looks, not guided: Fréchet distance", flow, None, "", group,
              beside=f"diffusion {diffusion:.1f}, the same network and steps of training; "
              f"real digits {run.mean('real frechet judge'):.1f}")


def canvases() -> Iterator[Row]:
    """The shipped models, and beside them trainings with three seeds."""
    group, run = "Chapter 5, canvases: 2,000 by each model, one training", _result("canvas-quality")
    again = {name: _result(f"canvas-{name}") for name in ("latents", "patch-4", "patch-8")}

    def shipped(model: str, measure: str, held_out: str = "") -> float:
        if held_out:
            return run.mean(f"{model} held out {measure} judge")
        return run.mean(f"{model} {measure} judge w={run.mean(f'{model} guidance'):g}")

    def read(held_out: str = "") -> tuple[float, str]:
        ours, others = (100 * shipped(model, "both", held_out)
                        for model in ("canvas-latent", "canvas-pixels"))
        more = (100 * again[name].mean(f"{held_out}both judge") for name in ("latents", "patch-4"))
        return ours, "patches of 4 {:.1f} %; three seeds {:.1f} and {:.1f} %".format(others, *more)

    def nearness(held_out: str = "") -> tuple[float, str]:
        ours, others = (shipped(model, "frechet_debiased", held_out)
                        for model in ("canvas-latent", "canvas-pixels"))
        more = [again[name].mean(f"{held_out}frechet_debiased judge")
                for name in ("latents", "patch-4")]
        return ours / others, f"with three seeds {more[0] / more[1]:.2f}"

    yield Row("real canvases: both digits read", 100 * run.mean("real both judge"), 98.5, "%",
              group, least=True)
    for numbers, held_out, bound in (("trained numbers", "", 92), (HELD_OUT, "held out ", 88)):
        ours, others = read(held_out)
        yield Row(f"latents, {numbers}: both digits read", ours, bound, "%", group, True, others)
    longest = _result("canvas-latents-long")
    for numbers, held_out, bound in (("trained numbers", "", 97), (HELD_OUT, "held out ", 95)):
        yield Row(f"latents trained three times as long, {numbers}: both digits read",
                  100 * longest.mean(f"{held_out}both judge"), bound, "%", group, least=True)
    pixels = _result("canvas-patch-4-long")
    yield Row(LONGER, longest.mean("frechet_debiased judge")
              / pixels.mean("frechet_debiased judge"), 1.0, "", group)
    folded = again["patch-8"].mean("frechet_debiased judge")
    yield Row(FOLDED, shipped("canvas-latent", "frechet_debiased") / folded, 0.333, "", group)
    for numbers, held_out in (("trained numbers", ""), (HELD_OUT, "held out ")):
        ours, others = nearness(held_out)
        yield Row(f"latents, {numbers}: Fréchet distance beyond chance, over that of patches of 4",
                  ours, None, "", group, beside=others)
    yield Row(CHEAPER, _cheaper(), 2.3, "", group, least=True)


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
    for case, name in (("0.5 1", "y = 0.5 ± 1"), ("0.3 0.5", "y = 0.3 ± 0.5")):
        share = run.mean(f"{case} exact right")
        independent = (share * (1 - share) / DRAWS) ** 0.5
        yield Row(f"particles, {name}: bias of the right hump's share, 50 runs of 1,000",
                  abs(run.mean(f"{case} runs bias")), 0.005, "", group)
        yield Row(f"particles, {name}: spread of the share over 50 runs, over that of independent "
                  "draws", run.mean(f"{case} runs std") / independent, 1.2, "", group)
    table = _result("posterior-table")
    far = {method: _mean_of(table, f"{method} w2")
           for method in ("particles sde", "dps sde", "pigdm sde", "exact score sde", "exact")}
    yield Row("particles: W₂ from the exact posterior, mean of twelve", far["particles sde"], None,
              "", group, beside=f"DPS {far['dps sde']:.2f}, ΠGDM {far['pigdm sde']:.2f}, "
              f"exact score {far['exact score sde']:.2f}, exact draws {far['exact']:.2f}")


def transformed() -> Iterator[Row]:
    group, run = "Chapter 7, transformers", _result("narrow-layer")
    from diffusionbook.exact import small_rank
    from diffusionbook.experiments import narrow_layer as narrow

    best = small_rank.excess_on_subspace("eps", narrow.PATH, narrow.T, 1024, narrow.DATA_DIMS,
                                         narrow.NARROW)
    yield Row("networks with a layer of 16 in 1,024 dimensions, predicting the noise: what they "
              "lose", run.mean("eps D=1024 excess"), None, "", group,
              beside=f"the best matrix of that rank {best:,.1f}")
    run = _result("transformer-quality")
    yield Row("mnist-dit: Fréchet distance beyond mnist-unet's, the same 10,000 draws of noise",
              run.mean("difference judge"), None, "", group,
              beside=f"standard error {run.mean('error judge'):.2f}; "
              f"mnist-unet {run.mean('mnist-unet frechet judge'):.2f}")
    seconds = _receipt("mnist-dit")["cpu_seconds"]
    yield Row(SLOW, seconds / 60, 90, "min", group)


def paired() -> Iterator[Row]:
    group, run = "Chapter 8, transport", _result("paired-flows")
    yield Row("the spiral in two steps after plans over 64 pairs: sliced W₂ from fresh data",
              run.mean("spiral 64 sliced_w2 2"), None, "", group,
              beside="independent pairs in two steps "
              f"{run.mean('spiral 1 sliced_w2 2'):.2f}, in sixteen "
              f"{run.mean('spiral 1 sliced_w2 16'):.3f}")
    means = {rule: max(max(run.values(f"labels {rule} width {width} mean")) for width in (64, 128))
             for rule in ("64", "within")}
    yield Row("asked for a class of mean 1 after plans over 64 pairs that do not look at labels: "
              "the largest mean of six", means["64"], 0.3, "", group,
              beside=f"plans within labels {means['within']:.2f}")
    run = _result("paired-digits")
    yield Row("digits after plans over 1,024 images that do not look at labels: read as asked for",
              100 * run.mean("plan 1024 accuracy judge n=16"), None, "%", group,
              beside=f"independent pairs {100 * run.mean('plan 1 accuracy judge n=16'):.0f} %, "
              f"plans within labels {100 * run.mean('plan within accuracy judge n=16'):.0f} %")


def fronts() -> Iterator[Row]:
    group, run = "Chapter 9, several rewards", _result("pareto-mixture")
    behind = {way: run.mean(f"{way} behind") for way in ("sum", "pcgrad", "mgda")}
    yield Row("a weighted sum: reward behind the exact front at as many nats, mean of eleven",
              behind["sum"], None, "", group, beside="PCGrad {pcgrad:.2f}, MGDA {mgda:.2f}, exact "
              "draws {floor:.3f}".format(floor=run.mean("sum floor"), **behind))
    run = _result("steered-fronts")
    yield Row("digits steered by PCGrad: volume over that of all training digits",
              run.mean("pcgrad volume") / run.mean("training volume"), None, "", group,
              beside=f"a weighted sum {run.mean('sum volume') / run.mean('training volume'):.2f}, "
              f"not steered {run.mean('plain volume') / run.mean('training volume'):.2f}")


def beside(root: Path) -> Iterator[Row]:
    """The quick digits recipe beside public implementations, from what `make rivals` kept: each
    with the sampler and the settings of its own example."""
    held = json.loads((root / "tests" / "tools" / "rivals.json").read_text("utf-8"))
    ours, *others = held["contestants"]
    seconds = f"after {held['setting']['cpu_seconds']:,.0f} CPU-seconds"
    images = min(_equally(one)["images"] for one in held["contestants"].values())
    stopped = {name: f" at {_share(held['contestants'][name]):.1g} % of its own training"
               for name in others}
    for what, of, early in (
        (f"{seconds}: images seen", _seen, True),
        (f"{seconds}: Fréchet distance above chance", _above, True),
        (f"after {images:,} images each: Fréchet distance above chance",
         lambda one: _above(one, _equally(one)), False),
        ("CPU-seconds a sample", _price, False),
    ):
        found = "; ".join(f"{name} {_few(of(held['contestants'][name]))}"
                          + (stopped[name] if early else "") for name in others)
        yield Row(f"{ours}, {what}", of(held["contestants"][ours]), None, "",
                  "Beside public implementations, in short", beside=found)


def _equally(one: dict) -> dict:
    """Its training up to equally many images."""
    return next((t for t in one["trained"] if t["equal"] == "images"), one["trained"][0])


def _share(one: dict) -> float:
    """Per cent of its own training after the CPU-seconds."""
    return 100 * one["trained"][0]["images"] / one["whole"]


def _few(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _seen(one: dict) -> float:
    return one["trained"][0]["images"]


def _own(one: dict, trained: dict | None = None) -> dict:
    """What its own sampler gives."""
    return (trained or one["trained"][0])["scores"][one["samplers"][0]]


def _above(one: dict, trained: dict | None = None) -> float:
    return _own(one, trained)["frechet"] - _own(one, trained)["frechet_floor"]


def _price(one: dict) -> float:
    return _own(one)["sample_cpu_seconds"]


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
