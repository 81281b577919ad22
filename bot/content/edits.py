"""Changes a file of the content where it stands: other values, a phrase more. Its comments and order stay.

Each change is read back: one that is not found there as it was meant is not made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import reduce
from operator import getitem
from typing import Any

import yaml

from bot.content.messages import STRINGS
from bot.content.read.compose import data_of, tame
from bot.content.read.files import POLICY, Files
from bot.content.read.policy_file import PARTS
from bot.content.read.source import Loc
from bot.engine.flow import Target

WIDTH = 100
"""Columns after which a list goes on in the next line."""


class NoPlace(Exception):
    """The file is not written as such files are: it has to be changed by hand."""


def _parted(raw: bytes) -> tuple[bytes, str]:
    """Returns the mark with which Windows' editors begin a file, and its text."""
    text = raw.decode("utf-8-sig")
    return raw[: len(raw) - len(text.encode())], text


def _read(text: str) -> Any:
    try:
        return data_of(text)
    except yaml.YAMLError as e:  # a draft may be half done
        raise NoPlace(str(e)) from e


def _reads(text: str, wanted: Any) -> bool:
    try:
        return bool(_read(text) == wanted)
    except NoPlace:
        return False


def _node(text: str, path: Loc) -> tuple[Any, bool, int]:
    """Returns the value there or None; whether it stands in brackets; the column of what is around it."""
    try:
        node: Any = yaml.compose(tame(text), Loader=STRINGS)
    except yaml.YAMLError as e:
        raise NoPlace(str(e)) from e
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


def _put(text: str, at: int, words: str) -> str:
    return text[:at] + words + text[at:]


# --- a phrase more -----------------------------------------------------------------------------
def file_of(target: Target, language: str) -> str:
    return f"messages/{language}/{target.flow or 'pages'}.yaml"


def with_phrase(files: Files, target: Target, language: str, phrase: str) -> Files:
    """Returns the files with one phrase more among the words of a flow or page.

    Raises:
        NoPlace
    """
    name = file_of(target, language)
    if name not in files:
        raise NoPlace(name)
    path: Loc = (target.page, "words") if target.page else ("words",)
    mark, text = _parted(files[name])
    said = " ".join(phrase.split())
    changed = _added(text, path, said)
    if _words(changed, path) != [*_words(text, path), said]:
        raise NoPlace(name)
    return {**files, name: mark + changed.encode()}


def _words(text: str, path: Loc) -> list[str]:
    data = _read(text)
    for key in path:
        data = data.get(key, []) if isinstance(data, dict) else []
    return list(data)


def _added(text: str, path: Loc, phrase: str) -> str:
    scalar = yaml.safe_dump([phrase], default_flow_style=True, allow_unicode=True, width=float("inf"))
    written = scalar.strip()[1:-1]
    node, _, column = _node(text, path)
    if not isinstance(node, yaml.SequenceNode):
        return _begun(text, path, written)
    if not node.value:
        return _put(text, node.end_mark.index - 1, written)
    last = node.value[-1].end_mark
    if node.flow_style:
        long = last.column + len(written) > WIDTH
        return _put(text, last.index, f",\n{' ' * (column + 2)}{written}" if long else f", {written}")
    end = text.find("\n", last.index)
    return _put(text, end if end >= 0 else len(text), f"\n{' ' * node.start_mark.column}- {written}")


def _begun(text: str, path: Loc, written: str) -> str:
    """Returns the file with its first list of phrases, after the title."""
    title, flow, column = _node(text, (*path[:-1], "title"))
    if title is None:
        return text
    at = title.end_mark.index
    if flow:
        return _put(text, at, f", words: [{written}]")
    end = text.find("\n", at)
    return _put(text, end if end >= 0 else len(text), f"\n{' ' * column}words: [{written}]")


# --- other values ------------------------------------------------------------------------------
def with_values(files: Files, file: str, values: Mapping[Loc, str]) -> Files:
    """Returns the files with other values in one of them. What a value of the policy is to be from a day on
    is written below what it is before, if there is no such place yet.

    Raises:
        NoPlace.
    """
    mark, text = _parted(files.get(file, b""))
    values = {path: "\n".join(value.splitlines()).strip("\n") for path, value in values.items()}
    later = {path: value for path, value in values.items() if file == POLICY and _comes(text, path)}
    for path, value in values.items():
        if path not in later:
            text = _replaced(file, text, path, value)
    if later:
        text = _with_later(text, str(next(iter(later))[0]), {str(path[-1]): v for path, v in later.items()})
    return {**files, file: mark + text.encode()}


def _comes(text: str, path: Loc) -> bool:
    return path[0] not in PARTS and len(path) == 3 and _node(text, path[:2])[0] is None


def _with_later(text: str, name: str, part: Mapping[str, str]) -> str:
    """Writes what holds from a day on below what holds before.

    Raises:
        NoPlace.
    """
    node, _, column = _node(text, (name,))
    wanted = _read(text)
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
    if not _reads(made, wanted):
        raise NoPlace(POLICY)
    return made


def _last(node: Any) -> int:
    """Returns where what is written of a node ends, without the comments below it."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _last(last[1] if isinstance(last, tuple) else last)


def _plain(value: str) -> str:
    """As it stands in braces."""
    if value and _reads(f"{{a: {value}}}", {"a": value}):
        return value
    return json.dumps(value, ensure_ascii=False)


def _replaced(file: str, text: str, path: Loc, value: str) -> str:
    node, flow, column = _node(text, path)
    if not isinstance(node, yaml.ScalarNode):
        raise NoPlace(file)
    if node.value.rstrip("\n") == value:
        return text
    wanted = _read(text)
    reduce(getitem, path[:-1], wanted)[path[-1]] = value
    start, end = node.start_mark.index, _end(text, node, column)
    for written in _written(value, column + 2, block=not flow, plain=not node.style):
        made = text[:start] + written + text[end:]
        if _reads(made, wanted):
            return made
    raise NoPlace(file)


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
