"""MyST as plain Markdown: what Colab, Jupyter and a text editor can show of a chapter.

A directive becomes a quotation, a formula, a picture or a folded block; a role becomes a link with
the words and the number it has on the page. An unknown one is an error, so nothing is lost in
silence.
"""

import re
from dataclasses import dataclass

OPEN = re.compile(r"^(\s*)(`{3,}|:{3,}|~{3,})\{([\w:-]+)\}[ \t]*(.*)$")
FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})")
OPTION = re.compile(r"^\s*:([\w-]+):[ \t]*(.*)$")
TARGET = re.compile(r"^\(([\w-]+)\)=\s*$")
ROLE = re.compile(r"\{([\w:]+)\}(`+)(.+?)\2(?!`)", re.S)
DOLLARS = re.compile(
    r"(\$\$.+?\$\$|(?<![\\$])\$[^$\n]+(?:\n[^$\n]+)*?\$)(?:[ \t]*\(([\w-]+)\))?", re.S)
CODE = re.compile(r"(`+[^`]+`+)")
TITLED = re.compile(r"^(.*?)\s*<([^<>]+)>$", re.S)
NAMES = {"note": "Note", "tip": "Tip", "warning": "Warning", "important": "Important",
         "seealso": "See also", "margin": "Aside"}


@dataclass
class Directive:
    name: str
    argument: str
    options: dict[str, str]
    body: str


@dataclass
class Plain:
    """A translator; ``page`` answers what only the built book knows.

    ``page`` has ``link(role, target, title) -> str``, ``number(label) -> str``, ``macros(tex)``,
    ``glued(name, form) -> str``, ``picture(directive) -> str``, ``source(directive) -> str`` and
    ``elsewhere``.
    """

    page: object

    def text(self, source: str) -> str:
        """A markdown cell."""
        parts, prose = [], []

        def flush():
            if prose:
                parts.append(self._prose("\n".join(prose)))
                prose.clear()

        lines = iter(source.split("\n"))
        for line in lines:
            if match := OPEN.match(line):
                flush()
                parts.append(self._directive(_read(match, lines)))
            elif match := FENCE.match(line):
                flush()
                block = [line]
                for inner in lines:
                    block.append(inner)
                    if inner.strip() == match[2]:
                        break
                parts.append("\n".join(block))
            elif match := TARGET.match(line):
                flush()
                parts.append(f'<a id="{match[1]}"></a>\n')
            elif not line.startswith(("%", "+++")):
                prose.append(line)
        flush()
        return "\n".join(parts).strip()

    def inline(self, text: str) -> str:
        return self._prose(text).strip()

    def _prose(self, text: str) -> str:
        pieces = []
        position = 0
        for match in re.finditer(rf"{ROLE.pattern}|{DOLLARS.pattern}|{CODE.pattern}", text, re.S):
            pieces.append(_plain(text[position : match.start()]))
            position = match.end()
            if match[1]:
                pieces.append(self._role(match[1], " ".join(match[3].split())))
            elif match[4]:
                pieces.append(self._math(match[4].strip("$"), "$$", match[5])
                              if match[4].startswith("$$") else self.page.macros(match[4]))
            else:
                pieces.append(match[0])
        return "".join(pieces) + _plain(text[position:])

    def _role(self, name: str, text: str) -> str:
        if name == "math":
            return f"${self.page.macros(text)}$"
        if name.startswith("glue"):
            key, _, form = text.partition(":")
            return self.page.glued(key, form)
        title, target = TITLED.match(text).groups() if TITLED.match(text) else ("", text)
        return self.page.link(name, target, self._prose(title) if title else "")

    def _math(self, tex: str, fence: str, label: str | None) -> str:
        tex = self.page.macros(tex.strip())
        if not tex.startswith(r"\begin{") and re.search(r"\\\\|(?<!\\)&", re.sub(
                r"\\begin\{(\w+\*?)\}.*?\\end\{\1\}", "", tex, flags=re.S)):
            tex = f"\\begin{{aligned}}\n{tex}\n\\end{{aligned}}"
        tag = f"\n\\tag{{{self.page.number(label)}}}" if label else ""
        anchor = f'<a id="equation-{label}"></a>\n\n' if label else ""
        return f"\n{anchor}{fence}\n{tex}{tag}\n{fence}\n"

    def _directive(self, d: Directive) -> str:
        if d.name == "math":
            return self._math(d.body, "$$", d.options.get("label"))
        if d.name in ("glue:figure", "figure", "image"):
            caption = self.inline(d.body)
            name = d.options.get("name")
            number = f"**Figure {self.page.number(name)}.** " if name and caption else ""
            anchor = f'<a id="{name}"></a>\n\n' if name else ""
            return f"\n{anchor}{self.page.picture(d)}\n\n{number}{caption}\n"
        if d.name == "glue:md":
            return f"\n{self.text(self.page.glued(d.argument, 'markdown'))}\n"
        if d.name == "literalinclude":
            return f"\n```python\n{self.page.source(d)}\n```\n"
        if d.name in ("solution-start", "solution"):
            head = f"**Solution to {self.page.link('ref', d.argument, '')}**"
            return f"\n{head}\n\n{self.text(d.body)}\n"
        if d.name == "solution-end":
            return "\n---\n"
        if d.name in ("exercise", "exercise-start") or d.name.startswith("prf:"):
            kind = d.name.removeprefix("prf:").removesuffix("-start").capitalize()
            number = self.page.number(d.options.get("label", ""))
            return self._quote(f"{kind} {number}".strip(), d, d.argument)
        if d.name in ("admonition", "dropdown", *NAMES):
            title = self.inline(d.argument) if d.name in ("admonition", "dropdown") else ""
            if d.name == "dropdown" or "dropdown" in d.options.get("class", ""):
                title = title or NAMES.get(d.name, "More")
                return (f"\n<details><summary>{_html(title)}</summary>\n\n{self.text(d.body)}\n\n"
                        "</details>\n")
            return self._quote(title or NAMES[d.name], d, "")
        if d.name in ("bibliography", "notation", "tableofcontents"):
            return f"\n{self.page.elsewhere(d)}\n"
        raise ValueError(f"directive {{{d.name}}} has no translation to plain Markdown")

    def _quote(self, head: str, d: Directive, title: str) -> str:
        label = d.options.get("label", "")
        anchor = f'<a id="{label}"></a>\n\n' if label else ""
        title = f" ({self.inline(title)})" if title else ""
        body = self.text(d.body).strip().replace("\n", "\n> ")
        return f"\n{anchor}> **{head}{title}**\n>\n> {body}\n"


def _read(match: re.Match, lines) -> Directive:
    """The directive that ``match`` opens, taken from the lines that follow."""
    options, body = {}, []
    for line in lines:
        if line.strip() == match[2]:
            break
        option = OPTION.match(line)
        if option and not body:
            options[option[1]] = option[2].strip()
        elif body or line.strip():
            body.append(line)
    return Directive(match[3], match[4].strip(), options, "\n".join(body).rstrip())


def _plain(text: str) -> str:
    """Prose without MyST's attributes."""
    return re.sub(r"(?<=[\])`])\{[#.][^}]*\}", "", text)


def _html(title: str) -> str:
    """A title inside HTML, where Markdown is not read."""
    title = re.sub(r"\[([^\]]*)\]\(([^)]*)\)", r'<a href="\2">\1</a>', title)
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", re.sub(r"\*\*?([^*]*)\*\*?", r"\1", title))
