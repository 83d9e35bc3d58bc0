"""Internal links and anchors of a built site, without a browser."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import serve

HERE = "http://site.invalid"
TARGETS = {"a": "href", "link": "href", "img": "src", "script": "src", "iframe": "src"}


class _Page(HTMLParser):
    """The anchors a page offers and the addresses it asks for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors, self.wanted = {"", "top"}, []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = dict(attrs)
        self.anchors |= {given[key] for key in ("id", "name") if given.get(key)}
        if address := given.get(TARGETS.get(tag, "")):
            self.wanted.append(address)


def anchors(page: Path) -> set[str]:
    """Places of a page that a link may name."""
    return _Page(page.read_text("utf8")).anchors


def broken(folder: Path) -> list[str]:
    """Links of the site to a page, file or anchor that is not there."""
    read = {p: _Page((folder / p).read_text("utf8")) for p in serve.pages(folder)}
    found = []
    for name, page in read.items():
        for address in page.wanted:
            parts = urlsplit(urljoin(f"{HERE}/{name}", address))
            if not parts.geturl().startswith(HERE):
                continue
            target = unquote(parts.path.lstrip("/")) or "index.html"
            target = f"{target}index.html" if target.endswith("/") else target
            if address.startswith("/"):
                found.append(f"{name}: {address} leaves the site's folder")
            elif not (folder / target).is_file():
                found.append(f"{name}: {address} is not there")
            elif target in read and unquote(parts.fragment) not in read[target].anchors:
                found.append(f"{name}: {address} has no such anchor")
    return found
