"""What the title page says: the version, where the book lives and where its source is."""

from pathlib import Path

from ..book import Book


def latex(root: Path, address: str, source: str) -> str:
    return rf"\providecommand{{\bookfacts}}[3]{{}}\bookfacts{{{Book(root).version}}}" \
           rf"{{{address}}}{{{source}}}"


def add_facts(app, config) -> None:
    source = config.html_theme_options.get("repository_url", "")
    elements = config.latex_elements
    elements["preamble"] = "\n".join([
        elements.get("preamble", ""), latex(Path(app.srcdir), config.html_baseurl, source), ""])


def setup(app):
    app.connect("config-inited", add_facts, priority=950)
