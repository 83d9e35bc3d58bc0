"""``python -m diffusionbook info``: what there is, as tables, without PyTorch."""

import json
import shutil
import sys
from argparse import Namespace
from pathlib import Path

from diffusionbook.evidence import results
from diffusionbook.evidence.catalogue import names_in, outline
from diffusionbook.evidence.receipts import WEIGHTS, cure, floor_of, is_floor, names, receipt
from diffusionbook.evidence.sources import Package
from diffusionbook.files.whole import DamagedFile, sha256

WIDEST = 100


def info(options: Namespace) -> None:
    """List everything there is, or print one receipt."""
    folder = options.weights or WEIGHTS
    if options.name:
        plain = "utf" not in (getattr(sys.stdout, "encoding", None) or "utf").lower()
        print(json.dumps(receipt(options.name, folder), indent=1, ensure_ascii=plain))
        return
    models = {name: model_row(name, folder) for name in names(folder)}
    package = Package()
    measured = {name: experiment_row(name, package) for name in names_in("experiments")}
    print(f"models in {folder}:")
    print(table(models) if models else "  none")
    print("\nrecipes, for: python -m diffusionbook train NAME")
    print(table({name: recipe_row(name) for name in names_in("recipes")}))
    print("\nexperiments, for: python -m diffusionbook experiment NAME")
    print(table(measured))
    damaged = [name for name, row in (models | measured).items() if row[0].startswith("damaged")]
    if damaged:
        where = f" --weights {options.weights}" if options.weights else ""
        raise DamagedFile(f"damaged: {', '.join(damaged)}; what to do, for a model: "
                          f"python -m diffusionbook info NAME{where}")


def table(rows: dict[str, tuple[str, ...]]) -> str:
    """Names and what belongs to them, in columns of one width, cut to what a terminal shows."""
    seen = sys.stdout is not None and sys.stdout.isatty()
    width = shutil.get_terminal_size((WIDEST, 24)).columns if seen else WIDEST
    cells = [(name, *row) for name, row in rows.items()]
    most = max(len(row) for row in cells)
    wide = [max((len(row[k]) for row in cells if len(row) == most), default=0)
            for k in range(most)]
    wide[0] = max(len(row[0]) for row in cells)
    lines = ("  " + "  ".join(cell.ljust(n) for cell, n in zip(row, wide, strict=False)).rstrip()
             for row in map(_printable, cells))  # fmt: skip
    return "\n".join(_cut(line, min(width, WIDEST)) for line in lines)


def model_row(name: str, folder: Path) -> tuple[str, ...]:
    """How large a model is and its first measure; or that it is damaged, and how."""
    try:
        facts, path = receipt(name, folder), Path(folder) / f"{name}.safetensors"
        if sha256(path) != facts["sha256"]:
            raise DamagedFile("its weights are not those of its receipt")
    except (ValueError, OSError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).removesuffix(
            f"; {cure(name, Path(folder))}")
        return (f"damaged: {reason.replace(f'{Path(folder)}/', '')}",)
    measures = measures_of(facts.get("metrics", {}))
    more = f", {len(measures) - 1} more" if len(measures) > 1 else ""
    return (f"{facts['parameters']:>9,} weights", f"{facts['bytes'] / 1e6:.1f} MB",
            (measures or ["not measured"])[0] + more)


def recipe_row(name: str) -> tuple[str, ...]:
    """What a recipe makes."""
    return (str(outline(name).get("title", "")),)


def experiment_row(name: str, package: Package | None = None) -> tuple[str, ...]:
    """Whether an experiment's result is still true."""
    try:
        reason = results.stale(name, package=package)
    except (RecursionError, OSError) as error:
        return (f"damaged: {type(error).__name__}",)
    if reason is None:
        return ("fresh",)
    return (reason.split("; run:")[0].removeprefix(f"result {name!r} ")
            .removeprefix("is ").removeprefix("was "),)


def measures_of(metrics: dict) -> list[str]:
    """Measures in words: the mean and, over several seeds, its standard deviation; and beside a
    Fréchet distance its floor."""
    found = []
    for name, value in metrics.items():
        if not is_floor(name):
            spread = f" ± {value['std']:.4f}" if value["seeds"] > 1 else ""
            floor = floor_of(name, metrics)
            beside = "" if floor is None else f" (floor {floor:.4f})"
            found.append(f"{name} {value['mean']:.4f}{spread}{beside}")
    return found


def _printable(row: tuple[str, ...]) -> list[str]:
    return ["".join(c if c.isprintable() else "?" for c in cell) for cell in row]


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"
