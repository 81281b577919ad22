"""Two colleagues change one file: both changes are kept, unless they changed the same lines."""

from __future__ import annotations

import pytest

from bot.store.merge import merged


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("A b c d", "a b c D", "A b c D"),
        ("A b c d", "a B c d", "A B c d"),
        ("A b c d", "A b c d", "A b c d"),
        ("a b c d", "a c d", "a c d"),
        ("a b c d e", "A b c d", "A b c d e"),
        ("A b c d", "X b c d", None),
        ("a x b c d", "a y b c d", None),
        ("a x b c d", "a c d", None),
        ("A b c d", "", None),
    ],
)
def test_changes_are_brought_together(one: str, other: str, both: str | None) -> None:
    was, left, right = map(_lines, ("a b c d", one, other))
    expected = None if both is None else _lines(both)
    assert merged(was, left, right) == expected
    assert merged(was, right, left) == expected


def _lines(text: str) -> bytes:
    return "".join(f"{line}\n" for line in text.split()).encode()


def test_what_is_no_text_is_only_taken_whole() -> None:
    assert merged(b"\xff", b"a", b"\xff") == b"a"
    assert merged(b"\xff", b"a", b"b") is None
