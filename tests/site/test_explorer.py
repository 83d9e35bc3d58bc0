"""Live parts of the built chapters start when a reader comes to them, also in a file."""

import pytest
import serve
import visit

pytestmark = pytest.mark.browser
LIVE = [  # where, what with, and what it says once it has computed
    ("01-diffusion-basics", "diffusion-laboratory", "particles"),
    ("03-classifier-free-guidance", "diffusion-laboratory", "particles"),
    ("04-flow-matching", "diffusion-laboratory", "particles"),
    ("04-flow-matching", "diffusion-explorer", "particles"),
    ("06-gradient-based-optimisation", "steering-explorer", "points"),
    ("08-optimal-transport", "transport-explorer", "points"),
    ("09-multi-objective-optimisation", "preference-triangle", "points"),
]


@pytest.mark.parametrize("kind", ["site", "file"])
@pytest.mark.parametrize(("name", "explorer", "told"), LIVE)
def test_it_starts_when_it_comes_into_view(browser, site: str, name, explorer, told, kind) -> None:
    page = f"book/chapters/{name}.html"
    address = f"{site}/{page}" if kind == "site" else (serve.BUILT / page).as_uri()
    with visit.visit(browser, address) as seen:
        assert seen.page.locator(f".{explorer}").count() == 1
        assert seen.page.locator(f".{explorer}[data-computed]").count() == 0
        seen.page.locator(f".{explorer}").scroll_into_view_if_needed()
        seen.page.wait_for_selector(f".{explorer}[data-computed]")
        said = seen.page.locator(f".{explorer} [role=status]").inner_text()
        assert told in said and "computed here in" in said
        assert seen.outside() == [] and seen.errors == []
