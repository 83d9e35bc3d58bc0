"""The bar shows where somebody watches, and nowhere else."""

import io
import sys
from types import SimpleNamespace

import pytest

from diffusionbook import progress


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


def test_the_bar_starts_where_a_resumed_run_does_and_is_silent_when_hidden(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.progress_bar(10, 4, show=True) as bar:
        bar.update()
        assert (bar.n, bar.total) == (5, 10)
    assert "5/10" in sys.stderr.getvalue()
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.progress_bar(10, 4, show=False) as bar:
        bar.update()
    assert sys.stderr.getvalue() == ""
