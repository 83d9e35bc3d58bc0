"""The scripts of a page, run by node."""

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "book" / "static"
RUNNER = """
const fs = require("fs"), vm = require("vm");
const { files, given, called, body } = JSON.parse(fs.readFileSync(0, "utf8"));
for (const file of files) vm.runInThisContext(fs.readFileSync(file, "utf8"), file);
const ask = vm.runInThisContext(`(async (${called}, given) => {${body}})`);
ask(globalThis[%r], given).then((found) => console.log(JSON.stringify(found,
  (_, x) => ArrayBuffer.isView(x) ? Array.from(x) : x)));
"""


def asker(scripts: Sequence[str], namespace: str, called: str) -> Callable:
    """``ask(body, given, data)``: the value that the function body returns, called with a namespace
    of these scripts, under a short name, and with ``given``; ``data`` are further scripts to load.
    """
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed, and these tests run the page's JavaScript in it")

    def ask(body: str, given: object = None, data: tuple[Path, ...] = ()) -> object:
        files = [str(f) for f in (*(STATIC / f"{name}.js" for name in scripts), *data)]
        question = {"files": files, "given": given, "called": called, "body": body}
        answer = subprocess.run([program, "-e", RUNNER % namespace], input=json.dumps(question),
                                capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    return ask
