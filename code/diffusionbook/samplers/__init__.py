"""Samplers: from noise at t = 1 back to data at t = 0, one step at a time."""

from diffusionbook.samplers import grids
from diffusionbook.samplers.affine import Gaussian, push_forward
from diffusionbook.samplers.ancestral import DDIM, Ancestral, forward_variance
from diffusionbook.samplers.loop import Stepper, sample, trajectory
from diffusionbook.samplers.named import SAMPLERS, draw, parts, start, time_grid
from diffusionbook.samplers.ode import DPMpp2M, Euler, Heun
from diffusionbook.samplers.sde import EulerMaruyama

__all__ = [
    "Ancestral", "DDIM", "DPMpp2M", "Euler", "EulerMaruyama", "Gaussian", "Heun", "SAMPLERS",
    "Stepper", "draw", "forward_variance", "grids", "parts", "push_forward", "sample", "start",
    "time_grid", "trajectory",
]  # fmt: skip
