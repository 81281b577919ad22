"""Reads a replay file: each mistake is a finding with line, column and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from msgspec import convert

from bot.actions import switches
from bot.content.read.city import merged_file
from bot.content.read.files import POLICY
from bot.content.read.policy_file import parts, read_policy
from bot.content.read.source import BrokenContent, Finding, Loc, Source, parse, read
from bot.content.read.validation import model as shaped
from bot.content.read.words import flag
from bot.engine import session
from bot.engine.effects import Reply
from bot.engine.events import Maintenance
from bot.kit.replay.conversation import Conversation
from bot.kit.replay.models import Conversation as Model
from bot.kit.replay.models import Off
from bot.kit.replay.names import NAMED
from bot.kit.replay.prepared import prepared
from bot.kit.replay.turn_file import Turns

T = TypeVar("T")
CHINA_HOURS = 8


class BadReplay(Exception):
    """A replay file cannot be played; `findings` say where and what to do."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(BrokenContent(findings=tuple(findings)))
        self.findings = findings


def load(path: Path, root: Path | None = None) -> Conversation:
    """Reads and checks a file.

    `root`: the content directory; its config/policy.yaml says what `policy:` may hold.

    Raises:
        BadReplay: its findings name the file relative to `root` if it is below.
    """
    base = root if root is not None and path.is_relative_to(root) else path.parent
    source = read(path, base)
    made = _Reader(path, source, root).conversation() if source.data is not None else None
    source.findings = [f for f in source.findings if f.severity == "error"]
    if made is None or source.findings:
        if not source.findings:
            source.error((), "no-turns")
        raise BadReplay(sorted(source.findings))
    return made


class _Reader:
    def __init__(self, path: Path, source: Source, root: Path | None) -> None:
        self.path, self.source, self.root = path, source, root

    def conversation(self) -> Conversation | None:
        model = shaped(self.source, Model)
        if model is None:
            return None
        reader = Turns(self.source, self.path.parent)
        turns = tuple(reader.turn(t, ("turns", i)) for i, t in enumerate(model.turns))
        for turn in turns if model.channel != "page" else ():
            if turn.act == "fill":
                self.source.error((*turn.loc, "fill"), "on-page-only", key=True)
        if not turns:
            self.source.error(("turns",), "no-turns")
        stubs, services = prepared(model.services, self.source)
        replies = partial(convert, type=tuple[Reply, ...])
        if model.session:
            self._serial("session", model.session, session.read)
        return Conversation(
            path=self.path,
            source=self.source,
            person=model.resident.person,
            openid=model.resident.openid,
            language=model.resident.language,
            signed_in=self._signed_in(model),
            applied=model.resident.applied,
            channel=model.channel,
            clock=self._clock(model.clock, ("clock",)),
            seed=self._whole(model.seed, ("seed",)),
            push=flag(self.source, model.push, ("push",)),
            policy=self._policy(model.policy),
            maintenance=tuple(self._off(off, ("maintenance", n)) for n, off in enumerate(model.maintenance)),
            stubs=stubs,
            services=services,
            begins=model.session,
            waiting=self._serial("outbox", model.outbox, replies) or () if model.outbox else (),
            turns=turns,
        )

    def _signed_in(self, model: Model) -> bool:
        loc: Loc = ("resident", "signed_in")
        signed_in = flag(self.source, model.resident.signed_in, loc)
        if signed_in and not model.resident.person:
            self.source.error(loc, "signed-in-who")
        if signed_in and model.session:
            self.source.error(loc, "signed-in-twice")
        return signed_in

    def _policy(self, given: dict[str, str]) -> tuple[tuple[str, str], ...]:
        """Applies the rules of config/policy.yaml, so that a value it could not hold is refused here too."""
        named = list(_named(self.source.data["turns"], ("turns",)))
        rules = parse(POLICY, merged_file(self.root, POLICY)).data if self.root and (given or named) else None
        if isinstance(rules, dict):
            written = {name: [part for _, part in parts(name, rule)] for name, rule in rules.items()}
            known = {name: found[0] for name, found in written.items() if found and "value" in found[0]}
            for loc, name in named:
                if name not in known:
                    self.source.error(loc, "unknown-policy", name=name, known=known)
            tried = Source(self.source.file, {})
            for name, value in given.items():
                if name in known:
                    tried.data[name] = {**known[name], "value": value}
                    tried.values[name, "value"] = self.source.values["policy", name]
                else:
                    self.source.error(("policy", name), "unknown-policy", key=True, name=name, known=known)
            read_policy(tried)
            self.source.findings += tried.findings
        return tuple(given.items())

    def _off(self, off: Off, loc: Loc) -> Maintenance:
        known = switches()
        self.source.one_of((*loc, "service"), off.service, known)
        since = self._clock(off.since, (*loc, "from")) if off.since else 0
        until = self._clock(off.until, (*loc, "until")) if off.until else 0
        if 0 < until <= since:
            self.source.error((*loc, "until"), "off-order")
        return Maintenance(off.service, known.get(off.service, ()), since, until)

    # --- scalars ---
    def _clock(self, raw: str, loc: Loc) -> int:
        try:
            naive = datetime.fromisoformat(raw)
        except ValueError:
            naive = None
        if naive is None or naive.tzinfo is not None or not 2000 <= naive.year <= 2200:
            self.source.error(loc, "clock", name=raw)
            return 0
        return int((naive - datetime(1970, 1, 1) - timedelta(hours=CHINA_HOURS)).total_seconds())

    def _whole(self, raw: str, loc: Loc) -> int:
        if not (raw.isascii() and raw.isdigit() and len(raw) < 20):
            self.source.error(loc, "whole", name=raw)
            return 0
        return int(raw)

    def _serial(self, key: str, raw: str, made: Callable[[Any], T]) -> T | None:
        """Decodes a value that a recording wrote, not a human."""
        try:
            return made(json.loads(raw))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self.source.error((key,), "recorded")
            return None


def _named(raw: Any, loc: Loc) -> Iterator[tuple[Loc, str]]:
    """Finds the policy values that are named in the turns."""
    if isinstance(raw, str):
        yield from ((loc, name) for name in NAMED.findall(raw))
    elif isinstance(raw, list | dict):
        for key, value in raw.items() if isinstance(raw, dict) else enumerate(raw):
            yield from _named(value, (*loc, key))
