"""How a check compares, and what it says."""

from diffusionbook.checks.answers import numbers


def same(what: str, yours: object, right: object, tolerance: float = 1e-6) -> None:
    """Compare one answer. A single number may stand in a list or a tensor of any shape.

    Raises:
        AssertionError: with the largest difference, or the shape, in words.
    """
    if yours is None:
        raise AssertionError(f"{what}: your function returned None; it should return a value")
    a, b = numbers(what, yours), numbers(what, right)
    if a.numel() == b.numel() == 1:
        a = a.reshape(b.shape)
    if a.shape != b.shape:
        raise AssertionError(f"{what}: its shape is {tuple(a.shape)}, not {tuple(b.shape)}")
    if not bool(a.isfinite().all()):
        raise AssertionError(f"{what}: your answer holds values that are not finite")
    off = float((a - b).abs().max())
    if not off <= tolerance * max(1.0, float(b.abs().max())):
        raise AssertionError(f"{what}: your answer is off by up to {off:.3g}")
