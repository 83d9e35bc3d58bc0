"""The page's scripts, run by node."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "book" / "static"
SCRIPTS = ("js/explorer/random", "js/digit/sampler")
RUNNER = """
const fs = require("fs"), vm = require("vm");
const { files, given, body } = JSON.parse(fs.readFileSync(0, "utf8"));
for (const file of files) vm.runInThisContext(fs.readFileSync(file, "utf8"), file);
const ask = vm.runInThisContext("(async (D, given) => {" + body + "})");
ask(DigitInPage, given).then((found) => console.log(JSON.stringify(found,
  (_, x) => ArrayBuffer.isView(x) ? Array.from(x) : x)));
"""


@pytest.fixture(scope="session")
def node():
    """``node(body, given)``: the value that the function body, called with the page's namespace
    ``D`` and ``given``, returns."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed, and these tests run the page's JavaScript in it")

    def ask(body: str, given: object = None) -> object:
        files = [str(STATIC / f"{name}.js") for name in SCRIPTS]
        question = json.dumps({"files": files, "given": given, "body": body})
        answer = subprocess.run([program, "-e", RUNNER], input=question, capture_output=True,
                                text=True, check=False)  # fmt: skip
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    return ask
