"""Wherever the text names an equation by its number, the equation itself can be seen: the TeX of
all labelled ones, in one small file that a page loads when its reader first points at a number."""

import json
from pathlib import Path

DATA = "js/preview/equations.js"  # below _static
SCRIPT = "js/preview/preview.js"
POINTER = "#equation-eq-"


def script(tex: dict[str, str]) -> str:
    """The file: a call with everything, which works from a folder, too, where nothing can be
    fetched."""
    shown = {label: displayed(body) for label, body in tex.items()}
    return f"window.bookEquations = {json.dumps(shown, ensure_ascii=False)};\n"


def displayed(tex: str) -> str:
    """An equation as Sphinx gives it to MathJax where it stands."""
    return rf"\[\begin{{split}}{tex}\end{{split}}\]" if r"\\" in tex else rf"\[{tex}\]"


def write(app, exception) -> None:
    if exception is None and app.builder.format == "html":
        path = Path(app.outdir, "_static", DATA)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script(app.bookext_tex), "utf-8")


def add_script(app, pagename, templatename, context, doctree) -> None:
    if POINTER in context.get("body", ""):
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app):
    app.connect("html-page-context", add_script)
    app.connect("build-finished", write)
