"""The page that holds a chapter's slides, as text."""

import json
from html import escape
from pathlib import Path

from docutils import nodes

from ..pages import pictures
from .draw import Pen, live
from .outline import Slide

WIDE = 1.9  # times wider than high: a picture with its words below; else they stand beside it
STYLES = ("pygments", "css/colours", "css/formulas", "css/book", "css/slides")
ICON = ('<svg viewBox="0 0 16 16" width="1em" height="1em" fill="none" stroke="currentColor" '
        'stroke-width="1.6" aria-hidden="true"><path d="{}"/></svg>')
ICONS = {"back": "M10 3 5 8l5 5", "on": "m6 3 5 5-5 5",
         "all": "M2 3h5v4H2zM9 3h5v4H9zM2 9h5v4H2zM9 9h5v4H9z",
         "full": "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4"}
PAGE = """\
<!DOCTYPE html>
<html lang="{language}" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slides: {title} – {book}</title>
<meta name="description" content="{about}">
<meta name="twitter:card" content="summary_large_image">
<meta property="og:site_name" content="{book}">
<meta property="og:title" content="Slides: {title}">
<meta property="og:description" content="{about}">
<meta property="og:url" content="{canonical}">
<meta property="og:image" content="{picture}">
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
<main class="deck bd-article">
<h1 class="deck-name">Slides: {title}</h1>
{slides}
</main>
<nav class="deck-bar" aria-label="Slides" hidden>
<button type="button" data-go="-1" aria-label="Back one slide">{back}</button>
<span class="deck-place" aria-hidden="true">1 / {count}</span>
<button type="button" data-go="1" aria-label="On one slide">{on}</button>
<button type="button" data-go="all" aria-label="All slides" title="All slides (o)">{all}</button>
<button type="button" data-go="full" aria-label="Full screen" title="Full screen (f)">{full}\
</button>
<p class="deck-said" aria-live="polite"></p>
</nav>
</body>
</html>
"""
SLIDE = """\
<section class="slide slide-{kind}" id="{number}" role="group" aria-roledescription="slide" \
aria-label="{number} of {count}">
<div class="slide-inside">
<h2>{heading}</h2>
<div class="slide-body">
{body}</div>
<p class="slide-foot"><span>{chapter} · <a href="{address}">{section}</a></span> \
<span>{number}</span></p>
</div>
<a class="slide-open" href="#{number}" aria-label="Open slide {number}"></a>
</section>"""


def page(app, docname: str, target: str, found: list[Slide], links: str) -> str:
    """``links`` is the body of the last slide."""
    pen, title = Pen(app, docname, target), escape(app.env.titles[docname].astext())
    number = ".".join(map(str, app.env.toc_secnumbers.get(docname, {}).get("", ())))
    about = app.env.metadata[docname].get("description", "")
    count = len(found) + 1
    chapter = f"{number} {title}".strip()
    drawn = [_slide(pen, slide, about, chapter=chapter, number=k, count=count)
             for k, slide in enumerate(found, 1)]
    drawn.append(SLIDE.format(
        kind="links", number=count, count=count, heading="To read on, and to run",
        body=links, address=pen.moved(""), chapter=escape(app.config.html_title), section=chapter))
    return PAGE.format(
        language=app.config.language, title=chapter, count=count,
        book=escape(app.config.html_title), about=escape(about) or f"Slides of {title}",
        canonical=f"{app.config.html_baseurl}{target}",
        picture=app.config.html_baseurl + pictures.name(app, pictures.chapter_of(app, docname)),
        slides="\n".join(drawn),
        icon=Path(app.config.html_favicon or "favicon.svg").name,
        styles="\n".join(f'<link rel="stylesheet" href="../_static/{name}.css">'
                         for name in STYLES),
        mathjax=json.dumps(app.config.mathjax3_config),
        typesetter=app.config.mathjax_path,
        **{name: ICON.format(path) for name, path in ICONS.items()})


def _slide(pen: Pen, slide: Slide, about: str, **facts) -> str:
    kind, address = slide.kind, pen.moved(f"#{slide.place.anchor}" if slide.place.anchor else "")
    if figures := [node for node in slide.body if isinstance(node, nodes.figure)]:
        kind += " slide-wide" if pen.shape(figures[0]) > WIDE else " slide-tall"
    is_live = any(live(figure) for figure in figures)
    parts = [pen.draw(node) for node in slide.body]
    if is_live:
        parts.append(f'<p><a href="{address}">Live in the chapter</a></p>\n')
    if slide.kind == "title" and about:
        parts.insert(0, f"<p>{escape(about)}</p>\n")
    return SLIDE.format(kind=kind, heading=pen.inline(slide.heading), body="".join(parts),
                        address=address, section=pen.inline(slide.place.title), **facts)
