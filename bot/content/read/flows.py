"""Flow files: builds the engine's frozen flows from checked models."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace

from bot.actions import ACTIONS, EVENTS, MATCH_FACE, slot_of
from bot.content.messages import phrase
from bot.content.read import models as m
from bot.content.read.source import Loc, Source
from bot.content.read.words import cond, flag, whole
from bot.content.steps import KINDS, kind_of, kinds_of
from bot.content.steps.kind import Kind
from bot.engine import flow as f
from bot.engine.hours import clock, minutes

REMIND, EXPIRE = "10m", "30m"  # of flows that do not set them
LONGEST = 366 * 86_400
"""Seconds of the longest time that a flow can name."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
END = {"end": f.Finish(reached=True), "stop": f.Finish(reached=False)}


class FlowBuilder:
    """Builds one flow; each error becomes a finding at its place in the file."""

    def __init__(self, source: Source, policy: Mapping[str, Mapping[str, str]]) -> None:
        self.source, self.policy = source, policy

    def build(self, model: m.FlowModel) -> f.Flow:
        fields: dict[str, dict[str, f.Field]] = {}  # the fields of actions, by the slot they are saved to
        for step in self.source.data["steps"].values():
            if step.get("save") and step.get("action") in ACTIONS:
                fields.setdefault(step["save"], {}).update(ACTIONS[step["action"]].fields)
        if event := EVENTS.get(model.start.event):
            fields[slot_of(model.start.event)] = dict(event.fields)
        slots = {name: self._slot(name, slot, fields) for name, slot in model.slots.items()}
        for name, step in self.source.data["steps"].items():
            image = (step.get("with") or {}).get("image") if step.get("action") == MATCH_FACE else None
            if isinstance(image, str) and image in slots:
                slots[image] = replace(slots[image], compared_by=name)
        ids = list(model.steps)
        remind = self.seconds(model.remind or REMIND, ("remind",))
        expire = self.seconds(model.expire or EXPIRE, ("expire",))
        if model.remind and remind >= expire:
            self.source.warn(("remind",), "remind-late", name=model.remind, expire=model.expire or EXPIRE)
        steps = {}
        for index, (name, step) in enumerate(model.steps.items()):
            following = f.Go(ids[index + 1]) if index + 1 < len(ids) else None
            steps[name] = self._step(name, step, following, slots)
        steps = {s.id: kind_of(s).placed(s, steps) for s in steps.values()}
        names = _names_before(slots, steps)
        if names:
            steps = {s.id: replace(s, was=self._hash(s.id, s.slot, slots, names)) for s in steps.values()}
        return f.Flow(
            name=model.flow,
            slots=slots,
            steps=steps,
            requires=tuple(model.requires),
            takes=tuple(model.takes),
            lasts=self.seconds(model.lasts, ("lasts",)) if model.lasts else 0,
            tries=self.whole(model.tries, ("tries",)),
            exhausted=self.next(model.exhausted, ("exhausted",)),
            remind=remind,
            expire=expire,
            changes=any(s.once for s in steps.values()),
            by_time=self.flag(model.start.later, ("start", "later"))
            or self.flag(model.start.elsewhere, ("start", "elsewhere"))
            or bool(model.start.event),
            undo=model.undo,
        )

    # --- scalars ---
    def seconds(self, raw: str, loc: Loc) -> int:
        """Parses 30s, 10m, 2h, 7d, or a policy value of that form."""
        value = self._value(raw, loc)
        match = re.fullmatch(r"([0-9]{1,9})\s*([smhd])", value or "")
        seconds = int(match[1]) * _UNITS[match[2]] if match else 0
        if not 0 < seconds <= LONGEST:
            if value is not None:
                self._misfit(raw, value, loc, "duration", "a-duration")
            return 60
        return seconds

    def away(self, raw: str, loc: Loc) -> tuple[int, int]:
        """Parses a number of days, or hours or minutes like 2h, or a policy value that is one: returns days
        and seconds, 0 if left out."""
        value = self._value(raw, loc)
        if value and re.fullmatch(r"[0-9]{1,4}[hm]", value):
            return 0, int(value[:-1]) * _UNITS[value[-1]]
        if value and not whole(value):
            self._misfit(raw, value, loc, "days", "a-number")
            return 1, 0
        return (whole(value) or 0 if value else 0), 0

    def _misfit(self, raw: str, value: str, loc: Loc, code: str, wanted: str) -> None:
        """Reports what is written here, or in the policy, which `missing.gather` reports there, once."""
        if value == raw:
            self.source.error(loc, code, name=value)
        else:
            name = raw.removeprefix("policy.")
            self.source.error(loc, "policy-form", name=name, value=value, wanted=phrase(wanted))

    def _value(self, raw: str, loc: Loc) -> str | None:
        """Returns what is written, or the value of policy.x; None with a finding if there is none."""
        name = raw.removeprefix("policy.")
        if name == raw:
            return raw
        if name not in self.policy:
            self.source.error(loc, "unknown-policy", name=name, known=self.policy)
            return None
        return self.policy[name]["value"]

    def whole(self, raw: str, loc: Loc) -> int:
        found = whole(raw)
        if not found:
            self.source.error(loc, "number", name=raw)
        return found or 1

    def flag(self, raw: str, loc: Loc) -> bool:
        return bool(raw) and flag(self.source, raw, loc)

    # --- slots ---
    def _slot(self, name: str, slot: m.SlotModel, fields: Mapping[str, Mapping[str, f.Field]]) -> f.Slot:
        loc: Loc = ("slots", name)
        only = {v: cond(c, self.source, (*loc, "only", v)) for v, c in slot.only.items()}
        for value in slot.only:
            self.source.one_of((*loc, "only", value), value, slot.values, key=True)
        return f.Slot(
            name=name,
            type=slot.type,
            values=tuple(slot.values),
            entries_of=slot.from_ if slot.type == "choice" else "",
            or_=tuple(slot.or_),
            only=only,
            keep=slot.keep == "lasting",
            comment=slot.keep == "comment",
            min=self._limit(slot.min, (*loc, "min"), None),
            max=self._limit(slot.max, (*loc, "max"), None if slot.type == "number" else 200),
            pattern=slot.pattern,
            example=slot.example,
            not_before=self._clock(slot, slot.from_, (*loc, "from")) if slot.type in ("date", "time") else "",
            not_after=self._clock(slot, slot.to, (*loc, "to")),
            biometric=self.flag(slot.biometric, (*loc, "biometric")),
            fields=dict(fields.get(name if slot.type != "choice" else slot.from_, {})),
            renamed=slot.renamed,
        )

    def _clock(self, slot: m.SlotModel, raw: str, loc: Loc) -> str:
        """Returns a limit of a day or a time, of a time as HH:MM."""
        if slot.type != "time" or not raw:
            return raw
        found = minutes(raw)
        if found is None:
            self.source.error(loc, "hours-clock", name=raw)
        return clock(found or 0).zfill(5)

    def _limit(self, raw: str, loc: Loc, without: int | None) -> int | None:
        found = whole(raw) if raw else without
        if loc[-1] == "max" and found == 0 and without is not None:
            self.source.error(loc, "number", name=raw)
        if raw and found is None:
            self.source.error(loc, "quantity", name=raw)
        return found

    # --- steps ---
    def _step(self, name: str, step: Kind, following: f.Next | None, slots: Mapping[str, f.Slot]) -> f.Step:
        loc: Loc = ("steps", name)
        kinds = kinds_of(self.source.data["steps"][name])
        if len(kinds) > 1 or not (kinds or step.next is not None):
            found = ", ".join(kinds) or "-"
            self.source.error(loc, "step-kind", key=True, kinds=", ".join(KINDS), found=found)
        if step.next is not None:
            following = self.next(step.next, (*loc, "next"))
        elif apart := step.told_apart():
            self.source.error(loc, "missing-next", key=True, name=name, outcomes=", ".join(apart))
        elif following is None:
            self.source.error(loc, "no-next", key=True)
        next_ = step.led(following or f.Finish(reached=True))
        fields = step.fields(self, loc)
        shape = self._hash(name, fields.get("slot", ""), slots, {})
        return step.step(id=name, next=next_, hash=shape, was=shape, renamed=step.renamed, **fields)

    def _hash(self, step: str, slot: str, slots: Mapping[str, f.Slot], names: Mapping[str, str]) -> str:
        """Hashes all that defines the step, without its earlier name. `names`: the earlier names."""
        raw = {k: v for k, v in self.source.data["steps"][step].items() if k != "renamed"}
        asked = slots.get(slot)
        limits = (asked.min, asked.pattern or None) if asked is not None else ()
        limit = [one for one in limits if one is not None]
        shape = json.dumps([raw, repr(asked and replace(asked, renamed="")), *limit], sort_keys=True)
        if names:
            shape = re.sub(r"\w+", lambda m: names.get(m[0], m[0]), shape)
        return hashlib.sha256(shape.encode()).hexdigest()[:10]

    def target(self, raw: str | m.LinkModel) -> f.Target:
        return f.Target(flow=raw.link, given=dict(raw.with_)) if isinstance(raw, m.LinkModel) else target(raw)

    def arguments(self, raw: Mapping[str, m.ArgumentModel]) -> dict[str, f.Argument]:
        return {name: _argument(value) for name, value in raw.items()}

    # --- next ---
    def next(self, raw: m.NextModel, loc: Loc) -> f.Next:
        if isinstance(raw, str):
            return END.get(raw) or f.Go(raw)
        if isinstance(raw, m.LinkModel):
            return f.Link(raw.link, dict(raw.with_))
        if isinstance(raw, m.AgainModel):
            otherwise = self.next(raw.otherwise, (*loc, "else"))
            return f.Again(raw.again, raw.say, self.whole(raw.times, (*loc, "times")), otherwise)
        if isinstance(raw, m.OnModel):
            return f.Match(raw.on, self._routes(raw.__pydantic_extra__, loc))
        if isinstance(raw, m.RoutesModel):
            return f.Outcomes(self._routes(raw.__pydantic_extra__, loc))
        return f.Cases(tuple(self._case(case, (*loc, i)) for i, case in enumerate(raw)))

    def _routes(self, raw: Mapping[str, m.NextModel], loc: Loc) -> dict[str, f.Next]:
        return {key: self.next(value, (*loc, key)) for key, value in raw.items()}

    def _case(self, case: m.CaseModel, loc: Loc) -> tuple[f.Cond, f.Next]:
        if case.otherwise is not None and case.if_ is None and case.then is None:
            return (), self.next(case.otherwise, (*loc, "else"))
        if case.if_ is None or case.then is None or case.otherwise is not None:
            self.source.error(loc, "case")
            return (), f.Finish(reached=False)
        return cond(case.if_, self.source, (*loc, "if")), self.next(case.then, (*loc, "then"))


def _names_before(slots: Mapping[str, f.Slot], steps: Mapping[str, f.Step]) -> dict[str, str]:
    """Returns new names with the old ones; without those that mean one thing as a step and another as a
    slot."""
    renamed = [{n: one.renamed or n for n, one in part.items()} for part in (slots, steps)]
    whole = {**renamed[0], **renamed[1]}
    return {n: old for n, old in whole.items() if n != old and all(r.get(n, old) == old for r in renamed)}


def target(raw: str) -> f.Target:
    return f.Target(page=raw.removeprefix("page.")) if raw.startswith("page.") else f.Target(flow=raw)


def _argument(raw: m.ArgumentModel) -> f.Argument:
    if isinstance(raw, m.ValueModel):
        return f.Argument(value=raw.value)
    return f.Argument(paths=(raw,) if isinstance(raw, str) else tuple(raw))
