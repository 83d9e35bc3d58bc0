"""Where everything is installed, a test that is skipped fails the run, unless MNIST is missing."""

from pathlib import Path
from types import SimpleNamespace

import pytest


def session(config, *reasons: str, exitstatus: int = 0) -> SimpleNamespace:
    """A run that ended with these skips, and what the settings of all tests make of it."""
    stats = {"skipped": [SimpleNamespace(longrepr=("file", 1, reason)) for reason in reasons]}
    reporter = SimpleNamespace(stats=stats, write_line=lambda text, red: None)
    made = SimpleNamespace(
        exitstatus=exitstatus,
        config=SimpleNamespace(
            pluginmanager=SimpleNamespace(get_plugin=lambda name: reporter)))
    settings = next(p for p in config.pluginmanager.get_plugins()
                    if getattr(p, "__file__", None) == str(Path(__file__).with_name("conftest.py")))
    settings.pytest_sessionfinish(made)
    return made


@pytest.mark.parametrize(("reasons", "status"), [
    ((), 0), (("node is not installed",), 1), (("MNIST is not here",), 0),
    (("MNIST is not here", "node is not installed"), 1)])  # fmt: skip
def test_a_skip_fails_the_run_if_that_is_asked_for(request, monkeypatch, reasons, status) -> None:
    monkeypatch.setenv("SKIPS_FAIL", "1")
    assert session(request.config, *reasons).exitstatus == status
    assert session(request.config, *reasons, exitstatus=2).exitstatus == 2


def test_elsewhere_a_skip_is_a_skip(request, monkeypatch) -> None:
    monkeypatch.delenv("SKIPS_FAIL", raising=False)
    assert session(request.config, "node is not installed").exitstatus == 0
