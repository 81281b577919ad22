"""Checks for words with two meanings: recovery words, triggers, answers and labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.content.check.variants import labels, sentence
from bot.content.masking import private
from bot.content.read import models as m
from bot.content.read.source import Loc, Source
from bot.content.read.triggers import phrases_of
from bot.content.read.words import normal
from bot.engine import flow as f
from bot.engine.content import Content
from bot.reading.guess import GAP

RECOVERY = [name for name in m.RecoveryModel.model_fields if name not in ("change", "wrong", "language")]

Written = tuple[f.Target, Source, Loc]
"""A phrase's target, and its place."""
_BLANK = re.compile(r"[\u4e00-\u9fff] +[\u4e00-\u9fff]")
_NUMBERED = re.compile(r"\d{1,2}[.、．)）]")
_WILDCARD = re.compile(r"\.{2,}|[*|]|\.[+*]")
_OPPOSITE = {
    "no": re.compile(r"(?:先|暂)?不(?!过)|别(?!的|人)|no\b|not\b|don.t\b", re.IGNORECASE),
    "yes": re.compile(r"(?:确认|同意)(?!.*不)|yes\b|confirm\b|agree\b", re.IGNORECASE),
}
"""How an answer begins that means the opposite of what it stands for."""


def check_words(content: Content, sources: Mapping[str, Source]) -> None:
    reserved = _reserved(content, sources)
    changes = _changes(content)
    first: dict[str, Written] = {}
    listed: set[tuple[str, Loc, str]] = set()  # what is in each list so far
    for phrase, meant, file, loc in phrases_of(content.languages, content.flows, content.pages, content.off):
        source = sources[file]
        pieces = [normal(piece) for piece in phrase.split(GAP)]
        said = GAP.join(pieces)
        if "words" in loc and _BLANK.search(phrase) and not source.begins(loc, '"'):
            source.warn(loc, "trigger-blank", name=phrase)
        if not said:
            source.error(loc, "trigger-empty")
            continue
        if "" in pieces or _WILDCARD.search(phrase):
            source.error(loc, "trigger-gap", name=phrase)
        if said.isdigit():
            source.error(loc, "trigger-number", name=phrase)
        elif private(phrase):
            source.error(loc, "trigger-private")
        if said in reserved:
            source.error(loc, "reserved-word", name=phrase, means=reserved[said])
        elif said in changes:
            source.error(loc, "reserved-word", name=phrase, means="change")
        here, place = f"{source.file}:{source.at(loc)[0]}", (source.file, loc[:-1], said)
        mine = (meant, source, loc)
        other = first.setdefault(said, mine)
        where = f"{other[1].file}:{other[1].at(other[2])[0]}"
        if other[0] != meant:
            _twice(content, phrase, said, (other, mine))
        elif where.partition(":")[0] == source.file and (where != here or place in listed):
            source.warn(loc, "word-twice", name=phrase, where=where)
        listed.add(place)
    for code, language in content.languages.items():
        for name, words in language.flows.items():
            if name in content.flows:
                _labels(
                    content, content.flows[name], words, sources[f"messages/{code}/{name}.yaml"], reserved
                )


def _twice(content: Content, phrase: str, said: str, both: tuple[Written, Written]) -> None:
    """Told where it fits less; which of the two was written later, the files do not say."""
    wrong, right = sorted((both[1], both[0]), key=lambda one: _fits(content, one[0], said))
    (_, source, loc), (other, there, at) = wrong, right
    where = f"{there.file}:{there.at(at)[0]}"
    source.error(loc, "trigger-twice", name=phrase, other=other.name, where=where)


def _fits(content: Content, meant: f.Target, said: str) -> int:
    """Returns how many other phrases of a flow or page hold these words."""
    all_words = (
        (language.flows if meant.flow else language.pages).get(meant.flow or meant.page)
        for language in content.languages.values()
    )
    known = {normal(one) for words in all_words if words for one in (words.title, *words.words)}
    return sum(all(piece in one for piece in said.split(GAP)) for one in known if one != said)


def _reserved(content: Content, sources: Mapping[str, Source]) -> dict[str, str]:
    """Returns recovery words and words for yes and no with their meaning; none may have two."""
    meaning: dict[str, str] = {}
    for code in content.languages:
        source = sources[f"messages/{code}/common.yaml"]
        for means, word, loc in _common_words(source):
            said = normal(word)
            other = meaning.setdefault(said, means)
            if not said:
                source.error(loc, "trigger-empty")
            elif other != means:
                source.error(loc, "reserved-twice", name=word, means=other)
            if said.isdigit():
                source.error(loc, "trigger-number", name=word)
    return meaning


def _common_words(source: Source) -> Iterator[tuple[str, str, Loc]]:
    data = _map(source.data)
    recovery = _map(data.get("recovery"))
    lists: list[tuple[str, Any, Loc]] = [(name, recovery.get(name), ("recovery", name)) for name in RECOVERY]
    for code, words in _map(recovery.get("language")).items():
        lists.append((f"language:{code}", words, ("recovery", "language", code)))
    lists += [(key, data.get(key), (key,)) for key in ("yes", "no")]
    for means, words, loc in lists:
        for i, word in enumerate(words if isinstance(words, list) else ()):
            yield means, str(word), (*loc, i)


def _map(data: Any) -> dict[str, Any]:
    """Returns {} for what is no map, which has a finding of its own."""
    return data if isinstance(data, dict) else {}


def _changes(content: Content) -> set[str]:
    """Returns 改 + label: phrases that change an answer."""
    labels = {
        normal(slot.label)
        for language in content.languages.values()
        for words in language.flows.values()
        for slot in words.slots.values()
        if slot.label
    }
    plain = [normal(form) for form in content.change if f.GAP not in form]  # a gap gives it lower precedence
    return {form + label for form in plain for label in labels}


def _labels(
    content: Content, flow: f.Flow, words: f.FlowWords, source: Source, reserved: Mapping[str, str]
) -> None:
    """Checks labels of answers: no trigger, no recovery word, none twice under one question."""
    seen: dict[str, str] = {}
    for name, slot in words.slots.items():
        said = normal(slot.label)
        if said and said in seen and name in flow.slots:
            source.error(("slots", name, "label"), "label-twice", name=slot.label, other=seen[said])
        seen.setdefault(said, name)
        _answers(slot.values, ("slots", name, "values"), source, reserved)
        _called(slot.values, slot.words, ("slots", name), source, reserved)
    for step in flow.steps.values():
        text = words.texts.get(step.text)
        if text is None or not step.decides:
            continue
        loc: Loc = ("texts", step.text)
        answers: dict[str, f.Text] = {}
        for label, at in labels(text, loc):
            answer, name = str(at[-1]), _plain(label)
            answers[answer] = label
            said, wrong = normal(name), {"agreed": "no", "refused": "yes"}[answer]
            if said in content.triggers:
                source.error(at, "label-trigger", name=name, other=content.triggers[said].name)
            if reserved.get(said) == wrong or _OPPOSITE[wrong].match(name.strip()):
                source.error(at, "label-opposite", name=name, means=wrong)
            elif reserved.get(said, "yes") not in ("yes", "no"):
                source.error(at, "label-reserved", name=name, means=reserved[said])
        if len(answers) == 2 and normal(_plain(answers["agreed"])) == normal(_plain(answers["refused"])):
            source.error((*loc, "refused"), "answers-same", name=_plain(answers["refused"]))
        _called(answers, text.words, loc, source, reserved)


def _answers(values: Mapping[str, f.Text], loc: Loc, source: Source, reserved: Mapping[str, str]) -> None:
    seen: dict[str, str] = {}
    for value, label in values.items():
        at, name = (*loc, value), _plain(label)
        said = normal(name)
        if reserved.get(said, "yes") not in ("yes", "no"):
            source.error(at, "label-reserved", name=name, means=reserved[said])
        if said.isdigit() or _NUMBERED.match(name.strip()):
            source.error(at, "label-number", name=name)
        if said and said in seen:
            source.error(at, "answers-same", name=name)
        seen.setdefault(said, value)


def _called(
    labels: Mapping[str, f.Text],
    called: Mapping[str, tuple[str, ...]],
    loc: Loc,
    source: Source,
    reserved: Mapping[str, str],
) -> None:
    """Checks the other words for an answer: no recovery word, no number, and no word of two answers."""
    seen = {normal(_plain(label)): value for value, label in labels.items()}
    for value, words in called.items():
        for i, word in enumerate(words):
            at, said = (*loc, "words", value, i), normal(word)
            if not said:
                source.error(at, "trigger-empty")
            elif said.isdigit():
                source.error(at, "label-number", name=word)
            elif reserved.get(said, "yes") not in ("yes", "no"):
                source.error(at, "label-reserved", name=word, means=reserved[said])
            elif seen.setdefault(said, value) != value:
                source.error(at, "answers-same", name=word)


def _plain(text: f.Text) -> str:
    return sentence(text.variants[0]) if text.variants else ""
