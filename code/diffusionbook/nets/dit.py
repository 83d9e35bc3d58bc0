"""A diffusion transformer: patches become tokens, which look at each other, told the time."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from diffusionbook.arguments import whole
from diffusionbook.nets.embeddings import FourierFeatures
from diffusionbook.nets.patches import patchify, positions, unpatchify
from diffusionbook.nets.transformer import Block, Modulation, modulated
from diffusionbook.randomness import torch_seeded
from diffusionbook.shapes import check_each, check_samples

WAVES = 64  # numbers that tell the time before the two layers that read them


class DiT(nn.Module):
    """(x_t, t, y) → an image of x_t's shape.

    Its answer to everything is 0 at first, and each of its blocks returns what it is given.

    Args:
        patch: side of the square of pixels that becomes one token: the knob of its cost.
        width: numbers of a token, a multiple of ``heads`` and of 4.
        depth: number of blocks.
        heads: of each attention.
        image_channels: of the images; 1 for grey ones.
        classes: number of labels; 0 for a net that is told none.
        seed: of the initial weights.

    Raises:
        ValueError: a number is not whole or too small, or ``width`` is no multiple of ``heads`` or
            of 4.

    Source: Peebles & Xie, arXiv 2212.09748.
    """

    def __init__(
        self,
        patch: int = 4,
        width: int = 128,
        depth: int = 6,
        heads: int = 4,
        image_channels: int = 1,
        classes: int = 10,
        seed: int = 0,
    ) -> None:
        super().__init__()
        for name, value in (("patch", patch), ("depth", depth), ("image_channels", image_channels)):
            whole(name, value, least=1)
        whole("classes", classes, least=0)
        whole("width", width)
        if width < 8 or width % 4:
            raise ValueError(f"width must be a multiple of 4 and at least 8; it is {width}")
        self.patch, self.width, self.classes = patch, width, classes
        pixels = image_channels * patch**2
        with torch_seeded(seed):
            self.fourier = FourierFeatures(WAVES)
            self.time = nn.Sequential(nn.Linear(WAVES, width), nn.SiLU(), nn.Linear(width, width))
            # the last row: no label
            self.label = nn.Embedding(classes + 1, width) if classes else None
            self.enter = nn.Linear(pixels, width)
            self.blocks = nn.ModuleList(Block(width, heads, width) for _ in range(depth))
            self.modulate = Modulation(width, width, 2)
            self.leave = nn.Linear(width, pixels)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(
        self,
        x: Float[Tensor, "b c h w"],
        t: Float[Tensor, " b"],
        y: Int[Tensor, " b"] | None = None,
    ) -> Float[Tensor, "b c h w"]:
        """x: (b, c, h, w), t: (b,), y: (b,) labels → (b, c, h, w); ``patch`` divides h and w.

        A label of -1 says that there is none, and so does ``y=None``.

        Raises:
            ValueError: x or t has another shape, x is empty, or as :meth:`embed` does.
        """
        check_samples("x", x, self.enter.in_features // self.patch**2, "h", "w")
        check_each("t", t, x)
        conditioning = self.embed(t, y)
        tokens = self.tokens(x)
        for block in self.blocks:
            tokens = block(tokens, conditioning)
        shift, scale = self.modulate(conditioning)
        return unpatchify(self.leave(modulated(tokens, shift, scale)), self.patch, *x.shape[2:])

    def tokens(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b n width"]:
        """What the first block is given: each patch through one layer, and where it lies."""
        rows, columns = (side // self.patch for side in x.shape[2:])
        tokens = self.enter(patchify(x, self.patch))
        return tokens + positions(rows, columns, self.width).to(tokens)

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
