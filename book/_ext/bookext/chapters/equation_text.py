"""The TeX of each labelled equation, as it stands on its page."""

import re

from ..book import Book

FENCED = re.compile(r"^(?P<mark>`{3,}|:{3,}|~{3,})\{math\}[^\n]*\n"
                    r"(?P<options>(?::[\w-]+:[^\n]*\n)*)(?P<body>.*?)^(?P=mark)\s*$", re.M | re.S)
DOLLARS = re.compile(r"^\$\$(?P<body>.*?)\$\$[ \t]*\((?P<label>[^)\s]+)\)[ \t]*$", re.M | re.S)
LABEL = re.compile(r"^:label:\s*(\S+)", re.M)


def tex_of(book: Book) -> dict[str, str]:
    """The TeX of every labelled equation of the book, by label."""
    found = {}
    for docname in book.pages():
        text = book.source(docname).read_text("utf-8")
        for match in FENCED.finditer(text):
            if label := LABEL.search(match["options"]):
                found[label[1]] = match["body"].strip()
        found |= {match["label"]: match["body"].strip() for match in DOLLARS.finditer(text)}
    return found
