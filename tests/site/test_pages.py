"""Every page of the built book, in a browser that can reach nothing else."""

import checks
import links
import pytest
import serve
import visit

pytestmark = pytest.mark.browser
EVERY = serve.pages(serve.BUILT) or ["no built book"]
API = [name for name in EVERY if name.startswith("book/pages/api/")]
ALIKE = API[1:]  # generated: what their first page shows on a phone and as a file, all do


@pytest.mark.parametrize("name", EVERY)
def test_page(browser, site: str, name: str) -> None:
    """Loaded light on a desk, which then shrinks to a phone, where formulas are broken anew, and
    turns dark."""
    with visit.visit(browser, f"{site}/{name}") as seen:
        found = checks.problems(seen)
        seen.resize(375)
        found += checks.problems(seen, (checks.formulas, checks.sideways))
        if name not in ALIKE:
            seen.rest()
            found += checks.problems(seen, (checks.accessible,))
        seen.switch(dark=True)
        found += checks.problems(seen, checks.IN_EACH_MODE)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", [name for name in EVERY if name not in ALIKE])
def test_page_opened_as_a_file(browser, site: str, name: str) -> None:
    """Loaded dark on a phone."""
    with visit.visit(browser, (serve.BUILT / name).as_uri(), 375, dark=True) as seen:
        seen.rest()
        found = [*checks.network(seen), *checks.console_of_file(seen)]
        found += checks.problems(
            seen, (checks.images, checks.maths, checks.formulas, checks.mode, checks.sideways,
                   checks.figures))
    assert not found, "\n".join(found)


def test_links(site: str) -> None:
    found = links.broken(serve.BUILT)
    assert not found, "\n".join(found)
