"""Texts from two processors: words are the same, numbers up to what was printed of them."""

import pytest

from bookext.chapters.agree import numbers, same_digits, same_words


@pytest.mark.parametrize(("text", "found"), [
    ("6.7 × 10⁻⁵", [(6.7e-5, 1e-6)]),
    ("2 × 10⁸ and 1.20e-04", [(2e8, 1e8), (1.2e-4, 1e-6)]),
    ("−1.00, -0.5", [(-1.0, 0.01), (-0.5, 0.1)]),
    ("42\u202f882 of 1,000, 3", [(42882, 0), (1000, 0), (3, 0)]),
    ("12345", [(12345, 0)]),
    ("no number", []),
])
def test_numbers_are_read_with_the_unit_of_their_last_digit(text, found):
    read = numbers(text)
    assert len(read) == len(found)
    for pair, wanted in zip(read, found, strict=True):
        assert pair == pytest.approx(wanted)


@pytest.mark.parametrize(("old", "new", "same"), [
    ("| flow | 0.45 |", "| flow | 0.46 |", True),  # two sides of a rounding edge
    ("| flow | 0.45 |", "| flow | 0.47 |", False),
    ("| flow | 0.45 |", "| DDPM | 0.45 |", False),
    ("4 × 10⁻⁵", "5 × 10⁻⁵", True),
    ("4 × 10⁻⁵", "4 × 10⁻⁴", False),
    ("9.9 × 10⁻⁵", "0.0001", True),  # printed otherwise, and yet the next value
    ("0.5 %", "−0.5 %", False),
    ("70 of 100", "71 of 100", False),  # a count is exact
    ("less than 10⁻³", "less than 10⁻²", False),  # and so is a bound
    ("1.0", "nan", False),
    ("torch 2.13.0", "torch 2.13.0", True),
])
def test_digits_agree_up_to_one_unit_of_the_last(old, new, same):
    assert same_digits(old, new) is same


def test_words_agree_whatever_the_numbers_and_the_pixels():
    page = '<p data-t="{}">two words</p><img src="data:image/png;base64,{}">'
    assert same_words(page.format(0.5, "iVBOR0a+/="), page.format("1e-05", "QUJDRA=="))
    assert not same_words(page.format(0.5, "iVBOR0a+/="), "<p>two words</p>")
    assert same_words("0.0001", "4 × 10⁻⁵")  # the same number may be printed in two ways
