"""How the chapters meet a reader's screen: length, formulas, the type in figures."""

import sys
from collections.abc import Iterator
from pathlib import Path

from row import Row

GROUP = "What it asks of a reader"
SCREEN = 900  # CSS pixels, of a desk 1,440 wide
CHAPTERS = "book/chapters/"


def rows(root: Path) -> Iterator[Row]:
    """The worst chapter of each kind, on the built site."""
    sys.path.insert(0, str(root / "tests" / "site"))
    import checks
    import serve
    import visit

    folder = root / "_build" / "html"
    names = [name for name in serve.pages(folder) if name.startswith(CHAPTERS)]
    if not names:
        raise FileNotFoundError("there is no built book: run `make book` first")
    words, screens, wide, types = {}, {}, 0, {}
    with serve.serve(folder) as address, visit.chromium() as browser:
        for name in names:
            with visit.visit(browser, f"{address}/{name}") as seen:
                chapter = f"chapter {int(Path(name).name[:2])}"
                words[chapter] = checks.ask(seen, "words")
                screens[chapter] = seen.page.evaluate(
                    "document.documentElement.scrollHeight") / SCREEN
                wide += len(checks.formulas(seen))
                seen.resize(375)
                wide += len(checks.formulas(seen))
                types[chapter] = min(one["type"] for one in checks.ask(seen, "types"))
    yield _worst("words of main text", words, 4000, "")
    yield _worst("screens of 1440 × 900", screens, 32, "")
    yield Row("displayed formulas wider than their column, at 375 and 1440 px", wide, 0, "", GROUP)
    yield _worst("smallest type in a figure at 375 px", types, 9, "px", least=True)


def _worst(what: str, found: dict[str, float], bound: float, unit: str, least=False) -> Row:
    worst = (min if least else max)(found, key=found.get)
    return Row(f"{what} ({worst})", found[worst], bound, unit, GROUP, least)
