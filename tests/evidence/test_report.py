"""What `make evidence` says is what the records and the sources say."""

import json
import subprocess
import sys

import pytest

from diffusionbook.evidence import record, report, results
from diffusionbook.evidence.sources import Package


@pytest.fixture
def measured(miniature):
    """The miniature with two results, of one hour and of three."""
    (miniature.root / "weights" / "my-net.json").unlink()
    for name, seconds, reseals in (("small-test", 3600, []), ("other-test", 10800, [{}, {}])):
        held = {"seeds": [0], "numbers": {"a": [1.0]}, "facts": {"seconds": seconds},
                "evidence": {**record.bind(miniature.closure(name)), "since": "2026-01-31",
                             "reseals": reseals}}
        miniature.write(f"results/{name}.json",
                        json.dumps({**held, "sha256": results.seal(held)}))
    return miniature


def test_each_row_is_what_its_record_and_its_closure_are(measured):
    other, small = report.all_evidence(Package(measured.root))
    assert (other.name, small.name) == ("other-test", "small-test")
    assert (other.hours, other.since, other.reseals, other.stale) == (3.0, "2026-01-31", 2, None)
    assert len(other.closure.own) == 4
    assert other.lines == 2 + 1 + 1 + 2  # measure, SEEDS, RECIPES, alone
    measured.edit("apart.py", "return x", "return 2 * x")
    other, small = report.all_evidence(Package(measured.root))
    assert "alone has changed (measure → alone)" in other.stale and small.stale is None


def test_a_result_whose_experiment_is_gone_is_a_row(measured):
    (measured.root / "experiments" / "other_test.py").unlink()
    other, _ = report.all_evidence(Package(measured.root))
    assert "there is no experiment 'other-test'" in other.stale and not other.closure.own


def test_what_an_edit_costs(measured):
    package = Package(measured.root)
    by_unit, by_module = report.edit_costs(report.all_evidence(package), package)
    cost = dict(zip((name for _, name in package.definitions()), by_unit, strict=True))
    assert cost["alone"] == 3 and cost["scaled"] == cost["Base.step"] == 1
    assert cost["unused"] == cost["Base.never"] == 0
    whole = dict(zip((name for _, name in package.definitions()), by_module, strict=True))
    assert whole["alone"] == 3 and whole["unused"] == whole["Base.never"] == 1


def test_the_most_resealed_is_the_one_to_measure_again(measured):
    assert report.most_resealed(Package(measured.root)) == "other-test"


@pytest.mark.slow
def test_adding_a_definition_stales_nothing_and_editing_one_a_small_share_of_all():
    """A share, because hours grow with the book: half of what an edit staled while results were
    bound to modules, 1.23 hours on average, was 0.16 of all when there were 7.7."""
    package = Package()
    found = [one for one in report.all_evidence(package) if one.kind == "result"]
    by_unit, by_module = report.edit_costs(found, package)
    hours = sum(one.hours for one in found)
    assert len(found) >= 14 and hours > 4
    assert sum(by_unit) / len(by_unit) < 0.16 * hours
    assert sum(by_unit) < 0.4 * sum(by_module)


@pytest.mark.slow
@pytest.mark.timed
def test_the_whole_book_is_asked_in_less_than_a_second():
    """Of processor time, in a fresh process, the best of three."""
    code = ("import time\nfrom diffusionbook.evidence import receipts, results\n"
            "from diffusionbook.evidence.sources import Package\n"
            "began, package = time.process_time(), Package()\n"
            "for name in results.names(): results.stale(name, package=package)\n"
            "for path in receipts.WEIGHTS.glob('*.json'):\n"
            "    receipts.stale(path.stem, package=package)\n"
            "print(time.process_time() - began)")
    took = [float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                                 check=True).stdout) for _ in range(3)]
    assert min(took) < 1


def test_a_measurement_that_is_made_again_is_held_against_the_first(tmp_path):
    name = "spiral-chain"
    held = json.loads((results.RESULTS / f"{name}.json").read_text("utf-8"))

    def again(change):
        numbers = {key: change(key, values) for key, values in held["numbers"].items()}
        other = {**held, "numbers": numbers}
        (tmp_path / f"{name}.json").write_text(
            json.dumps({**other, "sha256": results.seal(other)}), "utf-8")
        return report.unlike(name, tmp_path)

    assert again(lambda key, values: values[::-1]) == []
    key = "exact sliced_w2 T=1000"
    (line,) = again(lambda k, values: [2 * v for v in values] if k == key else values)
    assert line.startswith(f"{name}: {key} is 0.0") and "may differ by" in line
    assert len(again(lambda k, values: [v + 1 for v in values])) == len(held["numbers"])
    other = {**held, "numbers": {key: held["numbers"][key]}}
    (tmp_path / f"{name}.json").write_text(
        json.dumps({**other, "sha256": results.seal(other)}), "utf-8")
    assert len(report.unlike(name, tmp_path)) == len(held["numbers"]) - 1


def test_make_evidence_prints_a_row_for_each():
    done = subprocess.run([sys.executable, "-m", "diffusionbook.evidence"], capture_output=True,
                          text=True)
    lines = done.stdout.splitlines()
    for name in results.names():
        assert sum(line.startswith(f"result  {name} ") for line in lines) == 1
    assert max(map(len, lines)) <= 100 or done.returncode == 1
    wrong = subprocess.run([sys.executable, "-m", "diffusionbook.evidence", "most"],
                           capture_output=True, text=True)
    assert wrong.returncode == 1 and "usage" in wrong.stderr
