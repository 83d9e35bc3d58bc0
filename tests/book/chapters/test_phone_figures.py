"""A phone is offered the second layout of a figure, under the name of the first one's file."""

import base64
import hashlib
from types import SimpleNamespace

import nbformat
import pytest
from docutils import nodes
from docutils.utils import new_document

from bookext.book import Book
from bookext.chapters import phone_figures
from diffusionbook.page import report

SVG, NARROW = "<svg>\n<path/>\n</svg>\n", "<svg>\n</svg>\n"
PNG = base64.b64encode(b"dots").decode()
TWO_LAYOUTS = """
```{code-cell} python
from IPython.display import publish_display_data
publish_display_data(
    {"PREFIXimage/svg+xml": "<svg>\\n<g/>\\n</svg>\\n", "PREFIXPHONE": "<svg>\\n</svg>"},
    {"scrapbook": {"name": "line", "mime_prefix": "PREFIX"}})
```

:::{glue:figure} line
A line.
:::
""".replace("PREFIX", report.PREFIX).replace("PHONE", report.ON_A_PHONE)


def notebook(*bundles: dict):
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [nbformat.v4.new_output("display_data", data) for data in bundles]
    return nbformat.v4.new_notebook(cells=[cell])


def glued(**data: str) -> dict:
    kinds = {"svg": "image/svg+xml", "png": "image/png", "phone": report.ON_A_PHONE}
    return {report.PREFIX + kinds[key]: value for key, value in data.items()}


def named(content: bytes, ending: str) -> str:
    return hashlib.sha256(content).hexdigest() + ending


def test_layouts_are_found_by_the_file_of_the_first() -> None:
    found = phone_figures.layouts(notebook(
        glued(svg=SVG, phone=NARROW), glued(png=PNG, phone=base64.b64encode(b"few").decode()),
        glued(svg="<svg/>"), {"text/plain": "3"}))
    assert found == {named(b"<svg>\n<path/>\n</svg>", ".svg"): b"<svg>\n</svg>",
                     named(b"dots", ".png"): b"few"}


@pytest.mark.parametrize("builder", ["html", "latex", "notebooks"])
def test_the_site_alone_offers_it(tmp_path, builder: str) -> None:
    book = Book(tmp_path)
    phone_figures.write(book, notebook(glued(png=PNG, phone=PNG)))
    page = new_document("page")
    for name in (named(b"dots", ".png"), "other.png"):
        page += nodes.figure("", nodes.image(uri=f"_build/jupyter_execute/{name}"))
    app = SimpleNamespace(
        srcdir=tmp_path, outdir=tmp_path / "html", builder=SimpleNamespace(
            name=builder, imagedir="_images", get_target_uri=lambda name: f"{name}.html"))
    phone_figures.offer(app, page, "book/chapters/one")
    offered, other = page.children
    if builder != "html":
        assert len(offered) == 1 and not (tmp_path / "html").exists()
        return
    source, image, end = offered.children
    name = f"phone-{named(b'dots', '.png')}"
    assert source.astext() == (f'<picture><source media="(max-width: 600px)" '
                               f'srcset="../../_images/{name}">')
    assert isinstance(image, nodes.image) and end.astext() == "</picture>" and len(other) == 1
    assert (tmp_path / "html" / "_images" / name).read_bytes() == b"dots"


@pytest.mark.slow
def test_the_files_have_the_names_that_the_site_gives_them(built) -> None:
    """myst-nb names a picture by a hash of what it holds; a build shows that ours is the same."""
    path = built.root / "book" / "chapters" / "two.md"
    path.write_text(path.read_text("utf-8") + TWO_LAYOUTS, "utf-8")
    assert "1 chapters ran" in built.outputs().stdout
    result = built.build()
    assert result.returncode == 0, result.stderr
    html = built.root / "_build" / "html"
    page = (html / "book" / "chapters" / "two.html").read_text("utf-8")
    (phone,) = (html / "_images").glob("phone-*.svg")
    assert phone.read_text("utf-8") == "<svg>\n</svg>"
    assert f'<picture><source media="{phone_figures.SCREEN}" srcset="../../_images/' in page
    assert f'_images/{phone.name.removeprefix("phone-")}"' in page
