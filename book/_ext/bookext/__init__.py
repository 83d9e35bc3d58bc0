"""The Sphinx extension of this book. Each module does one thing; this one joins them.

They stand in rooms. ``book`` knows where things are, and every room may ask it; besides, a room
imports only from those before it:

* ``site``: how the book looks and behaves where it is read;
* ``chapters``: what a chapter is, and whether it holds;
* ``pages``: what is made from the sources while the book is built;
* ``notebooks``: what readers download and run;
* ``slides``: a lecture for each chapter;
* ``printed``: the book on paper, and the files that hold all of it.
"""

from .chapters import build, phone_figures
from .notebooks import export, launch
from .pages import (
    api,
    beside,
    cards,
    cost,
    equations,
    formula,
    notation,
    pictures,
    previews,
    proof,
    receipts,
    rooms_picture,
    run_times,
)
from .printed import builder, downloads, facts
from .site import (
    citation,
    code_roles,
    crawlers,
    doctrees,
    edits,
    errata,
    glued,
    icons,
    landing,
    live_parts,
    lost,
    maths,
    numbers,
    plugins,
    repairs,
    repository,
    search,
    sharing,
    together,
    written,
)
from .slides import build as slides

PARTS = (repository, plugins, written, build, maths, cost, export, launch, live_parts, landing,
         cards, api, equations, proof, run_times, receipts, rooms_picture, repairs, icons,
         notation, numbers, phone_figures, doctrees, code_roles, glued, together, search, formula,
         beside, sharing, pictures, previews, edits, errata, crawlers, lost, citation, slides,
         builder, facts, downloads)


def setup(app):
    for part in PARTS:
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
