"""The bar shows where somebody watches, and nowhere else."""

import io
import sys
from types import SimpleNamespace

import pytest

from diffusionbook.machine import progress, watching


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("kernel", [True, False])
@pytest.mark.parametrize("build", ["", "1"])
def test_watched(terminal, kernel, build, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal() if terminal else io.StringIO())
    shell = SimpleNamespace(kernel=1) if kernel else SimpleNamespace()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setenv("BOOK_BUILD", build)
    assert progress.watched() is ((terminal or kernel) and not build)


def test_a_script_without_ipython_is_no_notebook(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.delenv("BOOK_BUILD", raising=False)
    assert not progress.watched()


def test_of_several_processes_the_first_shows_it(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.delenv("BOOK_BUILD", raising=False)
    for rank, shown in (("0", True), ("1", False)):
        monkeypatch.setenv("RANK", rank)
        assert progress.watched() is shown


def test_the_bar_names_the_work_and_starts_where_a_resumed_run_does(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with watching.shown_by(progress.bar), watching.long_work("training", 10, 4) as advance:
        advance(2, loss="0.25")
    assert "training" in sys.stderr.getvalue() and "4/10" in sys.stderr.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_work_is_shown_where_somebody_watches(terminal, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal() if terminal else io.StringIO())
    monkeypatch.setattr(progress, "in_notebook", lambda: False)
    monkeypatch.delenv("BOOK_BUILD", raising=False)
    monkeypatch.delenv("RANK", raising=False)
    with progress.shown(), watching.long_work("sampling", 3) as advance:
        advance(3)
    assert ("sampling" in sys.stderr.getvalue()) is terminal
