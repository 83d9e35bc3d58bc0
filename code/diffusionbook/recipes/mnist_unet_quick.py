"""The digits model of twenty processor minutes: the flagship's network, trained for less."""

from dataclasses import replace

from diffusionbook.recipes.mnist_unet import RECIPE as FLAGSHIP

RECIPE = replace(
    FLAGSHIP,
    name="mnist-unet-quick",
    title="digits of MNIST, trained for 1,200 seconds of processor time",
    cpu_seconds=1_180.0,  # and what starting and saving take
    batch=64,
    ema=0.998,
)
TINY = {"MnistUNet.evaluate 2_000": 20, "MnistUNet.sampler_steps": 2, "MnistUNet.evaluations": 1}
