"""Look at what XeLaTeX made: it ends well even where a page shows no figure or a formula no number.

    python tests/tools/check_pdf.py [folder of the LaTeX build, default _build/latex]

Reads the log (undefined references, missing glyphs, lines that stick out), the LaTeX source (markup
left unread, figures without a picture), the text of the PDF by pdftotext (objects printed as Python
shows them, question marks for references, missing chapters) and its pages (blank ones, almost empty
ones within a chapter, chapters that are too long). Exits 1 on any problem.
"""

import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import yaml
from pypdf import PdfReader

ROOT = Path(__file__).parents[2]
WIDEST = 30.0  # points that a line may stick out into the margin
HIGHEST = 30.0  # points that a page may be too high, which is where its foot begins
LONGEST = 32  # pages of a chapter
FEWEST = 6  # lines of a page without a picture, its head and foot among them, inside a chapter
COMPLAINTS = (
    r"^! .*",
    r"LaTeX Warning: (?:Reference|Citation|Hyper reference) .* undefined.*",
    r"LaTeX Warning: There were undefined references.*",
    r"LaTeX Warning: (?:Label .* multiply defined|There were multiply-defined labels).*",
    r"LaTeX Warning: File .* not found.*",
    r"Missing character: There is no .*",
)
TOO_HIGH = r"Overfull \\vbox \((\d+\.?\d*)pt too high\) detected at line (\d+)"
OBJECTS = (
    r"<(?:IPython|Figure|Axes|matplotlib|torch|function|generator|diffusionbook)\b.*",
    r".*\bobject at 0x[0-9a-f]+.*",
    r"(?:HBox|VBox|IntSlider|FloatSlider|Output|interactive|FigureWidget|Stack)\(.*\).*",
    r"^.*\?\?.*$",
)
SET = re.compile(
    r"\\begin\{sphinxVerbatim\}.*?\\end\{sphinxVerbatim\}|\\sphinxcode\{\\sphinxupquote\{.*?\}\}",
    re.S,
)
UNREAD = re.compile(
    r"(?:```|:::)\\\{[\w:-]+\\\}|\\\{(?:eq|ref|numref|doc|cite|glue:\w+|prf:\w+)\\\}"
)
PICTURE = re.compile(r"\\sphinxincludegraphics(?:\[[^]]*\])?\{+([^{}]+)\}+(\.\w+)?")


def main(argv: list[str]) -> int:
    folder = Path(argv[0] if argv else "_build/latex")
    books = [path for path in folder.glob("*.pdf") if path.with_suffix(".tex").is_file()]
    if not books:
        print(f"no PDF in {folder}: the log of XeLaTeX there says why")
        return 1
    (pdf,) = books
    log = pdf.with_suffix(".log").read_text("utf8", errors="replace")
    source = pdf.with_suffix(".tex").read_text("utf8")
    found = [*check_log(log), *check_source(source, folder), *check_pictures(pdf, source)]
    text = text_of(pdf)
    found += check_text(text, titles(ROOT))
    found += check_pages(text.split("\f"), PdfReader(pdf))
    for problem in found:
        print(f"{pdf.name}: {problem}")
    wide = sorted(overfull(log), reverse=True)
    widest = f", the widest by {wide[0][0]:.0f} pt" if wide else ""
    pictures = len(PICTURE.findall(source))
    print(f"{pdf.name}: {len(PdfReader(pdf).pages)} pages, {pictures} pictures, "
          f"{len(wide)} lines stick out{widest}; {len(found)} problems")  # fmt: skip
    return 1 if found else 0


def check_log(log: str) -> list[str]:
    """TeX's own complaints that matter to a reader."""
    found = [m.group().strip() for c in COMPLAINTS for m in re.finditer(c, unwrapped(log), re.M)]
    found += [f"sticks out by {pt:.0f} pt: {where}" for pt, where in overfull(log) if pt > WIDEST]
    found += [f"a page is {float(pt):.0f} pt too high, at line {line} of the source"
              for pt, line in re.findall(TOO_HIGH, log) if float(pt) > HIGHEST]
    return list(dict.fromkeys(found))


def overfull(log: str) -> list[tuple[float, str]]:
    """(points, where) for every line too wide for its box."""
    pattern = r"^Overfull \\hbox \((\d+\.?\d*)pt too wide\) (.*(?:\n.+)?)"
    return [(float(m[1]), m[2].replace("\n", " ")) for m in re.finditer(pattern, log, re.M)]


def unwrapped(log: str) -> str:
    """TeX breaks the lines of its log after 79 characters."""
    return re.sub(r"(?m)^(.{79})\n", r"\1", log)


def check_source(source: str, folder: Path) -> list[str]:
    """Markup that was not understood, figures and pictures that are not there."""
    prose = SET.sub("", source)
    found = [f"unread markup: {m.group()}" for m in UNREAD.finditer(prose)]
    for figure in re.findall(r"\\begin\{figure\}.*?\\end\{figure\}", source, re.S):
        if not PICTURE.search(figure):
            found.append(f"a figure without a picture: {' '.join(figure.split())[:120]}")
    for name, suffix in PICTURE.findall(source):
        if not any(p.stat().st_size for p in folder.glob(f"{name}{suffix or '.*'}")):
            found.append(f"no such picture: {name}{suffix}")
    return found


def check_text(text: str, chapters: list[str]) -> list[str]:
    """What a reader would see in print: no Python objects, no lost references, every chapter."""
    found = [m.group().strip()[:120] for o in OBJECTS for m in re.finditer(o, text, re.M)]
    letters = bare(text)
    return found + [
        f"no chapter called {title!r}" for title in chapters if bare(title) not in letters
    ]


def titles(root: Path) -> list[str]:
    """The first heading of every printed file: the numbered ones and those for reference."""
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf8"))
    config = yaml.safe_load((root / "_config.yml").read_text("utf8"))["sphinx"]["config"]
    printed = [chapter["file"] for part in toc.get("parts", [toc]) if part.get("numbered")
               for chapter in part["chapters"]] + config["print_reference"]  # fmt: skip
    return [re.search(r"(?m)^# (.*)$", (root / f"{name}.md").read_text("utf8"))[1]
            for name in printed]  # fmt: skip


def check_pages(texts: list[str], book: PdfReader) -> list[str]:
    """No page is blank, none inside a chapter is nearly so, and no chapter is too long."""
    starts = chapters(book)
    found = [f"{title!r} has {end - start} pages, more than {LONGEST}"
             for (title, start), (_, end) in pairwise(starts) if end - start > LONGEST]  # fmt: skip
    last = {start - 1 for _, start in starts} | {len(book.pages) - 1}
    for number, page in enumerate(book.pages):
        lines = [line for line in texts[number].splitlines() if line.strip()]
        if page.get("/Resources", {}).get("/XObject"):
            continue
        if not lines:
            found.append(f"page {number + 1} of the file is blank")
        elif number not in last and len(lines) < FEWEST:
            found.append(f"page {number + 1} of the file has {len(lines)} lines")
    return found


def chapters(book: PdfReader) -> list[tuple[str, int]]:
    """Titles and first pages of what the contents list first, parts of the book left out."""

    def flat(outline: list) -> list:
        return [entry for entry in outline if not isinstance(entry, list)]

    entries = []
    for entry in book.outline:
        if isinstance(entry, list):  # what stands below a part
            entries += flat(entry)
    return [(e.title, book.get_destination_page_number(e)) for e in entries or flat(book.outline)]


def bare(text: str) -> str:
    """Letters and digits alone: a title may be broken, hyphenated, in code or in small capitals."""
    return "".join(c for c in re.sub(r"\{\w+\}", "", text) if c.isalnum()).casefold()


def check_pictures(pdf: Path, source: str) -> list[str]:
    """Every picture file of the source is drawn on some page."""
    wanted = {name + suffix for name, suffix in PICTURE.findall(source)}
    drawn = set()
    for page in PdfReader(pdf).pages:
        objects = page.get("/Resources", {}).get("/XObject", {})
        drawn |= {ref.idnum for ref in objects.get_object().values()} if objects else set()
    short = len(wanted) - len(drawn)
    return [f"{len(wanted)} pictures in the source, {len(drawn)} drawn"] if short > 0 else []


def text_of(pdf: Path) -> str:
    if not shutil.which("pdftotext"):
        sys.exit("no pdftotext: install Debian's package `poppler-utils`")
    command = ["pdftotext", "-layout", str(pdf), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
