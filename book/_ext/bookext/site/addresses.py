"""Where a page or a file of the book is found in the world."""

from pathlib import Path

from . import repository

PDF = "learning-diffusion-models.pdf"  # at the site's root


def page(app, docname: str) -> str:
    """The one address of a page; the first page is the site itself."""
    own = "" if docname == app.config.root_doc else f"{docname}.html"
    return f"{app.config.html_baseurl}{own}"


def made_pdf(app) -> Path | None:
    """The PDF, where there is one."""
    path = Path(app.srcdir, "_build", "latex", PDF)
    return path if path.is_file() else None


def pdf(app) -> str:
    """The PDF beside the first page, if it has been made; else the published one."""
    return PDF if made_pdf(app) else f"{app.config.html_baseurl}{PDF}"


def colab(app, docname: str) -> str:
    """Colab takes the notebook from the branch of the published site."""
    return repository.of(app).colab(app.config.bookext_site_branch, f"_sources/{docname}.ipynb")
