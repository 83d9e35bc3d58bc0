"""What a small book has in print: chosen pages, links to the site for the rest, an index."""

import pytest

from bookext.printed import index

TOC = """\
format: jb-book
root: book/index
parts:
  - caption: The path
    numbered: true
    chapters:
      - file: book/chapters/one
      - file: book/chapters/two
  - caption: About
    chapters:
      - file: book/pages/left
      - file: book/pages/glossary
      - file: book/pages/kept
"""
PAGES = {
    "chapters/two": "\n:::{math}\n:label: eq-two\nx = 2\n:::\n\nSee {ref}`left` and {ref}`kept`.\n",
    "pages/left": "(left)=\n# For the screen\n\nDrag it.\n",
    "pages/kept": "(kept)=\n# For paper\n\nRead it.\n",
    "pages/glossary": "# Glossary\n\n:::{glossary}\nsum & total\nsum\n"
                      "  Here: {eq}`eq-two`, {ref}`kept`.\n:::\n",
}


@pytest.fixture
def printed(built) -> str:
    """The LaTeX of the small book."""
    (built.root / "_toc.yml").write_text(TOC, "utf-8")
    (built.root / "book" / "pages").mkdir(exist_ok=True)
    for page, text in PAGES.items():
        path = built.root / "book" / f"{page}.md"
        path.write_text((path.read_text("utf-8") if path.exists() else "") + text, "utf-8")
    built.edit("book/index.md", "# Miniature\n", "# Miniature\n\nPress a button.\n")
    built.edit("_config.yml", "config: {", "config: {print_reference: [book/pages/kept], ")
    with (built.root / "_config.yml").open("a", encoding="utf-8") as file:
        file.write("html: {baseurl: https://example.org/}\n")
    result = built.build(builder="latex")
    assert result.returncode == 0, result.stderr
    (tex,) = (built.root / "_build" / "latex").glob("*.tex")
    return tex.read_text("utf-8")


@pytest.mark.slow
def test_print(printed) -> None:
    chapters = [rf"\chapter{{{name}}}" for name in ("One", "Two", "For paper")]
    places = [printed.index(chapter) for chapter in chapters]
    assert places == sorted(places)
    assert r"\chapter{For the screen}" not in printed
    assert "Drag it." not in printed and "Press a button." not in printed
    assert r"\sphinxhref{https://example.org/book/pages/left.html\#left}" in printed
    assert r"\part{For reference}" in printed and r"\part{About}" not in printed
    before, after = printed.split(r"\label{equation:book/chapters/two:eq-two}")
    assert before.count(r"\index{sum \& total}") == 1 and before.count(r"\index{sum}") == 1
    assert after.count(r"\index{sum}") == 1  # at the page for paper
    assert after.index(r"\index{sum}") < after.index("Read it.") < after.index(r"\printindex")


@pytest.mark.parametrize(("name", "entry"), [
    ("DDIM", "DDIM"), ("a!b", 'a"!b'), ("x_t & 5 %", r"x\_t \& 5 \%"), ("a|b@c", 'a"|b"@c')])
def test_signs_of_the_index_program_are_quoted(name: str, entry: str) -> None:
    assert index.escape(name) == entry
