"""404.html, for an address that is no page. It may be shown at any depth, so it holds all it needs,
and its links say the whole address.
"""

from html import escape
from pathlib import Path
from string import Template

from ..book import Book
from . import addresses

MARK = "book/static/header/logo.svg"
PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Page not found - $book</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><link rel="icon" href="data:,">
<script>{
  const chosen = localStorage.getItem("theme"), system = matchMedia("(prefers-color-scheme: dark)");
  const dark = chosen === "dark" || chosen !== "light" && system.matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}</script>
<style>
html { background: #fff; color: #222832; font: 1.05rem/1.6 system-ui, sans-serif; }
html[data-theme="dark"] { background: #14181e; color: #ced6dd; }
main { margin: 8vh auto; max-width: 34rem; padding: 0 1.25rem; }
a { color: #0069a3; } html[data-theme="dark"] a { color: #6cc0ee; }
svg { height: 7rem; width: 7rem; }
</style></head>
<body><main><div aria-hidden="true">$mark</div>
<h1>Nothing but noise here</h1>
<p>This address is no page of <a href="$home">$book</a>.
The link may be old, or a letter of it is wrong.</p>
<p>From here you can go to</p>
<ul>$links</ul></main></body></html>
""")


def page(app) -> str:
    book = Book(Path(app.srcdir))
    mark = book.root / MARK
    places = [("the first page", addresses.page(app, app.config.root_doc)),
              ("the search", addresses.page(app, "search")),
              *((f"{number} {app.env.titles[chapter].astext()}", addresses.page(app, chapter))
                for number, chapter in enumerate(book.numbered(), 1))]
    links = "".join(f'<li><a href="{escape(address)}">{escape(text)}</a></li>\n'
                    for text, address in places)
    return PAGE.substitute(book=escape(app.config.html_title), home=app.config.html_baseurl,
                           links=links, mark=mark.read_text("utf-8") if mark.is_file() else "")


def write(app, error):
    if error is None and app.builder.format == "html":
        Path(app.outdir, "404.html").write_text(page(app), "utf-8")


def setup(app):
    app.connect("build-finished", write)
