"""Single values of the content's files: found, and replaced where they stand: comments and order stay."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from bot.content.messages import STRINGS
from bot.content.phrases import NoPlace
from bot.content.read.files import OUTLETS, POLICY, Files
from bot.content.read.overlay import PHRASES, ROOMS
from bot.content.read.policy_file import PARTS, of, parts
from bot.content.read.source import Loc

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
        data: Any = yaml.load(raw.decode("utf-8-sig"), Loader=STRINGS)  # noqa: S506 - builds no objects
    except (yaml.YAMLError, UnicodeDecodeError):  # what serves was checked; a draft may be broken
        return ()
    if file == OUTLETS:
        return tuple(_outlets(data)) if isinstance(data, list) else ()
    if not isinstance(data, dict):
        return ()
    return tuple(_policy(data) if file == POLICY else _texts(file, data))


def _texts(file: str, data: Mapping[str, Any]) -> Iterator[Entry]:
    pages = file.endswith("/pages.yaml")
    for path, text in _leaves((), data):
        titled = data.get(str(path[0])) if pages else data
        title = titled.get("title", "") if isinstance(titled, dict) else ""
        yield Entry(file, path, title if isinstance(title, str) else "", (Field(path, text),))


def _leaves(path: Loc, value: Any) -> Iterator[tuple[Loc, str]]:
    """Yields sentences: no phrases, which have a form of their own, and no conditions of variants."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            phrases = key in PHRASES and not isinstance(part, str)
            if not (phrases or key in ("if", "when") or (not path and key in ROOMS)):
                yield from _leaves((*path, key), part)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _leaves((*path, index), part)


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


# --- replacing ---------------------------------------------------------------------------------
def with_values(files: Files, file: str, values: Mapping[Loc, str]) -> Files:
    """Returns the files with other values in one of them. What a value of the policy is to be from a day on
    is written below what it is before, if there is no such place yet.

    Raises:
        NoPlace: the file is not written as such files are: the value has to be changed by hand.
    """
    raw = files.get(file, b"")
    text = raw.decode("utf-8-sig")
    values = {path: "\n".join(value.splitlines()).strip("\n") for path, value in values.items()}
    later = {path: value for path, value in values.items() if file == POLICY and _comes(text, path)}
    for path, value in values.items():
        if path not in later:
            text = _replaced(file, text, path, value)
    if later:
        text = _with_later(text, str(next(iter(later))[0]), {str(path[-1]): v for path, v in later.items()})
    mark = raw[: len(raw) - len(raw.decode("utf-8-sig").encode())]  # Windows' editors begin a file with one
    return {**files, file: mark + text.encode()}


def _comes(text: str, path: Loc) -> bool:
    return path[0] not in PARTS and len(path) == 3 and _node(text, path[:2])[0] is None


def _with_later(text: str, name: str, part: Mapping[str, str]) -> str:
    """Writes what holds from a day on below what holds before.

    Raises:
        NoPlace.
    """
    node, _, column = _node(text, (name,))
    wanted: Any = yaml.load(text, Loader=STRINGS)  # noqa: S506 - builds no objects
    was = wanted[name]
    given = ("from", "value", "source", "checked") if part.get("from") else ("value", "source", "checked")
    part = {key: part.get(key, "") for key in given}
    wanted[name] = [*(was if isinstance(was, list) else [was]), part]
    item = "{" + ", ".join(f"{key}: {_plain(value)}" for key, value in part.items()) + "}"
    start, end = node.start_mark.index, _last(node)
    indent = " " * (column + 2 if node.flow_style else node.start_mark.column)
    if isinstance(node, yaml.SequenceNode) and node.flow_style:
        made = f"{text[: end - 1].rstrip().rstrip(',')}, {item}{text[end - 1 :]}"
    else:
        stop = text.find("\n", end) if "\n" in text[end:] else len(text)
        before, held = text[:start], text[start:stop]
        if isinstance(node, yaml.MappingNode):  # the one value so far becomes the first of a list
            before = f"{before.rstrip(' ')}\n{indent}" if node.flow_style else before
            held = "- " + held.replace("\n", "\n  ")
        made = f"{before}{held}\n{indent}- {item}{text[stop:]}"
    try:
        if yaml.load(made, Loader=STRINGS) == wanted:  # noqa: S506 - builds no objects
            return made
    except yaml.YAMLError:
        pass
    raise NoPlace(POLICY)


def _last(node: Any) -> int:
    """Returns where what is written of a node ends, without the comments below it."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _last(last[1] if isinstance(last, tuple) else last)


def _plain(value: str) -> str:
    """As it stands in braces."""
    try:
        if value and yaml.load(f"{{a: {value}}}", Loader=STRINGS) == {"a": value}:  # noqa: S506 - no objects
            return value
    except yaml.YAMLError:
        pass
    return json.dumps(value, ensure_ascii=False)


def _replaced(file: str, text: str, path: Loc, value: str) -> str:
    node, flow, column = _node(text, path)
    wanted: Any = yaml.load(text, Loader=STRINGS)  # noqa: S506 - builds no objects
    if not isinstance(node, yaml.ScalarNode):
        raise NoPlace(file)
    if node.value.rstrip("\n") == value:
        return text
    wanted = _set(wanted, path, value)
    start, end = node.start_mark.index, _end(text, node, column)
    for written in _written(value, column + 2, block=not flow, plain=not node.style):
        made = text[:start] + written + text[end:]
        try:
            if yaml.load(made, Loader=STRINGS) == wanted:  # noqa: S506 - builds no objects
                return made
        except yaml.YAMLError:
            continue
    raise NoPlace(file)


def _node(text: str, path: Loc) -> tuple[Any, bool, int]:
    """Returns the value there or None; whether it stands in brackets; the column of what is around it."""
    node: Any = yaml.compose(text, Loader=STRINGS)
    flow, column = False, 0
    for part in path:
        if node is None:
            break
        flow, column = flow or bool(getattr(node, "flow_style", False)), node.start_mark.column
        if isinstance(part, int):
            items = node.value if isinstance(node, yaml.SequenceNode) else []
            node = items[part] if part < len(items) else None
        else:
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            node = next((v for k, v in pairs if k.value == part), None)
    return node, flow, column


def _written(value: str, indent: int, block: bool, plain: bool) -> Iterator[str]:
    """Yields ways to write it, the most readable first; the first that is read back as it was will do."""
    if "\n" in value and block:
        lines = [f"{' ' * indent}{line}" if line else "" for line in value.split("\n")]
        yield "\n".join(["|-", *lines])
    elif plain and value:
        yield value
    yield json.dumps(value, ensure_ascii=False)
    yield json.dumps(value)


def _end(text: str, node: yaml.ScalarNode, column: int) -> int:
    """Returns where the value ends; a block ends with its last line, whatever blank lines come after it."""
    if node.style not in ("|", ">"):
        return int(node.end_mark.index)
    end = at = text.find("\n", node.start_mark.index)
    while 0 <= at < len(text):
        stop = text.find("\n", at + 1)
        line = text[at + 1 : stop if stop >= 0 else len(text)]
        if line.strip() and len(line) - len(line.lstrip(" ")) <= column:
            break
        end = at + 1 + len(line) if line.strip() else end
        at = stop
    return end if end >= 0 else len(text)


def _set(data: Any, path: Loc, value: str) -> Any:
    made = there = copy.deepcopy(data)
    for part in path[:-1]:
        there = there[part]
    there[path[-1]] = value
    return made
