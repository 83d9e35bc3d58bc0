"""The lines of a file of the project that a page shows, read as Sphinx reads them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sphinx.config import Config
from sphinx.directives.code import LiteralIncludeReader

LISTING = re.compile(
    r"^[ \t]*(?::{3,}|`{3,})\{literalinclude\}[ \t]+(\S+)[ \t]*\n((?:[ \t]*:[\w-]+:.*\n)*)", re.M)
OPTION = re.compile(r"^\s*:([\w-]+):[ \t]*(.*?)\s*$", re.M)


@dataclass(frozen=True)
class Listing:
    """``text`` is what is shown; it stands in lines ``first`` to ``last`` of the file."""

    text: str
    first: int
    last: int


def read(path: Path, options: dict[str, str]) -> Listing:
    """What ``literalinclude`` with these options shows of a file.

    Raises:
        ValueError: the options name nothing in the file, or lines that do not follow each other.
    """
    given = dict(options) | {"lineno-match": None}
    if "dedent" in given:
        given["dedent"] = int(given["dedent"]) if given["dedent"] else None
    reader = LiteralIncludeReader(str(path), given, Config())
    text, lines = reader.read()
    return Listing(text.rstrip("\n"), reader.lineno_start, reader.lineno_start + lines - 1)


def faults(page: Path) -> Iterator[tuple[int, str]]:
    """(line of the page, what is wrong) for each listing that a string is cut by."""
    text = page.read_text("utf-8")
    for match in LISTING.finditer(text):
        number = text.count("\n", 0, match.start()) + 1
        path = (page.parent / match[1]).resolve()
        try:
            shown = read(path, dict(OPTION.findall(match[2])))
            for what, line in (("starts", shown.first - 1), ("ends", shown.last)):
                if inside(path, line):
                    yield number, (f"the listing of {path.name} {what} inside a string: "
                                   f"it shows lines {shown.first} to {shown.last}")
        except (OSError, ValueError) as error:
            yield number, f"the listing cannot be read: {error}"


def inside(path: Path, line: int) -> bool:
    """Whether a string of a Python file goes on from this line to the next."""
    if path.suffix != ".py":
        return False
    return any(node.lineno <= line < node.end_lineno
               for node in ast.walk(ast.parse(path.read_text("utf-8")))
               if isinstance(node, ast.Constant | ast.JoinedStr)
               and isinstance(getattr(node, "value", ""), str))
