"""Every page of the built book, in a browser that can reach nothing else."""

import checks
import links
import pytest
import serve
import visit

pytestmark = pytest.mark.browser
PAGES = serve.pages(serve.BUILT) or ["no built book"]


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (375, True)], ids=["desk", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_page(browser, site: str, name: str, width: int, dark: bool) -> None:
    """Loaded light on a desk and dark on a phone; then the reader changes to the other mode."""
    with visit.visit(browser, f"{site}/{name}", width, dark) as seen:
        found = checks.problems(seen)
        seen.switch(not dark)
        found += checks.problems(seen, checks.IN_EACH_MODE)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", PAGES)
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
