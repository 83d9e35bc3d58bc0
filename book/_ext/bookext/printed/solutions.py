"""Solutions stand at the back of the printed book; each exercise says on which page.

On the site they are folded beneath the exercise. On paper they would be read by mistake.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx.errors import ExtensionError
from sphinx_exercise.nodes import is_exercise_node, is_solution_node


def move_to_back(book, pages: list, env) -> None:
    """One chapter behind the last page, with a section for each page that has solutions."""
    found = [(page, list(page.findall(is_solution_node))) for page in pages]
    found = [(page, solutions) for page, solutions in found if solutions]
    if not found:
        return
    exercises = {node["label"]: node for node in book.findall(is_exercise_node)}
    chapter = nodes.section("", nodes.title("", "Solutions"), ids=["solutions"])
    for page, solutions in found:
        docname = page["docname"]
        section = nodes.section("", nodes.title("", heading(docname, env)))
        for solution in solutions:
            forbid_numbers(solution)
            solution.parent.remove(solution)
            section += solution
            title = exercises[solution["target_label"]].next_node(nodes.title)
            title += pointer(docname, solution["label"])
        chapter += addnodes.start_of_file("", section, docname=docname)  # for links within
    back = addnodes.start_of_file("", nodes.raw("", r"\booklettered{}", format="latex"), chapter,
                                  docname="solutions")
    pages[-1].parent += back


def heading(docname: str, env) -> str:
    number = env.toc_secnumbers.get(docname, {}).get("", ())[:1]
    title = env.titles[docname].astext()
    return f"Chapter {number[0]}: {title}" if number else title


def pointer(docname: str, label: str):
    """In the title, where it takes no line of its own."""
    where = f"{docname}:{label}"
    link = rf"\hyperref[{where}]{{solution on page~\pageref*{{{where}}}}}"
    return nodes.raw("", rf"\normalfont\hfill {link}", format="latex")


def forbid_numbers(solution) -> None:
    """LaTeX counts where things stand, so a number in a solution would not be the site's."""
    numbered = [node for node in solution.findall(nodes.math_block) if node.get("number")]
    numbered += [node for node in solution.findall(nodes.figure)
                 if any(node.findall(nodes.caption))]
    if numbered:
        raise ExtensionError(f"{solution['label']}: an equation or a figure in a solution has a "
                             "number, which print would count elsewhere; give it none")
