"""Every page of the built book, in a browser that can reach nothing else."""

import checks
import links
import pytest
import serve
import visit

pytestmark = pytest.mark.browser
EVERY = serve.pages(serve.BUILT) or ["no built book"]
API = [name for name in EVERY if name.startswith("book/pages/api/")]  # generated, all alike
PAGES = [name for name in EVERY if name not in API]


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (375, True)], ids=["desk", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_page(browser, site: str, name: str, width: int, dark: bool) -> None:
    """Loaded light on a desk and dark on a phone; then the reader changes to the other mode."""
    with visit.visit(browser, f"{site}/{name}", width, dark) as seen:
        found = checks.problems(seen)
        seen.switch(not dark)
        found += checks.problems(seen, checks.IN_EACH_MODE)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", API)
def test_page_of_the_api(browser, site: str, name: str) -> None:
    """Loaded light on a desk, which then shrinks to a phone and turns dark."""
    with visit.visit(browser, f"{site}/{name}") as seen:
        found = checks.problems(seen)
        seen.resize(375)
        found += checks.problems(seen, (checks.sideways, checks.accessible))
        seen.switch(dark=True)
        found += checks.problems(seen, checks.IN_EACH_MODE)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", [*PAGES, *API[::20]])
def test_page_opened_as_a_file(browser, site: str, name: str) -> None:
    with visit.visit(browser, (serve.BUILT / name).as_uri()) as seen:
        found = [*checks.network(seen), *checks.console_of_file(seen), *checks.images(seen)]
        found += checks.maths(seen)
    assert not found, "\n".join(found)


def test_the_front_door_leads_to_the_book(browser, site: str) -> None:
    with visit.visit(browser, f"{site}/book/index.html") as seen:
        seen.page.goto(f"{site}/index.html", wait_until="load")
        seen.page.wait_for_url("**/book/index.html")


def test_links(site: str) -> None:
    found = links.broken(serve.BUILT)
    assert not found, "\n".join(found)
