"""One source of colours and macros; browser files are what their list says."""

import hashlib
import re
from pathlib import Path

import pytest

from bookext.chapters import lint
from bookext.chapters import new as chapter
from bookext.site import maths
from diffusionbook.plots import style

ROOT = Path(__file__).resolve().parents[3]
LOOK = maths.look(ROOT)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", LOOK["colours"])
def test_each_colour_is_legible_in_both_modes(name):
    assert contrast(LOOK["colours"][name]["light"], "#ffffff") >= 4.5
    assert contrast(LOOK["colours"][name]["dark"], "#14181e") >= 4.5


def test_figures_have_the_colours_of_the_formulas():
    for name, pair in LOOK["colours"].items():
        assert style.COLOURS[name].lower() == pair["light"].lower()


def test_every_macro_exists_for_the_page_and_for_print():
    names = set(LOOK["macros"]) | set(LOOK["coloured"])
    assert set(maths.mathjax(LOOK)) == names
    assert set(re.findall(r"renewcommand\{\\(\w+)\}", maths.latex(LOOK))) == names
    assert {meaning for meaning, _ in LOOK["coloured"].values()} <= set(LOOK["colours"])


def test_vendored_browser_files_are_the_listed_ones():
    folder = ROOT / "book" / "static" / "vendor"
    listed = dict(reversed(line.split(maxsplit=1))
                  for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines())
    here = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert here - {"SHA256SUMS", "README.md"} == set(listed)
    for name, digest in listed.items():
        raw = (folder / name).read_bytes()
        if b"\0" not in raw:  # a text file: its lines may end otherwise here
            raw = raw.replace(b"\r\n", b"\n")
        assert hashlib.sha256(raw).hexdigest() == digest, name


def test_lint_sees_long_cells_long_lines_and_empty_words():
    head = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n# T\n\n"
    cell = "```{code-cell} python\n%s\n```\n"
    assert lint.faults(head + "Fine, `clearly`.\n\n" + cell % "x = 1") == []
    assert "31 lines" in lint.faults(head + cell % "\n".join(["x = 1"] * 31))[0][1]
    assert "81 columns" in lint.faults(head + cell % ("x" * 81))[0][1]
    assert lint.faults(head + "::::{note}\n:::{math}\nx\n:::\n::::\n") == []
    early = lint.faults(head + ":::{note}\n:::{math}\nx\n:::\n:::\n")
    assert [line for line, _ in early] == [9, 12]
    assert lint.faults(head + "Clearly so.\n")[0] == (8, "“Clearly” says nothing")


def test_lint_sees_a_reader_sent_to_a_chapter_that_does_not_exist():
    text = ("As chapter 2 says, chapters 1 to 3 and Chapter 4.\nSee chapter\n7.\n"
            "Chapters 1, 3, and 5, or chapters 3–6; chapter 9 of {cite:t}`a` is another book's.\n"
            "```python\nx = 1  # chapter 8\n```\n")
    found = lint.lost_readers(text, {1, 2, 3, 4})
    assert [(line, what.split()[4]) for line, what in found] == [
        (2, "7"), (4, "5"), (4, "6"), (6, "8")]
    assert lint.lost_readers(text, set(range(10))) == []


def test_lint_knows_the_chapters_by_their_files(miniature):
    pages = miniature.root / "book" / "chapters"
    toc = miniature.root / "_toc.yml"
    (pages / "01-first.md").write_text("# First\n\nMore in chapter 2.\n", "utf-8")
    toc.write_text(toc.read_text("utf-8") + "  - file: book/chapters/01-first\n", "utf-8")
    assert lint.problems_of(miniature) == [
        "book/chapters/01-first.md:3: there is no chapter 2 yet: say it in plain words"]
    (pages / "02-second.md").write_text("# Second\n", "utf-8")
    toc.write_text(toc.read_text("utf-8") + "  - file: book/chapters/02-second\n", "utf-8")
    assert lint.problems_of(miniature) == []


def test_a_new_chapter_is_laid_out(miniature):
    (miniature.package / "checks").mkdir()
    (miniature.root / "book" / "definitions.toml").write_text(
        '[eq-known]\nreason = "It is there."\n', "utf-8")
    page, checks = chapter.lay_out(miniature, "10-my-topic")
    assert "book/chapters/10-my-topic" in (miniature.root / "_toc.yml").read_text("utf-8")
    assert miniature.is_chapter("book/chapters/10-my-topic")
    assert "MODULE" not in page.read_text("utf-8") and "LABEL" not in page.read_text("utf-8")
    names: dict = {}
    exec(compile(checks.read_text("utf-8"), str(checks), "exec"), names)
    for number in range(1, 5):
        names[f"check_{number}"](lambda x, k=number: k * x)
        with pytest.raises(AssertionError):
            names[f"check_{number}"](lambda x: 0 * x)
    with pytest.raises(ValueError, match="exists"):
        chapter.lay_out(miniature, "10-my-topic")
    with pytest.raises(ValueError, match="like 10-my-topic"):
        chapter.lay_out(miniature, "my topic")
    with pytest.raises(ValueError, match="there is an equation eq-known already"):
        chapter.lay_out(miniature, "11-known")
    chapter.lay_out(miniature, "11-know")  # part of a label is no label
