"""Settings of every test: shapes in signatures are enforced, examples are the same on every run."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from jaxtyping import config, install_import_hook

# Two workers of one thread each do more than two workers that fight over two cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")
for folder in ("helpers", "site"):
    sys.path.insert(0, str(Path(__file__).parent / folder))
# Before anything imports the package: every annotated shape becomes a check.
install_import_hook("diffusionbook", "signatures.enforced")

settings.register_profile("book", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("book")


def pytest_sessionfinish(session):
    """Where everything is installed (``.ci/run`` says so), a test that is skipped is a failure;
    only MNIST may be missing there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("SKIPS_FAIL"):
        return
    skipped = [r for r in reporter.stats.get("skipped", []) if "MNIST" not in str(r.longrepr)]
    if skipped and session.exitstatus == 0:
        session.exitstatus = 1
        reporter.write_line(f"{len(skipped)} tests were skipped, and SKIPS_FAIL is set", red=True)


@pytest.fixture
def without_shape_checks():
    """For loops of thousands of steps, and for input of the wrong shape: what a user's run does."""
    config.update("jaxtyping_disable", True)
    yield
    config.update("jaxtyping_disable", False)


@pytest.fixture(scope="session")
def browser():
    """Chromium with the network cut off: it reaches files and this machine. One serves all tests,
    since Playwright does not start twice in a process."""
    import visit

    with visit.chromium() as started:
        yield started


@pytest.fixture
def true_digits() -> None:
    """Nothing is downloaded for a test."""
    from diffusionbook.data import mnist
    from diffusionbook.data.mnist_files import FILES, find, folder_in

    _, place = mnist._place(None)
    absent = [name for name in FILES if find(folder_in(place), name) is None]
    if absent:
        pytest.skip(f"MNIST is not here (no {absent[0]} in {place}); set MNIST_ROOT to a copy")
