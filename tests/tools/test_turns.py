"""Contestants that train in turns, each in a process of its own."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import trainee
import turns
from turns import Setting, Trainee, take_turns

OBEDIENT = """
import json, os, sys
print(json.dumps({"batch": 64, "threads": os.environ["OMP_NUM_THREADS"],
                  "held": os.environ.get("HELD"), "asked": sys.argv[1:]}), flush=True)
spent = 0
for line in sys.stdin:
    spent += float(line)
    state = {"cpu_seconds": spent, "images": int(10 * spent), "done": spent >= 6}
    print(json.dumps(state), flush=True)
"""


@pytest.fixture
def obedient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "obedient.py"
    script.write_text(OBEDIENT, "utf-8")
    monkeypatch.setattr(turns, "TRAINEE", script)


def test_a_trainee_is_told_and_answers(obedient, tmp_path: Path) -> None:
    setting = Setting({"HELD": "yes"}, threads=2, channels_last=True)
    one = Trainee("name", 6.0, rivals=tmp_path, setting=setting, images=128)
    assert (one.facts["threads"], one.facts["held"]) == ("2", "yes")
    assert one.facts["asked"] == ["train", "name", "--budget", "6.0", "--rivals", str(tmp_path),
                                  "--threads", "2", "--channels-last", "--images", "128"]
    one.go_on(2.5)
    assert one.state == {"cpu_seconds": 2.5, "images": 25, "done": False}
    one.go_on(3.5)
    assert one.trained("images") == {
        "equal": "images", "images": 60, "cpu_seconds": 6.0, "scores": {}}


def test_a_trainee_that_dies_is_no_result(tmp_path: Path, monkeypatch) -> None:
    script = tmp_path / "dies.py"
    script.write_text("raise SystemExit(3)", "utf-8")
    monkeypatch.setattr(turns, "TRAINEE", script)
    with pytest.raises(RuntimeError, match="name ended with status 3"):
        Trainee("name", 6.0, rivals=tmp_path, setting=Setting())


def test_they_take_turns_until_all_are_done(obedient, tmp_path: Path) -> None:
    both = [Trainee(name, 6.0, rivals=tmp_path, setting=Setting()) for name in "ab"]
    both[0].go_on(4.0)
    take_turns(both, 2.0, tmp_path / "log")
    told = [json.loads(line) for line in (tmp_path / "log").read_text("utf-8").splitlines()]
    assert [(one["name"], one["cpu_seconds"]) for one in told] == [
        ("a", 6), ("b", 2), ("a", 6), ("b", 4), ("a", 6), ("b", 6)]


def test_a_setting_as_it_comes_says_only_how_many_threads() -> None:
    more = dict(Setting().environment().items() - os.environ.items())
    assert set(more) <= {"OMP_NUM_THREADS", "MKL_NUM_THREADS"}
    assert Setting().arguments() == ["--threads", "1"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor that spends 10 s between any two looks at its clock."""
    ticks = iter(range(0, 10_000, 10))
    monkeypatch.setattr(trainee.time, "process_time", lambda: float(next(ticks)))


def sliced(steps: int, shares: list[float], budget: float, every: int | None):
    """What was said after each slice, and what was kept, of steps of 64 images in 10 s."""
    kept: list[tuple[int, float]] = []
    seen: Iterator[int] = (64 * (k + 1) for k in range(steps))
    said = list(trainee.slices(seen, iter(shares), budget, lambda *a: kept.append(a), every))
    return [(one["cpu_seconds"], one["images"], one["done"]) for one in said], kept


def test_a_slice_ends_with_the_step_in_which_its_time_passes(clock) -> None:
    said, kept = sliced(99, [15, 15, 500], 70, every=None)
    assert said == [(20, 128, False), (40, 256, False), (70, 448, True)]
    assert kept == [(448, 70)]


def test_states_are_kept_at_equal_distances_and_at_the_end(clock) -> None:
    said, kept = sliced(99, [100], 70, every=192)
    assert kept == [(192, 30), (384, 60), (448, 70)]


def test_training_that_ends_of_its_own_accord_is_done(clock) -> None:
    said, kept = sliced(3, [25, 25], float("inf"), every=None)
    assert said == [(30, 192, False), (40, 192, True)] and kept == [(192, 40)]


def test_no_more_is_told_no_more_is_trained(clock) -> None:
    said, kept = sliced(99, [10, 10], 500, every=None)
    assert said == [(10, 64, False), (20, 128, False)] and kept == []


def test_the_mean_and_the_spread_of_several_sets() -> None:
    found = trainee.summary([{"kid": 1.0}, {"kid": 3.0}])
    assert found == {"sets": 2, "mean": {"kid": 2.0}, "spread": {"kid": pytest.approx(2**0.5)}}
