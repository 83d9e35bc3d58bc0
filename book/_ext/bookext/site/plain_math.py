"""A short formula as plain text, for a search result: ``\\xt = \\alpha\\xz`` reads x_t = αx₀.

What has no plain form, a fraction of fractions say, becomes an ellipsis and never raw TeX.
"""

import re
import unicodedata

from . import maths

SIGNS = {
    "cdot": "·", "times": "×", "pm": "±", "to": "→", "mapsto": "↦", "le": "≤", "ge": "≥", "ne": "≠",
    "approx": "≈", "sim": "∼", "propto": "∝", "infty": "∞", "in": "∈", "int": "∫", "sum": "∑",
    "prod": "∏", "nabla": "∇", "partial": "∂", "mid": "|", "ldots": "…", "dots": "…", "cdots": "…",
    "ell": "ℓ", "varnothing": "∅", "top": "ᵀ", "lVert": "‖", "rVert": "‖", "lvert": "|",
    "circ": "∘", "rvert": "|", "ll": "≪", "gg": "≫", "prime": "′", "quad": " ",
    "qquad": " ", "odot": "⊙",
    "equiv": "≡", "star": "*", "ast": "*", "lfloor": "⌊", "rfloor": "⌋", "subset": "⊂", "cap": "∩",
    "cup": "∪", "neq": "≠", "leq": "≤", "geq": "≥", "Vert": "‖", "vert": "|", "colon": ":",
    "langle": "⟨", "rangle": "⟩", "varepsilon": "ε", "varsigma": "ς", "varphi": "φ", "epsilon": "ε",
}
FUNCTIONS = "log exp sin cos tan cot sinh cosh tanh max min det dim sup inf lim arg"
MARKS = {"bar": "\u0304", "hat": "\u0302", "tilde": "\u0303", "dot": "\u0307"}
DROPPED = ("left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "displaystyle", "limits")
FONTS = r"\\(?:mathbb|mathcal|mathrm|mathbf|boldsymbol|operatorname\*?|text)\s*"
GROUP = r"\{([^{}]*)\}"
LOW = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
HIGH = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
LONGEST = 70


def plain(tex: str, look: dict) -> str:
    """``tex`` in plain text, an ellipsis where it has no short plain form."""
    text = maths.expand(look | {"coloured": {}, "macros": look["macros"] | {
        name: body for name, (_, body) in look["coloured"].items()}}, tex)
    text = re.sub(r"\\[,;:!> ]|~", " ", text).replace(r"\{", "⦃").replace(r"\}", "⦄")
    text = re.sub(FONTS, "", text.replace(r"\|", "‖"))
    text = re.sub(r"\\([dt]?frac)(?![A-Za-z])\s*(\d|\\\w+)\s*(\d|\\\w+)", r"\\\1{\2}{\3}", text)
    text = re.sub(r"\\([dt]?frac)(?![A-Za-z])\s*(\d)\s*\{", r"\\\1{\2}{", text)
    text = re.sub(r"\\sqrt\s*(\w|\\\w+)", r"\\sqrt{\1}", text)
    for _ in range(5):  # groups inside groups
        text = re.sub(rf"\\[dt]?frac\s*{GROUP}\s*{GROUP}", _fraction, text)
        text = re.sub(rf"\\sqrt\s*{GROUP}", _root, text)
        text = re.sub(r"\\(bar|hat|tilde|dot)(?![A-Za-z])\s*(?:\{(\\?\w+)\}|(\\[A-Za-z]+|\w))",
                      lambda m: (m[2] or m[3]) + MARKS[m[1]], text)
        text = re.sub(rf"([_^]){GROUP}", _script, text)
        text = re.sub(rf"(?<![\w\\]){GROUP}", r"\1", text)
    text = re.sub(r"\\([A-Za-z]+)", _sign, text)
    text = re.sub(r"([_^])([0-9])", _script, text).replace("{", "").replace("}", "")
    text = " ".join(text.replace("⦃", "{").replace("⦄", "}").split())
    text = re.sub(r"(?<=[∇(]) | (?=[),])", "", text)
    return "…" if "\\" in text or "&" in text or len(text) > LONGEST else text


def _fraction(match: re.Match) -> str:
    top, bottom = (part if re.fullmatch(r"\\?\w+(?:_\w)?", part) else f"({part})"
                   for part in match.groups())
    return f"{top}/{bottom} "


def _root(match: re.Match) -> str:
    inside = match[1].strip()
    return f"√{inside} " if re.fullmatch(r"\\?\w+", inside) else f"√({inside})"


def _script(match: re.Match) -> str:
    """An index or a power: small where Unicode has it, with its sign and brackets elsewhere."""
    body = match[2].strip()
    if re.fullmatch(r"[0-9+-]+", body):
        return body.translate(LOW if match[1] == "_" else HIGH)
    return f"{match[1]}{body} " if re.fullmatch(r"\\?\w+", body) else f"{match[1]}({body})"


def _sign(match: re.Match) -> str:
    name = match[1]
    if name in SIGNS or name in DROPPED:
        return SIGNS.get(name, "")
    if name in FUNCTIONS.split():
        return f"{name} "
    size = "CAPITAL" if name[0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {size} LETTER {name.upper().replace('LAMBDA', 'LAMDA')}")
    except KeyError:
        return match[0]
