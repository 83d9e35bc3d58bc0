"""What the search is given: sections as plain text, functions, entries of the glossary."""

import json
import subprocess
from pathlib import Path

import pytest

from bookext.site.search import kind

PAGE = r"""# A page with $\xt$

Prose about $\alpha\xz$, {ref}`the other <other>`, {doc}`/book/chapters/one`.

$$ \unreadable{display} $$

(other)=
## Another section

Its words.

```python
code = "is left out"
```

:::{glossary}
long name
LN
  What it means.
:::
"""


@pytest.mark.parametrize(("docname", "found"), [
    ("book/chapters/01-diffusion-basics", "chapter"),
    ("book/pages/samplers", "page"),
    ("book/index", "page"),
    ("book/pages/verified-equations", "list"),
    ("book/pages/api", "api"),
    ("book/pages/api/samplers.ode", "api"),
])
def test_kind(docname, found) -> None:
    assert kind(docname) == found


def written(folder: Path) -> dict:
    text = (folder / "_build/html/_static/search-sections.js").read_text("utf-8")
    return json.loads(text.removeprefix("window.BOOK_SECTIONS = ").rstrip(";\n"))


@pytest.mark.slow
def test_sections_of_a_built_book(built) -> None:
    built.edit("_toc.yml", "  - file: book/chapters/one", "  - file: book/words\n"
               "  - file: book/chapters/one")
    (built.root / "book" / "words.md").write_text(PAGE, "utf-8")
    result: subprocess.CompletedProcess = built.build()
    assert result.returncode == 0, result.stderr
    found = written(built.root)
    (page,) = [k for k, p in enumerate(found["pages"]) if p["name"] == "book/words"]
    rows = [row[1:] for row in found["sections"] if row[0] == page]
    assert rows == [
        ["", "", "A page with x_t", "Prose about αx₀, the other, One."],
        ["another-section", "", "Another section", "Its words."],
        ["term-long-name", "", "long name, LN", "What it means.", "term"],
    ]
    assert ["long name", "LN"] in found["synonyms"]
    assert (built.root / "_build/html/search.html").read_text("utf-8").count("searchtools") == 0
