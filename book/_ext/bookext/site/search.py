"""What the search page searches: every section of the book, as plain text.

The theme's search finds pages, and a chapter is forty screens long. Here each section, each entry
of the glossary and each function of the API is found on its own. All of it is written into one
script, so that the search works without a server too; ``js/search`` reads it.
"""

import json
import re
import tomllib
from pathlib import Path

from docutils import nodes
from sphinx import addnodes

from . import maths
from .numbers import number_of
from .plain_math import plain

TEMPLATES = Path(__file__).with_name("templates")
# These name everything and explain nothing.
LISTS = {"verified-equations", "proof", "run-times", "models", "bibliography", "changes",
         "contributing", "beside", "questions", "cheat-sheet"}
LEFT_OUT = (nodes.literal_block, nodes.raw, nodes.math_block, nodes.comment, nodes.image,
            nodes.system_message, nodes.target, addnodes.index, addnodes.toctree, nodes.title,
            addnodes.desc_signature, nodes.term, nodes.doctest_block)
CITED = re.compile(r"^([a-z]+)(\d{4})\w*$")


def kind(docname: str) -> str:
    room, _, name = docname.removeprefix("book/").partition("/")
    if name == "api" or name.startswith("api/"):
        return "api"
    return "chapter" if room == "chapters" else "list" if name in LISTS else "page"


class Reader:
    """Reads the sections of a page, in the order in which they stand."""

    def __init__(self, env, docname: str, look: dict):
        self.env, self.docname, self.look = env, docname, look
        self.rows: list[dict] = []

    def read(self, doctree) -> list[dict]:
        self._visit(doctree, {"text": []})
        for row in self.rows:
            row["text"] = " ".join("".join(row["text"]).split())
        return self.rows

    def _visit(self, node, row: dict) -> None:
        if part := self._part(node):
            row = part
            self.rows.append(row)
        elif isinstance(node, LEFT_OUT):
            return
        elif text := self._text(node):
            row["text"].append(text)
            return
        for child in node.children:
            self._visit(child, row)
        if not isinstance(node, nodes.Inline):
            row["text"].append(" ")

    def _part(self, node) -> dict | None:
        """A new row where a section, a function or an entry of the glossary begins."""
        titles = [child for child in node.children if isinstance(child, nodes.title)]
        if isinstance(node, nodes.section) and titles:
            top = not self.rows
            numbers = self.env.toc_secnumbers.get(self.docname, {})
            number = numbers.get("" if top else f"#{node['ids'][0]}", ())
            return {"anchor": "" if top else node["ids"][0], "title": self.plain(titles[0]),
                    "number": ".".join(map(str, number)), "text": []}
        if isinstance(node, addnodes.desc) and node[0].get("ids"):
            name = node[0]["ids"][0]
            page = self.docname.rpartition("/")[2]
            return {"anchor": name, "title": name.rpartition(f"{page}.")[2], "text": []}
        if isinstance(node, nodes.definition_list_item) and (names := terms(node)):
            return {"anchor": node[0]["ids"][0], "title": ", ".join(names), "text": [],
                    "terms": names}
        return None

    def _text(self, node) -> str:
        if isinstance(node, nodes.math):
            return plain(node.astext(), self.look)
        if isinstance(node, addnodes.pending_xref):
            return self._reference(node)
        return node.astext() if isinstance(node, nodes.Text) else ""

    def _reference(self, node) -> str:
        said, target = node.astext(), node["reftarget"]
        if node.get("refdomain") == "cite":
            cited = [CITED.match(key) for key in target.split(",")]
            return ", ".join(f"{c[1].title()} ({c[2]})" for c in cited if c) or said
        if node["reftype"] == "eq":
            return f"({number_of(self.env, target)})"
        if node.get("refexplicit"):
            return said
        if node["reftype"] == "doc":
            name = target.lstrip("/")
            return self.env.titles[name].astext() if name in self.env.titles else said
        _, place, title = self.env.get_domain("std").labels.get(target, ("", "", said))
        return number_of(self.env, place) or title  # of a figure the title is its whole caption

    def plain(self, node) -> str:
        """The text of a title or a paragraph, its formulas in plain text."""
        own = self._text(node)
        return own or "".join(map(self.plain, node.children))


def terms(item) -> list[str]:
    """The names of an entry of a glossary; none where the list is no glossary."""
    if "glossary" not in item.parent.get("classes", []):
        return []
    return [child.astext() for child in item.children if isinstance(child, nodes.term)]


def collect(env, root: Path) -> dict:
    """Pages, sections and synonyms, as js/search takes them."""
    look, pages, rows, synonyms = maths.look(root), [], [], []
    path = root / "book" / "search.toml"
    if path.is_file():
        synonyms = tomllib.loads(path.read_text("utf-8"))["synonyms"]
    for docname in sorted(env.found_docs):
        read = Reader(env, docname, look).read(env.get_doctree(docname))
        if not read:
            continue
        for row in read:
            names = row.get("terms", [])
            synonyms += [names] if len(names) > 1 else []
            rows.append([len(pages), row["anchor"], row.get("number", ""), row["title"],
                         row["text"]] + (["term"] if names else []))
        pages.append({"name": docname, "title": read[0]["title"], "kind": kind(docname),
                      "number": read[0]["number"]})
    return {"synonyms": synonyms, "pages": pages, "sections": rows}


def write(app, error) -> None:
    if error is None and app.builder.format == "html":
        found = json.dumps(collect(app.env, Path(app.srcdir)), ensure_ascii=False)
        path = Path(app.outdir, "_static", "search-sections.js")
        path.write_text(f"window.BOOK_SECTIONS = {found};\n", "utf-8")


def add_template(app, config) -> None:
    config.templates_path.append(str(TEMPLATES))


def setup(app):
    app.add_css_file("css/finding.css")
    app.connect("config-inited", add_template)
    app.connect("build-finished", write)
