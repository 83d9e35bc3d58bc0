"""A wide picture for a phone: cut between its panels, and the halves put below each other.

The still of a live figure is stored once, for paper. On a phone its letters would be too small.
"""

import io
from base64 import b64decode, b64encode

import numpy as np
from PIL import Image

WIDEST = 660  # pixels at 160 an inch: more, and type of 8 points is below 9 px on a phone
PAPER = 250  # of 255


def stacked(png: str) -> str | None:
    """PNG in base64 to PNG in base64; None where it is narrow, or has no gap to cut at."""
    picture = Image.open(io.BytesIO(b64decode(png)))
    if picture.width <= WIDEST or (gap := middle_gap(picture)) is None:
        return None
    picture = picture.convert("RGB")
    halves = [picture.crop((0, 0, gap, picture.height)),
              picture.crop((gap, 0, picture.width, picture.height))]
    made = Image.new("RGB", (max(half.width for half in halves), 2 * picture.height), "white")
    for number, half in enumerate(halves):
        made.paste(half, (0, number * picture.height))
    stream = io.BytesIO()
    made.quantize(64).save(stream, "png", optimize=True)
    return b64encode(stream.getvalue()).decode()


def middle_gap(picture: Image.Image) -> int | None:
    """The empty column that is nearest to the middle, if there is one in the middle third."""
    drawn = Image.new("RGB", picture.size, "white")
    drawn.paste(picture.convert("RGB"), mask=picture.convert("RGBA").getchannel("A"))
    empty = np.flatnonzero((np.asarray(drawn) >= PAPER).all(axis=(0, 2)))
    nearest = min(empty, key=lambda column: abs(column - picture.width / 2), default=None)
    if nearest is None or abs(nearest - picture.width / 2) > picture.width / 6:
        return None
    return int(nearest)
