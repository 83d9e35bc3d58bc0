"""What pages say of themselves where their links are shared, and what crawlers are told."""

from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from docutils import nodes
from docutils.utils import new_document

from bookext.site import addresses, citation, crawlers, edits, lost, sharing


def page(*children) -> nodes.document:
    document = new_document("page")
    document += nodes.section("", *children)
    return document


def said(*words) -> nodes.paragraph:
    return nodes.paragraph("", "", *words)


def test_a_description_is_that_of_the_page_or_its_first_plain_paragraph() -> None:
    formula = said(nodes.Text("With "), nodes.math("", r"\xt"))
    aside = nodes.admonition("", nodes.paragraph("", "An aside."))
    document = page(aside, formula, nodes.paragraph("", "What it\nis."))
    assert sharing.description(document, {}) == "What it is."
    assert sharing.description(document, {"description": "Said."}) == "Said."
    assert sharing.description(page(formula), {}) == ""


def test_a_long_one_ends_with_a_whole_word() -> None:
    short = sharing.shortened("word " * 100)
    assert len(short) <= sharing.LONGEST and short.endswith("word …")


APP = SimpleNamespace(config=SimpleNamespace(html_baseurl="https://example.org/book/",
                                             root_doc="index", html_title="A & B"))


def test_what_is_told_comes_before_the_tags() -> None:
    context = {"meta": None, "metatags": "", "pageurl": "https://example.org/book/index.html"}
    sharing.tell(APP, "index", "page.html", context, page(nodes.paragraph("", 'Say "a".')))
    assert context["pageurl"] == context["meta"]["og:url"] == "https://example.org/book/"
    assert context["metatags"] == '<meta name="description" content="Say &quot;a&quot;." />\n'
    sharing.tell(APP, "search", "search.html", unchanged := {}, None)
    assert unchanged == {}


def test_the_pdf_is_where_it_has_been_made(tmp_path) -> None:
    app = SimpleNamespace(config=APP.config, srcdir=tmp_path)
    assert addresses.pdf(app) == f"https://example.org/book/{addresses.PDF}"
    (tmp_path / "_build" / "latex").mkdir(parents=True)
    (tmp_path / "_build" / "latex" / addresses.PDF).touch()
    assert addresses.pdf(app) == addresses.PDF


def test_a_sitemap_is_one() -> None:
    tree = ElementTree.fromstring(crawlers.sitemap(["https://example.org/a?b&c"]))
    assert [node.text for node in tree.iter() if node.tag.endswith("loc")] == [
        "https://example.org/a?b&c"]


def test_the_lost_are_led_back(tmp_path) -> None:
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nparts:\n  - caption: A\n    numbered: true\n"
        "    chapters:\n      - file: one\n", "utf-8")
    env = SimpleNamespace(titles={"one": nodes.title("", "First & last")})
    text = lost.page(SimpleNamespace(config=APP.config, env=env, srcdir=tmp_path))
    assert '<a href="https://example.org/book/one.html">1 First &amp; last</a>' in text
    assert "A &amp; B" in text and 'src="' not in text and "$" not in text


@pytest.mark.parametrize(("generated", "left"), [(True, ["other"]), (False, ["edit", "other"])])
def test_a_generated_page_has_no_file_to_edit(tmp_path, monkeypatch, generated, left) -> None:
    monkeypatch.setattr(edits, "GENERATED", {tmp_path / "page.md"} if generated else set())
    buttons = [{"label": edits.BUTTON, "text": "edit"}, {"label": "else", "text": "other"}]
    context = {"header_buttons": [{"type": "group", "buttons": buttons}, {"type": "link"}]}
    edits.withdraw(SimpleNamespace(srcdir=tmp_path), "page", "page.html", context, None)
    assert [button["text"] for button in context["header_buttons"][0]["buttons"]] == left


def test_a_citation_is_an_entry() -> None:
    told = {"title": "A Book", "authors": [{"name": "The authors"}], "version": "1.0",
            "date-released": "2026-01-02", "url": "https://example.org/"}
    assert citation.bibtex(told) == """\
@book{abook2026,
  title   = {{A Book}},
  author  = {{The authors}},
  year    = {2026},
  version = {1.0},
  url     = {https://example.org/}
}"""
