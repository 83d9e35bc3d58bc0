"""``make outputs``: run the stale chapters and write what git keeps."""

import sys
from pathlib import Path

from ..book import Book
from . import outputs
from .kernel import ChapterFailed, run
from .key import execution_key, made_from


def refresh(book: Book, everything: bool = False) -> list[str]:
    """Run stale chapters (or all); return the names of those that ran."""
    names = book.chapters()
    keep = {book.committed / f"{name}.ipynb" for name in names}
    for orphan in set(book.committed.rglob("*.ipynb")) - keep:
        orphan.unlink()
    ran = []
    for name in names:
        notebook = book.read(name)
        path = book.committed / f"{name}.ipynb"
        if not everything and outputs.find(book, name, notebook, committed_only=True):
            continue
        key, parts = execution_key(book, notebook), made_from(book, notebook)
        print(f"running {name} …", flush=True)
        cost = run(book, name, notebook)
        outputs.save(path, notebook, key, {**cost, "made_from": parts})
        print(f"  {cost['seconds']} s, {cost['peak_mb']} MB: {path.relative_to(book.root)}")
        ran.append(name)
    return ran


if __name__ == "__main__":
    try:
        done = refresh(Book(Path.cwd()), everything="--all" in sys.argv[1:])
    except ChapterFailed as failure:
        sys.exit(str(failure))
    print(f"{len(done)} chapters ran" if done else "every chapter's outputs are up to date")
