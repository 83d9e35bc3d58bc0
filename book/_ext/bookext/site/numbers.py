"""Numbers of equations, figures and exercises, the same on the site, in print and in notebooks.

A numbered chapter puts its number first (3.7). A page without one puts the first letter of its file
name there and counts for itself: (S.12) on ``samplers``, (P.3) on ``parametrisations``. A bare (6)
in the text of a chapter would read as a misprint.

Everything that shows a number joins ``env.toc_fignumbers`` with dots, except LaTeX, which counts
for itself: there each page of the book begins with one of two commands of the preamble.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx.errors import ExtensionError

COUNTERS = ("equation", "figure", "table", "literalblock")
PREAMBLE = r"""
\newcommand{\bookprefix}{\arabic{chapter}}
\newcommand{\booknumbered}{\setcounter{secnumdepth}{\bookdepth}%
  \renewcommand{\bookprefix}{\arabic{chapter}}}
\newcommand{\booklettered}[1]{\setcounter{secnumdepth}{-1}\renewcommand{\bookprefix}{#1}%
  ZEROS}
\AtBeginDocument{\edef\bookdepth{\arabic{secnumdepth}}%
  THES}
""".replace("ZEROS", "".join(rf"\setcounter{{{c}}}{{0}}" for c in COUNTERS)).replace(
    "THES", "%\n  ".join(
        rf"\def\the{c}{{\bookprefix.\arabic{{{c}}}}}\def\theH{c}{{\the{c}}}" for c in COUNTERS))


def letter(docname: str) -> str:
    """The letter of a page without a number."""
    return docname.rpartition("/")[2][0].upper()


def prefix(env, docname: str) -> tuple:
    """What stands before the dot on this page: the chapter's number or the page's letter."""
    return env.toc_secnumbers.get(docname, {}).get("", ())[:1] or (letter(docname),)


def number_of(env, label: str) -> str:
    """The printed number of an equation, a figure, an exercise …; empty where there is none."""
    wanted = {label, f"equation-{label}"}
    for kinds in env.toc_fignumbers.values():
        for numbers in kinds.values():
            for key in wanted & set(numbers):
                return ".".join(map(str, numbers[key]))
    return ""


def number_pages(app, env) -> list[str]:
    """Number everything anew, page by page; the pages whose numbers are not Sphinx's own."""
    owners, changed = {}, []
    for docname, kinds in env.toc_fignumbers.items():
        first = prefix(env, docname)
        if any(kinds.values()) and owners.setdefault(first, docname) != docname:
            raise ExtensionError(f"{docname} and {owners[first]} would both number their equations "
                                 f"and figures {first[0]}.1, …: rename one of the pages")
        for numbers in kinds.values():
            wanted = {key: (*first, k) for k, key in enumerate(numbers, 1)}
            if wanted != numbers:
                numbers.update(wanted)
                changed.append(docname)
    return changed


def mark_pages(app, doctree, docname: str) -> None:
    """In LaTeX, tell each page at its start how it is numbered."""
    if app.builder.format != "latex":
        return
    for page in doctree.findall(addnodes.start_of_file):
        if page["docname"] not in app.env.all_docs:  # a part of the book, which is no page
            continue
        first = prefix(app.env, page["docname"])[0]
        command = r"\booknumbered" if isinstance(first, int) else rf"\booklettered{{{first}}}"
        page.insert(0, nodes.raw("", command, format="latex"))


def add_preamble(app, config) -> None:
    elements = config.latex_elements
    elements["preamble"] = elements.get("preamble", "") + PREAMBLE


def setup(app):
    app.connect("config-inited", add_preamble)
    app.connect("env-get-updated", number_pages, priority=900)
    app.connect("doctree-resolved", mark_pages)
