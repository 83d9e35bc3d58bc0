"""A progress bar where somebody watches, silence everywhere else."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from tqdm.auto import tqdm

from diffusionbook.machine import watching


def watched() -> bool:
    """Whether a person sees the bar: on a terminal, or in a notebook that is being used.

    The book sets the environment variable ``BOOK_BUILD`` while it executes its pages: a bar would
    be committed with the outputs and differ on every run. Of several processes that train together
    (``RANK``) the first shows it.
    """
    if os.environ.get("BOOK_BUILD") or os.environ.get("RANK", "0") != "0":
        return False
    return sys.stderr.isatty() or in_notebook()


@contextmanager
def bar(what: str, total: int, done: int = 0) -> Iterator[watching.Advance]:
    """A bar for ``total`` steps, ``done`` of them behind us; it goes when the work is done."""
    with tqdm(total=total, initial=done, desc=what, unit="", leave=False) as shown:

        def advance(n: int = 1, **facts: str) -> None:
            if facts:
                shown.set_postfix(facts, refresh=False)
            shown.update(n)

        yield advance


def shown() -> AbstractContextManager[None]:
    """A context in which long work shows bars, if somebody watches."""
    return watching.shown_by(bar) if watched() else nullcontext()


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook; a plain script never imports IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel")
