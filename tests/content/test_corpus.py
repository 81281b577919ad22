"""Every seeded mistake is reported with its code on its line and column; its clean twin reports nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.content.load import Loaded, load
from bot.content.messages import sentences

from . import (
    corpus_clumsy,
    corpus_files,
    corpus_flows,
    corpus_notepad,
    corpus_office,
    corpus_operator,
    corpus_words,
)
from .kit import MARK, ROOT, Mistake, edited

pytestmark = pytest.mark.slow  # seconds together

TODAY = date(2026, 12, 1)
TABLES = (
    corpus_files.TYPED,
    corpus_files.FORMS,
    corpus_files.CONFIG,
    corpus_flows.NAMES,
    corpus_flows.WAYS,
    corpus_flows.GIVEN,
    corpus_flows.BY_TIME,
    corpus_words.THERE,
    corpus_words.TWO_MEANINGS,
    corpus_words.RULES,
)
ALONE = [*corpus_notepad.BLANKS, *corpus_notepad.SIGNS, *corpus_notepad.MEANINGS]
ALONE += [*corpus_clumsy.ALL, *corpus_office.ALL, *corpus_operator.ALL]
CORPUS = [mistake for table in (*TABLES, ALONE) for mistake in table if mistake.new or mistake.old]
TWINS = [mistake for mistake in CORPUS if mistake.twin]


def one_of_each(mistakes: list[Mistake]) -> list[Any]:
    """The first mistake of each code is part of `make check`, the others of `make test`."""
    first = {mistake.code: mistake for mistake in reversed(mistakes)}
    return [
        pytest.param(m, id=str(m), marks=() if m is first[m.code] else pytest.mark.slow) for m in mistakes
    ]


def loaded(root: Path) -> Loaded:
    return load(root, today=TODAY)


def test_the_small_content_is_clean(content: Path) -> None:
    assert [str(f) for f in loaded(content).findings] == []


def test_the_shipped_content_is_clean() -> None:
    """But for the next year's holidays, which nobody knows before its notice."""
    assert [str(f) for f in loaded(ROOT).findings if f.code != "calendar-missing"] == []


def test_the_corpus_is_large_and_wide() -> None:
    assert len(CORPUS) >= 150
    assert len({m.code for m in CORPUS}) >= 100


@pytest.mark.parametrize("mistake", one_of_each(CORPUS))
def test_a_mistake_is_found_where_it_is(content: Path, mistake: Mistake) -> None:
    path = content / mistake.file
    created = not path.exists()
    if created:
        path.touch()
    try:
        with edited(content, mistake.file, mistake.old, mistake.new) as start:
            place = mistake.place(content, start)
            found = loaded(content).findings
    finally:
        if created:
            path.unlink()
    places = [(f.code, f.file, f.line, f.col) for f in found]
    assert (mistake.code, *place) in places, "\n".join(map(str, found)) or "nothing"
    if mistake in ALONE:
        assert len(places) == 1, "\n".join(map(str, found))


@pytest.mark.slow  # make check looks at the content that all of them are made from
@pytest.mark.parametrize("mistake", TWINS, ids=str)
def test_its_clean_twin_reports_nothing(content: Path, mistake: Mistake) -> None:
    assert MARK not in mistake.twin
    with edited(content, mistake.file, mistake.old, mistake.twin):
        assert [str(f) for f in loaded(content).findings] == []


def test_a_gbk_file(content: Path) -> None:
    path = content / corpus_files.ZH
    before = path.read_bytes()
    path.write_bytes(before.decode().encode("gb18030"))
    try:
        found = loaded(content).findings
    finally:
        path.write_bytes(before)
    assert [(f.code, f.line, f.col) for f in found if f.file == corpus_files.ZH] == [("encoding", 2, 8)]


def test_every_saying_is_in_the_corpus() -> None:
    """What the corpus does not show is listed here, each with its reason."""
    elsewhere = {
        "unreadable", "missing-file", "empty", "syntax", "file-name", "nested", "no-person", "no-steps",
        # these are in test_files
        "words-renamed", "no-language",  # there too
        "too-large",  # test_watcher
        "encoding",  # above
        "menu-empty", "menu-no_action", "menu-two_actions", "menu-too_deep",  # test_menu
        "blank", "cell-astray", "column-idle", "column-twice", "not-a-table", "table-large", "table-row",
        # of a table: test_outlets_csv
        "off-person", "off-required", "off-link", "off-mentioned", "off-unknown",  # test_switched_off
        "no-example",  # tests/engine/test_pattern.py
        "stub-answer", "stub-field", "stub-day",  # tests/services/test_answers.py
    }  # fmt: skip
    assert set(sentences("findings")) - {m.code for m in CORPUS} - elsewhere == set()
