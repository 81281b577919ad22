"""Turns the parser's events into plain data and the place of each part, in one pass.

Reports what YAML allows and no file here uses: anchors, aliases, tags, directives, endless nesting. An alias
can stand for a part around itself, or for more parts than memory holds: none is followed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from bot.content.read import value_checks

if TYPE_CHECKING:
    from bot.content.read.source import At, Loc, Source

DEEPEST = 100
"""Levels. From some ten thousand on, libyaml ends the process; our files have fewer than ten."""
_KEY_BEFORE = re.compile(r"""([^\s:{}\[\],]+|"[^"]*"|'[^']*')\s*:\s+$""")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+$")
_GLUED = re.compile("[:：]([\u3000\u00a0\u2002\u2003\u200b])")
"""A colon, and what looks like a space after it or like nothing."""
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_Scalar, _List, _Map = yaml.ScalarEvent, yaml.SequenceStartEvent, yaml.MappingStartEvent
_ENDS = (yaml.SequenceEndEvent, yaml.MappingEndEvent)


def compose(source: Source, text: str) -> Any:
    """Returns the data of the text, every scalar a string; None if there is none, or it uses a reported
    feature.

    Raises:
        yaml.YAMLError: it is no YAML, or more than one document; only such features are reported then.
    """
    before = len(source.findings)
    composer = _Composer(source, text)
    error: yaml.YAMLError | None = None
    data = None
    try:
        data = composer.whole()
    except yaml.YAMLError as e:
        error = composer.error or e
    error = error or composer.error
    if composer.unused or error:
        del source.findings[before:]
        source.keys.clear()
        source.values.clear()
        data = None
    for code, at in composer.unused:
        source.error((), code, at=at)
    if error and not composer.unused:
        raise error
    return data


def tame(text: str) -> str:
    """Returns the text, for a parser that composes it, which in C ends the process where it is nested deeper
    than memory holds.

    Raises:
        yaml.YAMLError: it is no YAML, nested too deep, or has an alias (see above).
    """
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST or isinstance(event, yaml.AliasEvent):
            raise _Wild
    return text


def data_of(text: str) -> Any:
    """Returns the data of a text that nothing has checked, every scalar a string. Raises as `tame`."""
    return yaml.load(tame(text), Loader=_Loader)  # noqa: S506 - builds no objects


class _Wild(yaml.YAMLError):
    """Nested too deep, or with an alias."""


class _Composer:
    """`unused`: features of no use here, each with its place. `error`: what was wrong before the end."""

    def __init__(self, source: Source, text: str) -> None:
        self.source, self.next = source, _Loader(text).get_event
        self.unused: list[tuple[str, At]] = []
        self.error: yaml.YAMLError | None = None
        self._anchors: set[str] = set()
        self._depth = 0
        self._lone: Loc | None = None

    def whole(self) -> Any:
        data, documents = None, 0
        event: Any
        while not isinstance(event := self.next(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if event.version or event.tags:
                    self._unused("directive", event)
                if documents == 1:
                    data = self._value(self.next(), ())
                else:
                    self._wrong("but found another document", event)
                    self._skip(self.next())
        return data

    def _value(self, event: Any, loc: Loc) -> Any:
        source, mark = self.source, event.start_mark
        source.values[loc] = (mark.line + 1, mark.column + 1)
        kind = type(event)
        if kind is _Scalar:
            if event.anchor or event.tag:
                self._node(event)
            value_checks.scalar(source, event, loc)
            return event.value
        if kind is yaml.AliasEvent:
            self._node(event)
            return ""
        self._enter(event)
        made = self._map(event, loc) if kind is _Map else self._list(event, loc)
        self._depth -= 1
        return made

    def _list(self, start: Any, loc: Loc) -> list[Any]:
        event: Any
        made: list[Any] = []
        scalars: list[Any] = []
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            if type(event) is _Scalar:
                scalars.append(event)
            made.append(self._value(event, (*loc, len(made))))
        if start.flow_style:
            value_checks.flow_list(self.source, scalars, loc)
        return made

    def _map(self, start: Any, loc: Loc) -> dict[str, Any]:
        source = self.source
        made: dict[str, Any] = {}
        lost = False
        key_event: Any
        while not isinstance(key_event := self.next(), yaml.MappingEndEvent):
            mark = key_event.start_mark
            at = (mark.line + 1, mark.column + 1)
            self._skip(key_event)
            event = self.next()
            if type(key_event) is not _Scalar:
                source.error(loc, "key", at=at)
                self._skip(event)
                continue
            key = key_event.value
            here = (*loc, key)
            if key in made:
                if key == next(iter(made)) and loc and isinstance(loc[-1], int) and len(made) > 1:
                    source.error(loc, "list-dash", at=at)  # the next entry's dash is missing
                    lost = True
                elif not lost:
                    source.error(loc, "duplicate-key", at=at, key_name=key, line=source.keys[here][0])
                self._skip(event)
                continue
            source.keys[here] = at
            if start.flow_style and type(event) is _Scalar and not event.value:
                self._lone_key(key_event, event, loc)
            made[key] = self._value(event, here)
        return made

    def _lone_key(self, key: Any, value: Any, loc: Loc) -> None:
        """Reports a comma or a full-width colon, which makes a key without a value of the text after it."""
        mark, plain = key.start_mark, not key.style
        before = self.source.lines[mark.line][: mark.column]
        comma = before.rfind(",")

        def tell(code: str, column: int, **about: Any) -> None:
            self.source.error(loc, code, at=(mark.line + 1, column + 1), **about)

        wide = key.value.find("：")
        if wide > 0 and plain:
            tell("full-width", mark.column + wide, sign="：", use=": ")
            return
        if value.start_mark.index != key.end_mark.index or self._lone == loc:
            return  # of this one a part was told
        self._lone = loc
        if (glued := _GLUED.search(key.value)) and plain:
            if glued[1] == "\u3000":  # the others have a finding of their own
                tell("colon-space", mark.column + glued.end() - 1)
        elif (stuck := re.search(r":(?=[^\s/])", key.value)) and plain:
            tell("colon-space", mark.column + stuck.end() - 1)
        elif comma < before.rfind("{"):  # the first entry
            tell("no-colon", mark.column)
        elif number := _THOUSANDS.search(f"{before}{key.value}"):
            tell("thousands", number.start(), name=number[0].replace(",", ""))
        else:
            code = "comma-list" if self.source.file.startswith("flows/") else "comma"
            tell(code, comma if comma >= 0 else mark.column, part=key.value)

    def _skip(self, event: Any) -> None:
        """Skips a node without keeping anything."""
        if isinstance(event, yaml.CollectionStartEvent):
            self._enter(event)
            inner: Any
            while not isinstance(inner := self.next(), _ENDS):
                self._skip(inner)
            self._depth -= 1
        elif event.anchor or event.tag:
            self._node(event)

    def _enter(self, event: Any) -> None:
        if event.anchor or event.tag:
            self._node(event)
        self._depth += 1
        if self._depth > DEEPEST:
            self._unused("nested", event)
            raise _Wild

    # --- what no file uses ---
    def _unused(self, code: str, event: Any) -> None:
        self.unused.append((code, _at(event)))

    def _wrong(self, problem: str, event: Any) -> None:
        self.error = self.error or yaml.MarkedYAMLError(None, None, problem, event.start_mark)

    def _node(self, event: Any) -> None:
        if type(event) is yaml.AliasEvent:
            if event.anchor in self._anchors:
                self.unused.append(("alias", _key_of(self.source, _at(event))))
            else:  # a sentence that begins with *
                self._wrong("found undefined alias", event)
        elif event.anchor:
            self._anchors.add(event.anchor)
            self._unused("anchor", event)
        elif event.tag:
            self._unused("tag", event)


def _at(event: Any) -> At:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _key_of(source: Source, at: At) -> At:
    """Returns the place of a value's key, for findings about a whole value."""
    line, col = at
    found = _KEY_BEFORE.search(source.lines[line - 1][: col - 1]) if line <= len(source.lines) else None
    return (line, found.start() + 1) if found else at
