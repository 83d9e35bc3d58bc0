"""The one place that imports torchvision: ``from diffusionbook.data.vision import torchvision``.

torchvision's wheel on a package index can be built for CUDA while pip took a CPU build of torch.
Its compiled operators then fail to load, and ``import torchvision`` raises
``operator torchvision::nms does not exist``, although nothing that this book uses (data sets,
transforms, image grids) needs them. In that case the missing operators are declared, without a
body, and the import is repeated: the Python half of torchvision works, and only a call of one of
its compiled operators would fail.
"""

import sys

import torch

__all__ = ["torchvision"]


def _declare_operators() -> torch.library.Library:
    """Name the operators that torchvision registers Python code for; forget the failed import."""
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library


try:
    import torchvision
except RuntimeError as error:
    if "torchvision::" not in str(error):
        raise
    _library = _declare_operators()  # the operators exist for as long as this object does
    import torchvision
