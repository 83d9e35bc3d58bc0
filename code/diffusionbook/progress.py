"""A progress bar where somebody watches, silence everywhere else."""

import os
import sys

from tqdm.auto import tqdm


def watched() -> bool:
    """Whether a person sees the bar: on a terminal, or in a notebook that is being used.

    The book sets the environment variable ``BOOK_BUILD`` while it executes its pages: a bar would
    be committed with the outputs and differ on every run.
    """
    if os.environ.get("BOOK_BUILD"):
        return False
    return sys.stderr.isatty() or _in_notebook()


def progress_bar(total: int, done: int, show: bool | None = None) -> tqdm:
    """A bar for ``total`` steps, ``done`` of them behind us; ``show=None`` asks :func:`watched`."""
    show = watched() if show is None else show
    return tqdm(total=total, initial=done, unit="step", disable=not show)


def _in_notebook() -> bool:
    """Whether this process is the kernel of a notebook; a plain script never imports IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel")
