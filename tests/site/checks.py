"""What must hold on every page. Each check returns the problems it found, in words."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from visit import Visit

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]}
HEAVIEST = 1_500_000
SCRIPTS = Path(__file__).with_name("page.js").read_text("utf8")


def problems(seen: Visit) -> list[str]:
    """All the checks of one visit."""
    checks = (network, console, images, maths, mode, sideways, accessible, weight)
    return [f"{check.__name__}: {text}" for check in checks for text in check(seen)]


def network(seen: Visit) -> list[str]:
    return [f"asks for {url}" for url in seen.outside()]


def console(seen: Visit) -> list[str]:
    return seen.errors


def console_of_file(seen: Visit) -> list[str]:
    """Chromium gives no web fonts to pages opened as files: that alone is not the page's fault."""
    return [text for text in seen.errors if ".woff" not in text]


def images(seen: Visit) -> list[str]:
    """Every image is loaded and says in words what it shows."""
    return _ask(seen, "images")


def maths(seen: Visit) -> list[str]:
    """No formula is left as TeX, none is an error message."""
    return _ask(seen, "maths")


def mode(seen: Visit) -> list[str]:
    """The page follows the reader's choice of light or dark."""
    wanted = "dark" if seen.dark else "light"
    found = seen.page.evaluate("document.documentElement.dataset.theme")
    return [] if found == wanted else [f"asked for {wanted}, the page is {found}"]


def sideways(seen: Visit) -> list[str]:
    """Nothing sticks out of the window."""
    return _ask(seen, "sideways")


def accessible(seen: Visit) -> list[str]:
    result = Axe().run(seen.page, options=AXE).response
    return [
        f"{v['id']} ({v['impact']}): {n['target'][0]} {n.get('failureSummary', '')[:300]}"
        for v in result["violations"]
        for n in v["nodes"][:5]
    ]


def weight(seen: Visit) -> list[str]:
    sizes = seen.weight()
    total = sum(sizes.values())
    if total <= HEAVIEST:
        return []
    top = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    parts = ", ".join(f"{url.rsplit('/')[-1]} {size / 1e6:.2f}" for url, size in top)
    return [f"{total / 1e6:.2f} MB gzipped, at most {HEAVIEST / 1e6} MB: {parts}"]


def _ask(seen: Visit, name: str) -> list[str]:
    return seen.page.evaluate(f"() => {{ {SCRIPTS}; return {name}(); }}")
