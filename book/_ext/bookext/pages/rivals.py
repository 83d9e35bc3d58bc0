"""The comparison with public implementations, from what ``make rivals`` recorded."""

from collections.abc import Iterator

SHIPPED = "mnist-unet-quick"
EXAMPLES = 60_000  # training images of MNIST
INTRODUCTION = """
## Beside public implementations

The quick digits recipe, and two public implementations with the networks, batches, learning rates
and samplers of their own examples.

*Equal* are the data, the {seconds:,.0f} seconds of processor time for the training of each on
{device}, the judge, `{judge}`, and the {samples:,} samples that it compares with the test
set; it gives real images a Fréchet distance of {real:.1f}.

*Not equal* is how far each one comes. The recipe was made for this time and ends its schedule in
it; the examples were made for more, and stop near the beginning of theirs. Nor are these equal: the
book's network computes as its settings below say, and the others in float32; its guidance was
chosen on these digits; one of the others is told no labels. So the table compares the *speed* of
training, in images for each CPU-second on this processor, and what comes of it within these
seconds. It says nothing of how good the other models become when they are trained to their ends.
`make rivals` measures it all again, which takes hours.
"""
AGAIN = """\
The first column was trained anew for this table, on {here:,} images. The shipped model of that name
saw {there:,} in its {seconds:,.0f} CPU-seconds, so CPU-seconds of two days, or of two machines, are
not the same: compare within the table only.
"""


def rivals(held: dict | None, receipts: dict[str, dict]) -> Iterator[str]:
    """The section of the page of run times; nothing if it was not measured.

    Args:
        held: what ``make rivals`` wrote last.
        receipts: of the shipped models, by name.
    """
    if held is None:
        return
    setting, level = held["setting"], held["setting"]["level"]
    yield INTRODUCTION.format(seconds=setting["cpu_seconds"], real=held["real"],
                              **{key: setting[key] for key in ("device", "samples", "judge")})
    columns = [("what", "images for each CPU-second of training", "images in training",
                "steps of the optimiser", "times each training image is seen",
                "share of its own example's training", "evaluations for each sample",
                "CPU-seconds for each sample", "Fréchet distance", "right label",
                "Fréchet distance after the fewest images that were judged",
                f"CPU-seconds of training to a Fréchet distance of {level:g}")]
    columns += [_column(name, one, level) for name, one in held["contestants"].items()]
    head, *rows = zip(*columns, strict=True)
    for row in (head, [":--", *["--:"] * (len(columns) - 1)], *rows):
        yield f"| {' | '.join(row)} |"
    yield ""
    for name, one in held["contestants"].items():
        yield f"{name}\n: {one['parameters']:,} weights. Settings: {one['note']}.\n"
    if SHIPPED in receipts and SHIPPED in held["contestants"]:
        receipt = receipts[SHIPPED]
        yield AGAIN.format(here=held["contestants"][SHIPPED]["curve"][0]["images"],
                           there=receipt["steps"] * receipt["recipe"]["batch"],
                           seconds=receipt["cpu_seconds"])
    yield f"Versions: {', '.join(f'{k} {v}' for k, v in setting['versions'].items())}."


def _column(name: str, one: dict, level: float) -> tuple[str, ...]:
    last, first = one["curve"][0], reached(one["curve"], level)
    least = min(one["curve"], key=lambda point: point["images"])
    label, (steps, share) = last.get("accuracy"), length(one)
    return (
        name, f"{last['images'] / last['cpu_seconds']:.0f}", f"{last['images']:,}", f"{steps:,}",
        f"{last['images'] / EXAMPLES:.2f}", "all" if share is None else f"{100 * share:.1f} %",
        f"{last['evaluations']:.0f}", f"{last['sample_cpu_seconds']:.3f}",
        _distance(last), "–" if label is None else f"{100 * label:.1f} %",
        f"{_distance(least)} after {least['images']:,}",
        "not reached" if first is None else f"{first:,.0f}")


def _distance(point: dict) -> str:
    floor = point.get("frechet_floor")
    return f"{point['frechet']:,.1f}" + (f" (floor {floor:,.1f})" if floor is not None else "")


def length(one: dict) -> tuple[int, float | None]:
    """Steps of the optimiser, and what share of its own example's training they are.

    The share is None for a model whose own training *is* the budget.
    """
    images = one["curve"][0]["images"]
    return images // one["batch"], one["whole"] and images / one["whole"]


def reached(curve: list[dict], level: float) -> float | None:
    """The processor seconds after which a model was first judged to be within the level."""
    within = [point["cpu_seconds"] for point in curve if point["frechet"] <= level]
    return min(within, default=None)
