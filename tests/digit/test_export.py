"""The network's file: the committed one belongs to the shipped weights; a new one computes what
PyTorch does."""

import gzip
import hashlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from diffusionbook import cli, zoo
from diffusionbook.files.whole import sha256
from diffusionbook.page import digit_export as onnx_export

STATIC = Path(__file__).resolve().parents[2] / "book" / "static"
FOLDER, RUNTIME = STATIC / "digit", STATIC / "vendor" / "onnxruntime"
PARITY, HEAVIEST = 1e-4, 4_000_000


def about(folder: Path) -> dict:
    return json.loads((folder / "model.js").read_text("utf-8").split(" = ", 1)[1].rstrip(";\n"))


def network(b: int):
    generator = torch.Generator().manual_seed(b)
    x, t = torch.randn(b, 1, 28, 28, generator=generator), torch.rand(b, generator=generator)
    return x, t, torch.randint(-1, 10, (b,), generator=generator)


@pytest.fixture(scope="module")
def onnx():
    return pytest.importorskip(
        "onnx", reason="onnx is not installed, and these tests write and read its files: "
                       "pip install 'diffusionbook[onnx]'")  # fmt: skip


def test_the_committed_network_is_that_of_the_shipped_weights():
    facts, name = about(FOLDER), onnx_export.MODEL
    assert facts["model"] == name and facts["file"] == f"{name}.onnx"
    assert facts["weights_sha256"] == sha256(zoo.WEIGHTS / f"{name}.safetensors"), (
        "the weights have changed: python -m diffusionbook export digit"
    )
    content = (FOLDER / facts["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == facts["sha256"]
    assert facts["weights_sha256"].encode() in content and name.encode() in content
    assert len(content) == facts["bytes"] < HEAVIEST


def test_the_page_knows_how_large_the_runtime_is_and_it_is_the_packages():
    script = (STATIC / "js" / "digit" / "load.js").read_text("utf-8")
    for file, size in (("file", "bytes"), ("script", "scriptBytes")):
        name = re.search(rf'\b{file}: "(\S+)"', script)[1]
        raw = (RUNTIME / name).read_bytes()
        if name.endswith(".mjs"):  # a text file: its lines may end otherwise here
            raw = raw.replace(b"\r\n", b"\n")
        assert int(re.search(rf"\b{size}: (\d+)", script)[1]) == len(raw)
    plain = gzip.decompress((RUNTIME / "ort-wasm-simd-threaded.wasm.gz").read_bytes())
    digest = hashlib.sha256(plain).hexdigest()
    listed = (STATIC / "vendor" / "README.md").read_text("utf-8")
    assert plain.startswith(b"\0asm") and digest in listed


@pytest.mark.slow
def test_without_onnx_the_command_says_what_to_install(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert cli.main(["export", "digit", "--out", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error == "export: onnx is missing: pip install 'diffusionbook[onnx]'\n"
    assert not list(tmp_path.iterdir())


def test_without_the_model_the_command_says_how_to_get_it(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(onnx_export, "_onnx", lambda: None)
    arguments = ["export", "digit", "--out", str(tmp_path), "--weights", str(tmp_path)]
    assert cli.main(arguments) == 2
    assert "python -m diffusionbook train mnist-unet-quick" in capsys.readouterr().err


@pytest.mark.parametrize("fresh", [False, True], ids=["committed", "fresh"])
def test_the_file_computes_what_pytorch_does(onnx, fresh, tmp_path, capsys):
    from onnx.reference import ReferenceEvaluator

    folder = FOLDER
    if fresh:
        folder = tmp_path
        assert cli.main(["export", "digit", "--out", str(folder)]) == 0
        assert "mnist-unet-quick.onnx: 37" in capsys.readouterr().out
        assert {p.name for p in folder.iterdir()} == {"model.js", f"{onnx_export.MODEL}.onnx"}
    facts = about(folder)
    model = onnx.load(folder / facts["file"])
    assert {p.key: p.value for p in model.metadata_props} == {
        key: facts[key] for key in ("model", "weights_sha256")
    }
    net, run = zoo.load(onnx_export.MODEL).net, ReferenceEvaluator(model).run
    for b in (1, 3):
        x, t, y = network(b)
        (found,) = run(None, {"x": x.numpy(), "t": t.numpy(), "y": y.numpy()})
        assert np.abs(found - net(x, t, y).numpy()).max() <= PARITY


class Odd(nn.Module):
    """One layer whose weight half precision holds, and another whose weight it does not."""

    def __init__(self) -> None:
        super().__init__()
        self.halves = nn.Parameter(torch.full((1, 1, 4, 4), 0.5))
        self.others = nn.Parameter(torch.full((1, 1, 4, 4), 0.1))

    def forward(self, x, t, y):
        return x * self.halves + t[:, None, None, None] * self.others * y[:, None, None, None]


def test_only_what_loses_nothing_is_stored_in_half_precision(onnx):
    from onnx.reference import ReferenceEvaluator

    x, t, y = torch.randn(2, 1, 4, 4), torch.rand(2), torch.tensor([2, -1])
    model = onnx.load_from_string(onnx_export.to_onnx(Odd().eval(), x, t, y, {"model": "odd"}))
    kinds = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    assert kinds == {"halves.half": onnx.TensorProto.FLOAT16, "others": onnx.TensorProto.FLOAT}
    (found,) = ReferenceEvaluator(model).run(None, {"x": x.numpy(), "t": t.numpy(), "y": y.numpy()})
    assert np.allclose(found, Odd()(x, t, y).detach().numpy(), atol=1e-6)
