"""What was served, what was taken back, and where a rollback goes: worked out of the history alone."""

from __future__ import annotations

import pytest

from bot.store.revisions import Entry, past


def history(moves: str) -> list[Entry]:
    """`A B <A`: A and B were published, then a rollback to A. Newest first, as it is kept."""
    made = [
        Entry(move.lstrip("<"), at, "anna", what="rollback" if move[0] == "<" else "publish")
        for at, move in enumerate(moves.split(), 1)
    ]
    return made[::-1]


@pytest.mark.parametrize(
    ("moves", "before", "rows"),
    [
        ("", "", ""),
        ("A", "", "A*"),
        ("A B", "A", "B* A"),
        ("A B C <B", "A", "B* Cx B A"),  # one more goes further back
        ("A B C <B <A", "", "A* Bx Cx Bx A"),
        ("A B C <B D", "B", "D* B Cx B A"),  # not to C, which was taken back
        ("A B C <A", "", "A* Cx Bx A"),
        ("A B <A B", "A", "B* A Bx A"),  # published again, it is served now
        ("A B <A <B", "A", "B* A Bx A"),  # and so is what a rollback brought back
        ("A B <A <B <A", "", "A* Bx A Bx A"),
        ("A A B", "A", "B* A A"),  # the same again is no other one
        ("A B B", "A", "B* B A"),
        ("A B <B", "A", "B* B A"),  # a publish that was cut off, put right
        ("A B A <B", "A", "B* Ax B A"),
        ("<A", "", "A*"),  # what it goes back to fell out of the history
    ],
)
def test_where_a_rollback_goes_and_how_each_row_is_marked(moves: str, before: str, rows: str) -> None:
    entries = history(moves)
    found = past(entries, {entries[0].revision if entries else ""})
    assert found.before == before
    signs = {"now": "*", "taken_back": "x", "": ""}
    shown = " ".join(f"{entry.revision}{signs[state]}" for entry, state in found.rows)
    assert shown == rows
    assert sum(state == "now" for _, state in found.rows) == (1 if moves else 0)


@pytest.mark.parametrize(
    ("moves", "pointers", "before", "rows"),
    [
        ("A B", "B C", "B", "B A"),  # C was cut off half-way: no row is served now
        ("A B", "A B", "B", "B A"),  # so was a rollback to A
        ("A", " B", "A", "A"),  # some shards are served nothing yet
        ("", " A", "", ""),
        ("A B", "C", "B", "C* B A"),  # all was moved, and then nobody noted it
        ("A B", "A", "", "A* Bx A"),  # and of a rollback neither
        ("", "A", "", "A*"),
    ],
)
def test_a_move_that_was_cut_off(moves: str, pointers: str, before: str, rows: str) -> None:
    found = past(history(moves), pointers.split(" "))
    signs = {"now": "*", "taken_back": "x", "": ""}
    assert " ".join(f"{entry.revision}{signs[state]}" for entry, state in found.rows) == rows
    assert found.before == before
