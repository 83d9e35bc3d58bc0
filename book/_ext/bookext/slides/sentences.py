"""Sentences of a paragraph, with the formulas and links that stand in them."""

import re

from docutils import nodes

END = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)([)”\"]?)\s+(?=[A-Z“\"(]|$)")

Sentence = list[nodes.Node]


def sentences(paragraph: nodes.Element) -> list[Sentence]:
    """Each as a list of nodes of its own, which the caller may put elsewhere."""
    found: list[Sentence] = [[]]
    for child in paragraph.children:
        if not isinstance(child, nodes.Text):
            found[-1].append(child.deepcopy())
            continue
        first, *later = END.sub(r"\1\0", str(child)).split("\0")
        found[-1].append(nodes.Text(first))
        found += [[nodes.Text(text)] for text in later]
    return [sentence for sentence in found if "".join(n.astext() for n in sentence).strip()]


def length(sentence: Sentence) -> int:
    """Letters as a reader sees them, about: a formula is a third as long as its TeX."""
    return sum(sum(len(text) // (3 if isinstance(text.parent, nodes.math) else 1)
                   for text in node.findall(nodes.Text)) for node in sentence)


def joined(found: list[Sentence]) -> nodes.paragraph:
    paragraph = nodes.paragraph()
    for number, sentence in enumerate(found):
        if number:
            paragraph += nodes.Text(" ")
        paragraph += sentence
    return paragraph


def opening(found: list[Sentence], room: int) -> list[Sentence]:
    """The first sentences, as many as have room."""
    kept = []
    for sentence in found:
        room -= length(sentence)
        if room < 0:
            break
        kept.append(sentence)
    return kept


def ending(found: list[Sentence], room: int) -> list[Sentence]:
    """The last sentences, as many as have room; the very last has."""
    kept = opening(found[::-1], room)[::-1]
    return kept or found[-1:]
