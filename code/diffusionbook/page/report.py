"""What a chapter shows: numbers in its sentences, figures and tables with a name.

A cell *glues* a result under a name, and the prose quotes it, so a number in the text is the
number of the run. In a live notebook the cell shows what it glued, and long work shows a bar.
"""

import math
import os
import time
from collections.abc import Iterable, Sequence
from numbers import Real

from IPython.display import publish_display_data

from diffusionbook.arguments import whole
from diffusionbook.machine import progress, watching
from diffusionbook.page.picture import in_base64, pixels, saved

PREFIX = "application/papermill.record/"  # what myst-nb looks for, and other front ends ignore
ON_A_PHONE = "application/vnd.diffusionbook.phone"  # a second layout, of the picture's own type
BEGUN = time.perf_counter()
if progress.watched() and progress.in_notebook():  # a reader runs the page
    watching.always_shown_by(progress.bar)


def glue(name: str, value: float | int | str, *, digits: int = 3,
         spread: float | None = None) -> None:
    """Give a number (or a word) a name, for ``{glue:text}`` in the prose.

    Args:
        name: what the prose calls it; unique in the chapter, like ``sw2-network``.
        value: the number, or a text that is quoted as it is.
        digits: significant digits that are printed; whole numbers are printed whole.
        spread: how far a new run may be from this one, as an absolute difference. ``None``
            means half a unit of the last digit that is printed; a whole number or a text must be
            the same. What is rounding noise is no number to show: :func:`glue_bound`.

    Raises:
        ValueError: `value` is not finite, `digits` < 1 or `spread` < 0.
    """
    number = _number("value", value) if not isinstance(value, str) else None
    if spread is not None and number is None:
        raise ValueError(f"spread: {spread!r} for {name!r}, which is a word; only numbers have one")
    text = value if number is None else _round(number, digits)
    publish(name, {"text/plain": text}, value=number, spread=spread)


def glue_bound(name: str, value: float, power: int) -> None:
    """Give what a rounding error is *less than* a name; the prose shows “less than 10⁻³”.

    Rounding errors are other numbers on every processor, and with every number of threads, so
    the error itself is never shown: the bound is, and the cell fails where it does not hold.

    Args:
        name: what the prose calls it.
        value: the rounding error, of either sign.
        power: the bound is 10 to this power.

    Raises:
        ValueError: `value` is not finite, or not below the bound.
    """
    glue(name, f"less than {below(value, power)}")


def below(value: float, power: int) -> str:
    """The bound of :func:`glue_bound` alone, such as “10⁻³”, for a cell of a table."""
    whole("power", power)
    size = abs(_number("value", value))
    if not size < 10.0**power:
        raise ValueError(f"value: {size:.3g} is not below 10^{power}, as it should be")
    return f"10{_superscript(power)}"


def glue_runs(name: str, values: Iterable[float], *, digits: int = 2,
              spread: float | None = None) -> None:
    """Give the mean over training seeds a name; the prose shows “mean ± standard deviation”.

    Args:
        name: what the prose calls it.
        values: one number for each seed, at least two.
        digits: significant digits of the standard deviation; the mean has the same decimals.
            Where all values are the same, three digits of the mean.
        spread: how far the mean of a new run may be from this one; ``None`` means one standard
            deviation.

    Raises:
        ValueError: fewer than two values, or one that is not finite.
    """
    values = [_number("values", v) for v in values]
    if len(values) < 2:
        raise ValueError(f"values: {len(values)} of them for {name!r}; it takes two or more seeds")
    whole("digits", digits, least=1)
    mean = math.fsum(values) / len(values)
    deviation = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))
    shown, figures = (deviation, digits) if deviation > 1e-12 * abs(mean) else (mean, 3)
    size = int(f"{shown:.{figures - 1}e}".split("e")[1])
    places = max(0, figures - 1 - size)
    text = f"{mean:.{places}f} ± {deviation:.{places}f}".replace("-", "−")
    publish(name, {"text/plain": text}, value=mean,
             spread=deviation if spread is None else spread)


def figure(name: str, fig, *, raster: bool = False) -> None:
    """Give a matplotlib figure a name, for ``{glue:figure}``, and close it.

    One that brings a layout for phones along is stored with it, and the page shows the one that
    fits (:func:`diffusionbook.plots.phone.with_phone_layout`).

    Args:
        name: what the page calls it.
        fig: the figure.
        raster: print it as pixels (twice the resolution), for figures of thousands of points.
            Otherwise it is vector graphics: SVG on the page and PDF in print.
    """
    from matplotlib import pyplot

    data = {"text/plain": f"figure {name}"}
    narrow = fig.phone_layout() if hasattr(fig, "phone_layout") else None
    if raster:
        data["image/png"] = in_base64(pixels(fig, dpi=200))
    else:
        data["application/pdf"] = in_base64(saved(fig, "pdf", metadata={"CreationDate": None}))
        data["image/svg+xml"] = _svg(fig, name)
        pyplot.close(fig)
    if narrow is not None:
        data[ON_A_PHONE] = (in_base64(pixels(narrow, dpi=200)) if raster
                            else _svg(narrow, f"{name} on a phone"))
        pyplot.close(narrow)
    publish(name, data)


def _svg(fig, salt: str) -> str:
    from matplotlib import rc_context

    with rc_context({"svg.hashsalt": salt, "svg.fonttype": "path"}):
        return saved(fig, "svg", metadata={"Date": None}).decode()


def table(name: str, header: Sequence[str], rows: Iterable[Sequence[float | int | str]], *,
          digits: int = 3, spread: float | None = None) -> None:
    """Give a table a name, for ``{glue:md}``; cells may hold Markdown.

    Args:
        name: what the page calls it.
        header: titles of the columns.
        rows: as many cells a row as there are titles; for an empty one the page has a dash.
        digits: significant digits of the numbers.
        spread: how far each number may be from its value in a new run, as a fraction of it;
            ``None`` means one unit of the last digit that is printed.

    Raises:
        ValueError: a row is longer or shorter than the header.
    """
    rows = [list(row) for row in rows]
    lines = [header, [":--"] + ["--:"] * (len(header) - 1)]
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"rows: {row!r} has {len(row)} cells; header has {len(header)}")
        lines.append([(c or "–") if isinstance(c, str) else _round(_number("rows", c), digits)
                      for c in row])
    text = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    numbers = [_number("rows", c) for row in rows for c in row if not isinstance(c, str)]
    publish(name, {"text/markdown": text, "text/plain": f"table {name}"},
             value=numbers, spread=spread, relative=True)


def publish(name: str | None, data: dict[str, str], **record) -> None:
    """Glue a bundle of representations under a name; in a live notebook, show it.

    While the book is built (the environment variable BOOK_BUILD is set) the page shows the thing
    where it quotes the name, so the cell itself shows nothing.

    Args:
        name: what the page calls it; without one it is no record, and shows in place.
        data: contents by MIME type.
        record: what a fresh run is compared by: ``value``, ``spread``, ``relative``.

    Raises:
        ValueError: ``spread`` < 0.
    """
    if record.get("spread") is not None and not 0 <= record["spread"] < math.inf:
        raise ValueError(f"spread: {record['spread']!r} for {name!r}; it should be finite and >= 0")
    if name is None:
        publish_display_data(data)
        return
    prefix = PREFIX if os.environ.get("BOOK_BUILD") else ""
    metadata: dict = {"scrapbook": {"name": name, "mime_prefix": prefix}}
    if record:
        metadata["diffusionbook"] = record
        if not prefix and "text/markdown" not in data:
            data = {"text/plain": f"{name} = {data['text/plain']}"}
    publish_display_data({prefix + mime: content for mime, content in data.items()}, metadata)


def _number(argument: str, value: Real) -> float | int:
    value = value.item() if hasattr(value, "item") else value
    if not isinstance(value, Real) or not math.isfinite(value):
        raise ValueError(f"{argument}: {value!r} is not a finite number")
    return int(value) if isinstance(value, bool | int) else float(value)


def _round(value: float | int, digits: int) -> str:
    whole("digits", digits)
    if digits < 1:
        raise ValueError(f"digits: {digits!r}; it should be at least 1")
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u202f").replace("-", "−")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")  # rounded first: 9.99 may become 10
    size = int(exponent)
    if -4 <= size < 6:
        return f"{value:.{max(0, digits - 1 - size)}f}".replace("-", "−")
    return f"{mantissa} × 10{_superscript(size)}".replace("-", "−")


def _superscript(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def footer(seed: int, data: str = "") -> None:
    """Print what made the page, and the time since this module was imported: a page's footer.

    Args:
        seed: of the model that the page trains.
        data: which data set the page used, such as ``mnist.load().source``.
    """
    from diffusionbook.machine.environment import threads, versions

    whole("seed", seed, least=0)
    made_with = versions()
    names = ", ".join(f"{name} {made_with[name]}" for name in ("diffusionbook", "torch", "numpy"))
    print(f"Made with {names},\nPython {made_with['python']}, training seed {seed}, "
          f"CPU with {threads()}, in {time.perf_counter() - BEGUN:.0f} s.")
    if data:
        print(f"Data: {data}.")
