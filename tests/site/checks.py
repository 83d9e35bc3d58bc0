"""What must hold on every page. Each check returns the problems it found, in words."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from visit import Visit

AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,
}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
HEAVIEST = 1_500_000
SCRIPTS = Path(__file__).with_name("page.js").read_text("utf8")


def network(seen: Visit) -> list[str]:
    return [f"asks for {url}" for url in seen.outside()]


def console(seen: Visit) -> list[str]:
    return seen.errors


def console_of_file(seen: Visit) -> list[str]:
    """Chromium gives no web fonts to pages opened as files: that alone is not the page's fault."""
    return [text for text in seen.errors if ".woff" not in text]


def images(seen: Visit) -> list[str]:
    """Every image is loaded and says in words what it shows."""
    return ask(seen, "images")


def quoted(seen: Visit) -> list[str]:
    """What a sentence quotes from the run is no tuple of Python's."""
    return ask(seen, "quoted")


def maths(seen: Visit) -> list[str]:
    """No formula is left as TeX, none is an error message."""
    return ask(seen, "maths")


def formulas(seen: Visit) -> list[str]:
    """No displayed formula is wider than its column, none is too small to read."""
    return ask(seen, "formulas")


def mode(seen: Visit) -> list[str]:
    """The page follows the reader's choice of light or dark."""
    wanted = _mode(seen)
    found = seen.page.evaluate("document.documentElement.dataset.theme")
    return [] if found == wanted else [f"asked for {wanted}, the page is {found}"]


def sideways(seen: Visit) -> list[str]:
    """Nothing sticks out of the window."""
    return ask(seen, "sideways")


def figures(seen: Visit) -> list[str]:
    """Type in figures is at least 9 px high, as it is shown here."""
    return ask(seen, "figures")


def accessible(seen: Visit) -> list[str]:
    """Every rule of axe that WCAG 2.1 AA asks for, and what axe calls good practice."""
    return _axe(seen, AXE)


def contrast(seen: Visit) -> list[str]:
    """The rules of axe that a change of colours alone can break."""
    return _axe(seen, AXE | COLOURS)


def weight(seen: Visit) -> list[str]:
    sizes = seen.weight()
    total = sum(sizes.values())
    if total <= HEAVIEST:
        return []
    top = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    parts = ", ".join(f"{url.rsplit('/')[-1]} {size / 1e6:.2f}" for url, size in top)
    return [f"{total / 1e6:.2f} MB gzipped, at most {HEAVIEST / 1e6} MB: {parts}"]


def _axe(seen: Visit, options: dict) -> list[str]:
    ask(seen, "thinCode")
    return [
        f"{_mode(seen)}, {rule['id']} ({rule['impact']}): {node['target'][0]} "
        + " ".join(node.get("failureSummary", "").split())[:300]
        for rule in Axe().run(seen.page, options=options).response["violations"]
        for node in rule["nodes"][:5]
    ]


def _mode(seen: Visit) -> str:
    return "dark" if seen.dark else "light"


def ask(seen: Visit, name: str) -> list[str]:
    return seen.page.evaluate(f"() => {{ {SCRIPTS}; return {name}(); }}")


EVERYTHING = (images, quoted, maths, formulas, figures, mode, sideways, accessible, weight, network,
              console)
IN_EACH_MODE = (mode, sideways, contrast)


def problems(seen: Visit, wanted: tuple = EVERYTHING) -> list[str]:
    """What these checks find, each problem headed by the name of its check."""
    return [f"{check.__name__}: {text}" for check in wanted for text in check(seen)]
