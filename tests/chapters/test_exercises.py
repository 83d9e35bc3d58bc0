"""Every exercise of every chapter: its stub fails the check, its solution passes."""

import re
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[2] / "book"
EXERCISE = re.compile(r"^:::\{exercise\}[^\n]*\n:label: (\S+)\n(.*?)^:::$", re.S | re.M)
SOLUTION = re.compile(
    r"^:::\{solution-start\} (\S+)\n(.*?)^:::\{solution-end\}$", re.S | re.M
)
STUB = re.compile(r"^```python\n(.*?)^```$", re.S | re.M)
CELL = re.compile(r"^```\{code-cell\} python\n(?::[^\n]*\n)*(.*?)^```$", re.S | re.M)


def exercises() -> list[tuple[str, str, str]]:
    """(label, stub, solution) of the exercises that have a check."""
    found = []
    for page in sorted(BOOK.glob("chapters/*.md")):
        text = page.read_text("utf-8")
        solutions = {label: "\n".join(CELL.findall(body)) for label, body in SOLUTION.findall(text)}
        module = page.stem.split("-", 1)[1].replace("-", "_")
        setup = f"import math\nimport torch\nfrom diffusionbook.checks import {module} as checks\n"
        for label, body in EXERCISE.findall(text):
            stub = "\n".join(STUB.findall(body))
            if "checks." in stub:
                found.append((label, setup + stub, setup + solutions[label]))
    return found


@pytest.mark.parametrize(("label", "stub", "solution"), exercises(), ids=lambda value: value[:16])
def test_the_stub_fails_and_the_solution_passes(
    label: str, stub: str, solution: str, without_shape_checks
) -> None:
    with pytest.raises(AssertionError):
        exec(compile(stub, f"stub of {label}", "exec"), {})
    assert "checks." in solution
    exec(compile(solution, f"solution of {label}", "exec"), {})


def test_every_chapter_has_four_to_six_checked_exercises() -> None:
    for page in BOOK.glob("chapters/*.md"):
        exercises = EXERCISE.findall(page.read_text("utf-8"))
        labels = [label for label, body in exercises if "checks." in body]
        assert 4 <= len(labels) <= 6, f"{page.name}: {labels}"
