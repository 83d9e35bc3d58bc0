"""Samplers: from noise at t = 1 back to data at t = 0, one step at a time."""

from diffusionbook.samplers import grids
from diffusionbook.samplers.affine import Gaussian, push_forward
from diffusionbook.samplers.ancestral import DDIM, Ancestral, forward_variance
from diffusionbook.samplers.image_to_image import partway
from diffusionbook.samplers.loop import Stepper, sample, trajectory
from diffusionbook.samplers.named import SAMPLERS, parts, sample_many, starting_noise, time_grid
from diffusionbook.samplers.ode import DPMpp2M, Euler, Heun
from diffusionbook.samplers.sde import EulerMaruyama

__all__ = [
    "Ancestral", "DDIM", "DPMpp2M", "Euler", "EulerMaruyama", "Gaussian", "Heun", "SAMPLERS",
    "Stepper", "forward_variance", "grids", "parts", "partway", "push_forward", "sample",
    "sample_many", "starting_noise", "time_grid", "trajectory",
]  # fmt: skip
