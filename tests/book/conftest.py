"""A miniature book: two chapters, a package of five modules, a weight file and a result."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bookext.book import Book
from diffusionbook.evidence import keys, record, results
from diffusionbook.evidence.sources import Package

ROOT = Path(__file__).resolve().parents[2]
CONFIG = f"""\
title: Miniature
author: Nobody
only_build_toc_files: true
exclude_patterns: [_build, book/_outputs, code, tests]
execute: {{execute_notebooks: "off", stderr_output: remove-warn}}
parse: {{myst_enable_extensions: [colon_fence, dollarmath]}}
repository: {{url: "https://github.com/example/mini", branch: main}}
sphinx:
  local_extensions: {{bookext: {ROOT / "book" / "_ext"}}}
  config: {{nitpicky: true, suppress_warnings: [mystnb.unknown_mime_type]}}
"""
TOC = """\
format: jb-book
root: book/index
chapters:
  - file: book/chapters/one
  - file: book/chapters/two
"""
CHAPTER = """\
---
file_format: mystnb
kernelspec:
  name: python3
---
# {title}

Some prose, and {{glue:text}}`{name}`.

```{{code-cell}} python
{code}
```
"""
ONE = CHAPTER.format(title="One", name="answer", code="""\
from diffusionbook import high, zoo
from diffusionbook.page import report
report.glue("answer", high.double(21), spread=0.5)
weights = zoo.load("tiny-net")
result = zoo.result("tiny-result")""")
TWO = CHAPTER.format(title="Two", name="word", code="""\
from diffusionbook import other
from diffusionbook.page import report
report.glue("word", other.WORD)""")
PACKAGE = {
    "__init__.py": "",
    "low.py": '"""Low."""\nFACTOR = 2\n',
    "high.py": '"""High."""\nfrom .low import FACTOR\n\n\ndef double(x):\n    return FACTOR * x\n',
    "other.py": '"""Other."""\nWORD = "word"\n\nSTYLE = "tiny.mplstyle"\n',
    "zoo.py": '"""Zoo."""\n\n\ndef load(name):\n    return name\n\n\nresult = load\n',
    "tiny.mplstyle": "lines.linewidth: 1\n",
    "weights/tiny-net.safetensors": "weights",
    "experiments/__init__.py": "",
    "experiments/tiny_result.py": (
        '"""Measured."""\nfrom ..other import WORD\n\nSEEDS = (0,)\nRECIPES = ()\n\n\n'
        "def measure(seed, device):\n    return {WORD: 1.0}\n"),
}


class Miniature(Book):
    """A book in a scratch folder, with what a test does to it."""

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text("utf-8")
        assert old in text, f"{path} has no {old!r}"
        (self.root / path).write_text(text.replace(old, new), "utf-8")

    def build(
        self, execute: str = "never", builder: str = "html", **environment: str
    ) -> subprocess.CompletedProcess:
        """With one of jupyter-book's builders, or with one of the book's own."""
        program = "from jupyter_book.cli.main import main; main()"
        ours = builder not in ("html", "latex", "pdflatex")
        chosen = ["custom", "--custom-builder", builder] if ours else [builder]
        return self._run("-c", program, "build", ".", "-W", "-n", "--keep-going", "--builder",
                         *chosen, BOOK_EXECUTE=execute, **environment)

    def outputs(self) -> subprocess.CompletedProcess:
        return self._run("-m", "bookext.chapters.refresh")

    def execute(self) -> subprocess.CompletedProcess:
        return self._run("-m", "bookext.chapters.compare")

    def _run(self, *arguments, **environment) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.root, encoding="utf-8", capture_output=True,
            timeout=300, check=False,
            env={**os.environ, "GITHUB_REPOSITORY": "", "PYTHONUTF8": "1",
                 "PYTHONPATH": str(ROOT / "book" / "_ext"), **environment})


def lay_out(folder: Path) -> Miniature:
    files = {"_config.yml": CONFIG, "_toc.yml": TOC, "book/index.md": "# Miniature\n",
             "book/chapters/one.md": ONE, "book/chapters/two.md": TWO,
             "constraints.txt": "torch==1.0\nnumpy==1.0\n"}
    files |= {f"code/diffusionbook/{name}": text for name, text in PACKAGE.items()}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    package = ROOT / "code" / "diffusionbook"
    for path in keys.files({"diffusionbook.page.report"}, package):
        here = folder / path.relative_to(ROOT)
        here.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, here)
    shutil.copy(ROOT / "book" / "look.toml", folder / "book")
    write_result(folder / "code" / "diffusionbook")
    return Miniature(folder)


def write_result(package: Path) -> None:
    """What the experiment ``tiny-result`` would write."""
    held = {"seeds": [0], "numbers": {"error": [1.0]}, "facts": {
        "seconds": 1.0, "device": "a CPU", "versions": {"torch": "1.0", "numpy": "1.0"}},
            "evidence": record.bind(record.experiment("tiny-result", Package(package)))}
    path = package / "results" / "tiny-result.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({**held, "sha256": results.seal(held)}), "utf-8")


@pytest.fixture(scope="session")
def new_book():
    """Lays out a book in a folder, for fixtures that outlive a test."""
    return lay_out


@pytest.fixture
def miniature(tmp_path) -> Miniature:
    """Without outputs."""
    return lay_out(tmp_path)


@pytest.fixture(scope="session")
def executed(tmp_path_factory) -> Miniature:
    book = lay_out(tmp_path_factory.mktemp("executed"))
    result = book.outputs()
    assert result.returncode == 0, result.stderr
    return book


@pytest.fixture
def built(executed, tmp_path) -> Miniature:
    """With committed outputs."""
    shutil.copytree(executed.root, tmp_path, dirs_exist_ok=True)
    return Miniature(tmp_path)
