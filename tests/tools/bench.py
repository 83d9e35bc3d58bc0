"""Measure what the book promises on this machine, and print each number beside its bound.

    make bench                            everything, and the tables of rivals.py
    make bench RECORD=1                   and keep them for the book's page of proof
    python tests/tools/bench.py --only build weight --json times.json

Exits 1 if a bound is passed. The build is timed in a fresh clone of the last commit, with the
environment already installed; pages are looked at as `make book` left them. What chapters take is
read from their committed outputs, what tests take from the last run of `.ci/run` here, and the
promises of the chapters, which take hours, from the results that the package keeps.
"""

import argparse
import json
import sys
from datetime import date
from pathlib import Path

import budgets
import engines
import promises
import reading
from row import Row

ROOT = Path(__file__).parents[2]
SHORT = (  # what the README shows
    "mnist-unet: Fréchet distance over that of real digits, 2,000 of each",
    "mnist-unet: labels read as asked for, of 10,000",
    "mnist-unet-quick, after 600 CPU-seconds: Fréchet distance above chance",
    promises.FOLDED,
    promises.CHEAPER,
    promises.TWISTED,
    "the whole book executed",
)
MARKS = "<!-- what make bench RECORD=1 writes -->\n", "<!-- to here -->\n"
REASONS = {  # for what is known to miss its bound
    "fresh clone to built book": "it has grown to some 270 pages with the functions of the "
        "package; a fifth of the time draws the table of contents beside each",
    "a sentence changed, rebuilt": "what is stale, all slides and the picture of the rooms are "
        "asked for anew each time",
    "fast tests": "there are some 6,000 of them, many of which solve for an exact answer",
    "all tests, without JupyterLab and notebooks": "most of it is a browser that looks "
        "at every page, light and dark, wide and narrow",
    ".ci/run": "a kernel's reply was lost in this run, and seven minutes were waited for it",
    **promises.REASONS,
}
MEASUREMENTS = {
    "promises": promises.rows, "beside": promises.beside, "engines": engines.rows,
    "reading": reading.rows, "weight": budgets.weight, "build": budgets.build,
    "chapters": budgets.chapters, "ci": budgets.whole, "shipped": budgets.shipped,
    "arithmetic": budgets.arithmetic, "training": budgets.training,
}  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    options = _options().parse_args(argv)
    found = {}
    for name in options.only or MEASUREMENTS:
        found[name] = []
        for row in MEASUREMENTS[name](ROOT):
            print(_line(row), file=sys.stderr, flush=True)
            found[name].append(row)
    rows = [row for name in found for row in found[name]]
    print(table(rows))
    if options.json:
        before = json.loads(options.json.read_text("utf-8")) if options.json.is_file() else {}
        held = record(found, before.get("rows", []))
        if options.readme:
            text = in_readme(options.readme.read_text("utf-8"), held)
            options.readme.write_text(text, "utf-8")
        options.json.write_text(json.dumps(held, indent=1) + "\n", "utf-8")
    return 0 if rows and all(r.ok for r in rows) else 1


def record(found: dict[str, list[Row]], before: list[dict]) -> dict:
    """What was measured, where and when; what was not measured now stays as it was kept."""
    from diffusionbook.machine.environment import describe

    today = {"device": describe("cpu"), "day": date.today().isoformat()}
    rows = [row for row in before if row.get("by") in MEASUREMENTS.keys() - found.keys()]
    rows += [row.record() | {"by": name} | today for name in found for row in found[name]]
    rows.sort(key=lambda row: list(MEASUREMENTS).index(row["by"]))
    return {"rows": rows, "why": {row["what"]: REASONS[row["what"]] for row in rows
                                  if not row["ok"] and row["what"] in REASONS}}


def in_readme(text: str, held: dict) -> str:
    """The README with a few rows of what was recorded between its marks."""
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    from bookext.pages.proof import HEAD, line

    begun, mark, rest = text.partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if not mark or not end:
        raise ValueError(f"the README lacks {MARKS[0].strip()!r} … {MARKS[1].strip()!r}")
    rows = {row["what"]: line(row) for row in held["rows"]}
    if missing := [what for what in SHORT if what not in rows]:
        raise ValueError(f"the README shows what was not measured: {'; '.join(missing)}")
    return f"{begun}{mark}{HEAD}\n" + "".join(f"{rows[what]}\n" for what in SHORT) + end + after


def table(rows: list[Row]) -> str:
    lines = []
    for group in dict.fromkeys(row.group for row in rows):
        lines += ["", f"{group:<76}{'measured':>12}{'bound':>14}"]
        lines += [_line(row) for row in rows if row.group == group]
    return "\n".join(lines[1:])


def _line(row: Row) -> str:
    measured = f"{row.measured:.{row.digits}f} {row.unit}".rstrip()
    bound, kept = "–", ""
    if row.bound is not None:
        bound = f"{'≥' if row.least else '≤'} {row.bound:.4g} {row.unit}".rstrip()
        kept = "ok" if row.ok else "MISSED"
    beside = f"  ({row.beside})" if row.beside else ""
    return f"{row.what:<76}{measured:>12}{bound:>14}  {kept}{beside}"


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, help="some of them")
    parser.add_argument("--json", type=Path, help="keep what was measured in this file")
    parser.add_argument("--readme", type=Path, help="with --json: put a few rows between its marks")
    return parser


if __name__ == "__main__":
    sys.exit(main())
