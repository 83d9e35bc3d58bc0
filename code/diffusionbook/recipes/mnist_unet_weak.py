"""Chapter 3's weak model, for autoguidance: smaller than the flagship and trained for less."""

from dataclasses import replace

from diffusionbook.recipes.mnist_unet import RECIPE as FLAGSHIP

RECIPE = replace(
    FLAGSHIP,
    name="mnist-unet-weak",
    title="a smaller and less trained digits model, for autoguidance",
    channels=(32, 64),
    blocks=(1, 1),
    steps=1_000,
)
TINY = {"MnistUNet.evaluate 2_000": 20, "MnistUNet.sampler_steps": 2, "MnistUNet.evaluations": 1}
