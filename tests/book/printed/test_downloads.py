"""The PDF is linked where it is, and nowhere else; the offline edition where it is published."""

from types import SimpleNamespace

import pytest

from bookext.printed import downloads

TOC = """\
format: jb-book
root: book/index
parts:
  - numbered: true
    chapters:
      - file: book/chapters/two
"""
ADDRESS = "https://example.org/mini/"


@pytest.fixture
def app(tmp_path):
    out = tmp_path / "_build" / "html"
    out.mkdir(parents=True)
    (tmp_path / "_toc.yml").write_text(TOC, "utf-8")
    return SimpleNamespace(srcdir=tmp_path, outdir=out, builder=SimpleNamespace(format="html"),
                           config=SimpleNamespace(html_baseurl=ADDRESS))


@pytest.fixture
def pdf(app):
    path = app.srcdir / "_build" / "latex" / downloads.PDF
    path.parent.mkdir()
    path.write_bytes(b"%PDF")
    return path


def addresses(app, page="book/chapters/one", **context) -> list[str]:
    context |= {"pathto": lambda name, resource: f"../../{name}"}
    downloads.add_buttons(app, page, "", context, None)
    (menu,) = [b for b in context["header_buttons"] if b["label"] == "download-buttons"]
    return [button["url"] for button in menu["buttons"]]


def test_a_build_without_the_pdf_has_no_link_to_it(app) -> None:
    assert addresses(app, header_buttons=[]) == [f"{ADDRESS}{downloads.OFFLINE}"]


def test_the_pdf_is_in_the_menu_of_a_page_and_at_the_root(app, pdf) -> None:
    menu = {"label": "download-buttons", "buttons": [{"url": "one.ipynb"}]}
    assert addresses(app, header_buttons=[menu]) == [
        "one.ipynb", f"../../{downloads.PDF}", f"{ADDRESS}{downloads.OFFLINE}"]
    downloads.copy(app, None)
    assert (app.outdir / downloads.PDF).read_bytes() == b"%PDF"
    pdf.unlink()
    downloads.copy(app, None)
    assert not (app.outdir / downloads.PDF).exists()


def test_a_numbered_chapter_has_its_slides(app) -> None:
    assert addresses(app, "book/chapters/two", header_buttons=[]) == [
        "../../slides/two.html", f"{ADDRESS}{downloads.OFFLINE}"]


def test_pages_are_drawn_anew_when_the_pdf_comes_or_goes(app) -> None:
    env = SimpleNamespace(all_docs={"one": 1, "two": 2})
    downloads.redraw(app, env)
    assert downloads.redraw(app, env) == []
    path = app.srcdir / "_build" / "latex" / downloads.PDF
    path.parent.mkdir()
    path.write_bytes(b"%PDF")
    assert downloads.redraw(app, env) == ["one", "two"]
    assert downloads.redraw(app, env) == []


@pytest.mark.slow
def test_every_page_of_a_built_site_links_to_both(built) -> None:
    pdf = built.root / "_build" / "latex" / downloads.PDF
    pdf.parent.mkdir(parents=True)
    pdf.write_bytes(b"%PDF")
    with (built.root / "_config.yml").open("a", encoding="utf-8") as file:
        file.write(f"html: {{baseurl: {ADDRESS}}}\n")
    result = built.build()
    assert result.returncode == 0, result.stderr
    site = built.root / "_build" / "html"
    for page in ("book/index", "book/chapters/one", "genindex"):
        text = (site / f"{page}.html").read_text("utf-8")
        assert f'href="{"../" * page.count("/")}{downloads.PDF}"' in text, page
        assert f'href="{ADDRESS}{downloads.OFFLINE}"' in text, page
        assert "all.min.js" not in text, page  # each icon of the menu is drawn
    assert (site / downloads.PDF).read_bytes() == b"%PDF"
