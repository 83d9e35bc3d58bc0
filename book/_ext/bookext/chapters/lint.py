"""Style of chapters that ruff does not see: ``make lint`` runs it after ruff.

A cell has at most 30 lines of at most 80 columns (the PDF cuts longer ones);
the prose has none of the words that only claim; boxes inside boxes close where they seem to;
no page sends a reader to a chapter that does not exist, and no listing starts or ends inside a
docstring.
"""

import re
import sys
from pathlib import Path

from ..book import Book, code_cells, read_source
from . import listings

LINES, COLUMNS = 30, 80
WORDS = re.compile(r"\b(clearly|simply|it is easy to see|powerful|let's dive in|obviously)\b", re.I)
CODE = re.compile(r"^```.*?^```$|`[^`]*`", re.S | re.M)
CHAPTERS = re.compile(  # "chapter 5", "Chapters 1, 2, and 5"; not "chapter 5 of" a cited work
    r"\bchapters?\s+(\d+(?:(?:\s*(?:,|–|and|or|to))+\s*\d+)*)\b(?!\s+of\s+\{cite)", re.I)


def fences(text: str) -> list[tuple[int, str]]:
    """Boxes that end too early, silently: one that holds another needs more colons than it."""
    found, outer = [], None
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r"(:{3,})(\{.*|\s*)$", line)
        if match and match[2].startswith("{"):
            if outer and len(match[1]) >= len(outer[0]):
                found.append((number, f"{line.strip()} ends the box that opens in line {outer[1]}; "
                                      "give that one more colons"))
            outer = outer or (match[1], number)
        elif match and outer is None:
            found.append((number, "these colons close nothing, so they open a box"))
        elif match and len(match[1]) >= len(outer[0]):
            outer = None
    return found


def faults(text: str) -> list[tuple[int, str]]:
    """(line, what is wrong) in a chapter's source."""
    notebook = read_source(text)
    starts = [start for cell, start in zip(notebook.cells, notebook.metadata.source_map,
                                           strict=True) if cell.cell_type == "code"]
    found = []
    for cell, start in zip(code_cells(notebook), starts, strict=True):
        lines = cell.source.splitlines()
        if len(lines) > LINES:
            found.append((start + 1, f"the cell has {len(lines)} lines; at most {LINES}"))
        found += [(start + 1, f"a line of the cell has {len(line)} columns; at most {COLUMNS}: "
                              f"{line[:40]}…") for line in lines if len(line) > COLUMNS]
    prose = CODE.sub(lambda match: "\n" * match[0].count("\n"), text)
    for match in WORDS.finditer(prose):
        found.append((prose.count("\n", 0, match.start()) + 1, f"“{match[0]}” says nothing"))
    return sorted(found + fences(text))


def lost_readers(text: str, chapters: set[int]) -> list[tuple[int, str]]:
    """Places where a page, code and comments included, names a chapter outside ``chapters``."""
    return [(text.count("\n", 0, match.start()) + 1,
             f"there is no chapter {number} yet: say it in plain words")
            for match in CHAPTERS.finditer(text)
            for number in re.findall(r"\d+", match[1]) if int(number) not in chapters]


def problems_of(book: Book) -> list[str]:
    """Every fault of every page, as ``file:line: what``."""
    pages = book.pages()
    numbered = (re.search(r"/(\d\d)-[^/]*$", name) for name in pages)
    chapters = {int(match[1]) for match in numbered if match}
    found, runs = [], book.chapters()
    for name in pages:
        text = book.source(name).read_text("utf-8")
        marks = (faults(text) if name in runs else []) + lost_readers(text, chapters)
        marks += listings.faults(book.source(name))
        found += [f"{name}.md:{line}: {what}" for line, what in sorted(marks)]
    return found


if __name__ == "__main__":
    problems = problems_of(Book(Path.cwd()))
    print("\n".join(problems) if problems else "chapters and listings: no faults")
    sys.exit(1 if problems else 0)
