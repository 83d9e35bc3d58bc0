"""The slides of a small book: everything once, links that lead there, and never stale."""

import re

import pytest

from bookext.slides.draw import still

TOC = """\
format: jb-book
root: book/index
parts:
  - caption: All
    numbered: true
    chapters:
      - file: book/chapters/one
      - file: book/chapters/two
"""
ONE = """\
---
description: What is one.
---
# One

## First

Take the sum:

:::{math}
:label: eq-sum
a + b
:::

It is {eq}`eq-sum` again, as in [two](two.md).

:::{figure} dot.svg
:name: fig-dot
:alt: A dot.

A dot that says what is to be seen. It was drawn.
:::

## Summary

* All is one.
"""
TWO = "# Two\n\nNothing.\n"
DOT = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><circle r="2"/></svg>'


@pytest.fixture(scope="module")
def site(tmp_path_factory, new_book):
    book = new_book(tmp_path_factory.mktemp("slides"))
    book.edit("_config.yml", "sphinx:\n", "html: {baseurl: https://example.org/mini/}\nsphinx:\n")
    for name, content in {"_toc.yml": TOC, "book/chapters/one.md": ONE,
                          "book/chapters/two.md": TWO, "book/chapters/dot.svg": DOT}.items():
        (book.root / name).write_text(content, "utf-8")
    result = book.build()
    assert result.returncode == 0, result.stderr
    return book


def read(book, name: str) -> str:
    return (book.root / "_build" / "html" / name).read_text("utf-8")


@pytest.mark.slow
def test_a_chapter_has_its_slides_and_says_so(site) -> None:
    page = read(site, "slides/one.html")
    assert re.findall(r'class="slide slide-(\w+)', page) == [
        "title", "equation", "figure", "points", "links"]
    assert re.findall(r'<section .*id="(\w+)"', page) == ["1", "2", "3", "4", "5"]
    assert page.count("a + b") == page.count('alt="A dot."') == 1
    assert "<h2>A dot that says what is to be seen.</h2>" in page
    assert "What is one." in page and "Take the sum:" in page
    assert 'href="../../slides/one.html"' in read(site, "book/chapters/one.html")
    assert "https://example.org/mini/slides/one.html" in read(site, "sitemap.xml")
    assert "slides/" not in read(site, "_static/search-sections.js")


@pytest.mark.slow
def test_links_lead_from_there_to_the_chapter(site) -> None:
    page = read(site, "slides/one.html")
    for address in ("one.html#equation-eq-sum", "one.html#fig-dot", "two.html"):
        assert f'href="../book/chapters/{address}"' in page, address
    assert re.search(r'src="\.\./_images/[\w.]*dot\.svg"', page)
    assert 'href="two.html"' in page or 'href="../slides/two.html"' in page  # the next slides
    assert "headerlink" not in page and page.count(' id="') == 5


@pytest.mark.slow
def test_they_change_when_the_chapter_does(site) -> None:
    site.edit("book/chapters/one.md", "All is one.", "All is two.")
    assert site.build().returncode == 0
    page = read(site, "slides/one.html")
    assert "All is two." in page and "All is one." not in page


def test_a_film_is_kept_and_the_rest_is_still() -> None:
    film = '<div class="frame-player"><img src="a"><script>play()</script></div>'
    live = '<div class="explorer"><canvas></canvas><img src="a" alt="b"></div>'
    assert still(film) == film
    assert still(live) == '<img src="a" alt="b">'
    assert still("<picture>") == "<picture>"
