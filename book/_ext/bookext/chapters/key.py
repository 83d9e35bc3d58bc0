"""The execution key of a chapter: a hash of everything its outputs depend on.

Outputs depend on the cells, on the package modules they import (directly or not), on the weight,
result and style files those load, and on the versions of torch and numpy. They do not depend on
prose, captions, comments or docstrings, so an edit there makes nothing stale. What a data set is
belongs to the code: loaders check their files against hashes that are written in a module.
"""

import hashlib
import re
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

from diffusionbook.evidence.keys import digest, files, mentions
from diffusionbook.files.whole import write_atomic

from ..book import Book, code_cells

TAGS_THAT_MATTER = {"raises-exception", "skip-execution"}
LIBRARIES = ("torch", "numpy")


def execution_key(book: Book, notebook) -> str:
    """The key under which the outputs of ``notebook`` are valid."""
    parts = []
    for cell in code_cells(notebook):
        tags = sorted(TAGS_THAT_MATTER & set(cell.metadata.get("tags", [])))
        parts.append(f"{tags} {cell.source.strip()}")
    # A build asks for a chapter's key many times: read the package again only if a file changed.
    stamps = tuple((p, s.st_mtime_ns, s.st_size) for p in sorted(book.package.rglob("*.*"))
                   if p.suffix != ".pyc" for s in [p.stat()])
    sources = tuple(cell.source for cell in code_cells(notebook))
    parts.append(_package_digest(book, sources, stamps))
    parts += [f"{name}=={version(book, name)}" for name in LIBRARIES]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]


def made_from(book: Book, notebook) -> dict[str, dict[str, str]]:
    """What the key is a hash of, beside the cells: it names what changed in stale outputs."""
    sources = tuple(cell.source for cell in code_cells(notebook))
    files = {path.relative_to(book.code).as_posix(): digest([path], book.package)[:8]
             for path in dependencies(book, sources)}
    return {"versions": {name: version(book, name) for name in LIBRARIES}, "files": files}


@lru_cache(maxsize=64)
def _package_digest(book: Book, sources: tuple[str, ...], stamps: tuple) -> str:
    """It is kept beside what it was worked out for, so that the next build reads the package again
    only if a file of it changed."""
    path = book.root / "_build" / "keys" / _hash(sources)
    asked = _hash(stamps, Path(__file__).read_text("utf-8"))
    if path.is_file() and (kept := path.read_text("utf-8")).startswith(asked):
        return kept.removeprefix(asked)
    found = digest(dependencies(book, sources), book.package)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, (asked + found).encode())
    return found


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def dependencies(book: Book, sources: tuple[str, ...]) -> list[Path]:
    """Files of the package that the outputs of cells with these sources depend on."""
    cells = [TransformerManager().transform_cell(source) for source in sources]
    try:
        names = set().union(*(mentions(cell) for cell in cells))
        found = files(names, book.package)
    except ValueError:  # the cell will fail when it runs; until then, assume the worst
        return sorted(p for p in book.package.rglob("*") if p.is_file() and p.suffix != ".pyc")
    return found + [path for module in found if module.suffix == ".py"
                    for path in _files_beside(module)]


def version(book: Book, name: str) -> str:
    """The installed version of a library; the pinned one where it is not installed."""
    try:
        return metadata.version(name).split("+")[0]
    except metadata.PackageNotFoundError:
        return pinned(book, name)


def pinned(book: Book, name: str) -> str:
    """The version of a library in ``constraints.txt``, "none" without one."""
    match = re.search(rf"^{name}==(\S+)$", (book.root / "constraints.txt").read_text("utf-8"), re.M)
    return match[1].split("+")[0] if match else "none"


def _files_beside(module: Path) -> list[Path]:
    """Files in the module's folder that it names, such as a style sheet."""
    names = {s for s in mentions(module.read_text("utf-8")) if re.fullmatch(r"[\w-]+\.[\w.]+", s)}
    return [module.parent / n for n in sorted(names)
            if not n.endswith(".py") and (module.parent / n).is_file()]
