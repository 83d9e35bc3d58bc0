"""Which pages a build writes: what is made of a page is made again for those alone.

All pages are written again when the code that makes them changed: its digest is a setting of them.
"""

import hashlib
from pathlib import Path

CODE = Path(__file__).resolve().parents[1]
KINDS = (".py", ".html", ".toml")


def digest(folder: Path) -> str:
    """Of all code and templates in a folder."""
    found = sorted(path for path in folder.rglob("*") if path.suffix in KINDS)
    return hashlib.sha256(b"\0".join(
        path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes()
        for path in found)).hexdigest()


def note(app, pagename, templatename, context, doctree) -> None:
    app.bookext_written.add(pagename)


def stands(app, docname: str, path: Path) -> bool:
    """Whether what an earlier build made of a page still holds."""
    return docname not in app.bookext_written and path.is_file()


def begin(app) -> None:
    app.bookext_written = set()


def setup(app):
    app.add_config_value("bookext_code", digest(CODE), "html", str)
    app.connect("builder-inited", begin)
    app.connect("html-page-context", note)
