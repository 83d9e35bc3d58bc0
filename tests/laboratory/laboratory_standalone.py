"""A page that holds laboratories and nothing else, as files that any browser can open."""

import shutil
from pathlib import Path

from bookext.site import maths
from bookext.site.live_parts import PARTS

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "book" / "static"
PIXEL = ("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
         "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")  # fmt: skip
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Laboratory</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<script>document.documentElement.dataset.theme = localStorage.theme || "light";</script>
<style>%s
html { --pst-color-text-base: #323232; --pst-color-background: #fff; }
html[data-theme=dark] { --pst-color-text-base: #ced6dd; --pst-color-background: #14181e; }
body { background: var(--pst-color-background); color: var(--pst-color-text-base);
font-family: sans-serif; margin: 1rem auto; max-width: 46rem; padding: 0 1rem; }</style>%s</head>
<body class="bd-article"><main><h1>Laboratory</h1>%s</main></body></html>"""


def mount(*flags: str, **attributes) -> str:
    """The place of a laboratory, as a chapter has it; flags are attributes without a value."""
    said = "".join(f" data-{flag}" for flag in flags)
    said += "".join(f' data-{key}="{value}"' for key, value in attributes.items())
    return (f'<div class="diffusion-laboratory"{said}><img class="explorer-still" alt="A law" '
            f'src="{PIXEL}" style="aspect-ratio: 2"></div>')  # fmt: skip


def write(folder: Path, html: str) -> Path:
    """Copy what the page loads into ``folder`` and write the page beside it."""
    styles, scripts = PARTS["diffusion-laboratory"]
    for part in ("js", "css"):
        shutil.copytree(STATIC / part, folder / "static" / part, dirs_exist_ok=True)
    head = "".join(f'<link rel="stylesheet" href="static/css/{name}.css">'
                   for name in ("book", *styles))  # fmt: skip
    head += "".join(f'<script defer src="static/{name}.js"></script>' for name in scripts)
    page = folder / "page.html"
    page.write_text(PAGE % (maths.css(maths.look(ROOT)), head, html), "utf8")
    return page
