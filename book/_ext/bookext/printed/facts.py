"""What the title page says: the version, where the book lives and where its source is."""

import tomllib
from pathlib import Path


def latex(root: Path, address: str, source: str) -> str:
    path = root / "pyproject.toml"
    project = tomllib.loads(path.read_text("utf-8"))["project"] if path.is_file() else {}
    return rf"\providecommand{{\bookfacts}}[3]{{}}\bookfacts{{{project.get('version', '')}}}" \
           rf"{{{address}}}{{{source}}}"


def add_facts(app, config) -> None:
    source = config.html_theme_options.get("repository_url", "")
    elements = config.latex_elements
    elements["preamble"] = "\n".join([
        elements.get("preamble", ""), latex(Path(app.srcdir), config.html_baseurl, source), ""])


def setup(app):
    app.connect("config-inited", add_facts, priority=950)
