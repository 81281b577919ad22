"""Reads texts from YAML into compiled variants. Braces can hold only `{path}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from bot.content.read.forms import is_flag
from bot.content.read.models import TestModel
from bot.content.read.source import Loc, Source
from bot.engine import flow as f
from bot.reading import clean

_PLACE = re.compile(r"\{([^{}]*)\}")
_WRONG_PLACE = re.compile(r"[（【《〈<\[(]\s*([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)\s*[）】》〉>\])]")
"""A path in brackets of another kind."""
_OTHER_PLACE = re.compile(r"[$%]\{([^{}]*)\}|\{\{([^{}]*)\}\}")
"""A placeholder as other programs write it."""
_SAYS = re.compile(r"[^\W_]|[\u2190-\u2bff\U0001f000-\U0001faff]")
"""A letter, a digit, a Chinese character or a picture: a text without one says nothing."""
_PATH = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,2}$")
_ORDERED = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d")
WORDS = 65_536
"""More than a city's content has (12,000 phrases): a cache that holds fewer finds nothing, since each check
goes through all of them in order."""
normal = lru_cache(maxsize=WORDS)(clean.normal)
"""Caches the content's own phrases, which each check repeats; residents' messages are not kept."""
ANSWERS = ("agreed", "refused")
KEYS = ("text", *ANSWERS, "version", "words")
NOTHING = f.Text(variants=(f.Variant((), ("",)),))


def text(raw: Any, source: Source, loc: Loc) -> f.Text:
    """Reads a sentence, a list of variants, or a map of `KEYS`. Findings go to `source`."""
    if isinstance(raw, dict) and raw and not raw.keys() & {"if", *KEYS}:  # - a sentence: with a colon
        source.error((*loc, min(raw)), "colon", key=True)
        return NOTHING
    if isinstance(raw, dict) and "if" not in raw:
        for key in sorted(set(raw) - set(KEYS)):
            source.error((*loc, key), "unknown-key", key=True, name=key, known=KEYS)
        body = text(raw.get("text", ""), source, (*loc, "text"))
        parts = {k: text(raw[k], source, (*loc, k)) for k in ANSWERS if k in raw}
        version, called = str(raw.get("version", "")), _called(raw.get("words", {}), source, (*loc, "words"))
        return f.Text(body.variants, parts.get("agreed"), parts.get("refused"), version, called)
    items = raw if isinstance(raw, list) and raw else [raw]
    made = f.Text(
        tuple(_variant(item, source, (*loc, i) if raw is items else loc) for i, item in enumerate(items))
    )
    always = next((i for i, variant in enumerate(made.variants[:-1]) if not variant.when), None)
    if always is not None:
        source.error((*loc, always + 1), "variant-never")
    return made


def _called(raw: Any, source: Source, loc: Loc) -> dict[str, tuple[str, ...]]:
    """Reads {agreed: […], refused: […]}: other words for these answers."""
    if not isinstance(raw, dict) or not all(isinstance(words, list) for words in raw.values()):
        source.error(loc, "answer-words", key=True)
        return {}
    for key in sorted(set(raw) - set(ANSWERS)):
        source.error((*loc, key), "unknown-key", key=True, name=key, known=ANSWERS)
    return {key: tuple(normal(str(word)) for word in words) for key, words in raw.items()}


def _variant(raw: Any, source: Source, loc: Loc) -> f.Variant:
    when: f.Cond = ()
    if isinstance(raw, dict):
        for key in sorted(set(raw) - {"if", "text"}):
            source.error((*loc, key), "unknown-key", key=True, name=key, known=("if", "text"))
        when = cond(raw.get("if") or {}, source, (*loc, "if"))
        raw, loc = raw.get("text"), (*loc, "text")
    text = raw if isinstance(raw, str) and raw.strip() not in ("null", "nil") else ""
    if not _SAYS.search(text):
        source.error(loc, "empty-text", key=True)
        return f.Variant(when, (text,))
    return f.Variant(when, parts(text.strip("\n"), source, loc))


def parts(raw: str, source: Source, loc: Loc) -> tuple[str | f.Place, ...]:
    found: list[str | f.Place] = []
    end = 0
    if other := _OTHER_PLACE.search(raw):
        _no_place(source, loc, other)
        raw = _OTHER_PLACE.sub("", raw)
    for match in _PLACE.finditer(raw):
        path = match[1].strip()
        if _PATH.match(path):
            found += [raw[end : match.start()], f.Place(path)]
            end = match.end()
        else:
            source.error(loc, "brace", near=match[0], name=match[0])
    rest = _PLACE.sub(lambda match: "\0" * len(match[0]), raw)
    if alone := re.search(r"[{}]", rest):
        source.error(loc, "brace-alone", near=raw[alone.start() : alone.start() + 20])
    elif wrong := _WRONG_PLACE.search(rest):
        _no_place(source, loc, wrong)
    return tuple(p for p in (*found, raw[end:]) if p != "")


def _no_place(source: Source, loc: Loc, found: re.Match[str]) -> None:
    """A path in other signs than braces."""
    meant = f"{{{found[found.lastindex or 0].strip()}}}"
    source.error(loc, "brace", near=found[0], name=found[0], known=(meant,))


def cond(raw: Any, source: Source, loc: Loc) -> f.Cond:
    """Reads {path: value, …}: all must hold; or a list of such maps: one must."""
    if isinstance(raw, list) and raw:
        return (f.Test("", either=tuple(cond(one, source, (*loc, i)) for i, one in enumerate(raw))),)
    if not isinstance(raw, Mapping):
        source.error(loc, "condition-map")
        return ()
    return tuple(_test(path, value, source, (*loc, path)) for path, value in raw.items())


def _test(path: str, value: Any, source: Source, loc: Loc) -> f.Test:
    if not _PATH.match(path):
        source.error(loc, "path", key=True, name=path)
    if isinstance(value, TestModel):
        value = value.model_dump(exclude_none=True, by_alias=True)
    if isinstance(value, str):
        return f.Test(path, any_of=(value,))
    if isinstance(value, list):
        return f.Test(path, any_of=tuple(map(str, value)))
    try:
        test = TestModel.model_validate(value)
        if len(test.model_fields_set) != 1 and test.model_fields_set != {"below", "min"}:
            raise ValueError(path)
        if test.given is not None and is_flag(test.given) is None:
            raise ValueError(path)
        given = None if test.given is None else is_yes(test.given)
        none_of = (test.not_,) if isinstance(test.not_, str) else tuple(test.not_ or ())
        limits = limit(test.below), limit(test.min)
        if not (none_of or test.same or limits != (None, None) or given is not None):
            raise ValueError(path)
        return f.Test(path, (), given, *limits, none_of, test.same or "")
    except (ValidationError, ValueError):
        source.error(loc, "condition")
        return f.Test(path, given=True)


def limit(raw: str | None) -> float | str | None:
    """Parses a number, a day, a time of day, or the path of one. Raises ValueError."""
    if raw is None or _PATH.match(raw):
        return raw
    if _ORDERED.fullmatch(raw):
        time.fromisoformat(raw) if ":" in raw else date.fromisoformat(raw)
        return raw
    return float(raw)


def whole(raw: str) -> int | None:
    """Parses a whole number of at most five digits, so that days stay in the calendar; None for all else."""
    return int(raw) if re.fullmatch(r"[0-9]{1,5}", raw) else None


def is_no(raw: str) -> bool:
    """Whether that is said; "" says nothing."""
    return raw.lower() in ("no", "false")


def is_yes(raw: str) -> bool:
    return raw.lower() in ("yes", "true")


def flag(source: Source, raw: str, loc: Loc) -> bool:
    """Reads yes, no, true or false; an error for anything else."""
    if is_flag(raw) is None:
        source.error(loc, "yes-no", name=raw)
    return is_yes(raw)
