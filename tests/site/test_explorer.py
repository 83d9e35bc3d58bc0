"""The explorers of the built chapters start when a reader comes to them, also in a file."""

import pytest
import serve
import visit

pytestmark = pytest.mark.browser
STARTED = ".diffusion-explorer[data-computed]"


@pytest.mark.parametrize("kind", ["site", "file"])
@pytest.mark.parametrize("name", ["01-diffusion-basics", "04-flow-matching"])
def test_it_starts_when_it_comes_into_view(browser, site: str, name: str, kind: str) -> None:
    page = f"book/chapters/{name}.html"
    address = f"{site}/{page}" if kind == "site" else (serve.BUILT / page).as_uri()
    with visit.visit(browser, address) as seen:
        assert seen.page.locator(STARTED).count() == 0
        seen.page.locator(".diffusion-explorer").scroll_into_view_if_needed()
        seen.page.wait_for_selector(STARTED)
        said = seen.page.locator(".diffusion-explorer [role=status]").inner_text()
        assert "particles" in said and "computed here in" in said
        assert seen.outside() == [] and seen.errors == []
