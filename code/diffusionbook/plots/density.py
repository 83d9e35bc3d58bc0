"""Densities in the plane as heat maps, from paper to ink: a dark page turns them round."""

from collections.abc import Mapping

from matplotlib.figure import Figure
from torch import Tensor

from diffusionbook.arguments import finite, positive
from diffusionbook.plots.phone import with_phone_layout
from diffusionbook.plots.style import FAINT, INK, WIDTH, canvas


@with_phone_layout
def heat_maps(
    maps: Mapping[str, Tensor], *, half: float, limits: tuple[float, float], scale: str
) -> Figure:
    """Small multiples of a number at each place, all on one scale of colour.

    Args:
        maps: by title, (side^2,) values on :func:`~diffusionbook.plots.points.grid_points`.
        half: half the side of the window.
        limits: the values of paper and of full ink; what lies outside has these.
        scale: what the colours mean, with its unit.

    Raises:
        ValueError: a map is not (side^2,), ``half`` is not positive and finite, or a limit is not
            finite.
    """
    positive("half", half)
    finite("limits", *limits)
    fig, axes = canvas(1, len(maps), height=WIDTH / len(maps) + 0.7)
    for ax, (title, values) in zip(axes, maps.items(), strict=True):
        side = round(values.numel() ** 0.5)
        if values.shape != (side**2,):
            raise ValueError(f"maps must hold (side^2,) values; {title!r} has shape "
                             f"{tuple(values.shape)}")
        picture = ax.imshow(
            values.reshape(side, side).T.numpy(), origin="lower", extent=(-half, half) * 2,
            vmin=limits[0], vmax=limits[1], cmap=INK)
        ax.set(title=title, xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=FAINT, lw=0.5)
    fig.colorbar(picture, ax=axes, location="bottom", shrink=0.5, aspect=40, label=scale)
    return fig
