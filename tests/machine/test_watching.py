"""Long work is shown by whoever was handed in, and by nobody else."""

from contextlib import contextmanager

import pytest

from diffusionbook.machine import watching


class Display:
    """Keeps what it is told."""

    def __init__(self):
        self.told = []

    @contextmanager
    def __call__(self, what, total, done):
        self.told.append((what, total, done))
        yield lambda n=1, **facts: self.told.append((n, facts))
        self.told.append("end")


def work():
    with watching.long_work("walking", 3, 1) as advance:
        advance()
        advance(2, pace="slow")


def test_work_that_nobody_watches_is_silent(capsys):
    work()
    assert not watching.watched()
    assert capsys.readouterr() == ("", "")


def test_the_innermost_display_is_told_of_every_step():
    outer, inner = Display(), Display()
    with watching.shown_by(outer):
        assert watching.watched()
        with watching.shown_by(inner):
            work()
        assert outer.told == []
        work()
    assert inner.told == outer.told == [
        ("walking", 3, 1), (1, {}), (2, {"pace": "slow"}), "end"]
    assert not watching.watched()


def test_a_display_goes_when_the_work_fails():
    with pytest.raises(ZeroDivisionError), watching.shown_by(Display()):
        raise ZeroDivisionError
    assert not watching.watched()


def test_a_display_for_good_stands_behind_others(monkeypatch):
    monkeypatch.setattr(watching, "_displays", [])
    always, now = Display(), Display()
    with watching.shown_by(now):
        watching.always_shown_by(always)
        work()
    work()
    assert len(now.told) == len(always.told) == 4
