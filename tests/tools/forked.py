"""Run pytest in a forked child of a process that has already imported the heavy libraries.

Importing torch takes seconds; a fork inherits it in milliseconds. The package under test is never
imported by the parent, so every child imports it afresh, mutant and all.
"""

import contextlib
import importlib
import json
import os
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path

HEAVY = (
    "numpy", "scipy.optimize", "torch", "torch.func", "jaxtyping", "beartype", "hypothesis",
    "pytest",
)  # fmt: skip
LEFT_OUT = shutil.ignore_patterns(".*", "_build", "_outputs", "__pycache__", "*.egg-info", "runs")


def warm_up() -> None:
    """Import once what every child needs; one thread, so that a fork is safe."""
    os.environ.update(OMP_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="1")
    sys.dont_write_bytecode = True
    for name in HEAVY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def copy_tree(root: Path, target: Path) -> Path:
    """A copy of all that tests read, without built pages: what a child runs in."""
    shutil.copytree(root, target, ignore=LEFT_OUT, symlinks=True)
    return target


class Order:
    """Pytest plugin: time every test; run the quick ones first."""

    def __init__(self, seconds: dict[str, float], record: Path | None) -> None:
        self.seconds, self.record, self.times = seconds, record, {}

    def pytest_collection_modifyitems(self, items: list) -> None:
        items.sort(key=lambda item: self.seconds.get(item.nodeid, 0.0))

    def pytest_runtest_logreport(self, report) -> None:
        self.times[report.nodeid] = self.times.get(report.nodeid, 0.0) + report.duration

    def pytest_sessionfinish(self) -> None:
        if self.record:
            self.record.write_text(json.dumps(self.times), encoding="utf8")


def start(tree: Path, tests: list[str], order: Order, log: Path) -> int:
    """Fork a child that runs these tests in the tree; return its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 3
    try:
        os.setsid()
        sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        os.chdir(tree)
        os.environ["PYTHONPATH"] = str(tree / "code")
        sys.path.insert(0, str(tree / "code"))
        import pytest

        flags = ["-x", "-q", "--no-header", "--tb=short", "-pno:cacheprovider", "-pno:xdist"]
        flags += ["-Wignore::pytest.PytestAssertRewriteWarning"]  # of what is imported already
        code = int(pytest.main([*flags, *tests], plugins=[order]))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def finished(pid: int, deadline: float) -> int | None:
    """The child's exit status, None while it runs; past the deadline it is killed (status −9)."""
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)  # what its tests may have left running
        return os.waitstatus_to_exitcode(status)
    if time.monotonic() < deadline:
        return None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return -signal.SIGKILL
