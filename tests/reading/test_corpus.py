"""Plays tests/reading/*.yaml: what residents write to each type of question, and what is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from loaded import read_yaml

from bot.engine.flow import Slot
from bot.reading.choices import Choice, spoken
from bot.reading.clean import Said
from bot.reading.find import READERS, find
from bot.reading.numbers import codes
from bot.reading.results import Doubtful, Invalid
from bot.reading.secrets import without_secrets

HERE = Path(__file__).parent
MONDAY = "2026-11-23"
LEAST = 40


@dataclass
class Corpus:
    """`answers`: words and their value. `others`: words and what happens: no, never, doubt, a text."""

    slot: dict[str, Any]
    answers: list[tuple[str, Any]]
    others: list[tuple[str, str]]
    choices: list[dict[str, Any]] = field(default_factory=list)
    today: str = MONDAY
    code: str = ""

    def __post_init__(self) -> None:
        self.shown = tuple(
            Choice(c["value"], c["label"], c.get("number", 0), words=spoken(c.get("words", ())))
            for c in self.choices
        )

    def made_of(self, words: str) -> Any:
        """The value, or what happens."""
        if self.code:
            found = codes(Said(words))
            return self.code if found == {self.code} else "wrong" if found else "no"
        found = find(Slot("slot", **self.slot), Said(words), self.shown, self.today)
        if isinstance(found, Doubtful):
            return "doubt" if found.likely else "no"
        return (found.text or "never") if isinstance(found, Invalid) else found


def corpus(name: str) -> Corpus:
    return Corpus(**read_yaml(HERE / f"{name}.yaml"))


NAMES = sorted(p.stem for p in HERE.glob("*.yaml") if "slot" in read_yaml(p))


@pytest.mark.parametrize("name", NAMES)
def test_what_answers_is_read(name: str) -> None:
    known = corpus(name)
    wrong = {words: made for words, value in known.answers if (made := known.made_of(words)) != value}
    assert not wrong


@pytest.mark.parametrize("name", NAMES)
def test_what_does_not_answer_is_not_taken_for_an_answer(name: str) -> None:
    known = corpus(name)
    fits = {"no": {"no", "never"}, "wrong": {"wrong", "no"}}
    wrong = {}
    for words, happens in known.others:
        made = known.made_of(words)
        if made not in fits.get(happens, {happens}) and not (known.code and made != known.code):
            wrong[words] = made
    assert not wrong


def test_every_type_that_is_asked_has_forty_wordings_that_answer_and_forty_that_do_not() -> None:
    known = [corpus(name) for name in NAMES]
    asked = {c.slot["type"] for c in known}
    assert asked == READERS.keys() - {"text"} | {"choice", "code"}
    few = [c.slot for c in known if len(c.answers) < LEAST or len(c.others) < LEAST]
    assert not few


def _secrets() -> dict[str, list[str]]:
    data: dict[str, list[str]] = read_yaml(HERE / "secrets.yaml")
    return data


def test_no_secret_of_a_sentence_is_left_in_it() -> None:
    left = {
        words: rest
        for words in _secrets()["answers"]
        if (rest := without_secrets(Said(words))) is None
        or any(secret in rest for secret in ("123", "842", "888", "147", "hunter", "hello", "abc", "八"))
    }
    assert not left


def test_who_only_speaks_of_a_secret_tells_none() -> None:
    assert not [words for words in _secrets()["others"] if without_secrets(Said(words)) is not None]
