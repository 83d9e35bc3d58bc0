"""What readers import: faces of the rooms, in few lines."""

import ast
import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from bookext.book import Book, code_cells

BOOK = Book(Path(__file__).parents[2])
FIRST = "book/chapters/01-diffusion-basics"
CODE = re.compile(r"^```(?:\{code-cell\} )?python\n(?::[^\n]*\n)*(.*?)^```$", re.S | re.M)
SHOWN = [*(BOOK.source(name) for name in BOOK.pages()), BOOK.root / "README.md",
         *sorted((BOOK.root / "book/_ext/bookext/chapters/templates").glob("*.md"))]  # fmt: skip


def imports(source: str) -> list[ast.Import | ast.ImportFrom]:
    return [node for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Import | ast.ImportFrom)]  # fmt: skip


def past_a_face(source: str) -> list[str]:
    """Names taken out of a module of a room whose face has them."""
    found = []
    for node in imports(source):
        name, room, *below = (getattr(node, "module", None) or "").split(".") + [""]
        if name != "diffusionbook" or not any(below):
            continue
        face = vars(importlib.import_module(f"diffusionbook.{room}"))
        found += [f"{node.module}: {a.name}" for a in node.names
                  if a.name in face and not isinstance(face[a.name], ModuleType)]  # fmt: skip
    return found


@pytest.mark.parametrize("page", SHOWN, ids=lambda path: path.stem)
def test_what_readers_import_comes_from_faces(page: Path) -> None:
    listed = CODE.findall(page.read_text("utf-8"))
    if page.parent.name == "chapters":
        assert len(listed) > 20
    assert [fault for source in listed for fault in past_a_face(source)] == []


@pytest.mark.parametrize("page", SHOWN, ids=lambda path: path.stem)
def test_what_readers_import_is_there(page: Path) -> None:
    """Also in what no build runs: the README and the stubs of exercises."""
    text = page.read_text("utf-8").replace("import MODULE", "import verdict")  # in a template
    for source in CODE.findall(text):
        for node in imports(source):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "diffusionbook":
                exec(compile(ast.Module([node], []), page.name, "exec"), {})


@pytest.mark.parametrize(("line", "faults"), [
    ("from diffusionbook.samplers.ancestral import DDIM", 1),
    ("from diffusionbook.samplers.loop import sample, trajectory", 2),
    ("def f():\n    from diffusionbook.guidance.models import cfg", 1),
    ("from diffusionbook.samplers import DDIM, grids", 0),
    ("from diffusionbook.data.toy import toy", 0),  # no face has it
    ("from diffusionbook.losses import denoising_loss", 0),
    ("from diffusionbook import zoo\nimport torch\nimport diffusionbook.zoo.judge", 0),
])  # fmt: skip
def test_a_way_past_a_face_is_seen(line: str, faults: int) -> None:
    assert len(past_a_face(line)) == faults


def test_a_first_chapter_needs_few_imports() -> None:
    cells = [cell.source for cell in code_cells(BOOK.read(FIRST))]
    assert 3 < sum(len(imports(source)) for source in cells) <= 14


@pytest.mark.parametrize("name", BOOK.chapters())
def test_what_a_page_imports_it_uses(name: str) -> None:
    cells = "\n".join(cell.source for cell in code_cells(BOOK.read(name)))
    tree = ast.parse(cells)
    given = [a.asname or a.name for node in ast.walk(tree)
             if isinstance(node, ast.Import | ast.ImportFrom) for a in node.names]  # fmt: skip
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert "report" in used
    assert [name for name in given if name not in used] == []
    assert max(map(given.count, given)) <= 2  # a solution of an exercise stands on its own
