"""``make notebooks``: run what readers download, where they run it, and compare the numbers.

Each exported notebook of the built book is executed in a fresh environment that holds the package,
what it needs at run time and the kernel, in an empty folder that is not the repository. Numbers,
tables, printed text and errors are held against ``book/_outputs``. What is alive in a notebook and
still on a page (widgets for films, progress bars) is not compared; that its cell runs is.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager

from ..book import PACKAGE, Book, code_cells
from ..chapters import outputs
from ..chapters.compare import cell_differences, in_words, side_by_side
from ..chapters.kernel import ChapterFailed, execute
from ..chapters.outputs import PREFIX

EXPORTED = Path("_build", "html", "_sources")
NEEDED = ("pyproject.toml", "constraints.txt", "README.md", "LICENSE", "LICENSE-text")


def check(book: Book, names: list[str], manager) -> list[str]:
    """Run exported notebooks, two side by side, in kernels of ``manager()``; return what does not
    agree."""
    return side_by_side(lambda name: _checked(book, name, manager), names)


def _checked(book: Book, name: str, manager) -> tuple[str, list[str]]:
    """What an exported notebook cost, in words, and what does not agree."""
    path = book.root / EXPORTED / f"{name}.ipynb"
    where = path.relative_to(book.root)
    if not path.is_file():
        return f"{where} is missing", [f"{name}: {where} is not there (make book)"]
    notebook = nbformat.read(path, nbformat.NO_CONVERT)
    for cell in code_cells(notebook):
        cell.outputs = []
    try:
        cost = execute(name, notebook, reader(), manager())
    except ChapterFailed as failure:
        return f"{where} failed", [str(failure)]
    found = differences(outputs.load(book.committed / f"{name}.ipynb"), notebook)
    return in_words(str(where), cost, found), [f"{name}: {problem}" for problem in found]


def differences(kept, executed) -> list[str]:
    """What in an executed notebook is not as the kept outputs of its chapter say."""
    if kept is None:
        return ["has no committed outputs (make outputs)"]
    setup, *cells = code_cells(executed)
    if setup.outputs:
        return [f"the cell that installs the package did so, or failed: {setup.outputs[0]}"[:200]]
    were = code_cells(kept)
    if [c.source.strip() for c in cells] != [c.source.strip() for c in were]:
        return [f"its {len(cells)} cells are not the {len(were)} of the committed outputs "
                "(make outputs book)"]
    return cell_differences([compared(cell) for cell in were], [compared(cell) for cell in cells])


def compared(cell):
    """The cell with those of its outputs that a page and a notebook have in common."""
    cell = nbformat.from_dict(cell)
    cell.outputs = outputs.tidy([as_on_the_page(output) for output in cell.outputs
                                 if is_compared(output)])
    return cell


def is_compared(output) -> bool:
    if output.output_type == "stream":
        return output.name == "stdout"
    return output.output_type == "error" or "diffusionbook" in output.get("metadata", {})


def as_on_the_page(output):
    """A glued output under the names that the page knows; a notebook shows “name = 0.5”."""
    if output.output_type in ("stream", "error"):
        return output
    name = output.metadata.scrapbook.name
    data = {PREFIX + mime.removeprefix(PREFIX): content for mime, content in output.data.items()}
    text = data[PREFIX + "text/plain"]
    data[PREFIX + "text/plain"] = text.removeprefix(f"{name} = ")
    return nbformat.from_dict({**output, "data": data})


def reader() -> dict[str, str]:
    """The environment variables of somebody who knows nothing of the repository."""
    return {key: value for key, value in os.environ.items()
            if key not in ("PYTHONPATH", "BOOK_BUILD", "VIRTUAL_ENV")}


def install(book: Book, folder: Path) -> Path:
    """A new environment with the package as readers get it, and a kernel; its Python."""
    venv.create(folder / "environment", with_pip=True, symlinks=os.name != "nt")
    python = folder / "environment" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    copy = folder / "package"  # pip builds where the sources are, and leaves its files there
    shutil.copytree(book.code, copy / "code",
                    ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in NEEDED:
        shutil.copy(book.root / name, copy)
    subprocess.run([python, "-m", "pip", "install", "-q", "-c", "constraints.txt", ".",
                    "ipykernel"], cwd=copy, env=reader(), check=True)
    where = subprocess.run([python, "-c", f"import {PACKAGE}; print({PACKAGE}.__file__)"],
                           cwd=folder, env=reader(), check=True, capture_output=True, text=True)
    if not Path(where.stdout.strip()).is_relative_to(folder / "environment"):
        raise SystemExit(f"the new environment imports {where.stdout.strip()}")
    return python


def kernels(python: Path, folder: Path):
    """A function that makes managers of kernels of this Python."""
    spec = {"argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": "Reader", "language": "python"}
    (folder / "kernels" / "reader").mkdir(parents=True)
    (folder / "kernels" / "reader" / "kernel.json").write_text(json.dumps(spec), "utf-8")
    specs = KernelSpecManager(kernel_dirs=[str(folder / "kernels")], ensure_native_kernel=False)
    return lambda: AsyncKernelManager(kernel_name="reader", kernel_spec_manager=specs)


def main(names: list[str]) -> int:
    book = Book(Path.cwd())
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch).resolve()
        found = check(book, names or book.chapters(), kernels(install(book, folder), folder))
    print("\n".join(found) if found else "every exported notebook gives the committed numbers")
    return 1 if found else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")  # a console may not know 10⁻³
    sys.exit(main(sys.argv[1:]))
