"""Is what a receipt says of a model's quality still true of today's code?"""

import hashlib
import json
from pathlib import Path

from diffusionbook.evidence import record
from diffusionbook.evidence.closure import PACKAGE, Package

WEIGHTS = PACKAGE / "weights"


def seal(held: dict) -> str:
    """SHA-256 of everything in a receipt but its evidence."""
    rest = {key: value for key, value in held.items() if key != "evidence"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def sealed(held: dict) -> dict:
    """The receipt with its seal, which makes an edit by hand show."""
    return {**held, "evidence": {**held["evidence"], "seal": seal(held)}}


def stale(name: str, folder: Path | str = WEIGHTS, package: Package | None = None) -> str | None:
    """Why the metrics in a receipt cannot be believed, in one sentence; None if they can.

    Args:
        name: of the model.
        folder: where its receipt is.
        package: today's code; default: this package, read anew.
    """
    folder = Path(folder)
    cure = f"run: python -m diffusionbook evaluate {name} --record"
    cure += "" if folder == WEIGHTS else f" --weights {folder}"
    try:
        held = json.loads((folder / f"{name}.json").read_bytes())
        evidence = held["metrics"] and held.get("evidence")
        intact = not isinstance(evidence, dict) or evidence.get("seal") == seal(held)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return f"the receipt of {name!r} is missing or damaged; {cure}"
    if not intact:
        return f"the receipt of {name!r} was edited after its metrics were measured; {cure}"
    reason = record.doubt(evidence, lambda: record.evaluation(name, package or Package()))
    return f"the receipt of {name!r} is stale: {reason}; {cure}" if reason else None
