"""The comparison with public implementations, from what ``make rivals`` recorded."""

from collections.abc import Iterator

SHIPPED = "mnist-unet-quick"
EXAMPLES = 60_000  # training images of MNIST
KEPT = 1_024  # images of training between two states that are kept
EQUAL = range(19, 21)  # evaluations for each sample, in the comparison at equally many
INTRODUCTION = """
## Beside public implementations

The quick digits recipe and two public implementations, all trained anew for these tables. Each
keeps the network, batch, optimiser, rate and sampler of its own example; one stands there once more
with a smaller batch, which is a change of ours. The lines in which the maintainers set them are
linked below.

*Equal* are the data, the {cpu_seconds:,.0f} seconds of processor time for the training of each
on {device}, the judge, `{judge}`, and the {samples:,} samples that it compares
with the test set. They trained in turns, each for {slice:g} CPU-seconds and to the end of a step,
so what else the machine did met all of them. Each trained under the setting of the allocator that
is fastest for it: the last table.

*Not equal* are these:

* How far each one comes. The recipe ends its schedule in this time. The examples were made for
  more, and stop early in theirs.
* Arithmetic. The book's network computes as its settings below say, and the others in float32, as
  in their examples.
* Labels. One implementation is told none, so nothing says whether its digits are right.
* Guidance. The book's samples are guided, at a scale that was chosen on these digits. They stand
  without guidance beside.
* The data that an example was made for. One was made for FashionMNIST.
* The home. Recipe and judge are the book's, though the judge chose nothing.

So the tables compare what comes of so much processor time, and of so many images. They say nothing
of how good the other models become when they are trained to their ends. There is one training of
each, with one seed.
"""
QUALITY = """\
**{title}.** The first row of each is its own sampler. Rows with {fewest} to {most} evaluations
compare all at about equally many.

"Above the floor" is the Fréchet distance less its floor: what finite sets of real images would have
on average. The kernel distance has no such bias for sets that are drawn as they come. Sets with
equally many of each class are spread more evenly than chance, and come out lower. So the last
rows say what real images of the training set come to, as a mean over {sets} sets ± the standard
deviation of one, and "above real images" is the kernel distance less that mean, of sets drawn
alike.
"""
AT_EQUAL_IMAGES = """\
**{title}**, the most that all of them saw, counted in steps of {kept:,}. The book's recipe is
trained again and ends its schedule there. The others' rates are constant, so their models are taken
from their trainings at that point.
"""
NEAREST = """\
The least distance above its floor has {what}, with {sampler}: {above}.
"""
SETTINGS = """\
**What the allocator and the layout are worth**, in images for each CPU-second of training, measured
for {probe:g} CPU-seconds each, one after the other. PyTorch asks for fresh memory in each step,
and some machines hand it out slowly; then it helps when the C library keeps what was freed
(`MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=10000000000`). Each trained under the fastest of the
first three. The last two were not used: another layout may add up in another order, and a second
thread spends the time of a second processor. The batch of 1,024 is worked off in parts of 64, so it
shares what was measured with the batch of 64.
"""
SHIPPED_NOTE = """\
The shipped `{name}` is another training by the same recipe: {seconds:,.0f} CPU-seconds and
{images:,} images. CPU-seconds of two days or two machines are not the same, so compare within these
tables only.
"""


def rivals(held: dict | None, receipts: dict[str, dict]) -> Iterator[str]:
    """The section of the page of run times; nothing if it was not measured.

    Args:
        held: what ``make rivals`` wrote last.
        receipts: of the shipped models, by name.
    """
    if not held or not held.get("contestants"):
        return
    setting, contestants = held["setting"], held["contestants"]
    yield INTRODUCTION.format(**setting)
    yield "**Training**, for as long as the budget lasts.\n"
    columns = [TRAINING, *(_training(name, one) for name, one in contestants.items())]
    yield from _table(zip(*columns, strict=False))  # the last where equal images were compared
    if SHIPPED in receipts:
        receipt = receipts[SHIPPED]
        yield SHIPPED_NOTE.format(name=SHIPPED, seconds=receipt["cpu_seconds"],
                                  images=receipt["steps"] * receipt["recipe"]["batch"])
    titles = {"CPU-seconds": f"After {setting['cpu_seconds']:,.0f} CPU-seconds of training each",
              "images": f"After {_equal(contestants):,} images each"}
    for equal, title in titles.items():
        rows = [*_quality(held, equal)]
        if rows:
            text = QUALITY if equal == "CPU-seconds" else AT_EQUAL_IMAGES
            yield text.format(title=title, sets=held["real"]["balanced"]["sets"],
                              fewest=EQUAL[0], most=EQUAL[-1], kept=KEPT)
            yield from _table([HEAD, *rows, *_real(held["real"])])
            nearest = min(rows, key=lambda row: float(row[ABOVE].replace(",", "")))
            yield NEAREST.format(what=nearest[0], sampler=nearest[1], above=nearest[ABOVE])
    yield SETTINGS.format(**setting)
    tried = list(next(iter(held["speeds"].values())))
    yield from _table([("what", *held["speeds"])] + [
        (title, *(f"{speeds[title]:.1f}" for speeds in held["speeds"].values()))
        for title in tried])
    for name, one in contestants.items():
        yield f"{name}\n: {one['parameters']:,} weights. Settings: {one['note']}."
        yield f"{_cited(one['cited'])}\n" if one.get("cited") else ""
    yield (f"Versions: {', '.join(f'{k} {v}' for k, v in setting['versions'].items())}. "
           "`make rivals` measures it all again, which takes an hour and more.")


TRAINING = ("what", "setting of the allocator", "weights", "images for each CPU-second",
            "images seen", "epochs (times each training image is seen)", "batch",
            "steps of the optimiser", "share of its own example's training",
            "CPU-seconds to equally many images")
HEAD = ("what", "sampler", "evaluations for each sample", "CPU-seconds for each sample",
        "Fréchet distance", "above the floor", "kernel distance", "above real images",
        "right label")
ABOVE = HEAD.index("above the floor")


def _training(name: str, one: dict) -> tuple[str, ...]:
    """A column of the table of trainings."""
    last, (steps, share) = one["trained"][0], length(one)
    return (name, one["setting"], f"{one['parameters']:,}",
            f"{last['images'] / last['cpu_seconds']:.1f}", f"{last['images']:,}",
            f"{last['images'] / EXAMPLES:.2f}", f"{one['batch']:,}", f"{steps:,}",
            "all" if share is None else f"{100 * share:.2g} %",
            *(f"{other['cpu_seconds']:.0f}" for other in one["trained"][1:]))


def length(one: dict) -> tuple[int, float | None]:
    """Steps of the optimiser, and what share of its own example's training they are.

    The share is None for a model whose own training *is* the budget.
    """
    images = one["trained"][0]["images"]
    return images // one["batch"], one["whole"] and images / one["whole"]


def _equal(contestants: dict) -> int:
    """How many images everybody saw, in the comparison at equally many."""
    seen = {trained["images"] for one in contestants.values() for trained in one["trained"]
            if trained["equal"] == "images"}
    return max(seen, default=0)


def _quality(held: dict, equal: str) -> Iterator[tuple[str, ...]]:
    """Rows: each contestant with each sampler, its own first."""
    for name, one in held["contestants"].items():
        real = held["real"]["balanced" if one["labels"] else "as they come"]["mean"]["kid"]
        for trained in one["trained"]:
            if trained["equal"] == equal:
                for k, sampler in enumerate(one["samplers"]):
                    if sampler in trained["scores"]:
                        title = f"{sampler} (its own)" if k == 0 else sampler
                        yield _row(name, title, trained["scores"][sampler], real)


def _row(name: str, sampler: str, score: dict, real: float) -> tuple[str, ...]:
    label = score.get("accuracy")
    return (name, sampler, f"{score['evaluations']:.0f}", f"{score['sample_cpu_seconds']:.3f}",
            f"{score['frechet']:,.1f}", f"{score['frechet'] - score['frechet_floor']:,.1f}",
            f"{score['kid']:,.1f}", f"{score['kid'] - real:,.1f}",
            "–" if label is None else f"{100 * label:.1f} %")


def _real(real: dict) -> Iterator[tuple[str, ...]]:
    """Rows: real images, as many of each class, and as they come."""
    for how, found in real.items():
        mean, spread = found["mean"], found["spread"]
        label = "–" if "accuracy" not in mean else f"{100 * mean['accuracy']:.1f} %"
        yield (f"real images, {how}", "–", "–", "–",
               f"{mean['frechet']:.1f} ± {spread['frechet']:.1f}",
               f"{mean['frechet'] - mean['frechet_floor']:.1f} ± {spread['frechet']:.1f}",
               f"{mean['kid']:.1f} ± {spread['kid']:.1f}", f"0 ± {spread['kid']:.1f}", label)


def _cited(cited: dict) -> str:
    """The maintainers' lines, each a link."""
    links = [f"[{what}]({cited['repository']}/blob/{cited['commit']}/{path}?plain=1#L{line})"
             for what, path, line in cited["lines"]]
    return (f"  Its example, in release {cited['release']} (commit {cited['commit'][:7]}), by "
            f"line: {', '.join(links)}.")


def _table(rows) -> Iterator[str]:
    head, *rest = rows
    for row in (head, [":--", *["--:"] * (len(head) - 1)], *rest):
        yield f"| {' | '.join(row)} |"
    yield ""
