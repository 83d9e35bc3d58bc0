"""Several devices and mixed precision, by accelerate: ``accelerate launch -m diffusionbook train``.

The training loop knows nothing of it. What changes is the loss: each process computes it on its
share of the batch, through a wrapper of the network that averages the gradients of all processes
as they appear. Every process then makes the same step, so the weights stay equal everywhere.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.machine.precision import Arithmetic
from diffusionbook.randomness import step_seed


@dataclass(frozen=True)
class Shared:
    """This process's part of a run.

    Attributes:
        loss: to be trained on in place of the plain loss.
        main: whether this process is the one that writes files.
        arithmetic: of the products, as accelerate was told.
        note: what to record about the devices.
    """

    loss: Callable[..., Tensor]
    main: bool
    arithmetic: Arithmetic
    note: str


def launched() -> bool:
    """Whether this process was started by ``accelerate launch``."""
    return "ACCELERATE_MIXED_PRECISION" in os.environ


def share(model: NetDenoiser, loss: Callable[..., Tensor]) -> Shared:
    """Move ``model`` to this process's device and share its training with the other processes.

    A batch is drawn whole everywhere, from the same random numbers, and process r of n keeps rows
    r, r + n, …; the noise is drawn from a seed of its own in each process.

    Args:
        model: trained in place; its weights are made equal to those of the first process.
        loss: called as ``loss(model, *batch, generator=generator)``.

    Raises:
        ValueError: accelerate is not installed, or was told to use fp16, whose loss scaling the
            training loop does not do; bf16 needs none.
    """
    try:
        from accelerate import Accelerator
    except ImportError:
        raise ValueError("accelerate is missing: pip install 'diffusionbook[train]'") from None
    accelerator = Accelerator()
    if accelerator.mixed_precision not in ("no", "bf16"):
        raise ValueError(f"mixed_precision must be no or bf16; it is {accelerator.mixed_precision}")
    count = accelerator.num_processes
    model.to(accelerator.device)
    if count > 1:
        net = torch.nn.parallel.DistributedDataParallel(model.net)
    else:
        net = model.net
    wrapped = NetDenoiser(net, model.path, model.param).train()

    def shared_loss(_: NetDenoiser, *batch: Tensor, generator: torch.Generator) -> Tensor:
        if len(batch[0]) < count:
            raise ValueError(f"batch must be {count} or more, a row for each process: "
                             f"it is {len(batch[0])}")
        if count > 1:
            rank = accelerator.process_index
            generator.manual_seed(step_seed(generator.initial_seed(), rank))
        share_of_it = (x[accelerator.process_index :: count] for x in batch)
        with accelerator.autocast():
            return loss(wrapped, *share_of_it, generator=generator)

    note = f"{count} process{'es' if count > 1 else ''}, precision {accelerator.mixed_precision}"
    arithmetic = "bfloat16" if accelerator.mixed_precision == "bf16" else "float32"
    return Shared(shared_loss, accelerator.is_main_process, arithmetic, note)
