"""A picture for each page where its link is shared: a chapter's opening picture above its title,
and the cover for every other page.
"""

from pathlib import Path

from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from ..book import Book
from .openings import opening, trimmed

SIZE, ROOM = (1200, 630), (1080, 420)  # what the sites ask for, and what the picture gets of it
INK, MUTED = "#222832", "#565e6a"
COVER = "book/static/header/cover.png"


def shared(picture: Image.Image, title: str, book: str) -> Image.Image:
    """Picture, title and the book's name on white paper."""
    paper = Image.new("RGB", SIZE, "white")
    scale = min(ROOM[0] / picture.width, ROOM[1] / picture.height)
    size = (round(picture.width * scale), round(picture.height * scale))
    place = ((SIZE[0] - size[0]) // 2, 40 + (ROOM[1] - size[1]) // 2)
    paper.paste(picture.convert("RGB").resize(size, Image.Resampling.LANCZOS), place)
    pen = ImageDraw.Draw(paper)
    pen.text((60, 490), title, INK, _font(52, "bold"))
    pen.text((60, 566), book, MUTED, _font(28, "normal"))
    return paper


def _font(size: int, weight: str) -> ImageFont.FreeTypeFont:
    wanted = font_manager.FontProperties(family="DejaVu Sans", weight=weight)
    return ImageFont.truetype(font_manager.findfont(wanted), size)


def name(app, chapter: str) -> str:
    """Where the picture of a chapter is, from the site's root; without a chapter, the cover."""
    return f"{app.builder.imagedir}/shared-{chapter.rpartition('/')[2] or 'cover'}.png"


def chapter_of(app, pagename: str) -> str:
    """The page itself where it is a chapter with an opening picture."""
    book = Book(Path(app.srcdir))
    return pagename if pagename in book.numbered() and opening(book, pagename) else ""


def offer(app, pagename, templatename, context, doctree):
    """Name the page's picture, before the tags of Open Graph are made."""
    if doctree is None:
        return
    chapter = chapter_of(app, pagename)
    told = dict(context.get("meta") or {})
    told["og:image"] = app.config.html_baseurl + name(app, chapter)
    told["og:image:alt"] = f"The opening picture of: {context['title']}" if chapter else \
        "Noise flows along thin lines into a spiral."
    context["meta"] = told


def write(app, error):
    if error or app.builder.format != "html":
        return
    book = Book(Path(app.srcdir))
    Path(app.outdir, app.builder.imagedir).mkdir(parents=True, exist_ok=True)
    cover = book.root / COVER
    if cover.is_file():
        shared(trimmed(Image.open(cover)), app.config.html_title, "From noise to data, and why") \
            .save(Path(app.outdir, name(app, "")), optimize=True)
    for number, chapter in enumerate(book.numbered(), 1):
        if picture := opening(book, chapter):
            title = f"{number} {app.env.titles[chapter].astext()}"
            shared(picture, title, app.config.html_title).save(
                Path(app.outdir, name(app, chapter)), optimize=True)


def setup(app):
    app.connect("html-page-context", offer, priority=410)
    app.connect("build-finished", write)
