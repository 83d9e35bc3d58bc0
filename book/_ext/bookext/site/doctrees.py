"""Pages that are parsed into small files, so that a build which changes one page is quick.

What stands in an ``eval-rst`` block is parsed as a document of its own, and its nodes go on
pointing to it. Through its settings that document holds the whole build environment, so each
generated page of the API was stored with megabytes of it, and read back by every build.
"""


def own(app, doctree) -> None:
    """Let all nodes of a page belong to the page's document."""
    for node in doctree.findall():
        node.document = doctree


def setup(app):
    app.connect("doctree-read", own, priority=900)
