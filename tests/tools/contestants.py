"""The models that ``rivals.py`` compares: the quick recipe, and two public implementations.

The rivals run at the settings of their own examples; what had to differ is in their ``note``. A
contestant's ``whole`` is the number of images that its own example trains on, None where the budget
is the example. They are imported from a folder that ``rivals.py`` fills, so nothing else may import
this module.
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
    """``mnist-unet-quick`` by its recipe, with another budget if that is asked for."""

    labels = True
    whole = None

    def __init__(self, budget: float) -> None:
        self.recipe = replace(zoo.find("mnist-unet-quick"), cpu_seconds=budget, seed=SEED)
        self.batch = self.recipe.batch
        self.model = self.recipe.model()
        self.ema = EMA(self.model, self.recipe.ema)
        self.arithmetic = fastest("cpu")
        self.note = (
            f"batch {self.recipe.batch}, {self.arithmetic}, averaged weights; "
            f"{self.recipe.sampler} with {self.recipe.sampler_steps} steps, guidance "
            f"{self.recipe.guidance}, chosen on these digits by another classifier than the judge"
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

    def draw(self, network: nn.Module, labels: Tensor) -> Tensor:
        r = self.recipe
        with computing_in(self.arithmetic, "cpu"):
            return sample_many(cfg(network, interval(r.guidance, r.low, r.high)), SIZE, len(labels),
                        labels, sampler=r.sampler, steps=r.sampler_steps, seed=SEED + 1)


class TorchCFM:
    """The class-conditional flow of torchcfm's examples/images/conditional_mnist.ipynb.

    Where fresh memory is dear (a virtual machine without huge pages), it gains half as many images
    again if the C library keeps what was freed: MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=10^10.
    The book's network gains nothing from that. The comparison leaves the library as it is.
    """

    labels = True
    batch = 128
    whole = 10 * 468 * 128  # ten epochs, without the images that fill no batch
    note = ("conditional_mnist.ipynb, which trains for 10 epochs: batch 128, Adam 1e-3, float32; "
            "dopri5 with tolerances 1e-4, 100 samples at once. The C library is left as it is; on "
            "a virtual machine without huge pages this network trains on half as many images "
            "again if the library keeps freed memory, and the book's gains nothing")

    def __init__(self, budget: float) -> None:
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

    def draw(self, network: nn.Module, labels: Tensor) -> Tensor:
        def some(y: Tensor) -> Tensor:
            noise = torch.randn(len(y), *SIZE)
            return odeint(lambda t, x: network(t, x, y), noise, torch.linspace(0, 1, 2),
                          atol=1e-4, rtol=1e-4, method="dopri5")[-1]

        return torch.cat([some(y) for y in labels.split(100)])


class SmallDiffusion:
    """The U-Net of smalldiffusion's examples/fashion_mnist_unet.py, on MNIST.

    Its batch of 1,024 would need 20 GB. It is worked off in parts of 64, whose gradients are
    averaged before the optimiser makes its step: the same step, up to rounding.
    """

    labels = False
    part = 64
    whole = 300 * 60_000  # 300 epochs

    def __init__(self, budget: float, batch: int = 1024) -> None:
        torch.manual_seed(SEED)
        self.batch = batch
        self.schedule = ScheduleLogLinear(sigma_min=0.01, sigma_max=20, N=800)
        self.model = Scaled(Unet)(28, 1, 1, ch=64, ch_mult=(1, 1, 2), attn_resolutions=(14,))
        self.ema = ExponentialMovingAverage(self.model.parameters(), decay=0.999)
        self.note = (
            f"fashion_mnist_unet.py with MNIST in the place of FashionMNIST and no mirrored "
            f"images; the example trains for 300 epochs of batch 1,024. Batch {batch:,}, AdamW "
            f"7e-4, float32, averaged weights, no labels; 20 steps with gam=1.6, 64 samples at once"
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

    def draw(self, network: nn.Module, labels: Tensor) -> Tensor:
        def some(n: int) -> Tensor:
            *_, x0 = samples(network, self.schedule.sample_sigmas(20), gam=1.6, batchsize=n,
                             accelerator=Accelerator(cpu=True))
            return x0

        return torch.cat([some(len(y)) for y in labels.split(64)])


CONTESTANTS: dict[str, Callable[[float], Book | TorchCFM | SmallDiffusion]] = {
    "mnist-unet-quick": Book,
    "torchcfm": TorchCFM,
    "smalldiffusion": SmallDiffusion,
    "smalldiffusion, batch 64": lambda budget: SmallDiffusion(budget, batch=64),
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
