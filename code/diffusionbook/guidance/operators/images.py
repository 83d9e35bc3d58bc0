"""Operators on images (c, h, w)."""

from torch import Tensor
from torch.nn import functional as F

from diffusionbook.arguments import whole
from diffusionbook.guidance.operators.operator import constant
from diffusionbook.shapes import Samples, check_samples


class Blur:
    """Every pixel becomes a weighted sum of those around it; beyond the edge there are zeros.

    Args:
        kernel: (h, w) the weights, both sizes odd; the middle one is the pixel's own.
        shape: (c, h, w) of a sample. Each channel is blurred on its own.

    Raises:
        ValueError: if ``kernel`` has another shape or is not finite, or ``shape`` is no image's.
    """

    def __init__(self, kernel: Tensor, shape: tuple[int, int, int]) -> None:
        if kernel.ndim != 2 or any(n % 2 == 0 for n in kernel.shape):
            raise ValueError(f"kernel must have two odd sizes; its shape is {tuple(kernel.shape)}")
        self.kernel = constant("kernel", kernel)
        self.in_shape = self.out_shape = image_shape(shape)

    def __call__(self, x: Samples) -> Tensor:
        check_samples("x", x, *self.in_shape)
        return _correlate(x, self.kernel)

    def adjoint(self, y: Tensor) -> Samples:
        check_samples("y", y, *self.out_shape)
        return _correlate(y, self.kernel.flip(0, 1))


class Downsample:
    """The means of squares of pixels.

    Args:
        factor: the side of a square.
        shape: (c, h, w) of a sample.

    Raises:
        ValueError: if ``factor`` is not whole or below 1, ``shape`` is no image's, or its sides
            are no multiples of ``factor``.
    """

    def __init__(self, factor: int, shape: tuple[int, int, int]) -> None:
        whole("factor", factor, least=1)
        channels, *sides = self.in_shape = image_shape(shape)
        if any(side % factor for side in sides):
            raise ValueError(f"factor must divide the sides of shape, {tuple(sides)}; it is "
                             f"{factor}")
        self.factor, self.row_square = factor, 1 / factor**2
        self.out_shape = (channels, *(side // factor for side in sides))

    def __call__(self, x: Samples) -> Tensor:
        check_samples("x", x, *self.in_shape)
        return F.avg_pool2d(x, self.factor)

    def adjoint(self, y: Tensor) -> Samples:
        check_samples("y", y, *self.out_shape)
        spread = y.repeat_interleave(self.factor, -1).repeat_interleave(self.factor, -2)
        return spread / self.factor**2


class RowSums:
    """The sum of each row of pixels: (c, h, w) → (c, h).

    Args:
        shape: (c, h, w) of a sample.

    Raises:
        ValueError: if ``shape`` is no image's.
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.in_shape = channels, height, width = image_shape(shape)
        self.out_shape, self.row_square = (channels, height), float(width)

    def __call__(self, x: Samples) -> Tensor:
        check_samples("x", x, *self.in_shape)
        return x.sum(-1)

    def adjoint(self, y: Tensor) -> Samples:
        check_samples("y", y, *self.out_shape)
        return y[..., :, None].expand(-1, *self.in_shape)


class ColumnSums:
    """The sum of each column of pixels: (c, h, w) → (c, w).

    Args:
        shape: (c, h, w) of a sample.

    Raises:
        ValueError: if ``shape`` is no image's.
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.in_shape = channels, height, width = image_shape(shape)
        self.out_shape, self.row_square = (channels, width), float(height)

    def __call__(self, x: Samples) -> Tensor:
        check_samples("x", x, *self.in_shape)
        return x.sum(-2)

    def adjoint(self, y: Tensor) -> Samples:
        check_samples("y", y, *self.out_shape)
        return y[..., None, :].expand(-1, *self.in_shape)


class Colour:
    """The channels' weighted sum: (c, h, w) → (1, h, w).

    Args:
        weights: (c,), not all 0.
        shape: (c, h, w) of a sample.

    Raises:
        ValueError: if ``weights`` are not finite, all 0, or not one for each channel; or ``shape``
            is no image's.
    """

    def __init__(self, weights: Tensor, shape: tuple[int, int, int]) -> None:
        self.in_shape = channels, height, width = image_shape(shape)
        if weights.shape != (channels,):
            raise ValueError(f"weights must have shape ({channels},), one for each channel; it "
                             f"has {tuple(weights.shape)}")
        self.weights = constant("weights", weights)
        self.row_square = float(self.weights.double().square().sum())
        if self.row_square == 0:
            raise ValueError("weights must not all be 0; they are")
        self.out_shape = (1, height, width)

    def __call__(self, x: Samples) -> Tensor:
        check_samples("x", x, *self.in_shape)
        return (x * self.weights.to(x)[:, None, None]).sum(1, keepdim=True)

    def adjoint(self, y: Tensor) -> Samples:
        check_samples("y", y, *self.out_shape)
        return y * self.weights.to(y)[:, None, None]


def image_shape(shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """``shape`` itself.

    Raises:
        ValueError: if it is not (c, h, w), three whole numbers above 0.
    """
    whole("shape", *shape, least=1)
    if len(shape) != 3:
        raise ValueError(f"shape must be (c, h, w); it is {tuple(shape)}")
    return tuple(shape)


def _correlate(x: Tensor, kernel: Tensor) -> Tensor:
    each = kernel.to(x).expand(x.shape[1], 1, *kernel.shape)
    return F.conv2d(x, each, padding=tuple(n // 2 for n in kernel.shape), groups=x.shape[1])
