"""Each chapter opens with a picture out of its outputs; cards and shared pictures show it."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from docutils import nodes
from PIL import Image

from bookext.book import Book
from bookext.pages import cards, openings, pictures

BOOK = Book(Path(__file__).resolve().parents[3])


@pytest.fixture(params=BOOK.numbered(), scope="module")
def chapter(request) -> str:
    return request.param


def test_a_chapter_has_an_opening_picture_cut_to_what_it_shows(chapter: str) -> None:
    picture = openings.opening(BOOK, chapter)
    assert picture.width >= 150 and picture.size == openings.trimmed(picture).size


@pytest.mark.parametrize("page", BOOK.chapters())
def test_a_page_says_what_it_is_about_without_formulas(page: str) -> None:
    about = yaml.safe_load(BOOK.source(page).read_text("utf-8").split("---\n")[1])["description"]
    assert 20 < len(about) <= 120 and about.endswith(".") and not set("$\\`{") & set(about)


def test_a_picture_is_cut_to_what_is_drawn() -> None:
    paper = Image.new("RGBA", (30, 20), (0, 0, 0, 0))
    paper.paste((0, 0, 0, 255), (5, 6, 15, 10))
    assert openings.trimmed(paper).size == (10, 4)


def test_a_shared_picture_has_the_size_that_sites_ask_for() -> None:
    made = pictures.shared(Image.new("RGB", (40, 400), "blue"), "2 Title", "Book")
    assert made.size == (1200, 630)
    assert made.getpixel((600, 250)) == (0, 0, 255) and made.getpixel((300, 250)) == (255,) * 3
    words = made.crop((0, 480, 1200, 630)).convert("L")
    assert words.getextrema()[0] < 90


def app(folder: Path) -> SimpleNamespace:
    env = SimpleNamespace(
        titles={name: nodes.title("", f"On <{name[-3:]}>") for name in BOOK.numbered()},
        metadata={name: {"description": "About it."} for name in BOOK.numbered()})
    builder = SimpleNamespace(imagedir="_images", format="html",
                              get_relative_uri=lambda here, there: f"{there}.html")
    return SimpleNamespace(env=env, builder=builder, outdir=folder, srcdir=BOOK.root)


def test_there_is_a_card_for_each_chapter(tmp_path) -> None:
    page = nodes.section("", cards.chapter_cards())
    cards.put_cards(app(tmp_path), page, "index")
    text = page.astext()
    assert text.count("<li>") == text.count("<img") == len(BOOK.numbered())
    assert "On &lt;" in text and "About it." in text
    assert len(list((tmp_path / "_images").glob("opening-*.png"))) == len(BOOK.numbered())


def test_in_print_they_are_a_list(tmp_path) -> None:
    page, printed = nodes.section("", cards.chapter_cards()), app(tmp_path)
    printed.builder.format = "latex"
    cards.put_cards(printed, page, "index")
    assert len(list(page.findall(nodes.list_item))) == len(BOOK.numbered())
    assert not list(page.findall(nodes.raw))
