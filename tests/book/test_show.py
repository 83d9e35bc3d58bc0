"""``make serve`` finds a port, or says in one line why it cannot."""

import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import show

SCRIPT = Path(show.__file__)


@pytest.fixture
def site(tmp_path):
    (tmp_path / "index.html").write_text("the book", "utf-8")
    return tmp_path


@pytest.fixture
def busy():
    """A port of this machine that somebody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def served(site, *arguments):
    """What the script says first, and the page at the address in it."""
    command = [sys.executable, str(SCRIPT), str(site), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = process.stdout.readline()
            return said, urllib.request.urlopen(said.split()[0]).read().decode()
        finally:
            process.terminate()


def test_it_shows_the_book_and_says_where(site):
    said, page = served(site)
    assert page == "the book" and said.startswith("http://127.0.0.1:80")


def test_a_port_that_is_taken_is_passed_over(site, busy, monkeypatch):
    monkeypatch.setattr(show, "FIRST", busy)
    with show.server(site, None) as found:
        assert busy < found.server_port < busy + show.TRIED


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1", "８０００"])
def test_a_port_that_is_none_takes_one_line(port, site, capsys):
    assert show.main([str(site), port]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "from 1 to 65535" in err


def test_a_port_that_was_asked_for_and_is_taken_takes_one_line(site, busy, capsys):
    assert show.main([str(site), str(busy)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and f"port {busy}: " in err and "PORT=" in err


def test_a_book_that_is_not_built_takes_one_line(tmp_path, capsys):
    assert show.main([str(tmp_path)]) == 2
    assert capsys.readouterr().err == "there is no book yet; build it first: make book\n"
