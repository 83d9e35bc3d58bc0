"""A page that holds one explorer and nothing else, as files that any browser can open."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from bookext.site import maths
from bookext.site.live_parts import PARTS

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "book" / "static"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Explorer</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<script>document.documentElement.dataset.theme = localStorage.theme || "light";</script>
<style>%s
html { --pst-color-text-base: #323232; --pst-color-background: #fff; }
html[data-theme=dark] { --pst-color-text-base: #ced6dd; --pst-color-background: #14181e; }
body { background: var(--pst-color-background); color: var(--pst-color-text-base);
font-family: sans-serif; margin: 1rem auto; max-width: 46rem; padding: 0 1rem; }</style>%s</head>
<body class="bd-article"><main><h1>Explorer</h1>%s</main></body></html>"""


def write(folder: Path, html: str, part: str = "diffusion-explorer") -> Path:
    """Copy what the page loads into ``folder`` and write the page beside it.

    Args:
        folder: where.
        html: what the page holds.
        part: the class of it, which says what the page loads.
    """
    styles, scripts = PARTS[part]
    for part in ("js", "explorer", "css"):
        shutil.copytree(STATIC / part, folder / "static" / part, dirs_exist_ok=True)
    head = "".join(f'<link rel="stylesheet" href="static/css/{name}.css">'
                   for name in ("book", *styles))
    head += "".join(f'<script defer src="static/{name}.js"></script>'
                    for name in scripts)
    page = folder / "page.html"
    page.write_text(PAGE % (maths.css(maths.look(ROOT)), head, html), "utf8")
    return page


def swipe(tab, points: Iterable[tuple[float, float]]) -> None:
    """One finger that is put on the page, moved and lifted."""
    wire = tab.context.new_cdp_session(tab)
    for k, (x, y) in enumerate(points):
        wire.send("Input.dispatchTouchEvent", {"type": "touchMove" if k else "touchStart",
                                               "touchPoints": [{"x": x, "y": y}]})
    wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def is_a_picture(browser, address: str, ready: str, still: str, gone: str, scripts: bool) -> None:
    """In print, and without scripts, there is the still and nothing that would need a hand.

    Args:
        address: of the page.
        ready: selects a part that has computed something.
        still: selects its picture, which then is not seen on the screen.
        gone: selects what is on no paper.
        scripts: whether the browser runs any.
    """
    context = browser.new_context(java_script_enabled=scripts)
    tab = context.new_page()
    tab.goto(address)
    if scripts:
        tab.wait_for_selector(ready)
        assert not tab.locator(still).is_visible()
        tab.emulate_media(media="print")
    assert tab.locator(still).is_visible()
    assert not tab.locator(gone).first.is_visible()
    context.close()
