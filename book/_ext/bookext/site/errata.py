"""Where a reader says that something is wrong: the form of errata, filled in by the page itself.

The form is ``.github/ISSUE_TEMPLATE/erratum.yml``; GitHub fills a field from the part of the query
that has its id. The theme's button for an issue opens it, and so does a line at the foot of a page.
"""

from html import escape
from pathlib import Path
from urllib.parse import quote, urlencode

from markupsafe import Markup

from ..book import Book
from . import addresses, repository

FORM = ".github/ISSUE_TEMPLATE/erratum.yml"
BUTTON = "source-issues-button"  # the theme's name of it
WORDS = "Report a mistake"


def form(app, docname: str, title: str) -> str:
    """The address of the form, with the page and the version in place."""
    known = {"template": Path(FORM).name,
             "page": f"{title} ({addresses.page(app, docname)})",
             "version": Book(Path(app.srcdir)).version}
    return f"{repository.of(app).url}/issues/new?{urlencode(known, quote_via=quote)}"


def offer(app, pagename, templatename, context, doctree) -> None:
    title = Markup(context.get("title", "")).striptags() or app.config.html_title
    address = form(app, pagename, title)
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []) if group.get("type") == "group" else [group]:
            if button.get("label") == BUTTON:
                button |= {"url": address, "text": WORDS, "tooltip": "Say what is wrong here"}
    context["theme_extra_footer"] = (f'{context.get("theme_extra_footer", "")}'
                                     f'<p><a href="{escape(address)}">{WORDS}</a></p>')


def setup(app):
    app.connect("html-page-context", offer, priority=900)
