"""The index of the printed book: every name in the glossary, at each place that defines it.

The glossary of the site is a list of links; on paper a reader turns to a page. So an entry of the
glossary, with all its names, is marked at the equations and sections that its text points to.
"""

from docutils import nodes
from sphinx import addnodes

GLOSSARY = "book/pages/glossary"
SPECIAL = str.maketrans({"!": '"!', "@": '"@', "|": '"|', '"': '""'})


PRINT = r"\renewcommand{\indexname}{Index}\footnotesize\raggedright\printindex"


def mark(book, env) -> int:
    """Before references are resolved, put entries in front of each definition; how many."""
    if GLOSSARY not in env.all_docs:
        return 0
    places, count = targets(book), 0
    for item in env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        names = [term.astext() for term in item.findall(nodes.term)]
        for reference in item.findall(addnodes.pending_xref):
            if place := places.get(target(reference, env)):
                for name in names:
                    place.parent.insert(place.parent.index(place), entry(name))
                    count += 1
    return count


def targets(book) -> dict:
    """Equations by their labels; everything else by its page and identifier."""
    found = {}
    for page in book.findall(addnodes.start_of_file):
        for node in page.findall(nodes.Element):
            if isinstance(node, nodes.math_block) and node.get("label"):
                found["equation", node["label"]] = node
            for name in node.get("ids", []):
                if isinstance(node, nodes.section):  # behind its title, which LaTeX may move
                    found[page["docname"], name] = node[min(1, len(node) - 1)]
                else:
                    found.setdefault((page["docname"], name), node)
    return found


def target(reference, env) -> tuple:
    name = reference["reftarget"]
    if reference["reftype"] == "eq":
        return "equation", name
    labels = env.get_domain("std").labels | env.get_domain("std").anonlabels
    return tuple(labels.get(name, ())[:2])


def entry(name: str):
    return nodes.raw("", rf"\index{{{escape(name)}}}", format="latex")


def escape(name: str) -> str:
    """A name as the index program and LaTeX read it."""
    plain = name.translate(SPECIAL)
    for sign in "&%#_":
        plain = plain.replace(sign, f"\\{sign}")
    return plain
