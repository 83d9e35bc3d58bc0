"""Long work says how far it is, and whoever asked for the work may show that.

Work that takes its time goes through :func:`long_work`. By itself that shows nothing: the command
line and a live notebook hand in a display, much as a program hands a handler to ``logging``. So
what is measured holds no display, and a change of the display is no change of what was measured.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

Advance = Callable[..., None]  # advance(n, **facts): n more steps are done
Display = Callable[[str, int, int], AbstractContextManager[Advance]]

_displays: list[Display] = []


def long_work(what: str, total: int, done: int = 0) -> AbstractContextManager[Advance]:
    """A stretch of work: ``with long_work("training", 4_000) as advance: … advance()``.

    Args:
        what: a word for the work.
        total: how many steps it takes.
        done: how many are behind us.

    Returns:
        A context that gives a function of the steps made (default 1) and of facts to show, such as
        ``loss="0.25"``.
    """
    return _displays[-1](what, total, done) if _displays else nullcontext(_unseen)


def watched() -> bool:
    """Whether somebody shows what is done."""
    return bool(_displays)


@contextmanager
def shown_by(display: Display) -> Iterator[None]:
    """Show the work that is done in this context."""
    _displays.append(display)
    try:
        yield
    finally:
        _displays.remove(display)


def always_shown_by(display: Display) -> None:
    """Show all work of this process from now on, as a live notebook does."""
    _displays.insert(0, display)


def _unseen(n: int = 1, **facts: str) -> None:
    pass
