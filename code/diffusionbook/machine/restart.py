"""Whether a notebook's kernel must be restarted: pip may replace a library that is in use."""

import re
import sys
from collections.abc import Iterator
from importlib import metadata

PACKAGE = "diffusionbook"


class RestartNeeded(RuntimeError):
    """The libraries in memory are not those on the disk; nothing that follows can be trusted."""


def check() -> None:
    """Stop a notebook whose kernel holds another version of a library than the one installed.

    Hosted notebooks, such as Colab's, have some of our libraries in memory before the first cell
    runs. pip leaves a library alone that is new enough; one that is too old it replaces on the
    disk, and what is in memory stays until the kernel restarts.

    Raises:
        RestartNeeded: names the libraries and says what to do.
    """
    if found := sorted(replaced()):
        raise RestartNeeded(
            f"{', '.join(found)}: replaced by another version while in use. Restart the kernel "
            "(in Colab: Runtime, Restart session), then run the notebook from its first cell. "
            "Nothing has to be installed again."
        )


def replaced() -> Iterator[str]:
    """Libraries this package needs of which memory holds another version than the disk."""
    needed = set(requirements())
    for module, names in metadata.packages_distributions().items():
        for name in needed.intersection(map(_normal, names)):
            held = getattr(sys.modules.get(module), "__version__", None)
            if isinstance(held, str) and _public(held) != _public(metadata.version(name)):
                yield f"{name} {held}"


def requirements() -> list[str]:
    """Names of the libraries without which the package does not run."""
    lines = metadata.requires(PACKAGE) or []
    return [_normal(re.match(r"[\w.-]+", line)[0]) for line in lines if "extra ==" not in line]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _public(version: str) -> str:
    """A version without the name of its build: PyTorch says 2.13.0+cu130, its wheel 2.13.0."""
    return version.split("+")[0]
