"""Programs that see the standard library and the package, and nothing that computes."""

import subprocess
import sys

HIDDEN = "import sys; sys.modules.update(torch=None, numpy=None, safetensors=None)\n"


def printed_without_torch(program: str) -> str:
    """What a program prints in a Python without PyTorch, NumPy and safetensors."""
    done = subprocess.run([sys.executable, "-c", HIDDEN + program],
                          capture_output=True, text=True, check=True)
    return done.stdout
