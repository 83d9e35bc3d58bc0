"""The page of proof shows what was recorded, and says what was missed."""

import json
from pathlib import Path

import pytest

from bookext.book import Book
from bookext.pages import proof


@pytest.fixture
def book(tmp_path: Path) -> Book:
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: one\n", "utf-8")
    (tmp_path / "one.md").write_text("# One\n", "utf-8")
    return Book(tmp_path)


def row(what: str, measured: float, bound: float | None, **more) -> dict:
    return {"what": what, "measured": measured, "bound": bound, "unit": "s", "digits": 1,
            "ok": True, "group": "Costs", "least": False, "beside": "", "device": "a CPU",
            "day": "2026-01-02"} | more


def test_before_anything_is_measured(book: Book) -> None:
    assert "|" not in proof.page(book)


def test_rows_stand_under_their_groups(book: Book) -> None:
    rows = [row("a page", 1.46, 1.5, digits=2, unit="MB", day="2026-01-01"),
            row("digits", 94.96, 95, ok=False, least=True, unit="%", digits=2, group="Chapter 2"),
            row("tests", 61.0, 60, ok=False),
            row("spiral", 1234.5, None, group="Chapter 2", beside="exact 0.1")]
    path = book.root / proof.MEASURED / "bench.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"rows": rows, "why": {"tests": "there are many"}}), "utf-8")
    page = proof.page(book)
    assert "on a CPU, on 2026-01-01 and 2026-01-02, by" in page
    _, costs, chapter, why = page.replace("\N{NO-BREAK SPACE}", " ").split("\n## ")
    assert "| a page | 1.46 MB | ≤ 1.5 MB |\n| tests | 61.0 s | ≤ 60 s, **missed** |" in costs
    assert "| digits | 94.96 % | ≥ 95 %, **missed** |" in chapter
    assert "| spiral (*exact 0.1*) | 1,234.5 s | – |" in chapter
    assert "tests\n: there are many." in why
