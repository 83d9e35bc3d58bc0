"""What a page says of itself where its link is shared, and to search engines.

A page's description is that of its front matter, or its first paragraph without a formula. The
first page's one address is the site's own.
"""

from html import escape

from docutils import nodes

from . import addresses

LONGEST = 200
ICON = "_static/header/icon.png"
INSIDE = (nodes.Admonition, nodes.admonition, nodes.figure, nodes.footnote, nodes.sidebar)


def description(doctree, told: dict) -> str:
    """Text without formulas or markup, of LONGEST letters at most."""
    return told.get("description") or shortened(next(filter(None, map(plain, doctree.findall(
        nodes.paragraph))), ""))


def plain(paragraph) -> str:
    """The text of a paragraph of the page itself; none if it holds a formula."""
    around = paragraph.parent
    while around is not None and not isinstance(around, nodes.section):
        if isinstance(around, INSIDE):
            return ""
        around = around.parent
    return "" if list(paragraph.findall(nodes.math)) else " ".join(paragraph.astext().split())


def shortened(text: str) -> str:
    """Whole words, and a sign where some are missing."""
    return text if len(text) <= LONGEST else text[: LONGEST - 2].rpartition(" ")[0] + " …"


def show_icon(app, pagename, templatename, context, doctree):
    """On a telephone's first screen, and in browsers that take no SVG beside an address."""
    address = context["pathto"](ICON, resource=True)
    context["metatags"] = context.get("metatags", "") + (
        f'<link rel="apple-touch-icon" href="{address}" />\n'
        f'<link rel="alternate icon" type="image/png" href="{address}" />\n')


def tell(app, pagename, templatename, context, doctree):
    """Before the tags of Open Graph are made, which take what is told here."""
    if doctree is None:
        return
    told = dict(context.get("meta") or {})
    if about := description(doctree, told):
        told.setdefault("og:description", about)
        context["metatags"] += f'<meta name="description" content="{escape(about)}" />\n'
    told["og:url"] = context["pageurl"] = addresses.page(app, pagename)
    context["meta"] = told


def setup(app):
    app.connect("html-page-context", show_icon)
    app.connect("html-page-context", tell, priority=400)
