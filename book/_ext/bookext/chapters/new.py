"""``make chapter NAME=10-my-topic``: lay out a chapter that builds and passes at once."""

import re
import sys
from pathlib import Path

from ..book import Book
from .ledger import read

TEMPLATES = Path(__file__).parent / "templates"
EXERCISES = 4
NAME = re.compile(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*")


def lay_out(book: Book, name: str) -> list[Path]:
    """Write the page, its checks, its place in the contents and its entry among the definitions.

    Raises:
        ValueError: the name is not of the form ``10-my-topic``, or one of the files exists.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"NAME is {name!r}; it should be like 10-my-topic")
    label = name[3:]
    words = {"LABEL": label, "TITLE": label.replace("-", " ").capitalize(),
             "MODULE": label.replace("-", "_")}
    page = book.root / "book" / "chapters" / f"{name}.md"
    checks = book.package / "checks" / f"{words['MODULE']}.py"
    for path in (page, checks):
        if path.exists():
            raise ValueError(f"NAME is {name!r}, but {path.relative_to(book.root)} exists")
    ledger = read(book)
    if f"eq-{label}" in ledger.equations or f"eq-{label}" in ledger.definitions:
        raise ValueError(f"NAME is {name!r}, but there is an equation eq-{label} already")
    numbers = [str(k) for k in range(1, EXERCISES + 1)]
    exercises = "".join(_fill("exercise.md", words | {"NUMBER": n}) for n in numbers)
    page.write_text(_fill("chapter.md", words | {"EXERCISES\n": exercises}), "utf-8")
    checks.write_text(_fill("checks.py", words) + "".join(
        _fill("check.py", {"NUMBER": n}) for n in numbers), "utf-8")
    _append_to_contents(book.root / "_toc.yml", f"book/chapters/{name}")
    definitions = book.root / "book" / "definitions.toml"
    with definitions.open("a", encoding="utf-8") as file:
        file.write(f'\n[eq-{label}]\nreason = "To be replaced: say what it defines, or test it."\n')
    return [page, checks]


def _fill(template: str, words: dict[str, str]) -> str:
    text = (TEMPLATES / template).read_text("utf-8")
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def _append_to_contents(path: Path, docname: str) -> None:
    """After the last chapter that is there."""
    lines = path.read_text("utf-8").splitlines()
    last = max(k for k, line in enumerate(lines) if "file: book/chapters/" in line)
    indent = lines[last][: lines[last].index("-")]
    lines.insert(last + 1, f"{indent}- file: {docname}")
    path.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    try:
        made = lay_out(Book(Path.cwd()), sys.argv[1] if len(sys.argv) > 1 else "")
    except ValueError as error:
        sys.exit(str(error))
    print("\n".join(f"wrote {path.relative_to(Path.cwd())}" for path in made))
    print("Now: make outputs book test")
