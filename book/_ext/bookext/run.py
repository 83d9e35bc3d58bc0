"""Run a chapter's cells in a fresh kernel."""

import os
import resource
import tempfile
import time

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from .book import Book

TIMEOUT = 900  # seconds for one cell


class ChapterFailed(Exception):
    """A cell raised; the message names the chapter and shows the traceback."""


def run(book: Book, docname: str, notebook) -> dict:
    """Execute ``notebook`` in place, in an empty folder; return what the run cost."""
    kernel = notebook.metadata.setdefault("kernelspec", {"name": "python3"})
    kernel.setdefault("display_name", kernel["name"])
    environment = {**os.environ, "PYTHONPATH": str(book.code), "PYTHONHASHSEED": "0"}
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=TIMEOUT, kernel_name=kernel["name"],
                                resources={"metadata": {"path": folder}}, record_timing=False,
                                store_widget_state=True)
        try:
            client.execute(env=environment)
        except CellExecutionError as error:
            raise ChapterFailed(f"a cell of {docname} failed\n{error}") from None
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {"seconds": round(time.perf_counter() - start, 1), "peak_mb": round(peak / 1024)}
