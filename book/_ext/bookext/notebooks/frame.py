"""What stands around a chapter in its notebook: first what it takes to run, last where to go."""

import re
from pathlib import Path

from ..book import Book
from ..chapters import outputs
from ..pages.cost import in_words
from ..site import addresses, errata, repository

READS_MNIST = re.compile(r"\b(?:mnist|canvases)\.load\(")
DOWNLOAD = "The digits are a download of 12 MB, once."


def opening(app, docname: str, source, kept) -> str:
    """Where this is from, and what running it takes.

    ``source`` has the chapter's cells, ``kept`` its outputs, None if it has not been run."""
    return (f"*This is a page of [{app.config.html_title}]({app.config.html_baseurl}) as a "
            f"notebook. [The page itself]({addresses.page(app, docname)}) has links and notes.*\n\n"
            f"**What it takes.** {_cost(kept)} You need no GPU. "
            f"{downloads(source)}")


def _cost(kept) -> str:
    if kept is None:
        return "It has not been run yet."
    record = kept.metadata[outputs.RECORD]
    return (f"Running all of it took {in_words(record['seconds'])} and "
            f"{record['peak_mb'] / 1000:.1f} GB of memory ({record['device']}).")


def downloads(source) -> str:
    """What its cells fetch from the network."""
    reads = any(READS_MNIST.search(cell.source) for cell in source.cells
                if cell.cell_type == "code")
    return DOWNLOAD if reads else "Nothing is downloaded but the package, where it is missing."


def closing(app, docname: str, source) -> str:
    """The next page, the solutions, and where to say that something is wrong."""
    url = addresses.page(app, docname)
    title = app.env.titles[docname].astext()
    lines = ["## Where to go from here", "", f"* {_next(app, docname)}"]
    if any("{solution-start}" in cell.source for cell in source.cells):
        lines.append("* The solution of each exercise stands below it, here and folded on "
                     f"[the page]({url}#exercises).")
    lines.append(f"* Something is wrong, or a cell fails: [say so]"
                 f"({errata.form(app, docname, title)}). Questions are welcome among the "
                 f"[issues]({repository.of(app).url}/issues).")
    return "\n".join(lines)


def _next(app, docname: str) -> str:
    home = f"[the book's first page]({app.config.html_baseurl})"
    chapters = Book(Path(app.srcdir)).numbered()
    if docname not in chapters:
        return f"The chapters are on {home}."
    following = chapters[chapters.index(docname) + 1 :]
    if not following:
        return f"This was the last chapter. What else there is stands on {home}."
    name = following[0]
    return (f"Next: [{app.env.titles[name].astext()}]({addresses.page(app, name)}), "
            f"which [opens in Colab]({addresses.colab(app, name)}), too.")
