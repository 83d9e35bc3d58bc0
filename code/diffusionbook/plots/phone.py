"""A second layout of a figure, for a phone: as wide as its column, its panels below each other.

A figure that is shrunk from the width of a desk's text to a phone's has type of five pixels. So
what draws a figure is called twice, and the figure brings the second drawing along.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from typing import ParamSpec

from matplotlib.figure import Figure

P = ParamSpec("P")
PHONE = 3.5  # inches, the width of the text on a phone
_narrow: ContextVar[bool] = ContextVar("narrow", default=False)


def narrow() -> bool:
    """Whether what is drawn now is for a phone."""
    return _narrow.get()


@contextmanager
def on_a_phone() -> Iterator[None]:
    """Within, every canvas is for a phone."""
    token = _narrow.set(True)
    try:
        yield
    finally:
        _narrow.reset(token)


def with_phone_layout(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Let the figures of a function carry their second layout: their ``phone_layout()`` draws it.

    Args:
        draw: makes its figure with :func:`diffusionbook.plots.style.canvas`, and makes the same one
            again from the same arguments.
    """

    @wraps(draw)
    def both(*args: P.args, **options: P.kwargs) -> Figure:
        figure = draw(*args, **options)
        figure.phone_layout = partial(_drawn_narrow, draw, *args, **options)
        return figure

    return both


def _drawn_narrow(draw: Callable[P, Figure], *args: P.args, **options: P.kwargs) -> Figure:
    with on_a_phone():
        return draw(*args, **options)
