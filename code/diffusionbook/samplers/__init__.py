"""Samplers: from noise at t = 1 back to data at t = 0, one step at a time."""

from diffusionbook.samplers import grids
from diffusionbook.samplers.affine import Gaussian, push_forward
from diffusionbook.samplers.ancestral import DDIM, Ancestral, forward_variance
from diffusionbook.samplers.constrained import Constrained, Repaint
from diffusionbook.samplers.distillation import distil
from diffusionbook.samplers.image_to_image import partway
from diffusionbook.samplers.inversion import invert
from diffusionbook.samplers.loop import Stepper, sample, trajectory
from diffusionbook.samplers.named import SAMPLERS, parts, sample_many, starting_noise, time_grid
from diffusionbook.samplers.nudged import Nudged
from diffusionbook.samplers.ode import DPMpp2M, Euler, Heun
from diffusionbook.samplers.particles import Particles, best_of, particles
from diffusionbook.samplers.recurrence import Recurrent
from diffusionbook.samplers.resampling import effective, systematic
from diffusionbook.samplers.sde import EulerMaruyama
from diffusionbook.samplers.source import Optimised, optimise_source
from diffusionbook.samplers.twists import ObservationTwist, RewardTwist, Twist

__all__ = [
    "Ancestral", "Constrained", "DDIM", "DPMpp2M", "Euler", "EulerMaruyama", "Gaussian", "Heun",
    "Nudged", "ObservationTwist", "Optimised", "Particles", "Recurrent", "Repaint", "RewardTwist",
    "SAMPLERS", "Stepper", "Twist", "best_of", "distil", "effective", "forward_variance", "grids",
    "invert", "optimise_source", "particles", "parts", "partway", "push_forward", "sample",
    "sample_many", "starting_noise", "systematic", "time_grid", "trajectory",
]  # fmt: skip
