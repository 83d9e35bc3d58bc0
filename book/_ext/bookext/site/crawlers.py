"""For search engines: where the pages are (sitemap.xml), and that all may be read (robots.txt)."""

from html import escape
from pathlib import Path

from . import addresses


def sitemap(locations: list[str]) -> str:
    rows = "".join(f"<url><loc>{escape(location)}</loc></url>\n" for location in locations)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n')


def write(app, error):
    if error or app.builder.format != "html":
        return
    locations = [addresses.page(app, docname) for docname in sorted(app.env.found_docs)]
    home = app.config.html_baseurl
    locations += [f"{home}{name}" for name in getattr(app, "bookext_more_pages", [])]
    Path(app.outdir, "sitemap.xml").write_text(sitemap(locations), "utf-8")
    Path(app.outdir, "robots.txt").write_text(
        f"User-agent: *\nAllow: /\nSitemap: {home}sitemap.xml\n", "utf-8")


def setup(app):
    app.connect("build-finished", write)
