"""What is glued prints as it should, and records what a fresh run is compared by."""

import base64

import matplotlib
import pytest

from diffusionbook.page import report
from diffusionbook.page.film import frames_of, player


@pytest.fixture
def shown(monkeypatch):
    """(data, metadata) of everything that was published while the book is built."""
    caught = []
    monkeypatch.setattr(report, "publish_display_data",
                        lambda data, meta: caught.append((data, meta)))
    monkeypatch.setenv("BOOK_BUILD", "1")
    return caught


@pytest.mark.parametrize(("value", "digits", "text"), [
    (0.012345, 3, "0.0123"), (1.0, 3, "1.00"), (99.96, 3, "100"), (0.0999, 1, "0.1"),
    (-0.5, 2, "−0.50"), (0.0, 2, "0.0"), (12345, 3, "12\u202f345"), (1.5e-7, 2, "1.5 × 10⁻⁷"),
    (9.99e-7, 2, "1.0 × 10⁻⁶"), (2.5e8, 2, "2.5 × 10⁸"), (True, 3, "1"), ("spiral", 3, "spiral"),
])
def test_numbers_are_printed_to_significant_digits(shown, value, digits, text):
    report.glue("name", value, digits=digits)
    data, _ = shown[0]
    assert data == {report.PREFIX + "text/plain": text}


def test_a_number_carries_its_value_and_its_spread(shown):
    report.glue("error", 0.5, spread=0.1)
    assert shown[0][1]["diffusionbook"] == {"value": 0.5, "spread": 0.1}
    assert shown[0][1]["scrapbook"] == {"name": "error", "mime_prefix": report.PREFIX}


def test_what_has_no_name_shows_in_place(monkeypatch):
    caught = []
    monkeypatch.setattr(report, "publish_display_data", lambda *args: caught.append(args))
    monkeypatch.setenv("BOOK_BUILD", "1")
    report.publish(None, {"text/plain": "a picture"})
    assert caught == [({"text/plain": "a picture"},)]


def test_runs_are_a_mean_and_a_standard_deviation(shown):
    report.glue_runs("runs", [1.0, 2.0, 3.0])
    report.glue_runs("same", [0.5, 0.5])
    texts = [data[report.PREFIX + "text/plain"] for data, _ in shown]
    assert texts == ["2.0 ± 1.0", "0.500 ± 0.000"]
    assert shown[0][1]["diffusionbook"] == {"value": 2.0, "spread": 1.0}


@pytest.mark.parametrize(("value", "power", "text"), [
    (4.3e-5, -3, "less than 10⁻³"), (-9.9e-4, -3, "less than 10⁻³"), (0.0, -14, "less than 10⁻¹⁴"),
])
def test_a_rounding_error_shows_as_its_bound_alone(shown, value, power, text):
    report.glue_bound("gap", value, power)
    data, meta = shown[0]
    assert data == {report.PREFIX + "text/plain": text}
    assert meta["diffusionbook"] == {"value": None, "spread": None}  # nothing of it is recorded


def test_an_empty_cell_is_shown_as_a_dash(shown):
    report.table("table", ["T", "error"], [["real", ""], ["ten", 0.1]])
    data, _ = shown[0]
    assert data[report.PREFIX + "text/markdown"].splitlines()[2] == "| real | – |"


def test_a_table_records_its_numbers(shown):
    report.table("table", ["T", "error"], [["ten", 0.1], ["hundred", 0.0123]], spread=0.05)
    data, meta = shown[0]
    assert data[report.PREFIX + "text/markdown"].splitlines()[3] == "| hundred | 0.0123 |"
    assert meta["diffusionbook"] == {"value": [0.1, 0.0123], "spread": 0.05, "relative": True}


def test_in_a_live_notebook_things_show(shown, monkeypatch):
    monkeypatch.delenv("BOOK_BUILD")
    report.glue("error", 0.5)
    assert shown[0][0] == {"text/plain": "error = 0.500"}


def test_a_figure_is_vectors_and_the_same_every_time(shown):
    matplotlib.use("agg")
    from matplotlib import pyplot
    for _ in range(2):
        fig, ax = pyplot.subplots()
        ax.plot([0, 1])
        report.figure("line", fig)
        assert not pyplot.fignum_exists(fig.number)
    first, second = (data for data, _ in shown)
    assert first == second
    assert {report.PREFIX + m for m in ("image/svg+xml", "application/pdf")} <= set(first)


@pytest.mark.parametrize(("raster", "kind"), [(False, "image/svg+xml"), (True, "image/png")])
def test_a_figure_that_knows_its_layout_on_a_phone_is_glued_with_it(shown, raster, kind):
    matplotlib.use("agg")
    from matplotlib import pyplot

    from diffusionbook.plots import Curve, canvas, plot
    before = pyplot.get_fignums()
    for _ in range(2):
        report.figure("line", plot([Curve("a", [0, 1], [0, 1])], x="x", y="y"), raster=raster)
    report.figure("plain", canvas()[0], raster=raster)
    assert pyplot.get_fignums() == before
    first, second, plain = (data for data, _ in shown)
    phone = report.PREFIX + report.ON_A_PHONE
    assert first == second and first[phone] != first[report.PREFIX + kind]
    assert first[phone][:40] == first[report.PREFIX + kind][:40] if not raster else first[phone]
    assert phone not in plain


@pytest.mark.parametrize(("call", "word"), [
    (lambda: report.glue("n", float("nan")), "value"),
    (lambda: report.glue("n", 1.0, digits=0), "digits"),
    (lambda: report.glue("n", 1.0, spread=-1.0), "spread"),
    (lambda: report.glue("n", "text", spread=1.0), "spread"),
    (lambda: report.glue_bound("n", 1e-3, -3), "value: 0.001 is not below"),
    (lambda: report.glue_bound("n", -1.0, -3), "value"),
    (lambda: report.glue_bound("n", float("nan"), -3), "value"),
    (lambda: report.below(2e-14, -14), "value"),
    (lambda: report.glue_runs("n", [1.0]), "values"),
    (lambda: report.glue_runs("n", [1.0, 2.0], spread=-1.0), "spread"),
    (lambda: report.table("n", ["a"], [[1.0]], spread=-0.1), "spread"),
    (lambda: report.table("n", ["a"], [[1, 2]]), "rows"),
    (lambda: player([], [], alt="x"), "labels"),
    (lambda: player([b"\x89PNG"], ["a", "b"], alt="x"), "labels"),
    (lambda: player([b"GIF"], ["a"], alt="x"), "frames"),
    (lambda: player([b"\x89PNG"], ["a"], alt=" "), "alt"),
])
def test_what_is_wrong_is_named(shown, call, word):
    with pytest.raises(ValueError, match=f"^{word}"):
        call()


def test_a_player_is_one_bundle_with_a_picture_for_print(shown):
    from matplotlib import pyplot
    frames = frames_of([pyplot.figure(figsize=(1, 1)) for _ in range(3)], dpi=20)
    player(frames, ["a", "b </script>", "c"], alt='a "film"', name="film", start=1)
    data = {k.removeprefix(report.PREFIX): v for k, v in shown[0][0].items()}
    assert base64.b64decode(data["image/png"]) == frames[1]
    html = data["text/html"]
    assert html.count("</script>") == 1
    assert 'alt="a &quot;film&quot;"' in html and 'type="range"' in html and "http" not in html


def test_a_film_that_plays_says_so_and_holds_the_picture_for_print(shown):
    from matplotlib import pyplot
    frames = []
    for shade in ("red", "green", "blue"):
        fig = pyplot.figure(figsize=(1, 1))
        fig.set_facecolor(shade)
        frames += frames_of([fig], dpi=20)
    for plays in (False, True):
        player(frames, ["a", "b", "c"], alt="a film", name=f"film-{plays}", plays=plays)
    last = base64.b64encode(frames[2]).decode()
    for (data, _), plays in zip(shown, (False, True), strict=True):
        data = {k.removeprefix(report.PREFIX): v for k, v in data.items()}
        assert data["image/png"] == last
        html = data["text/html"]
        assert html.startswith(f'<div class="frame-player"><img src="data:image/png;base64,{last}"')
        for word in ("IntersectionObserver", "prefers-reduced-motion", "range.value = 0; show();"):
            assert (word in html) == plays
