"""What a diffusion transformer costs: its parameters, and the arithmetic of one look."""

from diffusionbook.arguments import whole
from diffusionbook.nets.dit import WAVES
from diffusionbook.nets.transformer import HIDDEN


def parameters(
    patch: int, width: int, depth: int, image_channels: int = 1, classes: int = 10
) -> int:
    """How many numbers a :class:`~diffusionbook.nets.dit.DiT` of this shape learns.

    Raises:
        ValueError: a number is not whole or too small.
    """
    _check(patch=patch, width=width, depth=depth, image_channels=image_channels)
    whole("classes", classes, least=0)
    pixels = image_channels * patch**2
    attention = _linear(width, 3 * width) + _linear(width, width)
    perceptron = _linear(width, HIDDEN * width) + _linear(HIDDEN * width, width)
    block = attention + perceptron + _linear(width, 6 * width)
    told = _linear(WAVES, width) + _linear(width, width) + (classes + 1) * width * (classes > 0)
    ends = _linear(pixels, width) + _linear(width, 2 * width) + _linear(width, pixels)
    return depth * block + told + ends


def flops(
    patch: int, width: int, depth: int, height: int = 28, width_of_image: int = 28,
    image_channels: int = 1,
) -> dict[str, int]:
    """Floating-point operations of one look at one image, a multiplication and an addition each
    (:eq:`eq-dit-cost`).

    Args:
        patch, width, depth, image_channels: as of :class:`~diffusionbook.nets.dit.DiT`.
        height, width_of_image: in pixels; ``patch`` divides both.

    Returns:
        ``linear``: of the blocks' linear maps on n tokens, 24 n width² a block; ``pairs``: where
        tokens meet, 4 n² width a block; ``told``: of what is made of the time and the label;
        ``ends``: where patches become tokens and tokens patches. Sums, exponentials and
        normalisations are not counted.

    Raises:
        ValueError: a number is not whole or too small, or ``patch`` does not divide a side.
    """
    _check(patch=patch, width=width, depth=depth, image_channels=image_channels, height=height,
           width_of_image=width_of_image)
    if height % patch or width_of_image % patch:
        raise ValueError(f"patch must divide height and width_of_image, {height} and "
                         f"{width_of_image}; it is {patch}")
    n = (height // patch) * (width_of_image // patch)
    return {
        "linear": depth * 24 * n * width**2,
        "pairs": depth * 4 * n**2 * width,
        "told": 2 * (WAVES * width + width**2 + depth * 6 * width**2 + 2 * width**2),
        "ends": 2 * 2 * n * image_channels * patch**2 * width,
    }


def _linear(numbers: int, out: int) -> int:
    return numbers * out + out


def _check(**numbers: int) -> None:
    for name, value in numbers.items():
        whole(name, value, least=1)
