"""What the built book knows of a page: numbers, titles, addresses, glued results, sources."""

from functools import cached_property
from pathlib import Path

from pybtex.database import parse_file
from sphinx.util.nodes import clean_astext

from ..chapters import listings
from ..chapters.outputs import PREFIX
from ..pages.cost import cost
from ..site.code_roles import resolved
from ..site.maths import expand, look
from ..site.numbers import number_of

IMAGES = {"image/png": "png", "image/svg+xml": "svg"}


class Page:
    """One page of the built book, for :class:`bookext.notebooks.plain.Plain`."""

    def __init__(self, app, book, docname: str, notebook):
        self.app, self.book, self.docname, self.notebook = app, book, docname, notebook
        self.look = look(book.root)
        self.index, self.pictures = 0, {}
        self.glue = {}
        for index, cell in enumerate(notebook.cells):
            for output in cell.get("outputs", []):
                if name := output.get("metadata", {}).get("scrapbook", {}).get("name"):
                    data = {k.removeprefix(PREFIX): v for k, v in output.data.items()}
                    self.glue[name] = (index, data)

    def at(self, index: int) -> None:
        """The cell that is translated next."""
        self.index, self.pictures = index, {}

    def attachments(self) -> dict:
        return self.pictures

    def macros(self, tex: str) -> str:
        return expand(self.look, tex)

    def url(self, docname: str, anchor: str = "") -> str:
        return f"{self.app.config.html_baseurl}{docname}.html{f'#{anchor}' if anchor else ''}"

    def number(self, label: str) -> str:
        """The printed number of an equation, a figure, an exercise …; empty where there is none."""
        return number_of(self.app.env, label)

    def glued(self, name: str, form: str) -> str:
        if name not in self.glue:
            raise ValueError(f"{self.docname} glues no {name!r}")
        data = self.glue[name][1]
        if form == "markdown":
            return data["text/markdown"]
        text = data["text/plain"].strip("'\"")
        return format(float(text), form) if form else text

    def picture(self, d) -> str:
        """The image of a figure: beside the cell that makes it only where the cell comes later."""
        if d.name != "glue:figure":
            return f"![{d.options.get('alt', '')}]({self._asset(d.argument)})"
        cell, data = self.glue[d.argument]
        if cell < self.index:
            return ""
        mime = next(m for m in IMAGES if m in data)
        file = f"{d.argument}.{IMAGES[mime]}"
        self.pictures[file] = {mime: data[mime]}
        return f"![{d.options.get('alt', d.argument)}](attachment:{file})"

    def source(self, d) -> str:
        """Lines of a file of the project, as ``literalinclude`` shows them."""
        path = (self.book.source(self.docname).parent / d.argument).resolve()
        return resolved(listings.read(path, d.options).text, self.app.env)

    def elsewhere(self, d) -> str:
        what = {"bibliography": "The references are listed"}.get(d.name, "The table is")
        return f"*{what} on [the page of the book]({self.url(self.docname)}).*"

    def link(self, role: str, target: str, title: str) -> str:
        """A role as a link with the words that the page has."""
        env = self.app.env
        if role in ("cite", "cite:t", "cite:p"):
            return self._cite(role, target)
        if role == "cost":
            return cost(self.book, self.docname, target)
        if role == "eq":
            docname = env.domains["math"].equations[target][0]
            return f"[({self.number(target)})]({self._to(docname, f'equation-{target}')})"
        if role == "doc":
            docname = env.relfn2path(target, self.docname)[1]
            docname = str(Path(docname).relative_to(self.app.srcdir))
            return f"[{title or clean_astext(env.titles[docname])}]({self.url(docname)})"
        if role.startswith("py:"):
            found = env.domains["py"].objects.get(target.lstrip("~"))
            short = target.rpartition(".")[2] if target.startswith("~") else target
            words = f"`{title or short}`"
            return f"[{words}]({self.url(found.docname, found.node_id)})" if found else words
        if role in ("ref", "numref", "prf:ref"):
            return self._reference(target, title)
        raise ValueError(f"role {{{role}}} has no translation to plain Markdown")

    def _reference(self, target: str, title: str) -> str:
        labels = {**self.app.env.domains["std"].anonlabels, **self.app.env.domains["std"].labels}
        proofs = getattr(self.app.env, "proof_list", {})  # sphinx-proof keeps its own
        docname, anchor, *rest = labels.get(target) or (proofs[target]["docname"], target)
        number = self.number(target)
        kind = next((kind for kind, numbers in
                     self.app.env.toc_fignumbers.get(docname, {}).items() if target in numbers), "")
        kind = kind.partition(":")[2] or kind
        words = (title.replace("%s", number) if title else f"{kind.capitalize()} {number}" if number
                 else rest[0] if rest else target)
        return f"[{words}]({self._to(docname, anchor)})"

    def _to(self, docname: str, anchor: str) -> str:
        return f"#{anchor}" if docname == self.docname else self.url(docname, anchor)

    @cached_property
    def references(self):
        """Entries of the bibliography by key."""
        return parse_file(self.book.root / "book" / "references.bib").entries

    def _cite(self, role: str, keys: str) -> str:
        entries = self.references
        texts = [_author_year(entries[key.strip()], role == "cite:t") for key in keys.split(",")]
        return "; ".join(texts) if role == "cite:t" else f"({'; '.join(texts)})"

    def _asset(self, path: str) -> str:
        return f"{self.app.config.html_baseurl}_images/{Path(path).name}"


def _author_year(entry, textual: bool) -> str:
    names = [" ".join(person.last_names) for person in entry.persons["author"]]
    who = names[0] if len(names) == 1 else (
        f"{names[0]} and {names[1]}" if len(names) == 2 else f"{names[0]} et al.")
    year = entry.fields["year"]
    text = f"{who} ({year})" if textual else f"{who}, {year}"
    address = entry.fields.get("url") or (
        f"https://doi.org/{entry.fields['doi']}" if "doi" in entry.fields else
        f"https://arxiv.org/abs/{entry.fields['eprint']}" if "eprint" in entry.fields else "")
    return f"[{text}]({address})" if address else text
