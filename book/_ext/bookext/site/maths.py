"""Macros and colours of the formulas, from ``book/look.toml``, for MathJax, LaTeX and CSS."""

import re
import tomllib
from copy import deepcopy
from pathlib import Path

# MathJax in parts: its ready-made bundles also prepare speech, which takes a chapter 20 seconds.
# A line is broken at 97 % of its column: a box is up to 5 px wider than MathJax reckons.
MATHJAX = {
    "loader": {"load": ["input/tex", "output/chtml", "[tex]/html", "a11y/assistive-mml"],
               "paths": {"fonts": "[mathjax]/fonts"}},
    "tex": {"packages": {"[+]": ["html"]}},
    "options": {"enableAssistiveMml": True},
    "output": {"font": "mathjax-tex", "displayOverflow": "linebreak",
               "linebreaks": {"inline": True, "width": "97%", "lineleading": 0.5}},
}


def look(root: Path) -> dict:
    return tomllib.loads((root / "book" / "look.toml").read_text("utf-8"))


def mathjax(look: dict) -> dict:
    """Macros for MathJax; a coloured one carries a class that follows light and dark mode."""
    macros = dict(look["macros"])
    for name, (meaning, tex) in look["coloured"].items():
        macros[name] = rf"{{\class{{{meaning}}}{{{tex}}}}}"
    return {name: [tex, n] if (n := arguments(tex)) else tex for name, tex in macros.items()}


def latex(look: dict) -> str:
    """Definitions for the preamble of the PDF."""
    lines = [rf"\definecolor{{{name}}}{{HTML}}{{{pair['light'].lstrip('#')}}}"
             for name, pair in look["colours"].items()]
    macros = dict(look["macros"])
    for name, (meaning, tex) in look["coloured"].items():
        macros[name] = rf"{{\color{{{meaning}}}{tex}}}"
    for name, tex in macros.items():
        count = f"[{n}]" if (n := arguments(tex)) else ""
        lines.append(rf"\providecommand{{\{name}}}{{}}\renewcommand{{\{name}}}{count}{{{tex}}}")
    return "\n".join(lines)


def css(look: dict) -> str:
    """Colours as CSS variables, and the classes the formulas use."""
    def block(selector, mode):
        body = "".join(f" --{n}: {pair[mode]};" for n, pair in look["colours"].items())
        return f"{selector} {{{body} }}"
    lines = [block(":root", "light"), block('html[data-theme="dark"]', "dark"),
             "@media print {", block('  html, html[data-theme="dark"]', "light"), "}"]
    lines += [f"mjx-container .{n} {{ color: var(--{n}); }}" for n in look["colours"]]
    return "\n".join(lines) + "\n"


def expand(look: dict, tex: str) -> str:
    """``tex`` with our macros written out, for readers that do not know them.

    A group after the colour reads alike where ``\\color`` holds to the end of the group around it
    (MathJax 3, KaTeX) and where it takes the group as its argument (MathJax 2).
    """
    for _ in range(4):  # macros in arguments of macros
        for name, body in look["macros"].items():
            tex = _expand_one(tex, name, body)
        for name, (meaning, body) in look["coloured"].items():
            colour = rf"\color{{{look['colours'][meaning]['light']}}}"
            tex = _expand_one(tex, name, body, colour)
    return tex


def arguments(tex: str) -> int:
    return max((int(n) for n in re.findall(r"#(\d)", tex)), default=0)


def _expand_one(tex: str, name: str, body: str, colour: str = "") -> str:
    pattern, parts, position = re.compile(rf"\\{name}(?![A-Za-z])"), [], 0
    while match := pattern.search(tex, position):
        parts.append(tex[position : match.start()])
        position, text = match.end(), body
        for number in range(1, arguments(body) + 1):
            value, position = _argument(tex, position)
            text = text.replace(f"#{number}", value)
        parts.append(f"{{{colour}{{{text}}}}}" if colour else f"{{{text}}}")
    return "".join(parts) + tex[position:]


def _argument(tex: str, start: int) -> tuple[str, int]:
    """The argument that begins at ``start``: a group in braces, a command or a character."""
    while start < len(tex) and tex[start].isspace():
        start += 1
    if start < len(tex) and tex[start] == "{":
        depth, end = 1, start + 1
        while end < len(tex) and depth:
            depth += {"{": 1, "}": -1}.get(tex[end], 0) if tex[end - 1] != "\\" else 0
            end += 1
        return tex[start + 1 : end - 1], end
    match = re.compile(r"\\[A-Za-z]+|.").match(tex, start)
    return (match[0], match.end()) if match else ("", start)


def configure(app, config):
    found = look(Path(app.srcdir))
    settings = deepcopy(MATHJAX)
    settings["tex"]["macros"] = mathjax(found)
    config.mathjax3_config = settings
    config.latex_elements["preamble"] = config.latex_elements.get("preamble", "") + latex(found)


def write_css(app, error):
    if error is None and app.builder.format == "html":
        path = Path(app.outdir, "_static", "css", "colours.css")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(css(look(Path(app.srcdir))), "utf-8")


def setup(app):
    app.connect("config-inited", configure, priority=900)
    app.connect("build-finished", write_css)
    app.add_css_file("css/colours.css", priority=400)
    app.add_css_file("css/formulas.css")
    app.add_js_file("js/formulas.js", defer="defer", priority=200)  # before MathJax starts
