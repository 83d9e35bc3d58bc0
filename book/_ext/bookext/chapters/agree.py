"""Whether two texts say the same, when different processors computed the numbers in them.

Processors, thread counts and versions of a library differ in the last bits of a number, so texts
are taken apart into words, which are the same everywhere, and numbers, which agree up to what was
printed of them.
"""

import re

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
NUMBER = re.compile(r"([-+−]?)(\d{1,3}(?:[,\u202f]\d{3})+|\d+)(?:\.(\d+))?"
                    r"(?:[eE]([-+]?\d+)| × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?")
PICTURE = re.compile(r"data:[\w/+.-]+;base64,[\w+/=]+")  # pixels are floating-point work, too


def words(text: str) -> str:
    """The text with a mark in place of every number and every embedded picture."""
    return NUMBER.sub("#", PICTURE.sub("data:#", text))


def numbers(text: str) -> list[tuple[float, float]]:
    """The numbers in a text, each with the unit of its last printed digit: 0 for whole numbers."""
    found = []
    for sign, whole, decimals, *powers in NUMBER.findall(PICTURE.sub("", text)):
        power = int("".join(powers).translate(SUPERSCRIPTS) or 0) - len(decimals)
        size = int(re.sub(r"\D", "", whole) + decimals) * 10.0**power
        found.append((-size if sign in ("-", "−") else size,
                      10.0**power if decimals or any(powers) else 0.0))
    return found


def same_words(old: str, new: str) -> bool:
    """The texts agree but for the numbers in them."""
    return words(old) == words(new)


def same_digits(old: str, new: str) -> bool:
    """The texts agree, and so do their numbers, up to one unit of the last digit printed: two
    values that hardly differ may lie on both sides of where rounding changes its mind."""
    return same_words(old, new) and all(
        abs(a - b) <= 1.000001 * unit or a == b
        for (a, unit), (b, _) in zip(numbers(old), numbers(new), strict=True))
