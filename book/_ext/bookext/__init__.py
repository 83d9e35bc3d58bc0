"""The Sphinx extension of this book. Each module does one thing; this one joins them."""

from . import (
    api,
    cost,
    doctrees,
    icons,
    landing,
    ledger_page,
    live_parts,
    maths,
    notation,
    numbers,
    receipts,
    repairs,
    runs,
)
from .chapters import build
from .notebooks import export, launch

PARTS = (build, maths, cost, export, launch, live_parts, landing, api, ledger_page, runs, receipts,
         repairs, icons, notation, numbers, doctrees)


def setup(app):
    for part in PARTS:
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
