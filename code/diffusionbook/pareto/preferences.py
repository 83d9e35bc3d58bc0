"""How much each objective counts: a preference, which is not negative and adds up to 1."""

from itertools import combinations

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite, whole


def check_preferences(preferences: Tensor, n: int, m: int) -> Tensor:
    """Preferences as (n, m), a row for each candidate.

    Args:
        preferences: (n, m), or (m,) for all alike.
        n: how many candidates there are.
        m: how many objectives.

    Raises:
        ValueError: another shape, a number that is not finite or is negative, or a row that does
            not add up to 1.
    """
    whole("n", n, least=1)
    whole("m", m, least=1)
    if preferences.shape not in ((m,), (n, m)):
        raise ValueError(f"preferences must have shape ({m},) or ({n}, {m}), a number for each "
                         f"objective; it has {tuple(preferences.shape)}")
    all_finite("preferences", preferences)
    if bool((preferences < 0).any()):
        raise ValueError(f"preferences must not be negative; the least is "
                         f"{float(preferences.min()):g}")
    sums = preferences.sum(-1)
    off = (sums - 1).abs().max()
    if float(off) > 1e-6:
        worst = float(sums.flatten()[(sums - 1).abs().argmax()])
        raise ValueError(f"preferences must add up to 1 in each row; a row adds up to {worst:g}")
    return preferences.expand(n, m)


def even_preferences(m: int, parts: int) -> Tensor:
    """All preferences of m objectives in whole multiples of 1/parts, as rows.

    Args:
        m: objectives, at least 1.
        parts: into how many parts the whole is divided, at least 1.

    Returns:
        (k, m) float64; for two objectives k is parts + 1, in order of the first one's weight.

    Raises:
        ValueError: ``m`` or ``parts`` is no whole number of at least 1.
    """
    whole("m", m, least=1)
    whole("parts", parts, least=1)
    rows = []
    for bars in combinations(range(parts + m - 1), m - 1):  # bars among the parts
        ends = (-1, *bars, parts + m - 1)
        rows.append([b - a - 1 for a, b in zip(ends, ends[1:], strict=False)])
    return torch.tensor(rows, dtype=torch.float64) / parts
