"""In which step of its training each weight of a transformer first has a gradient."""

import torch
from torch import nn

from diffusionbook.nets.dit import DiT
from diffusionbook.randomness import randn, seeded

SMALL = {"patch": 2, "width": 16, "depth": 2, "heads": 2, "classes": 3}


def learning(net: DiT) -> set[str]:
    """Which parameters have a gradient that is not 0; rows of a modulation and the parts of an
    attention's first layer each by itself."""
    found = set()
    for name, parameter in net.named_parameters():
        parts = {"": parameter.grad}
        if "modulate.map" in name:
            rows = parameter.grad.chunk(6 if "blocks" in name else 2)
            called = ("shift", "scale", "gate", "shift_p", "scale_p", "gate_p")
            parts = {f" {part}": rows[k] for k, part in enumerate(called[:len(rows)])}
        if "query_key_value" in name:
            parts = {f" {part}": rows
                     for part, rows in zip("qkv", parameter.grad.chunk(3), strict=True)}
        largest = max(p.grad.abs().max() for p in net.parameters())
        found |= {name + part for part, grad in parts.items()
                  if grad.abs().max() > 1e-12 * largest}
    return found


def steps_of_learning(net: DiT, steps: int) -> list[set[str]]:
    """Which parameters learn in each of the first steps of plain gradient descent."""
    x, t = randn((4, 1, 6, 10), seeded(1)), torch.linspace(0.1, 0.9, 4).double()
    y = torch.arange(4) - 1
    target, found = randn(x.shape, seeded(2)), []
    for _ in range(steps):
        net.zero_grad()
        (net(x, t, y) - target).square().mean().backward()
        found.append(learning(net))
        with torch.no_grad():
            for parameter in net.parameters():
                parameter -= 0.5 * parameter.grad
    return found


def test_the_order_of_first_gradients() -> None:
    """Each is a chain of zeros: what multiplies it is 0 until something else has learned."""
    net = DiT(**SMALL).double()
    one, two, three = steps_of_learning(net, 3)
    gates = {f"blocks.{k}.modulate.map.{part} {gate}" for k in (0, 1)
             for part in ("weight", "bias") for gate in ("gate", "gate_p")}
    final = {f"modulate.map.{part} {row}" for part in ("weight", "bias")
             for row in ("shift", "scale")}
    assert one == {"leave.weight", "leave.bias"}
    assert two == one | {"enter.weight", "enter.bias"} | gates | final
    every = {name + part for name, _ in net.named_parameters() for part in
             (("", ) if "map" not in name and "key" not in name else
              (" q", " k", " v") if "key" in name else
              (" shift", " scale", " gate", " shift_p", " scale_p", " gate_p")
              if "blocks" in name else (" shift", " scale"))}
    assert three == every - {f"blocks.{k}.attention.query_key_value.bias k" for k in (0, 1)}


def test_a_branch_that_is_zeroed_twice_never_learns() -> None:
    """With its gate and its last layer both at 0, each gradient carries the other's zero."""
    net = DiT(**SMALL).double()
    nn.init.zeros_(net.blocks[0].attention.leave.weight)
    nn.init.zeros_(net.blocks[0].attention.leave.bias)
    for found in steps_of_learning(net, 6):
        assert not any(name.startswith("blocks.0.attention") for name in found)
        assert "blocks.0.modulate.map.weight gate" not in found
    assert not net.blocks[0].attention.leave.weight.any()
