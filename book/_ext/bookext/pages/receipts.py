"""The generated page of shipped models: each with its receipt."""


from diffusionbook.evidence.receipts import floor_of, is_floor

from ..book import Book, generate
from .cost import in_words
from .run_times import records

INTRODUCTION = """\
(models-and-receipts)=
# Models and receipts

A model that ships with the package carries a receipt: how it was trained, on what, with which
seed, how long it took and where, and what it scored. `diffusionbook.zoo.load` checks the weights
against it. To train a model again, run the command that stands beside it. Rows that end in “real”
measure real images in the same way, for comparison: of digits, some of the training set; of
canvases, some that were composed of test digits. Rows that end in “held out” measure samples of
the ten numbers on which no model of canvases was trained. A rate is in nats, and a distortion is a
summed squared error, both of one canvas; {ref}`chapter 2 <generating-images>` derives the other
measures.
"""
OLDER = """
{which} with the learning rate at the *start* of each step's share of the schedule, which a warm-up
begins at 0: step 1 changed no weight. Training now takes the rate in the middle, so a model that is
trained again makes slightly other steps.
"""
NONE = """
No weights are shipped in this edition: its networks train while you watch.
"""


def page(book: Book) -> str:
    receipts = records(book.package / "weights")
    if not receipts:
        return INTRODUCTION + NONE
    return INTRODUCTION + _older(receipts) + "\n".join(map(_model, receipts.values()))


def _older(receipts: dict[str, dict]) -> str:
    """Which models were trained by the older schedule: their receipts do not say where in a step
    its rate was taken. Without a warm-up it began at its peak, and step 1 counted."""
    old = [name for name, held in receipts.items()
           if "rates" not in held.get("training", {}) and held["recipe"]["warmup"] > 0]
    if not old:
        return ""
    few = " and ".join([", ".join(f"`{name}`" for name in old[:-1])] * (len(old) > 1)
                       + [f"`{old[-1]}`"])
    return OLDER.format(which="The models below were trained" if len(old) == len(receipts)
                        else f"{few} {'were' if len(old) > 1 else 'was'} trained")


def _model(receipt: dict) -> str:
    name, loss = receipt["name"], receipt["loss"]
    rows = [
        ("Train it again", f"`python -m diffusionbook train {name}`"),
        ("Size", f"{receipt['parameters']:,} parameters, {receipt['bytes'] / 1e6:.1f} MB"),
        ("Recipe", ", ".join(f"{key} {_value(value)}" for key, value in receipt["recipe"].items()
                             if key not in ("name", "title") and value is not None)),
        ("Data", f"{receipt['data']['examples']:,} examples, "
                 f"SHA-256 `{receipt['data']['sha256'][:16]}…`"),
        ("Training", f"{receipt['steps']:,} steps in {in_words(receipt['seconds'])} "
                     f"({receipt['cpu_seconds']:,.0f} seconds of processor time) "
                     f"on {receipt['device']}"),
        ("Arithmetic", _arithmetic(receipt)),
        ("Loss", f"{loss[0][1]:.4g} after {loss[0][0]:,} steps, "
                 f"{loss[-1][1]:.4g} after {loss[-1][0]:,}"),
        *((key.replace("_", " "), _measure(m, floor_of(key, receipt["metrics"])))
          for key, m in receipt["metrics"].items() if not is_floor(key)),
        ("Weights", f"SHA-256 `{receipt['sha256'][:16]}…`"),
    ]
    table = "\n".join(f"| {key} | {text} |" for key, text in rows)
    return f"\n## {receipt['title']}\n\n| `{name}` | receipt |\n|:--|:--|\n{table}\n"


def _arithmetic(receipt: dict) -> str:
    training = receipt.get("training")
    if training is None:
        return "whether float32 or bfloat16 was not recorded"
    changed = f"; while it was trained, {training['changed']}" if "changed" in training else ""
    return f"{training['arithmetic']}, by code `{training['code'][:16]}…`{changed}"


def _measure(measure: dict, floor: float | None) -> str:
    text = f"{measure['mean']:.4g}"
    if measure["seeds"] > 1:
        text += f" ± {measure['std']:.2g} over {measure['seeds']} sampling seeds"
    return text if floor is None else f"{text}; predicted floor {floor:.4g}"


def _value(value) -> str:
    if isinstance(value, list):
        return "(" + ", ".join(map(_value, value)) + ")"
    return f"{value:g}" if isinstance(value, float) else str(value)


def setup(app):
    generate(app, "book/pages/models", page)
