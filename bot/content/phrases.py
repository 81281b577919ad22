"""A phrase added to the words of a flow or page, in its file as it is written: comments and order stay."""

from __future__ import annotations

from typing import Any

import yaml

from bot.content.messages import STRINGS
from bot.content.read.files import Files
from bot.engine.flow import Target

WIDTH = 100
"""Columns after which a list goes on in the next line."""


class NoPlace(Exception):
    """The file is not written as such files are: the phrase has to be added by hand."""


def file_of(target: Target, language: str) -> str:
    return f"messages/{language}/{target.flow or 'pages'}.yaml"


def with_phrase(files: Files, target: Target, language: str, phrase: str) -> Files:
    """Returns the files with one phrase more.

    Raises:
        NoPlace
    """
    name = file_of(target, language)
    if name not in files:
        raise NoPlace(name)
    path = (target.page, "words") if target.page else ("words",)
    text = files[name].decode("utf-8-sig")
    changed = _added(text, path, " ".join(phrase.split()))
    if _words(changed, path) != [*_words(text, path), " ".join(phrase.split())]:
        raise NoPlace(name)
    mark = files[name][: -len(text.encode())]  # Windows' editors begin a file with one
    return {**files, name: mark + changed.encode()}


def _words(text: str, path: tuple[str, ...]) -> list[str]:
    data: Any = yaml.load(text, Loader=STRINGS)  # noqa: S506 - builds no objects
    for key in path:
        data = data.get(key, []) if isinstance(data, dict) else []
    return list(data)


def _added(text: str, path: tuple[str, ...], phrase: str) -> str:
    node: Any = yaml.compose(text, Loader=STRINGS)
    scalar = yaml.safe_dump([phrase], default_flow_style=True, allow_unicode=True, width=float("inf"))
    written, key = scalar.strip()[1:-1], None
    for name in path:
        parts = node.value if isinstance(node, yaml.MappingNode) else []
        around, (key, node) = node, next(((k, v) for k, v in parts if k.value == name), (None, None))
    if key is None or not isinstance(node, yaml.SequenceNode):
        return _begun(text, around, written)
    if not node.value:
        return _put(text, node.end_mark.index - 1, written)
    last = node.value[-1].end_mark
    if node.flow_style:
        long = last.column + len(written) > WIDTH
        return _put(
            text, last.index, f",\n{' ' * (key.start_mark.column + 2)}{written}" if long else f", {written}"
        )
    end = text.find("\n", last.index)
    return _put(text, end if end >= 0 else len(text), f"\n{' ' * node.start_mark.column}- {written}")


def _begun(text: str, around: Any, written: str) -> str:
    """Returns the file with its first list of phrases, after the title."""
    parts = around.value if isinstance(around, yaml.MappingNode) else []
    title = next(((k, v) for k, v in parts if k.value == "title"), None)
    if title is None:
        return text
    key, value = title
    if around.flow_style:
        return _put(text, value.end_mark.index, f", words: [{written}]")
    end = text.find("\n", value.end_mark.index)
    return _put(*(text, end if end >= 0 else len(text)), f"\n{' ' * key.start_mark.column}words: [{written}]")


def _put(text: str, at: int, words: str) -> str:
    return text[:at] + words + text[at:]
