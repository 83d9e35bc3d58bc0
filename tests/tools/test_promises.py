"""What the chapters' models reach is read from true results, and what is asked can be missed."""

import json
from pathlib import Path

import promises
import pytest

ROOT = Path(__file__).parents[2]


def held(name: str) -> dict[str, float]:
    """The means of a result, straight from its file."""
    path = ROOT / "code" / "diffusionbook" / "results" / f"{name}.json"
    numbers = json.loads(path.read_text("utf-8"))["numbers"]
    return {key: sum(values) / len(values) for key, values in numbers.items()}


def found(rows) -> dict[str, object]:
    return {row.what: row for row in rows}


def test_each_number_is_the_results_own() -> None:
    rows, judged = found(promises.digits()), held("mnist-quality")
    ratio = rows["mnist-unet: Fréchet distance over that of real digits"]
    assert ratio.measured == pytest.approx(
        judged["mnist-unet frechet judge"] / judged["real frechet judge"])
    assert rows["mnist-unet: labels read as asked for, of 10,000"].measured == pytest.approx(
        100 * judged["mnist-unet accuracy judge"])
    rows, far = found(promises.canvases()), [
        held(f"canvas-{name}")["frechet_debiased judge"] for name in ("latents", "patch-8")]
    one = rows["latents: Fréchet distance over that of patches of 8, as dear"]
    assert one.measured == pytest.approx(far[0] / far[1])
    rows, runs = found(promises.steered()), held("two-humps")
    share = runs["0.3 0.5 exact right"]
    assert rows["particles, second case: spread over runs, by that of independent draws"].measured \
        == pytest.approx(runs["0.3 0.5 runs std"] / (share * (1 - share) / 1000) ** 0.5)


def test_every_chapter_says_something_and_what_is_missed_has_a_reason() -> None:
    rows = list(promises.rows(ROOT))
    assert [int(group.split()[1].rstrip(",")) for group in dict.fromkeys(r.group for r in rows)] \
        == [1, 2, 3, 4, 5, 6]
    assert len({row.what for row in rows}) == len(rows)
    assert {row.what for row in rows if not row.ok} == set(promises.REASONS)


def test_a_result_that_no_longer_holds_is_refused(monkeypatch) -> None:
    from diffusionbook.evidence import results

    monkeypatch.setattr(results, "stale", lambda name, folder: f"result {name!r} is stale")
    with pytest.raises(ValueError, match="'spiral-chain' is stale"):
        list(promises.spiral())


def rivals(tmp_path: Path, ours: float, theirs: float) -> Path:
    def trained(distance: float) -> dict:
        scores = {name: {"evaluations": looks, "frechet": 10 + way, "frechet_floor": 10,
                         "sample_cpu_seconds": looks / 100}
                  for name, looks, way in (("dear", 90, 0.0), ("cheap", 20, distance),
                                           ("cheapest", 10, 2 * distance))}
        return {"trained": [{"images": 1000, "cpu_seconds": 10, "scores": scores}]}

    path = tmp_path / "tests" / "tools" / "rivals.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"setting": {"cpu_seconds": 600.0}, "contestants": {
        "mine": trained(ours), "one": trained(theirs), "another": trained(theirs + 1)}}), "utf-8")
    return tmp_path


def test_others_are_the_bound(tmp_path: Path) -> None:
    rows = found(promises.beside(rivals(tmp_path, ours=3.0, theirs=2.0)))
    near = rows["mine: Fréchet distance above its floor"]
    assert near.measured == 3 and near.bound == 2 and not near.ok  # with at most 20 evaluations
    assert near.beside == "one: 2; another: 3"
    assert rows["mine: images a CPU-second of training"].ok
    assert rows["mine: CPU-seconds a sample, at that distance"].measured == 0.2
