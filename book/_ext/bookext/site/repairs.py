"""Faults of the theme that a reader would meet, mended in the built pages.

* The launch script of Thebe, which this book does not use, is put on every page twice and fails.
* The buttons that unfold a part of the table of contents have no name for a screen reader.
* The primary side bar, which holds the logo, is no landmark.
* A table that scrolls on a phone cannot be reached by the keyboard.
* All exercises of a page share an id, and so do all solutions.
* The words that unfold a cell are paragraphs, which may not stand there.
* Entries of the bibliography have a role that their element may not have.
* The first page, which has the book's name for a title, is titled with it twice.
* Long signatures and the two-column index stick out of a phone's screen (css/narrow.css).
"""

import re
from pathlib import Path

THEBE = re.compile(r'[ \t]*<script>const THEBE_JS_URL.*?</script>\n?|'
                   r'[ \t]*<(?:script|link)\b[^>]*sphinx-thebe\.(?:js|css)[^>]*>(?:</script>)?\n?|'
                   r'[ \t]*<script type="text/x-thebe-config">.*?</script>\n?', re.S)
UNNAMED = re.compile(r'(<a class="reference [^>]*>)([^<]*)(</a><details[^>]*>)<summary>')
TWICE = re.compile(r"<title>([^<]+) &#8212; \1</title>")
SHARED_ID = re.compile(r'<section id="(?:exercise|solution)-content">')
UNFOLDS = re.compile(r'<p (class="(?:collapsed|expanded) admonition-title")>([^<]*)</p>')
TABLE = '<div class="pst-scrollable-table-container">'
SIDE_BAR = '<div class="bd-sidebar-primary bd-sidebar">'
LANDMARK = ('<div class="bd-sidebar-primary bd-sidebar" role="navigation" '
            'aria-label="Table of contents">')


def mend(page: str) -> str:
    """The text of a page without the theme's faults; a mended page stays as it is."""
    page = THEBE.sub("", page)
    page = TWICE.sub(r"<title>\1</title>", page)
    page = UNNAMED.sub(r'\1\2\3<summary aria-label="Pages of \2">', page)
    page = SHARED_ID.sub("<section>", page)
    page = UNFOLDS.sub(r"<span \1>\2</span>", page)
    page = page.replace('role="doc-biblioentry"', 'role="listitem"')
    return page.replace(SIDE_BAR, LANDMARK).replace(TABLE, TABLE[:-1] + ' tabindex="0">')


def mend_pages(app, exception):
    if exception or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text("utf-8")
        if (mended := mend(page)) != page:
            path.write_text(mended, "utf-8")


def setup(app):
    app.add_css_file("css/narrow.css")
    app.connect("build-finished", mend_pages)
