"""The models that ``rivals.py`` compares: the quick recipe, and two public implementations.

The rivals run at the settings of their own examples, which ``citations.py`` cites by line; what had
to differ is in their ``note``. A contestant's ``whole`` is the number of images that its own
example trains on, None where the budget is the example; its first sampler is its own. They are
imported from a folder that ``rivals.py`` fills, so only ``trainee.py`` may import this module.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace

import torch
from accelerate import Accelerator
from smalldiffusion import Scaled, ScheduleLogLinear, Unet, samples, training_loop
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset
from torch_ema import ExponentialMovingAverage
from torchcfm.conditional_flow_matching import ConditionalFlowMatcher
from torchcfm.models.unet import UNetModel
from torchdiffeq import odeint

from diffusionbook import zoo
from diffusionbook.data import mnist
from diffusionbook.data.mnist import SIZE
from diffusionbook.guidance import cfg, interval
from diffusionbook.machine.precision import computing_in, fastest
from diffusionbook.samplers.named import sample_many
from diffusionbook.training.loop import EMA, batches, fit, warmup_cosine

SEED = 0


class Book:
    """``mnist-unet-quick`` by its recipe, whose schedule ends with the budget.

    Args:
        budget: CPU-seconds.
        images: if given, the schedule ends after so many images instead.
    """

    labels = True
    whole = None
    samplers = ("dpmpp2m, 20 steps, guided", "dpmpp2m, 16 steps, guided", "dpmpp2m, 20 steps")

    def __init__(self, budget: float, images: int | None = None) -> None:
        recipe = replace(zoo.find("mnist-unet-quick"), cpu_seconds=budget, seed=SEED)
        if images is not None:
            recipe = replace(recipe, cpu_seconds=None, steps=images // recipe.batch)
        self.recipe, self.batch = recipe, recipe.batch
        self.model = recipe.model()
        self.ema = EMA(self.model, recipe.ema)
        self.arithmetic = fastest("cpu")
        self.note = (
            f"batch {recipe.batch}, Adam to {recipe.lr:g} with warm-up and cosine, "
            f"{self.arithmetic}, averaged weights; {recipe.sampler} with {recipe.sampler_steps} "
            f"steps, guidance {recipe.guidance} between the times {recipe.low} and {recipe.high}, "
            f"chosen on these digits by another classifier than the judge"
        )

    def train(self) -> Iterator[int]:
        """Images seen so far, after each step."""
        r = self.recipe
        data, rate = batches(*r.data(None), size=r.batch), warmup_cosine(r.lr, r.warmup)
        for record in fit(self.model, data, r.loss, steps=r.steps, lr=rate, seed=r.seed,
                          ema=self.ema, arithmetic=self.arithmetic, cpu_seconds=r.cpu_seconds,
                          log_every=1):
            yield record.step * r.batch

    def network(self) -> nn.Module:
        """A copy of what samples are drawn from now."""
        return deepcopy(self.ema.model)

    def draw(self, network: nn.Module, labels: Tensor, sampler: str) -> Tensor:
        r, steps = self.recipe, int(sampler.split()[1])
        guided = cfg(network, interval(r.guidance, r.low, r.high))
        with computing_in(self.arithmetic, "cpu"):
            return sample_many(guided if "guided" in sampler else network, SIZE, len(labels),
                               labels, sampler=r.sampler, steps=steps, seed=SEED + 1)


class TorchCFM:
    """The class-conditional flow of torchcfm's examples/images/conditional_mnist.ipynb."""

    labels = True
    batch = 128
    whole = 10 * 468 * 128  # ten epochs, without the images that fill no batch
    samplers = ("dopri5", "midpoint, 10 steps", "euler, 20 steps")
    note = ("batch 128, Adam 1e-3, float32; dopri5 with tolerances 1e-4, 100 samples at once. The "
            "images are in memory beforehand; the example reads and converts each as it comes")

    def __init__(self, budget: float, images: int | None = None) -> None:
        torch.manual_seed(SEED)
        self.model = UNetModel(
            dim=SIZE, num_channels=32, num_res_blocks=1, num_classes=10, class_cond=True
        )

    def train(self) -> Iterator[int]:
        adam, flow, seen = torch.optim.Adam(self.model.parameters()), ConditionalFlowMatcher(0.0), 0
        digits = mnist.real("train")
        data = TensorDataset(digits.images, digits.labels)
        loader = DataLoader(data, batch_size=128, shuffle=True, drop_last=True)
        self.model.train()
        while True:
            for x1, y in loader:
                adam.zero_grad()
                t, xt, ut = flow.sample_location_and_conditional_flow(torch.randn_like(x1), x1)
                (self.model(t, xt, y) - ut).square().mean().backward()
                adam.step()
                seen += len(x1)
                yield seen

    def network(self) -> nn.Module:
        return deepcopy(self.model).eval()

    def draw(self, network: nn.Module, labels: Tensor, sampler: str) -> Tensor:
        method, *steps = sampler.removesuffix(" steps").split(", ")
        grid = torch.linspace(0, 1, int(steps[0]) + 1 if steps else 2)

        def some(y: Tensor) -> Tensor:
            return odeint(lambda t, x: network(t, x, y), torch.randn(len(y), *SIZE), grid,
                          atol=1e-4, rtol=1e-4, method=method)[-1]

        return torch.cat([some(y) for y in labels.split(100)])


class SmallDiffusion:
    """The U-Net of smalldiffusion's examples/fashion_mnist_unet.py, on MNIST.

    Its batch of 1,024 would need 20 GB. It is worked off in parts of 64, whose gradients are
    averaged before the optimiser makes its step: the same step, up to rounding. What is left of an
    epoch in less than a part is dropped, where the example makes a smaller batch of it; the budgets
    here end within the first epoch.
    """

    labels = False
    part = 64
    whole = 300 * 60_000  # 300 epochs
    samplers = ("20 steps, gam 1.6",)

    def __init__(self, budget: float, images: int | None = None, batch: int = 1024) -> None:
        torch.manual_seed(SEED)
        self.batch = batch
        self.schedule = ScheduleLogLinear(sigma_min=0.01, sigma_max=20, N=800)
        self.model = Scaled(Unet)(28, 1, 1, ch=64, ch_mult=(1, 1, 2), attn_resolutions=(14,))
        self.ema = ExponentialMovingAverage(self.model.parameters(), decay=0.999)
        how = ("worked off in parts of 64, whose gradients are averaged" if batch == 1024 else
               "which is a change of ours: the example has 1,024")
        self.note = (
            f"batch {batch:,}, {how}; AdamW 7e-4, float32, averaged weights, no labels; 20 steps "
            f"with gam 1.6, 64 samples at once. MNIST stands in the place of FashionMNIST, in "
            f"memory beforehand, and no image is mirrored"
        )

    def train(self) -> Iterator[int]:
        parts = self.batch // self.part
        accelerator = Accelerator(cpu=True, gradient_accumulation_steps=parts)
        images = mnist.real("train").images
        loader = DataLoader(images, batch_size=self.part, shuffle=True, drop_last=True)
        loop = training_loop(loader, self.model, self.schedule, lr=7e-4, accelerator=accelerator)
        for k, _ in enumerate(loop):  # their loop stops between the loss and its gradient
            with accelerator.accumulate():
                pass  # decides whether this part's gradient completes a step
            if k % parts == 0:
                self.ema.update()
            yield k * self.part

    def network(self) -> nn.Module:
        with self.ema.average_parameters():
            return deepcopy(self.model).eval()

    def draw(self, network: nn.Module, labels: Tensor, sampler: str) -> Tensor:
        def some(n: int) -> Tensor:
            *_, x0 = samples(network, self.schedule.sample_sigmas(20), gam=1.6, batchsize=n,
                             accelerator=Accelerator(cpu=True))
            return x0

        return torch.cat([some(len(y)) for y in labels.split(64)])


def _batch_64(budget: float, images: int | None = None) -> SmallDiffusion:
    return SmallDiffusion(budget, images, batch=64)


CONTESTANTS: dict[str, Callable[..., Book | TorchCFM | SmallDiffusion]] = {
    "mnist-unet-quick": Book,
    "torchcfm": TorchCFM,
    "smalldiffusion": SmallDiffusion,
    "smalldiffusion, batch 64": _batch_64,
}


@contextmanager
def counted(network: nn.Module) -> Iterator[list[int]]:
    """Collect the batch size of every look at the network."""
    looks: list[int] = []

    def note(module: nn.Module, inputs: tuple) -> None:
        looks.append(next(len(x) for x in inputs if x.ndim == 4))

    hook = network.register_forward_pre_hook(note)
    try:
        yield looks
    finally:
        hook.remove()
