"""The button for suggesting an edit stands where there is a file: a generated page has none."""

from pathlib import Path

from ..book import GENERATED, Book

BUTTON = "source-edit-button"  # the theme's name of it


def withdraw(app, pagename, templatename, context, doctree):
    if Book(Path(app.srcdir)).source(pagename) not in GENERATED:
        return
    for group in context.get("header_buttons", []):
        if group.get("type") == "group":
            group["buttons"] = [button for button in group["buttons"]
                                if button.get("label") != BUTTON]


def setup(app):
    app.connect("html-page-context", withdraw, priority=900)
