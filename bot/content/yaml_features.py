"""What YAML can do and no file here uses: anchors, aliases, tags, directives, nesting without end.

Found in the parser's events, before anything is built of them: an alias can stand for a part around itself,
or for more parts than there is memory.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from bot.content.source import At, Source

DEEPEST = 100
"""Levels. From some ten thousand on, libyaml ends the process; what is written here has fewer than ten."""
_KEY_BEFORE = re.compile(r"""([^\s:{}\[\],]+|"[^"]*"|'[^']*')\s*:\s+$""")


def unused_features(source: Source, text: str, loader: Any) -> bool:
    """A finding for each of them, and whether there was one. What is no YAML is left to `yaml.compose`."""
    before, depth = len(source.findings), 0
    anchors: set[str] = set()
    try:
        for event in yaml.parse(text, Loader=loader):
            mark: Any = event.start_mark
            at = mark.line + 1, mark.column + 1
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > DEEPEST:
                source.error((), "nested", at=at)
                break
            if isinstance(event, yaml.DocumentStartEvent) and (event.version or event.tags):
                source.error((), "directive", at=at)
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor in anchors:  # else it is a sentence that begins with *
                    source.error((), "alias", at=_key_of(source, at))
            elif isinstance(event, yaml.NodeEvent):
                _node(source, event, at, anchors)
    except yaml.YAMLError:
        pass  # said by whoever composes
    return len(source.findings) > before


def _node(source: Source, event: Any, at: At, anchors: set[str]) -> None:
    if event.anchor:
        anchors.add(event.anchor)
        source.error((), "anchor", at=at)
    elif event.tag:
        source.error((), "tag", at=at)


def _key_of(source: Source, at: At) -> At:
    """Of a value the place of its key, where findings about a whole value stand."""
    line, col = at
    found = _KEY_BEFORE.search(source.lines[line - 1][: col - 1]) if line <= len(source.lines) else None
    return (line, found.start() + 1) if found else at
