"""Run a notebook's cells in a fresh kernel."""

import asyncio
import os
import tempfile
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from ..book import Book

TIMEOUT = 900  # seconds for one cell
ASK = 20  # seconds
PEAK = """\
try:
    import resource, sys
    unit = 2**20 if sys.platform == "darwin" else 2**10
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit)
except ImportError:  # Windows
    print(0)"""


class ChapterFailed(Exception):
    """A cell raised; the message names the chapter and shows the traceback."""


class Client(NotebookClient):
    """It asks the kernel how it is while it waits: now and then a reply that has come goes unseen
    until the next one does, and the kernel has nothing more to say."""

    async def _async_poll_for_reply(self, *args, **options):
        asking = asyncio.ensure_future(self._ask())
        try:
            return await super()._async_poll_for_reply(*args, **options)
        finally:
            asking.cancel()

    async def _ask(self) -> None:
        while True:
            await asyncio.sleep(ASK)
            self.kc.kernel_info()


def run(book: Book, docname: str, notebook) -> dict:
    """Execute ``notebook`` in place, in an empty folder; return what the run cost."""
    from diffusionbook.machine.environment import processor

    # one thread: sums then add up in one order everywhere, and small tensors are no slower
    cost = execute(docname, notebook, {**os.environ, "PYTHONPATH": str(book.code),
                                       "BOOK_BUILD": "1", "OMP_NUM_THREADS": "1"})
    return {**cost, "device": f"{processor()}, 1 thread"}


def execute(name: str, notebook, environment: dict[str, str], manager=None) -> dict:
    """Execute ``notebook`` in place, in an empty folder; return its seconds and peak memory.

    The kernel is that of this Python, or the one that ``manager`` starts.
    """
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        client = Client(notebook, km=manager, kernel_name="python3", timeout=TIMEOUT,
                        startup_timeout=180, record_timing=False,
                        extra_arguments=["--IPKernelApp.log_level=ERROR"],
                        resources={"metadata": {"path": folder}})
        try:
            # in a loop of its own, which is closed; a given manager's kernel is cleaned up, too
            asyncio.run(client.async_execute(env=environment, cleanup_kc=True))
        except CellExecutionError as error:
            raise ChapterFailed(f"a cell of {name} failed\n{error}") from None
        except CellTimeoutError:
            raise ChapterFailed(f"a cell of {name} took more than {TIMEOUT} s") from None
        except (DeadKernelError, AssertionError):  # nbclient trips over itself after a dead kernel
            raise ChapterFailed(f"the kernel of {name} died: it was killed, or memory ran out, "
                                "or a library crashed") from None
    peak = int(notebook.cells.pop().outputs[0].text)
    return {"seconds": round(time.perf_counter() - start, 1), "peak_mb": peak}
