"""The scripts that train a network in the page, run by node, and the package's network beside."""

from functools import cache

import torch
from node import asker

from diffusionbook.nets.embeddings import FourierFeatures
from diffusionbook.nets.mlp import MLP

SCRIPTS = [
    "js/shared/parts", "js/shared/random", "js/explorer/paths", "js/explorer/mixture",
    "js/explorer/samplers",
    *(f"js/laboratory/{name}" for name in ("refusals", "law", "distance", "presets",
                                           "kernel", "plain", "machine", "target",
                                           "network", "floor", "batches", "trainer")),
]  # fmt: skip
PATHS = {"linear": ["linear"], "vp": ["vp", 0.1, 20.0]}
KINDS = {"velocity-linear": ("velocity", "linear"), "velocity-vp": ("velocity", "vp"),
         "eps-vp": ("eps", "vp"), "x0-linear": ("x0", "linear")}  # fmt: skip
KERNELS = {  # what to say first so that a machine made afterwards counts in this way
    "plain": "WebAssembly.validate = () => false;",
    "simd": """const valid = WebAssembly.validate, tried = [];  // the first is the fused one
               WebAssembly.validate = (bytes) => tried.push(bytes) > 1 && valid(bytes);""",
    "fused": """require("v8").setFlagsFromString("--experimental-wasm-relaxed-simd");
                const valid = WebAssembly.validate;
                WebAssembly.validate = function (bytes) {
                  if (!valid(bytes)) { throw new Error("the fused kernel is not valid here"); }
                  return true;
                };""",
}
LAW = """
  const rows = [[.5, -1.2, -.6, .1, .05, .08], [.3, .9, -.8, .3, -.12, .09],
                [.2, .3, 1.2, .04, 0, .16]];
  const law = {
    table: (label = -1) =>
      Float64Array.from(label < 0 ? rows.flat() : [1, ...rows[label].slice(1)]),
    draw(n, uniform, normal) {
      const x = new Float64Array(2 * n), y = new Int8Array(n);
      for (let i = 0; i < n; i++) {
        const u = uniform(), k = y[i] = u < .5 ? 0 : u < .8 ? 1 : 2, [, a, b, xx, xy, yy] = rows[k];
        const l = Math.sqrt(xx), e = normal();
        x[2 * i] = a + l * e;
        x[2 * i + 1] = b + xy / l * e + Math.sqrt(yy - xy * xy / xx) * normal();
      }
      return { x, y };
    },
  };
"""  # the package's trio


@cache
def node():
    """``node()(body, given)`` knows the laboratory's namespace as ``L``."""
    return asker(SCRIPTS, "DiffusionLaboratory", "L")


def package_net(width: int, depth: int, numbers: torch.Tensor) -> MLP:
    """The package's network, in float64, with the page's numbers: of each layer a row for each of
    its inputs and one of biases; the last layer's rows have eight places, of which two are used."""
    net = MLP(2, width, depth, 14, 10).double()
    net.time = FourierFeatures(14, 64.0).double()
    for layer in linear(net):
        inputs, outputs = layer.in_features, max(layer.out_features, 8)
        many = (inputs + 1) * outputs
        rows = numbers[:many].reshape(inputs + 1, outputs)[:, : layer.out_features].double()
        numbers = numbers[many:]
        with torch.no_grad():
            layer.weight.copy_(rows[:-1].T)
            layer.bias.copy_(rows[-1])
    assert len(numbers) == 0
    return net


def linear(net: MLP) -> list[torch.nn.Linear]:
    return [layer for layer in net.layers if isinstance(layer, torch.nn.Linear)]


def page_numbers(values: list[tuple[torch.Tensor, torch.Tensor]]) -> torch.Tensor:
    """Weights and biases (or their gradients) of all layers in the page's order."""
    rows = [torch.cat([weight.T, bias[None]]) for weight, bias in values]
    rows[-1] = torch.nn.functional.pad(rows[-1], (0, 6))
    return torch.cat([row.flatten() for row in rows])
