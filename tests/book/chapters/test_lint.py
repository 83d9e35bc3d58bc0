"""Style of chapters that ruff does not see is seen."""

from bookext.chapters import lint


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
