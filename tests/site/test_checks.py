"""Each check of the pages fails on a page planted to break it, and on no sound one."""

import random
from pathlib import Path

import checks
import links
import pytest
import serve
import visit

pytestmark = pytest.mark.browser
SOUND = """<!doctype html><html lang="en"><head><title>Planted</title>
<link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1">
<script>document.documentElement.dataset.theme = localStorage.theme;</script>
<style>html[data-theme=dark], [data-theme=dark] a {background: #111; color: #eee}
img {max-width: 100%%}</style></head>
<body><main><h1 id="top">Planted</h1><p><a href="#top">Up</a></p>%s</main></body></html>"""
DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
FAULTS = {
    "network": '<img src="https://example.org/far.png" alt="A far picture">',
    "console": "<script>console.error('planted')</script>",
    "console-script": "<script>planted.is.undefined</script>",
    "console-missing": '<img src="gone.png" alt="A picture that is gone">',
    "images": f'<img src="{DOT}" width="9" height="9">',
    "images-name": f'<img src="{DOT}" alt="../_images/chain.svg" width="9" height="9">',
    "images-broken": '<img src="gone.png" alt="A picture" width="9" height="9">',
    "images-canvas": "<canvas></canvas>",
    "quoted": '<p>It costs <span class="pasted-text">(8, 103)</span> draws</p>',
    "maths": r"<p>Raw \(x_t\) here</p>",
    "maths-error": "<mjx-merror>Undefined control sequence</mjx-merror>",
    "maths-unset": '<span class="math notranslate">x</span>',
    "formulas": '<div class="math"><mjx-container style="display: block; overflow-x: auto">'
                '<div style="width: 1500px">x</div></mjx-container></div>',
    "formulas-clipped": '<div class="math" style="overflow: hidden; width: 300px">'
                        '<mjx-container style="display: block; width: 400px">x'
                        "</mjx-container></div>",
    "formulas-small": '<div class="math"><mjx-container><mjx-c style="font-size: 9px">x</mjx-c>'
                      "</mjx-container></div>",
    "figures": '<figure><img alt="A line" style="width: 300px" src="data:image/svg+xml,'
               "%3Csvg xmlns='http://www.w3.org/2000/svg' width='600' height='9'%3E"
               "%3Cdesc%3E/_images/%3C/desc%3E%3C/svg%3E\"></figure>",
    "mode": "<script>document.documentElement.dataset.theme = 'sepia'</script>",
    "sideways": '<div style="width: 1600px">wide</div>',
    "accessible": '<p style="color: #ccc; background: #fff">Pale on white</p>',
    "accessible-name": "<input type=range>",
    "weight": "<script>/*%s*/</script>",
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("planted")
    noise = "".join(random.Random(0).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=2_700_000))
    for name, fault in FAULTS.items():
        body = fault % noise if name == "weight" else fault
        (folder / f"{name}.html").write_text(SOUND % body, "utf8")
    (folder / "sound.html").write_text(SOUND % f'<img src="{DOT}" alt="One dot">', "utf8")
    with serve.serve(folder) as address:
        yield address


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", visit.WIDTHS)
def test_a_sound_page_passes(browser, planted: str, width: int, dark: bool) -> None:
    with visit.visit(browser, f"{planted}/sound.html", width, dark) as seen:
        assert checks.problems(seen) == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(browser, planted: str, name: str) -> None:
    width = 375 if name == "sideways" else 1440
    with visit.visit(browser, f"{planted}/{name}.html", width) as seen:
        found = checks.problems(seen)
    assert name.split("-")[0] in {text.split(":")[0] for text in found}, found


def test_pale_text_is_found_in_the_other_mode(browser, planted: str) -> None:
    with visit.visit(browser, f"{planted}/sound.html") as seen:
        seen.page.add_style_tag(content="[data-theme=dark] h1 {color: #222}")
        assert checks.problems(seen) == []
        seen.switch(dark=True)
        (problem,) = checks.problems(seen, checks.IN_EACH_MODE)
    assert "dark, color-contrast" in problem


def test_one_pale_word_of_code_is_found(browser, planted: str) -> None:
    words = ['<span class="k">def</span> '] * 40
    with visit.visit(browser, f"{planted}/sound.html") as seen:
        for pale in ("color: #ccc", ""):
            words[30] = f'<span class="k" style="{pale}">def</span> '
            seen.page.evaluate("(code) => { document.querySelector('main').innerHTML = code }",
                               f"<h1>Code</h1><pre>{''.join(words)}</pre>")
            found = checks.problems(seen, (checks.contrast,))
            assert len(found) == bool(pale)
            assert seen.page.locator("pre span").count() == 1 + len(found)  # one of each colour


def test_a_file_page_may_not_ask_the_network(browser, tmp_path: Path) -> None:
    (tmp_path / "far.html").write_text(SOUND % FAULTS["network"], "utf8")
    with visit.visit(browser, (tmp_path / "far.html").as_uri()) as seen:
        assert checks.network(seen) == ["asks for https://example.org/far.png"]


def test_what_lies_above_the_site_is_not_served(browser, planted: str) -> None:
    above = planted.rsplit("/", 1)[0] + "/sound.html"
    with visit.visit(browser, above) as seen:
        assert any("404" in text for text in checks.console(seen))


def test_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "index.html").write_text(
        '<a href="sub/two.html#here">fine</a><a href="sub/two.html#gone">x</a>'
        '<a href="three.html">x</a><a href="/index.html">x</a><a href="https://example.org">y</a>',
        "utf8",
    )
    (tmp_path / "sub" / "two.html").write_text('<p id="here"><a href="../">up</a></p>', "utf8")
    assert links.broken(tmp_path) == [
        "index.html: sub/two.html#gone has no such anchor",
        "index.html: three.html is not there",
        "index.html: /index.html leaves the site's folder",
    ]
