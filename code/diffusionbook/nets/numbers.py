"""A U-Net that is told a number of two digits, each by itself."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from diffusionbook.nets.unet import UNet
from diffusionbook.randomness import step_seed, torch_seeded
from diffusionbook.shapes import check_each


class NumberUNet(UNet):
    """The U-Net with two digits as its label: one embedding for the tens, one for the ones.

    A net with a hundred labels would know nothing of a number that it was never trained on. This
    one has met both of its digits in their places, and may be asked for it.

    On latents of 8 × 8 places take ``image_channels=4, patch=1``.

    Args:
        channels, blocks, image_channels, patch, attention, dropout, padding, seed: as for
            :class:`~diffusionbook.nets.unet.UNet`.

    Raises:
        ValueError: as :class:`~diffusionbook.nets.unet.UNet` does.
    """

    def __init__(
        self, channels: tuple[int, int] = (48, 96), blocks: tuple[int, int] = (1, 2),
        image_channels: int = 1, patch: int = 2, attention: bool = True, dropout: float = 0.0,
        padding: str = "zeros", seed: int = 0,
    ) -> None:
        super().__init__(channels, blocks, image_channels, patch, 0, attention, dropout, padding,
                         seed)
        with torch_seeded(step_seed(seed, 1)):
            # the last row of each: no label
            self.tens, self.ones = (nn.Embedding(11, 4 * channels[0]) for _ in range(2))

    def embed(self, t: Float[Tensor, " b"], y: Int[Tensor, " b"] | None) -> Float[Tensor, "b e"]:
        """What conditions every block: the time and the two digits of y, as one vector
        (:eq:`eq-two-digits`).

        A number of -1 says that there is none, and so does ``y=None``.

        Raises:
            ValueError: a number that is not -1 … 99 or not an integer, or another count of numbers
                than of times.
        """
        told = super().embed(t, None)
        y = torch.full(t.shape, -1, device=t.device) if y is None else y
        check_each("y", y, t)
        if y.dtype == torch.bool or y.is_floating_point():
            raise ValueError(f"y must hold integers; its dtype is {y.dtype}")
        y = y.long()  # in bytes, -1 would be 255
        if not bool(((y >= -1) & (y < 100)).all()):
            raise ValueError(f"y must hold numbers 0 … 99, or -1 for none; it holds "
                             f"{y.unique().tolist()}")
        tens, ones = (torch.where(y < 0, 10, digit) for digit in (y // 10, y % 10))
        return told + self.tens(tens) + self.ones(ones)
