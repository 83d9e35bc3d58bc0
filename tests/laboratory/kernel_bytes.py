"""Writes the bytes of kernel.wat into kernel.js: ``python tests/laboratory/kernel_bytes.py``."""

import base64
import re
from pathlib import Path

import wasmtime

LABORATORY = Path(__file__).resolve().parents[2] / "book/static/js/laboratory"
LOCAL = r"(\(local\.get \$\w+\))"
SUM = re.compile(rf"\(f32x4\.add {LOCAL} \(f32x4\.mul {LOCAL} {LOCAL}\)\)")


def built() -> dict[str, bytes]:
    """The kernel of SIMD, and that of relaxed SIMD, where a product is added in one operation."""
    text = (LABORATORY / "kernel.wat").read_text("utf-8")
    fused = SUM.sub(r"(f32x4.relaxed_madd \2 \3 \1)", text)
    assert fused != text
    return {"SIMD": bytes(wasmtime.wat2wasm(text)), "FUSED": bytes(wasmtime.wat2wasm(fused))}


def written(script: str, kernels: dict[str, bytes]) -> str:
    """kernel.js with these bytes, in lines of 76 characters."""
    for name, content in kernels.items():
        lines = re.findall(".{1,76}", base64.b64encode(content).decode())
        text = "\n".join(f'    "{line}",' for line in lines)
        script, found = re.subn(rf"(const {name} = \[\n)[^\]]*(  \]\.join)",
                                lambda m, text=text: f"{m[1]}{text}\n{m[2]}", script)  # fmt: skip
        assert found == 1, name
    return script


if __name__ == "__main__":
    path = LABORATORY / "kernel.js"
    path.write_text(written(path.read_text("utf-8"), built()), "utf-8")
