"""What is said reaches every terminal, in one line."""

import errno
import io
import os
import subprocess
import sys

import pytest

from diffusionbook.cli import terminal


@pytest.mark.parametrize("encoding", ["ascii", "cp437", "latin-1", "utf-8", "utf-16"])
def test_every_encoding_writes_something_for_every_letter(encoding):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    terminal.any_encoding(stream)
    stream.write("0.5 ± 0.1 … 28 × 28 − é 数 \udcff|")
    stream.flush()
    said = raw.getvalue().decode(encoding)
    assert said.startswith("0.5 ") and said.endswith("?|")
    if encoding == "ascii":
        assert said == "0.5 +- 0.1 ... 28 x 28 - e ? ?|"


def test_streams_that_cannot_be_set_are_left_alone():
    terminal.any_encoding(None, io.StringIO())


@pytest.mark.parametrize("arguments", [["sample", "--help"], ["info"], ["info", "mnist-unet"],
                                       ["sample", "x", "--label", "12"]])
def test_no_command_fails_for_a_letter(arguments):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-m", "diffusionbook", *arguments], env=environment,
                          capture_output=True, check=False)
    assert b"Traceback" not in done.stderr
    assert (done.stdout + done.stderr).decode("ascii")


def test_errors_become_one_line_that_names_the_place():
    assert terminal.in_words(ValueError("two\nlines")) == "two lines"
    assert terminal.in_words(ValueError()) == "ValueError"
    full = OSError(errno.ENOSPC, "No space left on device", "x.png")
    assert terminal.in_words(full) == "x.png: No space left on device"
    assert terminal.in_words(OSError(errno.ENOSPC, "x.png is full")) == "x.png is full"
    assert "memory" in terminal.in_words(MemoryError())
    assert terminal.in_words(RuntimeError("a fault of the code")) is None
    assert terminal.in_words(KeyError("x")) is None
