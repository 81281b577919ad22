"""messages/<lang>/: reads all texts of one language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.content.read import models as m
from bot.content.read.source import Loc, Source, nearest
from bot.content.read.validation import mapping, model, wrong_shape
from bot.content.read.words import text
from bot.engine import flow as f
from bot.reading.choices import spoken
from bot.reading.clean import normal
from bot.reading.remarks import Remarks
from bot.reading.remarks import read as remarks_of

_PART_OF_DATE = re.compile(r"\{(?:[ymd](?::02)?|w)\}")
NOT_TEXTS = (
    *("recovery", "yes", "no", "fillers", "remarks", "own", "about", "codes", "dates", "weekdays"),
    "on_page",
)


def read_flow_words(source: Source) -> f.FlowWords | None:
    found = model(source, m.FlowWordsModel)
    return None if found is None else _flow_words(found, source)


def _flow_words(found: m.FlowWordsModel, source: Source) -> f.FlowWords:
    def one(raw: Any, *loc: str | int) -> f.Text | None:
        return None if raw is None else text(raw, source, loc)

    slots = {
        name: f.SlotWords(
            label=slot.label,
            also=tuple(slot.also),
            ask=one(slot.ask, "slots", name, "ask"),
            values={v: text(raw, source, ("slots", name, "values", v)) for v, raw in slot.values.items()},
            words={v: spoken(words) for v, words in slot.words.items()},
            again=tuple(text(raw, source, ("slots", name, "again", i)) for i, raw in enumerate(slot.again)),
            help=one(slot.help, "slots", name, "help"),
            why=one(slot.why, "slots", name, "why"),
            line=one(slot.line, "slots", name, "line"),
        )
        for name, slot in found.slots.items()
    }
    if not found.title.strip():
        source.error(("title",), "empty-text")
    texts = {name: text(raw, source, ("texts", name)) for name, raw in found.texts.items()}
    return f.FlowWords(found.title, tuple(found.words), slots=slots, texts=texts)


def read_pages(source: Source) -> dict[str, f.FlowWords]:
    pages: dict[str, f.FlowWords] = {}
    for name, raw in mapping(source).items():
        page = model(source, m.PageWordsModel, raw, (name,))
        if page:
            made = text(page.text, source, (name, "text"))
            pages[name] = f.FlowWords(page.title, tuple(page.words), tuple(page.things), texts={"text": made})
    return pages


def read_common(source: Source) -> tuple[dict[str, f.Text], dict[str, dict[str, str]], dict[str, Any]]:
    """Returns the engine's texts, the words for codes, and how dates are written."""
    data = mapping(source)
    for key in [key for key in data if key not in NOT_TEXTS]:
        parts = [part for part in ("recovery", "remarks", "codes", "on_page") if part not in data]
        if not isinstance(data[key], str) and nearest(key, parts):
            source.error((key,), "unknown-key", key=True, name=key, known=parts)
            data = {name: value for name, value in data.items() if name != key}
    texts = {key: text(raw, source, (key,)) for key, raw in data.items() if key not in NOT_TEXTS}
    codes: dict[str, dict[str, str]] = {}
    raw_codes = data.get("codes", {})
    if not isinstance(raw_codes, dict):
        wrong_shape(source, ("codes",), "dict_type")
        raw_codes = {}
    for name, raw in raw_codes.items():
        if (words := _words_by_name(source, ("codes", name), raw)) is not None:
            codes[name] = words
    extra: dict[str, Any] = {}
    if "dates" in data:
        extra["dates"] = _dates(source, data["dates"])
    if "weekdays" in data:
        days = data["weekdays"]
        if isinstance(days, list) and len(days) == 7 and all(isinstance(day, str) for day in days):
            extra["weekdays"] = tuple(days)
        else:
            source.error(("weekdays",), "weekdays")
    for key in ("own", "about"):
        if isinstance(words := data.get(key, []), list) and all(isinstance(word, str) for word in words):
            extra[key] = tuple(words)
        else:
            wrong_shape(source, (key,), "list_type")
    if (pairs := _words_by_name(source, ("on_page",), data.get("on_page", {}))) is not None:
        extra["on_page"] = pairs
    for key in ("yes", "no"):
        if not isinstance(data.get(key), list) and data:
            source.error((key,), "missing-engine-text", name=key)
    return texts, codes, extra


def _words_by_name(source: Source, loc: Loc, raw: Any) -> dict[str, str] | None:
    if isinstance(raw, dict) and all(isinstance(words, str) for words in raw.values()):
        return raw
    wrong_shape(source, loc, "dict_type")
    return None


def _dates(source: Source, pattern: Any) -> str:
    if isinstance(pattern, str) and not re.search(r"[{}]", _PART_OF_DATE.sub("", pattern)):
        return pattern
    source.error(("dates",), "dates")
    return "{y}-{m}-{d}"


def words_of(key: str, commons: list[Source]) -> frozenset[str]:
    """Returns words for yes or no, normalised, of every language."""
    lists = (s.data.get(key) for s in commons if isinstance(s.data, dict))
    return frozenset(normal(str(w)) for words in lists if isinstance(words, list) for w in words)


def recovery(commons: Mapping[str, Source]) -> tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]:
    """Returns the words, and the forms of `change` and of `wrong`. Every language's words work, whatever
    language the resident reads."""
    words: dict[str, str] = {}
    change: list[str] = []
    wrong: list[str] = []
    for source in commons.values():
        if not isinstance(source.data, dict):
            continue
        if "recovery" not in source.data:
            if not any(x.code == "unknown-key" for x in source.findings):
                source.error((), "missing-key", name="recovery")
            continue
        found = model(source, m.RecoveryModel, source.data["recovery"], ("recovery",))
        if found is None:
            continue
        for name, raw in found:
            if name == "change":
                change += [raw] if isinstance(raw, str) else raw
            elif name == "wrong":
                wrong += raw
            elif name == "language":
                for code, spoken in raw.items():
                    if code not in commons:
                        source.error(
                            ("recovery", "language", code),
                            "unknown-language",
                            key=True,
                            name=code,
                            known=commons,
                        )
                    words |= {normal(w): f"language:{code}" for w in spoken}
            else:
                words |= {normal(w): name for w in raw}
    return words, tuple(change), tuple(wrong)


def remarks(commons: Mapping[str, Source], fillers: frozenset[str]) -> Remarks:
    """Returns the remarks of every language, like the recovery words; by kind, in the order of the model."""
    phrases: dict[str, list[str]] = {kind: [] for kind in m.RemarksModel.model_fields}
    for source in commons.values():
        raw = source.data.get("remarks", {}) if isinstance(source.data, dict) else {}
        found = model(source, m.RemarksModel, raw, ("remarks",))
        for kind, said in found or ():
            phrases[kind] += said
    return remarks_of(phrases, fillers)
