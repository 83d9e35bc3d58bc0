"""One visit to a page, and what came over the wire meanwhile."""

import contextlib
import gzip
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright

CHROMIUMS = ("chromium-headless-shell", "chromium", "google-chrome")  # the first opens fastest
WIDTHS = {1440: 900, 375: 812}
LOCAL = ("data:", "blob:", "about:")
PACKED = (".png", ".jpg", ".webp", ".gif", ".woff", ".woff2", ".gz", ".zip", ".pdf")
SETTLED = """async () => {
  for (const image of document.querySelectorAll('img[loading=lazy]')) image.loading = 'eager';
  if (window.MathJax && MathJax.startup && MathJax.startup.promise) await MathJax.startup.promise;
  await document.fonts.ready;
}"""
STILL = """async () => {
  for (let k = 0; k < 2; k++) await new Promise(requestAnimationFrame);
  for (const move of document.getAnimations())
    if (move.effect.getComputedTiming().endTime < Infinity) move.finish();
}"""

# Formulas are broken anew a quarter of a second after the last change of the window's width.
ANEW = """async () => {
  await new Promise((done) => setTimeout(done, 300));
  if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
}"""


@dataclass
class Visit:
    """An open page, with every request and complaint since it was asked for."""

    page: Page
    url: str
    width: int
    dark: bool
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)

    def switch(self, dark: bool) -> None:
        """Change between light and dark as the theme's own button does."""
        self.dark = dark
        mode = "dark" if dark else "light"
        self.page.emulate_media(color_scheme=mode)
        root = "document.documentElement.dataset"
        self.page.evaluate(f"{root}.theme = {root}.mode = '{mode}'")
        self.page.evaluate(STILL)

    def resize(self, width: int) -> None:
        """Go on with another screen."""
        self.width = width
        self.page.set_viewport_size(screen(width))
        self.page.evaluate(STILL)
        self.page.evaluate(ANEW)

    def rest(self) -> None:
        """Wait for what follows: late requests, and the theme, which lets the keyboard into boxes
        that scroll a moment after a window has changed."""
        for _ in range(40):
            asked = len(self.requests)
            self.page.wait_for_timeout(500)
            if len(self.requests) == asked:
                break
        else:
            raise AssertionError(f"{self.url} still asks after 20 s: {self.requests[-3:]}")
        self.page.wait_for_timeout(400)

    def outside(self) -> list[str]:
        """Requests that left the site: another host, or a file page that asks the network."""
        home = "file:///" if self.url.startswith("file:") else origin(self.url)
        return [u for u in self.requests if not u.startswith((home, *LOCAL))]

    def weight(self) -> dict[str, int]:
        """Bytes by address, as a server that packs text would send them."""
        sizes = {}
        for response in self.responses:
            if not response.url.startswith(LOCAL) and response.status == 200:
                body = response.body()
                packed = urlsplit(response.url).path.endswith(PACKED)
                sizes[response.url] = len(body if packed else gzip.compress(body, 6))
        return sizes


def screen(width: int) -> dict[str, int]:
    return {"width": width, "height": WIDTHS.get(width, 900)}


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; no name but 127.0.0.1 resolves, so nothing can be fetched elsewhere."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if not path:
        raise FileNotFoundError(
            f"no Chromium: install Debian's package `{CHROMIUMS[0]}` or set CHROMIUM")
    blocked = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
    flags = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=[*flags, blocked])
        yield browser
        browser.close()


@contextlib.contextmanager
def visit(browser: Browser, url: str, width: int = 1440, dark: bool = False) -> Iterator[Visit]:
    """Open a page as a reader with this screen and this taste would, and wait until it is still."""
    mode = "dark" if dark else "light"
    context = browser.new_context(
        viewport=screen(width), color_scheme=mode, reduced_motion="reduce"
    )
    context.add_init_script(f"localStorage.mode = '{mode}'; localStorage.theme = '{mode}';")
    page = context.new_page()
    seen = Visit(page, url, width, dark)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("response", lambda response: _answer(seen, response))
    page.on("requestfailed", lambda r: seen.errors.append(f"failed: {r.url} {r.failure}"))
    page.on("pageerror", lambda error: seen.errors.append(f"script error: {error}"))
    page.on("console", lambda message: _said(seen, message))
    try:
        page.goto(url, wait_until="load")
        page.evaluate(SETTLED)
        yield seen
    finally:
        context.close()


def _said(seen: Visit, message: ConsoleMessage) -> None:
    if message.type == "error":
        seen.errors.append(f"console: {message.text} ({message.location.get('url')})")


def _answer(seen: Visit, response: Response) -> None:
    seen.responses.append(response)
    if response.status >= 400:
        seen.errors.append(f"status {response.status}: {response.url}")
