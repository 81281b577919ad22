"""Reading a replay file: every mistake is a finding with its line and column and what to do about it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from msgspec import convert

from bot.content.read.files import LARGEST
from bot.content.read.policy_file import read_policy
from bot.content.read.source import Finding, Loc, Source, nearest, read
from bot.content.read.validation import model as shaped
from bot.engine import session
from bot.engine.effects import Reply
from bot.kit.replay.conversation import Alternatives, CallWanted, Conversation, Turn, Wanted
from bot.kit.replay.models import ACTS, EVENTS, INSTEAD, KINDS, OneOf
from bot.kit.replay.models import Conversation as Model
from bot.kit.replay.models import Turn as TurnModel
from bot.kit.replay.names import NAMED
from bot.kit.replay.prepared import prepared

T = TypeVar("T")
CHINA_HOURS = 8
MOST_TOGETHER = 3
POLICY = "config/policy.yaml"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_TEXT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+!?")
_SPAN = re.compile(r"([0-9]{1,7})\s*([smhd])")


class BadReplay(Exception):
    """A replay file that cannot be played; `findings` say where and what to do."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(str(f) for f in findings))
        self.findings = findings


def load(path: Path, root: Path | None = None) -> Conversation:
    """Read and check a file. Raises BadReplay; its findings name the file from `root` where it is below.

    `root`: the content directory; its config/policy.yaml says what `policy:` may hold.
    """
    base = root if root is not None and path.is_relative_to(root) else path.parent
    source = read(path, base)
    made = _Reader(path, source, root).conversation() if source.data is not None else None
    source.findings = [f for f in source.findings if f.severity == "error"]
    if made is None or source.findings:
        if not source.findings:
            source.error((), "empty", "The file is empty. Write `turns:` and a `- say: …` below it.")
        raise BadReplay(sorted(source.findings))
    return made


class _Reader:
    def __init__(self, path: Path, source: Source, root: Path | None) -> None:
        self.path, self.source, self.root = path, source, root

    def conversation(self) -> Conversation | None:
        model = shaped(self.source, Model)
        if model is None:
            return None
        turns = tuple(self._turn(t, ("turns", i)) for i, t in enumerate(model.turns))
        if not turns:
            self.source.error(("turns",), "empty", "A conversation has at least one turn.")
        stubs, services = prepared(model.services, self.source)
        if model.session:
            self._serial("session", model.session, session.read)
        return Conversation(
            path=self.path,
            source=self.source,
            about=model.about,
            person=model.resident.person,
            openid=model.resident.openid,
            language=model.resident.language,
            signed_in=self._signed_in(model),
            clock=self._clock(model.clock),
            seed=self._whole(model.seed, ("seed",)),
            push=self._flag(model.push, ("push",)),
            policy=self._policy(model.policy),
            stubs=stubs,
            services=services,
            begins=model.session,
            waiting=self._serial("outbox", model.outbox, _replies) or () if model.outbox else (),
            turns=turns,
        )

    def _signed_in(self, model: Model) -> bool:
        loc: Loc = ("resident", "signed_in")
        signed_in = self._flag(model.resident.signed_in, loc)
        if signed_in and not model.resident.person:
            self.source.error(
                loc, "signed-in", "Write who signs in: `resident: {person: …, signed_in: yes}`."
            )
        if signed_in and model.session:
            self.source.error(loc, "signed-in", "`session` already says whether they are signed in.")
        return signed_in

    def _policy(self, given: dict[str, str]) -> tuple[tuple[str, str], ...]:
        """What config/policy.yaml itself could not say is refused here too, by the same rules."""
        named = list(_named(self.source.data["turns"], ("turns",)))
        rules = read(self.root / POLICY, self.root).data if self.root and (given or named) else None
        if isinstance(rules, dict):
            known = {name: rule for name, rule in rules.items() if isinstance(rule, dict) and "value" in rule}
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

    # --- turns ---
    def _turn(self, raw: TurnModel, loc: Loc, inner: bool = False) -> Turn:
        acts = [name for name in ACTS if getattr(raw, name) is not None]
        if len(acts) != 1:
            self.source.error(loc, "turn", f"A turn has exactly one of {', '.join(ACTS)}.")
            return Turn("say", "", loc)
        act = acts[0]
        value: Any = getattr(raw, act)
        if inner and act in ("together", "wait", "deploy", "restart"):
            self.source.error((*loc, act), "turn", f"`{act}` cannot stand inside `together`.", key=True)
        together: tuple[Turn, ...] = ()
        if act == "together":
            if not 2 <= len(value) <= MOST_TOGETHER:
                self.source.error((*loc, act), "together", f"Write 2 to {MOST_TOGETHER} turns.")
            else:
                together = tuple(self._turn(t, (*loc, act, i), inner=True) for i, t in enumerate(value))
        elif act == "wait":
            value = self._span(value, (*loc, act))
        elif act == "event":
            self._happened(value, (*loc, act))
        elif act == "send":
            self._sent(value, (*loc, act))
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
            None if raw.ends is None else tuple([raw.ends] if isinstance(raw.ends, str) else raw.ends),
            self._alternatives(raw.push, (*loc, "push")),
            None if raw.says is None else self._says(raw.says, (*loc, "says")),
            None if raw.words is None else self._words(raw, loc),
            together,
        )

    def _recorded(self, file: str, loc: Loc) -> None:
        beside = self.path.parent / file
        try:
            size = beside.stat().st_size if beside.is_file() else None
        except OSError:  # a name that cannot be one
            size = None
        if size is None:
            self.source.error(loc, "no-file", f"There is no file “{file[:80]}” beside this one.")
        elif size > LARGEST:
            self.source.error(loc, "size", f"“{file}” is larger than {LARGEST:,} bytes.")

    def _happened(self, value: Any, loc: Loc) -> None:
        meant = nearest(value, EVENTS) if isinstance(value, str) and value not in EVENTS else ""
        if meant:
            said = f"There is no event “{value}”. Did you mean {meant}?"
            self.source.error(loc, "event", said)

    def _sent(self, value: Any, loc: Loc) -> None:
        if isinstance(value, str):  # another kind of WeChat's may have been recorded
            meant = INSTEAD.get(value) or ("" if value in KINDS else nearest(value, KINDS))
            if meant:
                self.source.error(loc, "send", f"“{value}” is not sent like this. Did you mean {meant}?")
            return
        if value.location is not None:
            try:
                lat, lon = (float(v) for v in value.location)
            except ValueError:
                lat = lon = 1000.0
            if not (abs(lat) <= 90 and abs(lon) <= 180):
                self.source.error(loc, "location", "Write `location: [latitude, longitude]` in degrees.")

    def _calls(self, raw: list[Any]) -> tuple[CallWanted, ...]:
        made = []
        for one in raw:
            if isinstance(one, str):
                made.append(CallWanted(one))
            else:
                made += [CallWanted(action, tuple(given.items())) for action, given in one.items()]
        return tuple(made)

    def _words(self, raw: TurnModel, loc: Loc) -> tuple[tuple[str, Wanted], ...]:
        if raw.expect is not None:
            self.source.error((*loc, "words"), "turn", "Write `expect` or `words`, not both.", key=True)
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
                what = f"“{name}” is no id of a text: write flow.text, or same, nothing or person."
                self.source.error(loc, "says", what)
        return ((Wanted("says", " ".join(ids)),),)

    def _alternatives(self, raw: Any, loc: Loc) -> Alternatives | None:
        if raw is None:
            return None
        if isinstance(raw, str):
            return ((self._wanted(raw, loc),),)
        if isinstance(raw, list):
            if not raw:
                self.source.error(loc, "empty-expectation", "Nothing is expected here: write what must hold.")
            return (tuple(self._wanted(w, (*loc, i)) for i, w in enumerate(raw)),)
        if raw.says is not None:
            return self._says(raw.says, (*loc, "says"))
        if raw.text is not None:
            return ((Wanted("exact", raw.text.strip("\n")),),)
        if not raw.any:
            self.source.error(loc, "empty-expectation", "`any` needs at least one reply.")
        return tuple((self._wanted(w, (*loc, "any", i)),) for i, w in enumerate(raw.any or ()))

    def _wanted(self, raw: str, loc: Loc) -> Wanted:
        words = raw.strip("\n")
        if not words.strip():
            self.source.error(
                loc,
                "empty-expectation",
                "An empty expectation: write the reply, `nothing`, or use --update.",
            )
        if words in ("same", "nothing", "person"):
            return Wanted(words)
        if words.startswith("~"):
            return Wanted("contains", words[1:].strip("\n"))
        if len(words) > 2 and words.startswith("/") and words.endswith("/"):
            try:
                re.compile(words[1:-1])
            except (re.error, RecursionError, OverflowError) as e:
                self.source.error(loc, "regex", f"Not a regular expression: {e}.")
            return Wanted("regex", words[1:-1])
        return Wanted("exact", words)

    # --- scalars ---
    def _clock(self, raw: str) -> int:
        try:
            naive = datetime.fromisoformat(raw)
        except ValueError:
            naive = None
        if naive is None or naive.tzinfo is not None or not 2000 <= naive.year <= 2200:
            self.source.error(("clock",), "clock", "Write China's time as 2026-11-23 10:00.")
            return 0
        return int((naive - datetime(1970, 1, 1) - timedelta(hours=CHINA_HOURS)).total_seconds())

    def _span(self, raw: str, loc: Loc) -> int:
        match = _SPAN.fullmatch(raw)
        if match is None or int(match[1]) * _UNITS[match[2]] > 400 * 86400:
            self.source.error(loc, "wait", f"“{raw}” is not a time. Write 90s, 10m, 2h or 7d (400d at most).")
            return 0
        return int(match[1]) * _UNITS[match[2]]

    def _whole(self, raw: str, loc: Loc) -> int:
        if not (raw.isascii() and raw.isdigit() and len(raw) < 20):
            self.source.error(loc, "number", f"“{raw}” is not a whole number.")
            return 0
        return int(raw)

    def _flag(self, raw: str, loc: Loc) -> bool:
        if raw not in ("yes", "no"):
            self.source.error(loc, "yes-no", f"“{raw}” is neither yes nor no.")
        return raw == "yes"

    def _serial(self, key: str, raw: str, made: Callable[[Any], T]) -> T | None:
        """What a recording wrote down, not a person."""
        try:
            return made(json.loads(raw))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            what = "Not what this program writes here: record the conversation again."
            self.source.error((key,), key, what)
            return None


def _named(raw: Any, loc: Loc) -> Iterator[tuple[Loc, str]]:
    """Values of policy that are named somewhere in the turns."""
    if isinstance(raw, str):
        yield from ((loc, name) for name in NAMED.findall(raw))
    elif isinstance(raw, list | dict):
        for key, value in raw.items() if isinstance(raw, dict) else enumerate(raw):
            yield from _named(value, (*loc, key))


def _replies(raw: Any) -> tuple[Reply, ...]:
    return convert(raw, tuple[Reply, ...])
