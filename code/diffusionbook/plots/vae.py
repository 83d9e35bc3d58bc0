"""An autoencoder as a drawing: down to the latent on the left, up again on the right."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from diffusionbook.plots.style import NOISE
from diffusionbook.plots.unet import BOX, LEFT, RIGHT, ROW, Row, u_net

MIDDLE = (LEFT + RIGHT) / 2
INSET = 0.12  # inches from the edge of the page to the word for the noise


def autoencoder(
    rows: Sequence[Row], posterior: tuple[str, str], draw: tuple[str, str]
) -> Figure:
    """Draw the parts of a variational autoencoder with their shapes.

    Args:
        rows: encoder and decoder, from the image downwards.
        posterior: (name, shape) of what the encoder answers.
        draw: of what is drawn from it, with noise that comes from outside.

    Raises:
        ValueError: no rows.
    """
    fig = u_net(rows, [posterior, draw])
    (ax,), y = fig.axes, (len(rows) + 1.5) * ROW
    ax.annotate("noise", (MIDDLE - BOX / 2, y), (INSET, y), va="center", fontsize=9, color=NOISE,
                arrowprops={"arrowstyle": "->", "color": NOISE, "lw": 1.0, "ls": (0, (4, 2)),
                            "shrinkA": 2, "shrinkB": 0})
    return fig
