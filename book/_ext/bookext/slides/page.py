"""The page that holds a chapter's slides, as text."""

import json
from html import escape
from pathlib import Path

from docutils import nodes

from .draw import Pen
from .outline import Slide

WIDE = 1.9  # times wider than high: a picture with its words below; else they stand beside it
STYLES = ("pygments", "css/colours", "css/formulas", "css/book", "css/slides")
PAGE = """\
<!DOCTYPE html>
<html lang="{language}" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slides: {title} – {book}</title>
<meta name="description" content="{about}">
<link rel="canonical" href="{canonical}">
<link rel="icon" href="../_static/{icon}">
{styles}
<script src="../_static/js/slides/mode.js"></script>
<script>window.MathJax = {mathjax};</script>
<script defer src="../_static/js/formulas.js"></script>
<script defer src="../_static/{typesetter}"></script>
<script defer src="../_static/js/slides/deck.js"></script>
</head>
<body>
<main class="deck bd-article" aria-label="Slides">
{slides}
</main>
<nav class="deck-bar" aria-label="Slides" hidden>
<button type="button" data-go="-1" aria-label="Back one slide">‹</button>
<span class="deck-place" aria-hidden="true">1 / {count}</span>
<button type="button" data-go="1" aria-label="On one slide">›</button>
<button type="button" data-go="all" aria-label="All slides" title="All slides (o)">▦</button>
<button type="button" data-go="full" aria-label="Full screen" title="Full screen (f)">⛶</button>
<p class="deck-said" aria-live="polite"></p>
</nav>
</body>
</html>
"""
SLIDE = """\
<section class="slide slide-{kind}" id="{number}" role="group" aria-roledescription="slide" \
aria-label="{number} of {count}">
<div class="slide-inside">
{heading}
<div class="slide-body">
{body}</div>
<p class="slide-foot"><a href="{address}">{section}</a> <span>{number}</span></p>
</div>
<a class="slide-open" href="#{number}" aria-label="Open slide {number}"></a>
</section>"""


def page(app, docname: str, target: str, found: list[Slide], links: str) -> str:
    """``links`` is the body of the last slide."""
    pen, title = Pen(app, docname, target), app.env.titles[docname].astext()
    number = ".".join(map(str, app.env.toc_secnumbers.get(docname, {}).get("", ())))
    about = app.env.metadata[docname].get("description", "")
    count = len(found) + 1
    drawn = [_slide(pen, slide, k, count, number, about) for k, slide in enumerate(found, 1)]
    drawn.append(SLIDE.format(
        kind="links", number=count, count=count, heading="<h2>To read on, and to run</h2>",
        body=links, address=pen.moved(""), section=f"{number} {escape(title)}"))
    return PAGE.format(
        language=app.config.language, title=escape(f"{number} {title}"), count=count,
        book=escape(app.config.html_title), about=escape(about or f"Slides of {title}"),
        canonical=f"{app.config.html_baseurl}{target}", slides="\n".join(drawn),
        icon=Path(app.config.html_favicon or "favicon.svg").name,
        styles="\n".join(f'<link rel="stylesheet" href="../_static/{name}.css">'
                         for name in STYLES),
        mathjax=json.dumps(app.config.mathjax3_config),
        typesetter=app.config.mathjax_path)


def _slide(pen: Pen, slide: Slide, k: int, count: int, number: str, about: str) -> str:
    kind = slide.kind
    if figures := [node for node in slide.body if isinstance(node, nodes.figure)]:
        kind += " slide-wide" if pen.shape(figures[0]) > WIDE else " slide-tall"
    heading = pen.inline(slide.heading)
    parts = [pen.draw(node) for node in slide.body]
    if slide.kind == "title":
        heading = f'<h1><span>{number}</span> {heading}</h1>'
        parts.insert(0, f"<p>{escape(about)}</p>\n")
    else:
        heading = f"<h2>{heading}</h2>"
    address = pen.moved(f"#{slide.place.anchor}" if slide.place.anchor else "")
    return SLIDE.format(kind=kind, number=k, count=count, heading=heading, body="".join(parts),
                        address=address, section=pen.inline(slide.place.title))
