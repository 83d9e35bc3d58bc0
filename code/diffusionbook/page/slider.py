"""A figure with a slider: live where a kernel answers, a film on the page and in print."""

import os
from collections.abc import Callable, Sequence

from matplotlib.figure import Figure

from diffusionbook.arguments import finite, whole
from diffusionbook.page.film import frames_of, player


def explore(
    draw: Callable[[float], Figure],
    values: Sequence[float],
    *,
    control: str,
    alt: str,
    name: str | None = None,
    start: int = -1,
    interval: int = 400,
) -> None:
    """Show ``draw(value)`` under a slider over ``values``.

    In a live notebook the slider is an ipywidgets control and each stop runs ``draw`` again, so
    the reader may change ``draw`` and its data. While the book is built (the environment variable
    BOOK_BUILD is set) the figures are drawn once and become the kernel-free player.

    Args:
        draw: value → figure.
        values: the stops of the slider.
        control: what the slider moves, such as "number of steps".
        alt: what the figures show, for those who do not see them.
        name: glue the film under this name.
        start: the stop shown first.
        interval: milliseconds a stop when the film plays.

    Raises:
        ValueError: a stop is not finite, there is no stop ``start``, or ``interval`` < 1.
    """
    finite("values", *values)
    whole("start", start)
    if not -len(values) <= start < len(values):
        raise ValueError(f"start must be one of {len(values)} stops; it is {start}")
    whole("interval", interval, least=1)
    if os.environ.get("BOOK_BUILD"):
        player(
            frames_of(draw(value) for value in values), [f"{value:g}" for value in values],
            alt=alt, name=name, control=control, start=start, interval=interval,
        )  # fmt: skip
        return
    from IPython.display import display
    from ipywidgets import Label, SelectionSlider, VBox, interactive_output
    from matplotlib import pyplot

    def show(value: float) -> None:
        figure = draw(value)
        display(figure)
        pyplot.close(figure)

    slider = SelectionSlider(
        options=list(values), value=list(values)[start], description=control,
        continuous_update=False, style={"description_width": "initial"},
    )  # fmt: skip
    display(VBox([slider, Label(alt)]), interactive_output(show, {"value": slider}))
