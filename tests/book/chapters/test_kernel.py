"""A cell's reply is waited for, and the kernel is asked meanwhile."""

import os

import nbformat
import pytest

from bookext.chapters import kernel


@pytest.mark.slow
def test_asking_changes_nothing_of_what_runs(monkeypatch) -> None:
    asked = []
    ask = kernel.Client._ask

    async def counted(client) -> None:
        asked.append(client)
        await ask(client)

    monkeypatch.setattr(kernel, "ASK", 0.1)
    monkeypatch.setattr(kernel.Client, "_ask", counted)
    cells = [nbformat.v4.new_code_cell(f"import time; time.sleep(1)\nprint({k})") for k in (1, 2)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    cost = kernel.execute("small", notebook, dict(os.environ))
    assert [cell.outputs[0].text for cell in notebook.cells] == ["1\n", "2\n"]
    assert len(asked) == 3 and cost["seconds"] >= 2  # the last one asks for the memory
