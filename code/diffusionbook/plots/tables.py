"""Figures of the prediction table: what each row's plain loss cares about."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from diffusionbook.arguments import finite
from diffusionbook.plots.phone import with_phone_layout
from diffusionbook.plots.style import DATA, EXACT, FAINT, LINES, NOISE, canvas

ROW_COLOURS = {"x0": DATA, "eps": NOISE}
ROW_LINES = {"x0": "-", "eps": LINES["noise"]}


@with_phone_layout
def loss_weights(
    log_snr: Sequence[float],
    weights: Mapping[str, Sequence[float]],
    labels: Mapping[str, tuple[str, float, float]],
    *,
    limits: tuple[float, float],
) -> Figure:
    """Weights on the error in x0 against the log-SNR, each curve named beside itself.

    Args:
        log_snr: the horizontal axis, increasing; drawn from high to low, data to noise.
        weights: a curve for each row of the table.
        labels: for each row its text, the log-SNR where it stands, and by what factor of the
            curve's height there (2 is above, 0.5 below).
        limits: of the vertical axis.
    """
    finite("limits", *limits)
    fig, (ax,) = canvas(height=3.4)
    ax.set_yscale("log")
    for row, weight in weights.items():
        colour = ROW_COLOURS.get(row, EXACT)
        ax.plot(log_snr, weight, color=colour, ls=ROW_LINES.get(row, "-"), lw=1.6)
        text, where, factor = labels[row]
        nearest = min(range(len(log_snr)), key=lambda i: abs(log_snr[i] - where))
        ax.text(where, weight[nearest] * factor, text, color=colour, fontsize=8,
                ha="center", va="center")  # fmt: skip
    ax.axvline(0, color=FAINT, lw=0.6, zorder=0)
    ax.set(xlim=(max(log_snr), min(log_snr)), ylim=limits,
           xlabel="log SNR   (data on the left, noise on the right)",
           ylabel="weight on the error in $x_0$")  # fmt: skip
    ax.grid(True, axis="y")
    return fig
