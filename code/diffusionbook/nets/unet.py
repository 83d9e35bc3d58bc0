"""A U-Net for small images that spends its work where there are few pixels.

The image is folded first: each patch of 2 × 2 pixels becomes one place with four channels, so the
finest layers of the net work on 14 × 14 places and the others on 7 × 7. A convolution there costs
a quarter, and a sixteenth, of what it costs on the pixels themselves.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from diffusionbook.arguments import whole
from diffusionbook.nets.blocks import Attention, ResBlock, conv3, group_norm
from diffusionbook.nets.embeddings import FourierFeatures
from diffusionbook.randomness import torch_seeded
from diffusionbook.shapes import check_each, check_samples


class UNet(nn.Module):
    """(x_t, t, y) → an image of x_t's shape.

    Args:
        channels: (fine, coarse): channels on the fine places and on the coarse ones, multiples of
            8. There are half as many coarse places in each direction.
        blocks: (fine, coarse): residual blocks on the way down; the way up has one more on the
            fine places, and two stand in the middle.
        image_channels: of the images; 1 for grey ones.
        patch: side of the square of pixels that is folded into one place.
        classes: number of labels; 0 for a net that is told none.
        attention: whether the coarse places look at each other.
        dropout: share of features that each block hides in training.
        padding: "zeros", or "circular" for images whose edges are joined.
        seed: of the initial weights.

    Raises:
        ValueError: ``patch``, ``image_channels``, or one of ``channels`` or ``blocks``, is below 1;
            channels that are no multiples of 8, or that attention cannot split into equal heads;
            a ``dropout`` outside [0, 1].

    Source: Ronneberger et al., arXiv 1505.04597, for the shape; Ho et al., arXiv 2006.11239, and
    Dhariwal & Nichol, arXiv 2105.05233, for the blocks.
    """

    def __init__(
        self,
        channels: tuple[int, int] = (48, 96),
        blocks: tuple[int, int] = (1, 2),
        image_channels: int = 1,
        patch: int = 2,
        classes: int = 10,
        attention: bool = True,
        dropout: float = 0.0,
        padding: str = "zeros",
        seed: int = 0,
    ) -> None:
        super().__init__()
        whole("channels", *channels, least=1)
        whole("blocks", *blocks, least=1)
        whole("patch", patch, least=1)
        whole("image_channels", image_channels, least=1)
        whole("classes", classes, least=0)
        if any(c % 8 for c in channels):
            raise ValueError(f"channels must be multiples of 8; they are {tuple(channels)}")
        fine, coarse = channels
        self.patch, self.classes = patch, classes
        pixels, conditioning = image_channels * patch**2, 4 * fine
        block = _BlockMaker(conditioning, dropout, padding)
        with torch_seeded(seed):
            self.fourier = FourierFeatures(64)
            self.time = nn.Sequential(nn.Linear(64, conditioning), nn.SiLU(),
                                      nn.Linear(conditioning, conditioning))
            # the last row: no label
            self.label = nn.Embedding(classes + 1, conditioning) if classes else None
            self.enter = conv3(pixels, fine, padding)
            self.down_fine = nn.ModuleList([block(fine, fine) for _ in range(blocks[0])])
            self.shrink = conv3(fine, coarse, padding, stride=2)
            self.down_coarse = nn.ModuleList([block(coarse, coarse) for _ in range(blocks[1])])
            self.middle_in = block(coarse, coarse)
            self.attention = Attention(coarse) if attention else nn.Identity()
            self.middle_out = block(coarse, coarse)
            self.up_coarse = nn.ModuleList([block(2 * coarse, coarse) for _ in range(blocks[1])])
            self.grow = conv3(coarse, fine, padding)
            self.up_fine = nn.ModuleList([block(2 * fine, fine) for _ in range(blocks[0] + 1)])
            self.norm = group_norm(fine)
            self.leave = conv3(fine, pixels, padding)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(
        self,
        x: Float[Tensor, "b c h w"],
        t: Float[Tensor, " b"],
        y: Int[Tensor, " b"] | None = None,
    ) -> Float[Tensor, "b c h w"]:
        """x: (b, c, h, w), t: (b,), y: (b,) labels → (b, c, h, w); 2 ``patch`` divides h and w.

        A label of -1 says that there is none, and so does ``y=None``.

        Raises:
            ValueError: x or t has another shape, x is empty, or as :meth:`embed` does.
        """
        check_samples("x", x, self.enter.in_channels // self.patch**2, "h", "w")
        check_each("t", t, x)
        if x.shape[2] % (2 * self.patch) or x.shape[3] % (2 * self.patch):
            raise ValueError(f"x must have a height and a width that 2 patch = {2 * self.patch} "
                             f"divides; they are {x.shape[2]} and {x.shape[3]}")
        conditioning = F.silu(self.embed(t, y))
        h = self.enter(F.pixel_unshuffle(x, self.patch))
        skips = [h]
        for block in self.down_fine:
            h = block(h, conditioning)
            skips.append(h)
        h = self.shrink(h)
        for block in self.down_coarse:
            h = block(h, conditioning)
            skips.append(h)
        h = self.middle_out(self.attention(self.middle_in(h, conditioning)), conditioning)
        for block in self.up_coarse:
            h = block(torch.cat([h, skips.pop()], 1), conditioning)
        h = self.grow(F.interpolate(h, scale_factor=2, mode="nearest"))
        for block in self.up_fine:
            h = block(torch.cat([h, skips.pop()], 1), conditioning)
        return F.pixel_shuffle(self.leave(F.silu(self.norm(h))), self.patch)

    def embed(self, t: Float[Tensor, " b"], y: Int[Tensor, " b"] | None) -> Float[Tensor, "b e"]:
        """What conditions every block: the time and the label, as one vector (:eq:`eq-told`).

        Raises:
            ValueError: a label that is not -1 … classes - 1, another number of labels than of
                times, or any label for a net without labels.
        """
        conditioning = self.time(self.fourier(t))
        if self.label is None:
            if y is not None:
                raise ValueError("y was given, but this net was made with classes=0")
            return conditioning
        if y is None:
            y = torch.full(t.shape, -1, device=t.device)
        check_each("y", y, t)
        if not bool(((y >= -1) & (y < self.classes)).all()):
            raise ValueError(f"y must hold labels 0 … {self.classes - 1}, or -1 for none; it holds "
                             f"{y.unique().tolist()}")
        return conditioning + self.label(torch.where(y < 0, self.classes, y))


class _BlockMaker:
    """Residual blocks that differ in their channels only."""

    def __init__(self, conditioning: int, dropout: float, padding: str) -> None:
        self.conditioning, self.dropout, self.padding = conditioning, dropout, padding

    def __call__(self, channels: int, out: int) -> ResBlock:
        return ResBlock(channels, out, self.conditioning, self.dropout, self.padding)
