"""The table of proof says what misses its bound, and a missed bound fails the run."""

import json
from datetime import date
from pathlib import Path

import bench
import budgets
import pytest
from row import Row


def plant(monkeypatch: pytest.MonkeyPatch, measured: float) -> None:
    row = Row("planted", measured, 10, "s")
    monkeypatch.setattr(bench, "MEASUREMENTS", {"planted": lambda root: [row],
                                                "other": lambda root: [Row("b", 1, 2, "s")]})


def test_within_the_bound(monkeypatch, capsys, tmp_path: Path) -> None:
    plant(monkeypatch, 10)
    assert bench.main(["--only", "planted", "--json", str(tmp_path / "rows.json")]) == 0
    assert "10 s        ≤ 10 s  ok" in capsys.readouterr().out
    held = json.loads((tmp_path / "rows.json").read_text("utf8"))
    (row,) = held["rows"]
    assert "thread" in row.pop("device") and date.fromisoformat(row.pop("day"))
    assert row == {"what": "planted", "measured": 10, "bound": 10, "unit": "s",
                   "group": "What it costs", "least": False, "beside": "", "digits": 0,
                   "ok": True, "by": "planted"}


def test_past_the_bound(monkeypatch, capsys, tmp_path: Path) -> None:
    plant(monkeypatch, 10.1)
    monkeypatch.setattr(bench, "REASONS", {"planted": "it was planted", "other": "it is not here"})
    assert bench.main(["--only", "planted", "--json", str(tmp_path / "rows.json")]) == 1
    held = json.loads((tmp_path / "rows.json").read_text("utf8"))
    assert held["why"] == {"planted": "it was planted"}
    assert "10.1 s        ≤ 10 s  MISSED" in capsys.readouterr().out


def test_what_is_not_measured_now_stays(monkeypatch, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    plant(monkeypatch, 9)
    bench.main(["--only", "other", "--json", str(path)])
    bench.main(["--only", "planted", "--json", str(path)])
    plant(monkeypatch, 8)
    bench.main(["--only", "planted", "--json", str(path)])
    rows = json.loads(path.read_text("utf8"))["rows"]
    assert [(row["by"], row["measured"]) for row in rows] == [("planted", 8), ("other", 1)]
    monkeypatch.setattr(bench, "MEASUREMENTS", {"third": lambda root: [Row("c", 1, 2, "s")]})
    bench.main(["--json", str(path)])  # what is measured no longer goes
    assert [row["by"] for row in json.loads(path.read_text("utf8"))["rows"]] == ["third"]


def test_what_nothing_was_asked_of_misses_nothing(capsys) -> None:
    row = Row("a distance", 0.25, None, "", beside="exact 0.2")
    assert row.ok and "0.25             –    (exact 0.2)" in bench.table([row])


@pytest.mark.parametrize(("measured", "bound", "least", "shown"), [
    (0.9, 1, True, "0.9"), (1, 1, True, "1"), (2.04, 2, False, "2.04"), (2.004, 2, False, "2.004"),
    (98.55, 98.5, True, "98.55"), (31.85, None, False, "31.9"),
    (0.0001631, 0.005, False, "0.00016"), (1180.0, 1200, False, "1180"), (99.6, 100, True, "99.6"),
])
def test_the_digits_show_on_which_side_it_lies(measured, bound, least, shown) -> None:
    row = Row("a number", measured, bound, "", least=least)
    assert f"{row.measured:.{row.digits}f}" == shown
    assert row.ok == (bound is None or (measured >= bound if least else measured <= bound))


def test_a_readme_gets_the_rows_that_it_shows(monkeypatch) -> None:
    monkeypatch.setattr(bench, "SHORT", ("one",))
    held = {"rows": [Row(what, 1.5, 2, "s").record() for what in ("another", "one")]}
    begun, end = bench.MARKS
    text = bench.in_readme(f"before\n{begun}old\n{end}after\n", held)
    assert text.startswith(f"before\n{begun}| what ") and text.endswith(f"{end}after\n")
    assert "| one | 1.5\xa0s | ≤\xa02\xa0s |\n" in text and "old" not in text
    assert "another" not in text
    assert bench.in_readme(text, held) == text


def test_a_readme_that_cannot_be_written_says_why(monkeypatch) -> None:
    begun, end = bench.MARKS
    with pytest.raises(ValueError, match="the README lacks"):
        bench.in_readme(f"before\n{end}after\n", {"rows": []})
    monkeypatch.setattr(bench, "SHORT", ("one", "two"))
    with pytest.raises(ValueError, match="shows what was not measured: two"):
        bench.in_readme(f"{begun}{end}", {"rows": [Row("one", 1, 2, "").record()]})


def test_the_readme_shows_what_was_recorded() -> None:
    text = (bench.ROOT / "README.md").read_text("utf-8")
    held = json.loads((bench.ROOT / "tests" / "tools" / "bench.json").read_text("utf-8"))
    assert bench.in_readme(text, held) == text


def test_shipped_weights_are_added_up(tmp_path: Path) -> None:
    weights = tmp_path / "code" / "diffusionbook" / "weights"
    weights.mkdir(parents=True)
    (weights / "a.safetensors").write_bytes(bytes(40_000_000))
    (weights / "b.safetensors").write_bytes(bytes(25_000_000))
    (row,) = budgets.shipped(tmp_path)
    assert row.measured == 65 and not row.ok


def test_trainings_count_for_the_first_chapter_that_uses_them(tmp_path: Path) -> None:
    package, chapters = tmp_path / "code" / "diffusionbook", tmp_path / "book" / "chapters"
    for folder in (package / "weights", package / "results", chapters):
        folder.mkdir(parents=True)
    (package / "weights" / "big.json").write_text('{"cpu_seconds": 6000}', "utf8")
    (package / "weights" / "mnist-unet.json").write_text('{"cpu_seconds": 9000}', "utf8")
    (package / "results" / "long.json").write_text('{"facts": {"seconds": 3600}}', "utf8")
    (package / "results" / "else.json").write_text('{"facts": {"seconds": 36060}}', "utf8")
    (chapters / "01-one.md").write_text('load("big") result("long")', "utf8")
    (chapters / "02-two.md").write_text('load("big") load("mnist-unet")', "utf8")
    rows = {row.what: row for row in budgets.training(tmp_path)}
    assert rows["big"].measured == 100 and not rows["big"].ok
    assert rows["mnist-unet"].measured == 150 and rows["mnist-unet"].ok
    assert rows["01-one"].measured == 160 and rows["02-two"].measured == 150
    assert rows["other pages"].measured == 601 and not rows["other pages"].ok


@pytest.mark.parametrize(("picked", "lost"), [("float32", 0), ("bfloat16", 75)])
def test_what_a_wrong_choice_of_arithmetic_costs(picked, lost, monkeypatch) -> None:
    """Steps in bfloat16 take four times as long, and once, in between, no time at all."""
    from diffusionbook.machine import precision
    from diffusionbook.training import loop as train

    now = [0.0]

    def fit(model, data, loss, *, arithmetic, **options):
        for step in range(options["steps"]):
            now[0] += {"float32": 1.0, "bfloat16": 0.0 if step == 3 else 4.0}[arithmetic]
            yield step

    monkeypatch.setattr(train, "fit", fit)
    monkeypatch.setattr(precision, "fastest", lambda device: picked)
    monkeypatch.setattr(budgets.time, "process_time", lambda: now[0])
    (row,) = budgets.arithmetic(Path())
    assert row.measured == pytest.approx(lost) and row.ok == (picked == "float32")


def test_a_page_takes_what_its_outputs_record(tmp_path: Path) -> None:
    from bookext.book import Book
    from bookext.chapters import outputs

    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: one\n", "utf-8")
    (tmp_path / "one.md").write_text(
        "---\njupytext:\n  text_representation:\n    format_name: myst\nkernelspec:\n"
        "  name: python3\n---\n# One\n\n```{code-cell} python\n1\n```\n", "utf-8")
    book = Book(tmp_path)
    cost = {"seconds": 200.0, "peak_mb": 1234, "device": "a CPU, 1 thread"}
    outputs.save(book.committed / "one.ipynb", book.read("one"), "key", cost)
    seconds, memory, total = budgets.chapters(tmp_path)
    assert (seconds.measured, memory.measured, total.measured) == (200, 1.234, 200)
    assert not seconds.ok and memory.ok and total.ok


def test_all_tests_are_added_up(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="run `.ci/run` first"):
        list(budgets.whole(tmp_path))
    (tmp_path / "_build").mkdir()
    took = {"lint": 4, "test": 100, "slow": 200, "oracle": 300, "pages": 400, "timed": 50,
            "jupyter": 600, "all": 3000}
    (tmp_path / "_build" / "ci.json").write_text(json.dumps(took), "utf-8")
    fast, every, run = budgets.whole(tmp_path)
    assert fast.measured == 100 and fast.ok
    assert every.measured == 1050 and not every.ok
    assert run.measured == 50 and run.ok


def test_a_failing_command_stops_the_run(tmp_path: Path, capsys) -> None:
    with pytest.raises(SystemExit, match="false failed with status 1"):
        budgets._run(["false"], tmp_path)
