"""The digits network as ONNX, for the reader's browser: ``python -m diffusionbook export digit``.

Two files. ``mnist-unet-quick.onnx`` is the network: pictures, times and labels in, its answer out.
Weights that half precision holds without loss are stored so, and widened when the file is loaded.
``model.js`` says how large that file is, and of which weights it was made, so that a test can tell
when it no longer belongs to them.
"""

import hashlib
import io
import json
import warnings
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from torch import Tensor, nn

from diffusionbook import zoo
from diffusionbook.files.whole import write_atomic
from diffusionbook.page.digit import MODEL

OPSET = 17
HEAD = f"/* The network {MODEL}.onnx, written by `python -m diffusionbook export digit`. */"


def write(folder: Path, weights: Path = zoo.WEIGHTS) -> list[Path]:
    """Write ``mnist-unet-quick.onnx`` and ``model.js`` into an existing folder; the paths written.

    Args:
        folder: where they go.
        weights: where the trained model is. The shipped one must follow today's recipe; another,
            the recipe that it came with.

    Raises:
        ValueError: the package onnx is missing, or there is no such model.
        DamagedFile: a file of the model is altered or missing.
    """
    _onnx()  # before anything else takes time
    recipe = None if weights == zoo.WEIGHTS else zoo.trained_recipe(MODEL, weights)
    model, receipt = zoo.load(MODEL, weights, recipe), zoo.receipt(MODEL, weights)
    x, t, y = (part[:2] for part in zoo.trained_recipe(MODEL, weights).example())
    facts = {"model": MODEL, "weights_sha256": receipt["sha256"]}
    content = to_onnx(model.net, x, t, y, facts)
    network, about = folder / f"{MODEL}.onnx", folder / "model.js"
    write_atomic(network, content)
    entry = facts | {"file": network.name, "bytes": len(content),
                     "sha256": hashlib.sha256(content).hexdigest()}  # fmt: skip
    script = f"{HEAD}\nDigitInPage.model = {json.dumps(entry, indent=1)};\n"
    write_atomic(about, script.encode())
    return [network, about]


def to_onnx(net: nn.Module, x: Tensor, t: Tensor, y: Tensor, facts: dict[str, str]) -> bytes:
    """A network called as ``net(x, t, y)``, for batches of any size.

    Args:
        net: in evaluation mode.
        x: (b, c, h, w) an example of its pictures; h and w are those of every picture.
        t: (b,) times.
        y: (b,) labels, -1 for none.
        facts: what the file says about itself.

    Returns:
        The file's content. Its inputs are ``x``, ``t`` and ``y``; its output is ``answer``.

    Raises:
        ValueError: the package onnx is missing.
    """
    onnx, stream = _onnx(), io.BytesIO()
    torch.onnx.register_custom_op_symbolic("aten::mT", _transpose, OPSET)
    with warnings.catch_warnings():
        # the check of the labels is not traced, nor can be; and q, k, v are always three
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        torch.onnx.export(
            net, (x, t, y), stream, dynamo=False, opset_version=OPSET, input_names=["x", "t", "y"],
            output_names=["answer"], dynamic_axes={k: {0: "b"} for k in ("x", "t", "y", "answer")},
        )  # fmt: skip
    model = onnx.load_from_string(stream.getvalue())
    _store_halves(onnx, model.graph)
    onnx.helper.set_model_props(model, facts)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _onnx() -> ModuleType:
    try:
        import onnx
    except ImportError:
        raise ValueError("onnx is missing: pip install 'diffusionbook[onnx]'") from None
    return onnx


def _transpose(graph, x):
    """``x.mT``, which the exporter does not know."""
    axes = list(range(torch.onnx.symbolic_helper._get_tensor_rank(x)))
    return graph.op("Transpose", x, perm_i=[*axes[:-2], axes[-1], axes[-2]])


def _store_halves(onnx: ModuleType, graph) -> None:
    """Replace each float32 tensor that is made of half-precision numbers by these, and a cast."""
    casts = []
    for tensor in graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or not np.array_equal(
            values.astype(np.float16).astype(np.float32), values
        ):
            continue
        name = tensor.name
        tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(onnx.helper.make_node("Cast", [tensor.name], [name], f"{name}.cast",
                                           to=onnx.TensorProto.FLOAT))  # fmt: skip
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
