"""The page's network, gradients and Adam against PyTorch in double precision, on one batch."""

import engine
import pytest
import torch

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
    body = """
      const net = L.network({ ...given, seed: 5 }), x = [0.3, -1.2, 2, 0.01];
      const path = DiffusionExplorer.path(["linear"]), model = net.model(path, "eps");
      return [net.numbers, model.predict(Float64Array.from(x), 0.3).eps];"""
    numbers, found = engine.node()(engine.KERNELS[kernel] + body, {"width": width, "depth": depth})
    net = engine.package_net(width, depth, torch.tensor(numbers))
    with torch.no_grad():
        wanted = net(doubles([[0.3, -1.2], [2, 0.01]]), doubles([0.3, 0.3]))
    assert (doubles(found) - wanted.flatten()).abs().max() < 2e-6


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
