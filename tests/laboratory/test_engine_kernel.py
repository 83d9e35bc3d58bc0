"""The kernel that the page carries is that of its source, and counts as plain JavaScript does."""

import engine
import pytest
import torch

OPERATIONS = """
  const size = 3000, memories = [1, 2, 3].map(() => new WebAssembly.Memory({ initial: 1 }));
  const [none, plain, simd] = memories;
  const runs = [[none, {}], [plain, L.plainOperations(plain)], [simd, L.simdOperations(simd)]];
  const one = ([name, ...values]) => runs.map(function ([memory, run]) {
    const numbers = new Float32Array(memory.buffer), normal = DiffusionShared.normals(1);
    for (let i = 0; i < size; i++) { numbers[i] = given.scale * normal(); }
    if (run[name]) { run[name](...values); }
    return numbers.slice(0, size);
  });
  return Object.fromEntries(Object.entries(given.calls).map(([name, call]) => [name, one(call)]));
  """
CALLS = {  # C, A and B at 0, 4000 and 8000, with rows longer than what is used of them
    "product": ["product", 0, 80, 0, 80, 4000, 60, 4, 8000, 80, 12, 16, 7],
    "product of a transpose": ["product", 0, 64, 2000, 0, 4000, 4, 80, 8000, 64, 4, 8, 9],
    "silu": ["silu", 0, 4000, 400],
    "multiply": ["multiply", 0, 4000, 400],
    "addRows": ["addRows", 0, 4000, 5, 24],
    "transpose": ["transpose", 0, 4000, 12, 24],
}


def test_the_bytes_are_those_of_the_source():
    pytest.importorskip("wasmtime", reason="wasmtime, of the test extra, reads kernel.wat")
    import kernel_bytes

    script = (kernel_bytes.LABORATORY / "kernel.js").read_text("utf-8")
    assert script == kernel_bytes.written(script, kernel_bytes.built())


@pytest.mark.parametrize("scale", [1, 40])  # of 40: where e^x leaves the range of the numbers
@pytest.mark.parametrize("kernel", ["simd", "fused"])
def test_each_operation_agrees(kernel, scale):
    given = {"calls": CALLS, "scale": scale}
    found = engine.node()(engine.KERNELS[kernel] + OPERATIONS, given)
    for name, answers in found.items():
        start, plain, simd = map(torch.tensor, answers)
        assert torch.allclose(plain, simd, rtol=2e-6, atol=2e-6 * scale**2), name
        assert not torch.equal(plain, start), f"{name} did something"


def test_without_simd_plain_javascript_is_used():
    """Both kernels are refused, as by a browser that knows no SIMD."""
    body = engine.KERNELS["plain"] + """
      const { machine } = L.network({ width: 8, depth: 1 });
      machine.forward();
      return [L.simdOperations(new WebAssembly.Memory({ initial: 1 })), machine.output.length];"""
    assert engine.node()(body) == [None, 32 * 8]
