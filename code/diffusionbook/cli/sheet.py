"""Images side by side in one picture, large enough to be looked at."""

import io
import math

from diffusionbook.arguments import inside
from diffusionbook.data.vision import torchvision
from diffusionbook.shapes import Samples

WIDTH = 600  # pixels, at least
GAP = 2


def sheet(images: Samples, between: float = 0.0) -> bytes:
    """A PNG of square pictures, in as many columns as rows, each pixel enlarged by one whole
    number.

    Args:
        images: (n, 1, h, w) in [0, 1].
        between: the grey of the lines between them, 0 for black ones.

    Raises:
        ValueError: ``between`` lies outside [0, 1].
    """
    inside("between", between, 0, 1)
    columns = math.ceil(len(images) ** 0.5)
    room = (WIDTH - GAP) / columns - GAP  # for one picture
    factor = max(1, math.ceil(room / images.shape[-1]))
    large = images.repeat_interleave(factor, -1).repeat_interleave(factor, -2)
    stream = io.BytesIO()
    torchvision.utils.save_image(large, stream, format="png", nrow=columns, padding=GAP,
                                 pad_value=between)
    return stream.getvalue()
