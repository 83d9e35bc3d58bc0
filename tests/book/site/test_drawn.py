"""Dark mode turns round what is drawn, and only that."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from matplotlib import pyplot

from bookext.site import drawn
from diffusionbook.page.film import player
from diffusionbook.page.picture import pixels


def picture(*, digit: bool) -> bytes:
    fig, ax = pyplot.subplots()
    if digit:
        ax.imshow([[0, 1]])
    return pixels(fig, dpi=20)


@pytest.fixture
def page(tmp_path: Path) -> list[nodes.image]:
    (tmp_path / "cloud.png").write_bytes(picture(digit=False))
    (tmp_path / "digit.png").write_bytes(picture(digit=True))
    (tmp_path / "cloud.svg").write_text("<svg/>", "utf-8")
    return [nodes.image(uri=uri) for uri in ("/cloud.png", "digit.png", "cloud.svg", "gone.png")]


@pytest.mark.parametrize(("format", "expected"), [("html", ["/cloud.png"]), ("latex", [])])
def test_drawn_pixels_get_a_class_on_the_page(tmp_path, page, format, expected) -> None:
    app = SimpleNamespace(srcdir=tmp_path, builder=SimpleNamespace(format=format))
    drawn.mark(app, nodes.container("", *page), "page")
    assert [image["uri"] for image in page if "drawn" in image["classes"]] == expected


@pytest.mark.parametrize("digit", [False, True])
def test_so_do_the_frames_of_a_film(monkeypatch, digit) -> None:
    shown = []
    monkeypatch.setattr("diffusionbook.page.film.publish_display_data", shown.append)
    player([picture(digit=digit)], ["t = 0"], alt="A picture")
    assert ('class="drawn"' in shown[0]["text/html"]) is not digit
