"""Training shared between processes: the same gradient as one process would take."""

import importlib.util
import os
import subprocess
import sys

import pytest
import torch

from diffusionbook import zoo
from diffusionbook.recipes.spiral_mlp import RECIPE
from diffusionbook.training import processes

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("accelerate") is None, reason="accelerate is an optional extra"
)

# A loss without noise of its own, so that the shares of a batch must add up to the whole.
CHILD = """
import sys, torch
from diffusionbook.training import processes
from diffusionbook.recipes.spiral_mlp import RECIPE
def loss(model, x, generator=None):
    return (model(x, torch.tensor(0.5)).eps - x).square().mean()
model = RECIPE.model()
shared = processes.share(model, loss)
x = torch.arange(16.0).reshape(8, 2) / 8
value = shared.loss(model, x, generator=torch.Generator())
value.backward()
if shared.main:
    torch.save([p.grad for p in model.parameters()], sys.argv[1])
    print(shared.note)
"""


def launch(arguments, processes, precision, cwd):
    """What ``accelerate launch`` does: its variables, and PyTorch's launcher for several processes.

    The launcher is called directly because on CPUs accelerate's own command wants MPI for it.
    """
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "ACCELERATE_USE_CPU": "true",
        "ACCELERATE_MIXED_PRECISION": precision,
    }
    module = "torch.distributed.run" if processes > 1 else "accelerate.commands.launch"
    options = {
        "torch.distributed.run": ["--standalone", "--nproc_per_node", str(processes)],
        "accelerate.commands.launch": ["--cpu", "--num_processes", "1", "--num_machines", "1",
                                       "--dynamo_backend", "no", "--mixed_precision", precision],
    }[module]  # fmt: skip
    command = [sys.executable, "-m", module, *options, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=400, env=environment, cwd=cwd, check=False
    )


def test_a_plain_process_is_not_launched(monkeypatch):
    monkeypatch.delenv("ACCELERATE_MIXED_PRECISION", raising=False)
    assert not processes.launched()


@pytest.mark.slow
def test_two_processes_average_to_the_gradient_of_the_whole_batch(tmp_path):
    script, out = tmp_path / "child.py", tmp_path / "grad.pt"
    script.write_text(CHILD, "utf-8")
    result = launch([script, out], 2, "no", tmp_path)
    assert result.returncode == 0, result.stderr[-3000:]
    assert "2 processes, precision no" in result.stdout
    model = RECIPE.model()
    x = torch.arange(16.0).reshape(8, 2) / 8
    (model(x, torch.tensor(0.5)).eps - x).square().mean().backward()
    for mine, theirs in zip(model.parameters(), torch.load(out), strict=True):
        torch.testing.assert_close(mine.grad, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("count", "precision"), [(2, "no"), (1, "bf16")])
def test_train_under_accelerate_writes_one_model(count, precision, tmp_path):
    arguments = ["-m", "diffusionbook", "train", RECIPE.name, "--steps", 40, "--out", "runs"]
    result = launch(arguments, count, precision, tmp_path)
    assert result.returncode == 0, result.stderr[-3000:]
    folder = tmp_path / "runs"
    receipt = zoo.receipt(RECIPE.name, folder)
    processes = "2 processes" if count == 2 else "1 process"
    assert receipt["device"].endswith(f"{processes}, precision {precision}")
    assert receipt["loss"][-1][1] < 1.0
    arithmetic = {"no": "float32", "bf16": "bfloat16"}[precision]  # accelerate rules
    assert receipt["training"]["arithmetic"] == arithmetic
    zoo.load(RECIPE.name, folder, zoo.trained_recipe(RECIPE.name, folder))


@pytest.mark.slow
def test_half_precision_with_loss_scaling_is_refused(tmp_path):
    code = (
        "from accelerate import Accelerator\n"
        "Accelerator.mixed_precision = property(lambda self: 'fp16')\n"
        "from diffusionbook.training import processes\n"
        "from diffusionbook.recipes.spiral_mlp import RECIPE\n"
        "processes.share(RECIPE.model(), RECIPE.loss)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ValueError: mixed_precision must be no or bf16; it is fp16" in result.stderr
