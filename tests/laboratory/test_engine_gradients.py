"""The page's network, gradients and Adam against PyTorch in double precision, on one batch."""

import engine
import pytest
import torch

from diffusionbook.paths.gaussian import VP, Linear
from diffusionbook.prediction import Prediction, coefficients

KERNELS = pytest.mark.parametrize("kernel", engine.KERNELS)


def doubles(numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def loss(net, batch):
    x, wanted = (doubles(batch[name]).reshape(-1, 2) for name in ("x", "wanted"))
    error = (net(x, doubles(batch["t"])) - wanted).square().sum(1)
    return (doubles(batch["weight"]) * error).sum() / (2 * len(x))


@KERNELS
@pytest.mark.parametrize(("width", "depth"), [(64, 3), (8, 1), (24, 2)])
def test_the_network_is_the_package_s(kernel, width, depth):
    """What is left of the row after a guess along x_t; in the velocity's unit on the vp path."""
    body = """
      const net = L.network({ ...given, seed: 5 }), x = Float64Array.of(0.3, -1.2, 2, 0.01);
      const ask = (row, ...path) => net.model(DiffusionExplorer.path(path), row).predict(x, 0.3);
      return [net.numbers, ask("velocity", "linear"), ask("eps", "vp", 0.1, 20),
              ask("x0", "linear"), ask("velocity", "vp", 0.1, 20), ask("eps", "linear")];"""
    numbers, *answers = engine.node()(engine.KERNELS[kernel] + body,
                                      {"width": width, "depth": depth})  # fmt: skip
    net = engine.package_net(width, depth, torch.tensor(numbers))
    x, t = doubles([[0.3, -1.2], [2, 0.01]]), doubles([0.3, 0.3])
    rows = [("velocity", Linear()), ("eps", VP()), ("x0", Linear()), ("velocity", VP()),
            ("eps", Linear())]  # fmt: skip
    for (row, path), found in zip(rows, answers, strict=True):
        c = path.at(t, x)
        p, q = coefficients(row, c)
        guess = (p * c.alpha + q * c.sigma) / (c.alpha**2 + c.sigma**2)
        unit = ((p**2 + q**2) / 2).sqrt() if row == "velocity" else 1
        with torch.no_grad():
            wanted = Prediction(guess * x + unit * net(x, t), row, x, t, path)
        for key, exact in (("x0", wanted.x0), ("eps", wanted.eps)):
            assert (doubles(found[key]) - exact.flatten()).abs().max() < 1e-5


@KERNELS
@pytest.mark.parametrize("kind", engine.KINDS)
@pytest.mark.parametrize(("width", "depth"), [(64, 3), (8, 1)])
def test_gradients(kernel, kind, width, depth):
    row, path = engine.KINDS[kind]
    body = engine.LAW + """
      const { width, depth } = given, net = L.network({ width, depth, seed: 3 });
      const path = DiffusionExplorer.path(given.path);
      const trainer = L.trainer(net, law, { path, row: given.row, seed: 4, batch: 64 });
      const batch = trainer.batches.next();
      return [net.numbers, batch, trainer.gradient(batch), net.machine.gradient];"""
    given = {"width": width, "depth": depth, "row": row, "path": engine.PATHS[path]}
    numbers, batch, lost, found = engine.node()(engine.KERNELS[kernel] + body, given)
    net = engine.package_net(width, depth, torch.tensor(numbers))
    wanted = loss(net, batch)
    wanted.backward()
    assert lost == pytest.approx(wanted.item(), rel=1e-5)
    found = doubles(found)
    layers = [(layer.weight.grad, layer.bias.grad) for layer in engine.linear(net)]
    exact = engine.page_numbers(layers)
    assert (found - exact).norm() < 1e-5 * exact.norm()
    start = 0
    for weight, bias in layers:  # each layer by itself, so that none hides behind a larger one
        inputs = len(weight.T) + 1
        part = slice(start, start := start + inputs * max(len(bias), 8))
        assert (found[part] - exact[part]).norm() < 1e-5 * exact[part].norm()


@KERNELS
def test_adam_step_for_step(kernel):
    """On the same batches, drawn by the page, PyTorch goes the same way for 100 steps."""
    body = engine.LAW + """
      const net = L.network({ seed: 3 }), start = Array.from(net.numbers);
      const path = DiffusionExplorer.path(["linear"]), { machine } = net;
      const trainer = L.trainer(net, law, { path, row: "velocity", seed: 4, batch: 32 });
      const steps = [];
      for (let k = 0; k < 100; k++) {
        const batch = trainer.batches.next();
        trainer.gradient(batch);
        machine.adam({ rate: 1e-3, decay: 0.9 });
        steps.push([JSON.parse(JSON.stringify(batch, (_, x) =>
          ArrayBuffer.isView(x) ? Array.from(x) : x)), Array.from(net.numbers)]);
      }
      return [start, steps, machine.averaged];"""
    start, steps, averaged = engine.node()(engine.KERNELS[kernel] + body)
    net = engine.package_net(64, 3, torch.tensor(start))
    adam = torch.optim.Adam(net.parameters(), 1e-3)
    mean = first = doubles(start)
    for batch, numbers in steps:
        adam.zero_grad()
        loss(net, batch).backward()
        adam.step()
        exact = engine.page_numbers([(x.weight.data, x.bias.data) for x in engine.linear(net)])
        mean = 0.9 * mean + 0.1 * exact
        assert (doubles(numbers) - exact).norm() < 1e-4 * exact.norm()
    assert (exact - first).norm() > 0.1 * exact.norm()  # it went somewhere
    assert (doubles(averaged) - mean).norm() < 1e-4 * mean.norm()
