"""Reads the turns of a replay file: what is done, and what is expected."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bot.content.read.files import LARGEST
from bot.content.read.source import Loc, Source, nearest
from bot.content.read.words import flag
from bot.kit.replay.conversation import Alternatives, Called, Turn, Wanted
from bot.kit.replay.models import ACTS, EVENTS, INSTEAD, KINDS, UNANSWERED, OneOf
from bot.kit.replay.models import Turn as TurnModel
from bot.kit.replay.reports import Unreported, event_of

MOST_TOGETHER = 3
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_BACK = re.compile(r"[1-9][0-9]{0,2}")
_END = re.compile(r"[a-z][a-z0-9_]*\.(?:end|stop)|nothing")
_TEXT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+!?")
_SPAN = re.compile(r"([0-9]{1,7})\s*([smhd])")


class Turns:
    """`folder`: directory of recorded bodies. Mistakes become findings of the source."""

    def __init__(self, source: Source, folder: Path) -> None:
        self.source, self.folder = source, folder

    def turn(self, raw: TurnModel, loc: Loc, inner: bool = False) -> Turn:
        acts = [name for name in ACTS if getattr(raw, name) is not None]
        if len(acts) != 1:
            found = ", ".join(acts or raw.model_fields_set) or "—"
            self.source.error(loc, "one-act", acts=", ".join(ACTS), found=found)
            return Turn("say", "", loc)
        act = acts[0]
        value: Any = getattr(raw, act)
        if inner and act in ("together", *UNANSWERED):
            self.source.error((*loc, act), "not-together", key=True, name=act)
        together: tuple[Turn, ...] = ()
        if act == "together":
            if not 2 <= len(value) <= MOST_TOGETHER:
                self.source.error((*loc, act), "together-few", most=MOST_TOGETHER)
            else:
                together = tuple(self.turn(t, (*loc, act, i), inner=True) for i, t in enumerate(value))
        elif act == "wait":
            value = self._span(value, (*loc, act))
        elif act == "bureau":
            self._reported(value, (*loc, act))
        elif act == "event":
            self._happened(value, (*loc, act))
        elif act == "send":
            self._sent(value, (*loc, act))
        elif act == "redeliver" and value != "last" and not _BACK.fullmatch(value):
            self.source.error((*loc, act), "which-delivery", name=value)
        elif act == "restart":
            flag(self.source, value, (*loc, act))
        elif act == "tap" and not isinstance(value, str):
            flag(self.source, value.old or "no", (*loc, act, "old"))
        elif act == "raw":
            file = value if isinstance(value, str) else value.file
            self._recorded(file, (*loc, act))
        return Turn(
            act,
            value,
            loc,
            self._alternatives(raw.expect, (*loc, "expect")),
            raw.at,
            None if raw.slots is None else tuple(raw.slots.items()),
            None if raw.calls is None else self._calls(raw.calls),
            None if raw.ends is None else self._ends(raw.ends, (*loc, "ends")),
            self._alternatives(raw.push, (*loc, "push")),
            None if raw.says is None else self._says(raw.says, (*loc, "says")),
            None if raw.words is None else self._words(raw, loc),
            together,
        )

    def _ends(self, raw: str | list[str], loc: Loc) -> tuple[str, ...]:
        ends = [raw] if isinstance(raw, str) else raw
        for name in ends:
            if not _END.fullmatch(name):
                self.source.error(loc, "no-ending", near=name, name=name)
        return tuple(ends)

    def _recorded(self, file: str, loc: Loc) -> None:
        beside = self.folder / file
        try:
            size = beside.stat().st_size if beside.is_file() else None
        except OSError:  # an invalid file name
            size = None
        if size is None:
            self.source.error(loc, "beside", name=file[:80])
        elif size > LARGEST:
            self.source.error(loc, "beside-large", name=file, most=f"{LARGEST:,}")

    def _happened(self, value: Any, loc: Loc) -> None:
        if not isinstance(value, str):
            self._one_of(value, loc)
        elif value not in EVENTS:
            among = ", ".join(EVENTS)
            self.source.error(loc, "unknown-event", name=value, known=EVENTS, among=among)

    def _one_of(self, value: BaseModel, loc: Loc, *beside: str) -> None:
        """Reports a map that says nothing, or several things, of which one would count. `beside`: other
        keys of it."""
        known = [name for name in type(value).model_fields if name not in beside]
        found = [name for name in known if getattr(value, name) is not None]
        if len(found) != 1:
            self.source.error(loc, "one-of", among=", ".join(known), found=", ".join(found) or "—")

    def _reported(self, value: Any, loc: Loc) -> None:
        try:
            event_of(value, "0", 1)
        except Unreported as e:
            self.source.error((*loc, e.name) if e.name in value else loc, e.code, name=e.name, **e.about)

    def _sent(self, value: Any, loc: Loc) -> None:
        if isinstance(value, str):  # another kind of WeChat message may have been recorded
            meant = INSTEAD.get(value) or ("" if value in KINDS else nearest(value, KINDS))
            if meant:
                self.source.error(loc, "unknown-sent", name=value, close=meant)
            return
        self._one_of(value, loc, "label")
        if value.location is not None:
            try:
                lat, lon = (float(v) for v in value.location)
            except ValueError:
                lat = lon = 1000.0
            if not (abs(lat) <= 90 and abs(lon) <= 180):
                self.source.error(loc, "degrees")

    def _calls(self, raw: list[Any]) -> tuple[Called, ...]:
        made = []
        for one in raw:
            if isinstance(one, str):
                made.append(Called(one))
            else:
                made += [Called(action, given) for action, given in one.items()]
        return tuple(made)

    def _words(self, raw: TurnModel, loc: Loc) -> tuple[tuple[str, Wanted], ...]:
        if raw.expect is not None:
            self.source.error((*loc, "words"), "expect-or-words", key=True)
        words = raw.words or {}
        return tuple((code, self._wanted(text, (*loc, "words", code))) for code, text in words.items())

    def _says(self, raw: Any, loc: Loc) -> Alternatives:
        if isinstance(raw, OneOf):
            return tuple(made for n, one in enumerate(raw.any) for made in self._says(one, (*loc, "any", n)))
        ids = [raw] if isinstance(raw, str) else raw
        if ids in (["same"], ["nothing"], ["person"]):
            return ((Wanted(ids[0]),),)
        for name in ids or [""]:
            if not _TEXT.fullmatch(name):
                self.source.error(loc, "no-text-id", name=name)
        return ((Wanted("says", " ".join(ids)),),)

    def _alternatives(self, raw: Any, loc: Loc) -> Alternatives | None:
        if raw is None:
            return None
        if isinstance(raw, str):
            return ((self._wanted(raw, loc),),)
        if isinstance(raw, list):
            if not raw:
                self.source.error(loc, "nothing-expected")
            return (tuple(self._wanted(w, (*loc, i)) for i, w in enumerate(raw)),)
        self._one_of(raw, loc)
        if raw.says is not None:
            return self._says(raw.says, (*loc, "says"))
        if raw.text is not None:
            return ((Wanted("exact", raw.text.strip("\n")),),)
        if raw.any == []:
            self.source.error(loc, "nothing-expected")
        return tuple((self._wanted(w, (*loc, "any", i)),) for i, w in enumerate(raw.any or ()))

    def _wanted(self, raw: str, loc: Loc) -> Wanted:
        words = raw.strip("\n")
        if not words.removeprefix("~").strip():
            self.source.error(loc, "nothing-expected")
        if words in ("same", "nothing", "person"):
            return Wanted(words)
        if words.startswith("~"):
            return Wanted("contains", words[1:].strip("\n"))
        if len(words) > 2 and words.startswith("/") and words.endswith("/"):
            try:
                re.compile(words[1:-1])
            except (re.error, RecursionError, OverflowError) as e:
                self.source.error(loc, "regex", why=e)
            return Wanted("regex", words[1:-1])
        return Wanted("exact", words)

    def _span(self, raw: str, loc: Loc) -> int:
        match = _SPAN.fullmatch(raw)
        if match is None or int(match[1]) * _UNITS[match[2]] > 400 * 86400:
            self.source.error(loc, "wait", name=raw)
            return 0
        return int(match[1]) * _UNITS[match[2]]
