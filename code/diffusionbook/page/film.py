"""A film that needs no kernel: a slider over frames, which is a picture in print.

The page gets plain HTML with a range input, so it works on a static site, from a file, with a
keyboard and with a screen reader. Nothing moves until the reader asks for it, but for a film that
is told to play: it does so once, when it comes into view, unless the reader wants less motion.
"""

import json
from collections.abc import Iterable, Sequence
from html import escape

from diffusionbook.arguments import whole
from diffusionbook.page.picture import in_base64, pixels
from diffusionbook.page.report import publish

SCRIPT = """(function () {
  var box = document.currentScript.parentNode, frames = %s, labels = %s;
  var img = box.querySelector("img"), range = box.querySelector("input");
  var text = box.querySelector("output"), button = box.querySelector("button"), timer = null;
  var untouched = true;
  function show() {
    img.src = frames[range.value]; text.textContent = labels[range.value];
    range.setAttribute("aria-valuetext", labels[range.value]);
  }
  function stop() { clearInterval(timer); timer = null; button.textContent = "Play"; }
  range.addEventListener("input", function () { untouched = false; stop(); show(); });
  button.addEventListener("click", function () {
    if (timer) { stop(); return; }
    if (untouched || +range.value === frames.length - 1) { range.value = 0; }
    untouched = false; show(); button.textContent = "Pause";
    timer = setInterval(function () {
      range.value = +range.value + 1; show();
      if (+range.value === frames.length - 1) { stop(); }
    }, %d);
  });
  box.querySelector(".player-controls").hidden = false;%s
})();"""
PLAYS = """
  if (!window.IntersectionObserver || matchMedia("(prefers-reduced-motion: reduce)").matches) {
    return;
  }
  range.value = 0; show();
  var seen = new IntersectionObserver(function (entries) {
    if (entries.some(function (entry) { return entry.isIntersecting; })) {
      seen.disconnect(); if (!timer) { button.click(); }
    }
  }, {threshold: 0.5});
  range.addEventListener("focus", function () { seen.disconnect(); stop(); });
  seen.observe(box);"""


def frames_of(figures: Iterable, *, dpi: int = 100) -> list[bytes]:
    """PNG frames of few colours from matplotlib figures of one size, which are closed."""
    whole("dpi", dpi, least=1)
    return [pixels(fig, dpi=dpi, colours=12, tight=False) for fig in figures]


def player(frames: Sequence[bytes], labels: Sequence[str], *, alt: str, name: str | None = None,
           control: str = "time", start: int = -1, interval: int = 120,
           width: int | None = None, plays: bool = False) -> None:
    """Show frames with a slider and a play button; in print, one frame.

    Args:
        frames: PNG images of one size.
        labels: what the slider says at each frame, such as ``"t = 0.25"``.
        alt: what the film shows, for those who do not see it.
        name: glue it under this name, for ``{glue:figure}``; otherwise it shows in place.
        control: what the slider moves, such as ``"time"`` or ``"guidance scale"``.
        start: the frame shown first, and in print. The first press on "Play" begins at frame 0.
        interval: milliseconds a frame when it plays.
        width: width on the page in pixels; the page's width bounds it.
        plays: begin at the first frame and play once when the film comes into view. In print, and
            for a reader who wants less motion or has no scripts, ``start`` is what stands there.

    Raises:
        ValueError: no frames, a frame that is not PNG, another number of labels, an empty `alt`, or
            a `start`, `interval` or `width` that cannot be.
    """
    if not frames or len(frames) != len(labels):
        raise ValueError(f"labels: {len(labels)} of them for {len(frames)} frames; one each")
    if not all(frame.startswith(b"\x89PNG") for frame in frames):
        raise ValueError("frames: each should be the bytes of a PNG image")
    if not alt.strip():
        raise ValueError("alt: it is empty; say in a sentence what the film shows")
    whole("start", start)
    whole("interval", interval, least=1)
    if width is not None:
        whole("width", width, least=1)
    if not -len(frames) <= start < len(frames):
        raise ValueError(f"start must be one of {len(frames)} frames; it is {start}")
    first = range(len(frames))[start]
    data = {"text/html": _html(frames, labels, alt, control, first, interval, width,
                               PLAYS if plays else ""),
            "image/png": in_base64(frames[first]),
            "text/plain": f"{alt} ({control}: {labels[first]})"}
    publish(name, data)


def _html(frames, labels, alt, control, first, interval, width, plays) -> str:
    images = ["data:image/png;base64," + in_base64(frame) for frame in frames]
    looks = f' width="{width}"' if width else ""
    safe = [json.dumps(x).replace("<", "\\u003c") for x in (images, list(labels))]
    return (
        '<div class="frame-player">'
        f'<img src="{images[first]}" alt="{escape(alt, quote=True)}"{looks}>'
        '<div class="player-controls" hidden>'
        '<button type="button">Play</button>'
        f'<label>{escape(control)} <input type="range" min="0" max="{len(frames) - 1}" '
        f'value="{first}" step="1" aria-valuetext="{escape(labels[first], quote=True)}"></label>'
        f'<output>{escape(labels[first])}</output></div>'
        f"<script>{SCRIPT % (*safe, interval, plays)}</script></div>"
    )
