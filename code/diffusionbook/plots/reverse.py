"""One reverse step on a line: the exact law beside the Gaussian that stands in for it."""

from collections.abc import Sequence

import torch
from matplotlib.figure import Figure

from diffusionbook.arguments import finite
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.plots.phone import with_phone_layout
from diffusionbook.plots.style import EXACT, FAINT, LINES, canvas


@with_phone_layout
def compare_reverse(
    data: GaussianMixture,
    laws: Sequence[tuple[float, GaussianMixture, GaussianMixture]],
    *,
    x_k: float,
) -> Figure:
    """A panel for each beta: q(x_{k-1} | x_k) and a Gaussian, scaled to the same height.

    Args:
        data: the law of x_{k-1}, drawn as grey hills.
        laws: (beta, exact, Gaussian) for each panel, all one-dimensional.
        x_k: marked on the axis.
    """
    finite("x_k", x_k)
    grid = torch.linspace(-2.2, 2.2, 1201, dtype=torch.float64)[:, None]
    hills = data.log_prob(grid).exp()
    fig, axes = canvas(1, len(laws), height=2.1, share=True)
    for ax, (beta, exact, gaussian) in zip(axes, laws, strict=True):
        p, q = exact.log_prob(grid).exp(), gaussian.log_prob(grid).exp()
        top = float(torch.maximum(p, q).max())
        x = grid.flatten().tolist()
        ax.fill_between(x, (0.6 * hills / hills.max()).tolist(), color=FAINT, alpha=0.3, lw=0)
        ax.plot(x, (q / top).tolist(), color=FAINT, lw=2.2)  # no network: no colour of its own
        ax.plot(x, (p / top).tolist(), color=EXACT, ls=LINES["exact"])
        ax.plot([x_k], [0], "v", color=EXACT, clip_on=False)
        ax.set(title=f"β = {beta:g}", yticks=[], xlabel="$x_{k-1}$", ylim=(0, 1.1))
        ax.spines["left"].set_visible(False)
    return fig
