"""What a reader does on a page with a laboratory, and what is seen there."""

import re

READY = ".diffusion-laboratory[data-computed]"
GATE = """
let gated;
window.DiffusionLaboratory = {};
window.shut = () => { window.gate = new Promise((open) => { window.open_gate = open; }); };
Object.defineProperty(DiffusionLaboratory, "client", {
  get: () => gated,
  set(client) {
    gated = function (worker, trouble) {
      const desk = client(worker, trouble), ask = desk.ask;
      const late = async (...question) => { await window.gate; return ask(...question); };
      return { ...desk, ask: late };
    };
  },
});"""  # questions wait while it is shut


def part(seen, what: str):
    selector = {
        "law": "label:has-text('Law') select", "path": "label:has-text('Path') select",
        "sampler": "label:has-text('Sampler') select",
        "label": "label:has(> span:text-is('Label')) select",
        "steps": "label:has-text('Steps') input", "seed": "label:has-text('Seed') input",
        "w": "label:has-text('Guidance') input", "time": ".explorer-time input",
        "now": ".explorer-time output", "play": ".explorer-time button",
        "status": "[role=status]", "train": ".laboratory-train",
        "progress": ".laboratory-progress", "title": "figcaption",
        "distance": ".laboratory-distance",
    }.get(what, what)  # fmt: skip
    return seen.page.locator(".diffusion-laboratory").locator(selector)


def tool(seen, name: str) -> None:
    part(seen, f".laboratory-tool:has-text('{name}') input").check()


def click(seen, x: float, y: float, which: int = 1) -> None:
    """Click a place of the plane."""
    canvas = part(seen, "canvas").nth(which)
    side = canvas.bounding_box()["width"]
    canvas.click(position={"x": (x + 3) / 6 * side, "y": (3 - y) / 6 * side})


def picture(seen, which: int) -> str:
    seen.page.wait_for_timeout(150)
    return part(seen, "canvas").nth(which).evaluate("(canvas) => canvas.toDataURL()")


def rest(seen) -> None:
    """Wait until what was asked for is on display."""
    seen.page.wait_for_function(
        "() => !document.querySelector('.diffusion-laboratory').hasAttribute('aria-busy')")
    seen.page.wait_for_timeout(100)


def after(seen, act) -> str:
    """What the laboratory says once it has computed anew."""
    before = seen.page.locator(READY).get_attribute("data-computed")
    act()
    seen.page.wait_for_function(
        "(b) => document.querySelector('.diffusion-laboratory').dataset.computed !== b", arg=before)
    rest(seen)
    return part(seen, "status").inner_text()


def numbers(seen) -> list[float]:
    """Distance and floor, of the network and of the exact field."""
    return [float(z) for k in (0, 1)
            for z in re.findall(r"\d\.\d+", part(seen, "distance").nth(k).inner_text())]


def trained(seen, steps: int) -> None:
    part(seen, "train").click()
    seen.page.wait_for_function(
        "(n) => parseInt(document.querySelector('.laboratory-progress').textContent"
        ".replace(',', '')) >= n", arg=steps, timeout=60_000)  # fmt: skip
    part(seen, "train").click()
    seen.page.wait_for_function(
        "() => document.querySelector('.laboratory-train').textContent !== 'Stop'")
    seen.page.wait_for_timeout(300)
