"""The theme's two dozen icons, drawn into the pages.

The theme ships all of Font Awesome as a script of half a megabyte, compressed. A page needs a few
of its shapes; with them in place it needs neither the script nor a font, even opened as a file.
"""

import re
from functools import cache
from html import escape
from pathlib import Path

SCRIPT = re.compile(r'[ \t]*<(?:script|link)\b[^>]*fontawesome[^>]*(?:all\.min\.js|\.woff2?)[^>]*>'
                    r'(?:</script>)?\n?')
ICON = re.compile(r'<(i|span) class="([^"]*\bfa-[^"]*)"([^>]*)></\1>')
MODIFIERS = {"fa-lg", "fa-solid", "fa-brands", "fa-regular", "fa-sm", "fa-fw", "fa-xs"}


@cache  # a book has many pages and few icons
def draw(library: str, classes: str) -> str | None:
    """The <svg> of an icon with these classes, or None if the library has no such shape."""
    name = next((c[3:] for c in classes.split() if c.startswith("fa-") and c not in MODIFIERS),
                None)
    if name is None:
        return None
    shape = r'(\d+),(\d+),\[([^\]]*)\],"[0-9a-f]+","([^"]+)"\]'
    found = re.findall(rf'(?<![\w-])"?{re.escape(name)}"?:\[{shape}', library)
    if not found:  # an older name
        found = re.findall(rf':\[(\d+),(\d+),\[([^\]]*"{re.escape(name)}"[^\]]*)\],"[0-9a-f]+",'
                           r'"([^"]+)"\]', library)
    if not found:
        return None
    width, height, _, path = found[-1]  # the sets follow each other: brands, regular, solid
    return (f'<svg class="svg-inline--fa {escape(classes)}" viewBox="0 0 {width} {height}" '
            f'aria-hidden="true" focusable="false"%s><path fill="currentColor" d="{path}"/></svg>')


def inline(page: str, library: str) -> str:
    """The text of a page with its icons drawn, and without Font Awesome's script and fonts."""

    def replace(match: re.Match) -> str:
        svg = draw(library, match[2])
        return match[0] if svg is None else svg % match[3]

    drawn = ICON.sub(replace, page)
    return drawn if ICON.search(drawn) else SCRIPT.sub("", drawn)


def draw_icons(app, exception):
    if exception or app.builder.format != "html":
        return
    scripts = sorted(Path(app.outdir, "_static/vendor/fontawesome").rglob("all.min.js"))
    if not scripts:
        return
    library = scripts[-1].read_text("utf-8")
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text("utf-8")
        if SCRIPT.search(page) and (drawn := inline(page, library)) != page:
            path.write_text(drawn, "utf-8")


def setup(app):
    app.connect("build-finished", draw_icons, priority=910)
