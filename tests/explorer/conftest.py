"""The scripts of the explorer, run by node."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

STATIC = Path(__file__).resolve().parents[2] / "book" / "static"
SCRIPTS = ("random", "paths", "network", "mixture", "models", "samplers", "run")
RUNNER = """
const fs = require("fs"), vm = require("vm");
const { files, given, body } = JSON.parse(fs.readFileSync(0, "utf8"));
for (const file of files) vm.runInThisContext(fs.readFileSync(file, "utf8"), file);
const ask = vm.runInThisContext("(async (E, given) => {" + body + "})");
ask(DiffusionExplorer, given).then((found) => console.log(JSON.stringify(found,
  (_, x) => ArrayBuffer.isView(x) ? Array.from(x) : x)));
"""


@pytest.fixture(scope="session")
def node():
    """``node(body, given, data)``: the value that the function body, called with the explorer's
    namespace ``E`` and ``given``, returns; ``data`` are further scripts to load."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed, and these tests run the page's JavaScript in it")

    def ask(body: str, given: object = None, data: tuple[Path, ...] = ()) -> object:
        files = [STATIC / "js" / "explorer" / f"{name}.js" for name in SCRIPTS] + list(data)
        question = {"files": [str(f) for f in files], "given": given, "body": body}
        answer = subprocess.run([program, "-e", RUNNER], input=json.dumps(question),
                                capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    return ask
