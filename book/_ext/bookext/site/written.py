"""Which pages a build writes: what is made of a page is made again for those alone."""

from pathlib import Path

CODE = Path(__file__).resolve().parents[1]


def note(app, pagename, templatename, context, doctree) -> None:
    app.bookext_written.add(pagename)


def stands(app, docname: str, path: Path) -> bool:
    """Whether what an earlier build made of a page still holds: the page was not written since, and
    neither was the code that makes it."""
    if docname in app.bookext_written or not path.is_file():
        return False
    made = path.stat().st_mtime
    return all(source.stat().st_mtime < made for source in CODE.rglob("*")
               if source.suffix in (".py", ".css", ".html", ".toml"))


def begin(app) -> None:
    app.bookext_written = set()


def setup(app):
    app.connect("builder-inited", begin)
    app.connect("html-page-context", note)
