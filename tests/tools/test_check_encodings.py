"""A text file in an encoding that nobody named is found."""

import pytest
from check_encodings import not_named


@pytest.mark.parametrize(("call", "fault"), [
    ("path.read_text()", True), ("path.read_text('utf-8')", False),
    ("path.read_text(encoding='utf-8')", False),
    ("path.write_text(text)", True), ("path.write_text(text, 'utf-8')", False),
    ("open(path)", True), ("open(path, 'w')", True), ("open(path, 'rb')", False),
    ("open(path, encoding='utf-8')", False), ("Image.open(path)", False), ("print(1)", False),
])
def test_calls_are_told_apart(call, fault):
    assert not_named(f"x = 1\n{call}\n") == ([2] if fault else [])
