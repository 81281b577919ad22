"""Single values of the content's files, as a simple form changes them: texts, policy, hours, outlets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from bot.content.read.compose import data_of
from bot.content.read.files import OUTLETS, POLICY, Files
from bot.content.read.policy_file import of, parts
from bot.content.read.source import Loc, strings
from bot.content.read.splicing import PHRASES, ROOMS

TEXT, HOURS, PLACE = "text", "hours", "place"


@dataclass(frozen=True)
class Field:
    """One value. `of`: what it may be, where that is a closed list."""

    path: Loc
    text: str
    of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """What is changed in one form. `path`: of its part in the file. `title`: of the flow, page or outlet, as
    residents read it; "" if there is none."""

    file: str
    path: Loc
    title: str
    fields: tuple[Field, ...]

    def __contains__(self, words: str) -> bool:
        """Checks whether it holds these words, whatever their case."""
        sought = [self.title, ".".join(map(str, self.path)), *(field.text for field in self.fields)]
        return words.casefold() in "\n".join(sought).casefold()


def entries(files: Files) -> Iterator[Entry]:
    """Yields what a simple form can change: texts, values and hours of the policy, outlets."""
    for name in sorted(files):
        if name in (POLICY, OUTLETS) or (name.startswith("messages/") and name.endswith(".yaml")):
            yield from _entries(name, files[name])


def entry(files: Files, file: str, path: Loc) -> Entry | None:
    found = _entries(file, files[file]) if file in files else ()
    return next((one for one in found if one.path == path), None)


@lru_cache(maxsize=256)
def _entries(file: str, raw: bytes) -> tuple[Entry, ...]:
    try:
        data = data_of(raw.decode("utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError):  # what serves was checked; a draft may be broken
        return ()
    if file == OUTLETS:
        return tuple(_outlets(data)) if isinstance(data, list) else ()
    if not isinstance(data, dict):
        return ()
    return tuple(_policy(data) if file == POLICY else _texts(file, data))


def _texts(file: str, data: Mapping[str, Any]) -> Iterator[Entry]:
    pages = file.endswith("/pages.yaml")
    for path, text in strings(data, _no_sentence):
        titled = data.get(str(path[0])) if pages else data
        title = titled.get("title", "") if isinstance(titled, dict) else ""
        yield Entry(file, path, title if isinstance(title, str) else "", (Field(path, text),))


def _no_sentence(path: Loc, part: Any) -> bool:
    """Checks for phrases, which have a form of their own, and conditions of variants."""
    key = path[-1]
    phrases = key in PHRASES and not isinstance(part, str)
    return phrases or key in ("if", "when") or (len(path) == 1 and key in ROOMS)


def _policy(data: Mapping[str, Any]) -> Iterator[Entry]:
    for name, value in data.items():
        if name == "hours" and isinstance(value, dict):
            yield from (
                Entry(POLICY, (name, of), "", tuple(_hours((name, of), v))) for of, v in value.items()
            )
        elif fields := [field for loc, part in parts(name, value) for field in _dated(loc, part, of(value))]:
            count = len(value) if isinstance(value, list) else 1
            empty = dict.fromkeys(("from", "value", "source", "checked"), "")
            more = _dated((name, count), empty, ("", *of(value)) if of(value) else ())
            yield Entry(POLICY, (name,), "", (*fields, *more))


def _dated(loc: Loc, part: Mapping[str, Any], among: tuple[str, ...]) -> Iterator[Field]:
    for key in ("from", "value", "source", "checked"):
        if isinstance(part.get(key), str):
            yield Field((*loc, key), part[key], among if key == "value" else ())


def _outlets(data: list[Any]) -> Iterator[Entry]:
    for index, place in enumerate(data):
        if isinstance(place, dict) and isinstance(place.get("name"), str):
            known = [part for part in ("name", "address", "phone") if isinstance(place.get(part), str)]
            fields = [Field((index, part), place[part]) for part in known]
            fields += _hours((index, "hours"), place.get("hours"))
            yield Entry(OUTLETS, (index,), place["name"], tuple(fields))


def _hours(path: Loc, spans: Any) -> Iterator[Field]:
    for index, span in enumerate(spans if isinstance(spans, list) else ()):
        if isinstance(span, dict):
            yield from (
                Field((*path, index, part), span[part])
                for part in ("days", "from", "to", "since", "until")
                if isinstance(span.get(part), str)
            )
