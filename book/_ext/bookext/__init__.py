"""The Sphinx extension of this book. Each module does one thing; this one joins them."""

from . import api, build, cost, export, ledger_page, maths, notation, receipts, repairs, runs


def setup(app):
    for part in (build, maths, cost, export, api, ledger_page, runs, receipts, repairs, notation):
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
