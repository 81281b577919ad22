"""Moving through the steps until one must wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.engine.effects import Call, Count, HandOff, Say
from bot.engine.events import ImageReceived, LocationReceived, OtherReceived, TextReceived, VoiceReceived
from bot.engine.flow import (
    PII_TYPES,
    Again,
    Argument,
    Cases,
    Down,
    Finish,
    Flow,
    Go,
    Link,
    Match,
    Next,
    Outcomes,
    Slot,
    Step,
    Value,
)
from bot.engine.session import Consent, Frame, Kept, Mark, OpenCall, Parked, Settled
from bot.engine.slots import still_fits
from bot.engine.talk import AGREED, Talk

STEP_BUDGET = 50
PERSON_SECONDS = 1800
DEPTH = 3
MESSAGES = (TextReceived, VoiceReceived, ImageReceived, LocationReceived, OtherReceived)
WAITING = frozenset({"collect", "confirm", "consent", "transfer"})


class Walk(Talk):
    budget = STEP_BUDGET

    # --- the stack ---
    def push(self, flow: str, why: str, given: Mapping[str, Value] | None = None) -> None:
        """A new run of a flow. `given` is checked like typed answers: what does not fit is asked instead."""
        spec = self.content.flows[flow]
        fits = {
            slot: value
            for slot, value in (given or {}).items()
            if slot in spec.takes and still_fits(spec.slots[slot], value)
        }
        run = self.session.runs + 1
        frame = Frame(flow, run, spec.first, why, log=tuple(fits.items()))
        self.change(runs=run, frames=(*self.session.frames, frame), reminded=False)
        self.effects.append(Count(f"{flow}.begun"))

    def base(self) -> int:
        """Where the top group begins: the flow the resident started, under what it requires or needs."""
        frames = self.session.frames
        return max((i for i, f in enumerate(frames) if f.why == "start"), default=0)

    def done(self, flow: str) -> bool:
        kept = self.session.kept.get(flow)
        return kept is not None and kept.until > self.event.at

    def open_once(self) -> OpenCall | None:
        """A change under way for a run of the top group."""
        runs = {f.run for f in self.session.frames[self.base() :]}
        return next((c for c in self._joined(runs) if c.once), None)

    def _joined(self, runs: set[int]) -> list[OpenCall]:
        waiting = {f.call for f in self.session.frames if f.run in runs}
        return [c for key, c in self.session.calls.items() if key in waiting]

    # --- the loop ---
    def run(self) -> None:
        """From the top frame's step until a step waits, the stack is empty, or the budget is spent."""
        while self.session.frames:
            self.budget -= 1
            if self.budget < 0:
                self._runaway()
                return
            step = self.here
            if self._required(step):
                continue
            if self._waits(step):
                self.change_frame(mark=step.hash)
                return

    def _runaway(self) -> None:
        """A bug in the content: stop it, say so, lead to a person."""
        flow = self.frame.flow
        self.effects = [e for e in self.effects if not isinstance(e, Say)]
        self.effects.append(Count(f"{flow}.runaway"))
        self.change(frames=())
        self.say_common("broken")
        self.push(self.content.person, "start")
        self.budget = STEP_BUDGET // 2
        if flow != self.content.person:
            self.run()

    def _required(self, step: Step) -> bool:
        """Required flows are looked at when a flow begins and before anything acts for the resident."""
        if step.id != self.flow.first and step.kind != "action":
            return False
        missing = next((f for f in self.flow.requires if not self.done(f)), None)
        if missing is None:
            return False
        self._go_into(missing, "requires")
        return True

    def _go_into(self, flow: str, why: str) -> None:
        """Never started twice: one that is open further down is brought up with its answers."""
        frames = self.session.frames
        open_at = next((i for i, f in enumerate(frames) if f.flow == flow), None)
        if open_at is None:
            self.push(flow, why)
            return
        moved = replace(frames[open_at], why=why)
        self.change(frames=(*frames[:open_at], *frames[open_at + 1 :], moved))

    def _waits(self, step: Step) -> bool:
        """Do one step; True where it must wait for the resident or for a call."""
        frame = self.frame
        if step.kind == "say":
            self.say(step.text)
            self.offer_later(step.offer)
        elif step.kind == "collect":
            return self._collects(step)
        elif step.kind == "confirm":
            return True
        elif step.kind == "consent":
            return self._consents(step)
        elif step.kind == "action":
            return self._acts(step)
        elif step.kind == "need":
            if not self.done(step.flow):
                self._go_into(step.flow, "need")
                return False
            self.follow(step.next, "met")
            return False
        elif step.kind == "set":
            for slot, value in step.values.items():
                self.change_frame(log=(*self.frame.log, (slot, value)))
        elif step.kind == "forget":
            self.change(kept={k: v for k, v in self.session.kept.items() if k not in step.forget})
        elif step.kind == "transfer":
            self.effects.append(HandOff())
            self.change(person_until=self.event.at + PERSON_SECONDS)
            return True
        self.effects.append(Count(f"{frame.flow}.{step.id}"))
        self.follow(step.next)
        return False

    def _collects(self, step: Step) -> bool:
        slot = self.flow.slots[step.slot]
        given = self.frame.slots.get(step.slot)
        if given is None and slot.type == "choice":
            values = self.open_values(slot)
            if len(values) == 1 and not slot.or_:  # a choice with one value left answers itself
                given = values[0]
                self.change_frame(log=(*self.frame.log, (slot.name, given)))
            elif not values and not slot.or_:
                self.say_common("broken")
                self.follow(self.flow.exhausted)
                return False
        if given is None or slot.type == "code":
            return True
        self.follow(step.next, answer_code(given))
        return False

    def _consents(self, step: Step) -> bool:
        key = f"{self.frame.flow}.{step.text}"
        version = self.words(self.frame.flow).texts[step.text].version
        standing = self.session.consents.get(key)
        if standing is None or standing.version != version:
            return True
        self.follow(step.next, AGREED)
        return False

    # --- actions ---
    def _acts(self, step: Step) -> bool:
        frame = self.frame
        if frame.call:
            return True
        settled = frame.settled.get(step.port)
        if step.once and settled is not None:
            self._save(step, settled.value)
            self.follow(step.next, settled.outcome)
            return False
        arguments = {
            name: value for name, arg in step.arguments.items() if (value := self.argument(arg)) is not None
        }
        subject = str(arguments.get(step.action.subject, "")) if step.action and step.once else ""
        joined = step.once and next(
            (k for k, c in self.session.calls.items() if (c.action, c.subject) == (step.port, subject)), ""
        )
        if joined:
            self.change_frame(call=joined)
            return True
        n = frame.refused.get(step.port, 0)
        call_id = f"{self.session.born}.{frame.run}.{step.port}.{n}" + (
            "" if step.once else f".{self.budget}.{self.event.seed:x}"
        )
        call = Call(
            call_id,
            step.port,
            arguments,
            step.once,
            call_id,
            frame.flow,
            step.id,
            frame.run,
            step.retry_times,
            step.retry_every,
        )
        self.effects.append(call)
        opened = OpenCall(step.port, frame.flow, step.id, frame.run, step.once, subject)
        self.change(calls={**self.session.calls, call_id: opened})
        self.change_frame(call=call_id)
        return True

    def argument(self, arg: Argument) -> Value | None:
        """A list entry is handed over by its id, everything else as it is."""
        if arg.value is not None:
            return arg.value
        scope = self.scope()
        for path in arg.paths:
            value = scope.value(path)
            if value is not None:
                return value["id"] if isinstance(value, dict) and "id" in value else value
        return None

    def settle(self, step: Step, outcome: str, value: Value) -> None:
        """A call's definite outcome, for the top frame, which waited for it."""
        frame = replace(self.frame, call="", asked_at=0)
        if step.once and outcome == "refused":
            frame = replace(frame, refused={**frame.refused, step.port: frame.refused.get(step.port, 0) + 1})
        elif step.once and outcome in ("done", "already"):
            settled = {**frame.settled, step.port: Settled(outcome, value)}
            frame = replace(frame, settled=settled, trail=())  # 返回 never goes past a done change
        self.change(frames=(*self.session.frames[:-1], frame))
        self._save(step, value)
        self.effects.append(Count(f"{frame.flow}.{step.id}.{outcome}"))
        self.follow(step.next, outcome)

    def _save(self, step: Step, value: Value) -> None:
        if step.save and value:
            self.change_frame(log=(*self.frame.log, (step.save, value)))

    # --- next ---
    def follow(self, rule: Next, outcome: str = "") -> None:
        """Take a `next`; afterwards the top frame stands at its new step, or is gone."""
        if isinstance(rule, Outcomes):
            self.follow(rule.routes.get(outcome) or rule.routes["else"], outcome)
        elif isinstance(rule, Match):
            code = self.scope().code(rule.path)
            self.follow(rule.routes.get(code) or rule.routes.get("else") or Finish(reached=False), outcome)
        elif isinstance(rule, Cases):
            scope = self.scope()
            self.follow(
                next((then for cond, then in rule.cases if scope.holds(cond)), Finish(False)), outcome
            )
        elif isinstance(rule, Go):
            self.change_frame(step=rule.step, wrong=0, asked_at=0)
        elif isinstance(rule, Again):
            self._again(rule, outcome)
        elif isinstance(rule, Finish):
            self.finish(rule.reached)
        elif isinstance(rule, Link):
            scope = self.scope()
            given = {s: v for s, path in rule.given.items() if (v := scope.value(path)) is not None}
            self.leave_for(rule.flow, given)
        else:
            self._down(rule)

    def _again(self, rule: Again, outcome: str) -> None:
        frame = self.frame
        key = f"{frame.step}.{outcome}"
        taken = frame.counts.get(key, 0) + 1
        if taken >= rule.times:
            self.follow(rule.otherwise, outcome)
            return
        self.say(rule.say)
        if taken == rule.times - 1:
            self.say_common("last_try")
        self.change_frame(counts={**frame.counts, key: taken})
        self.clear_from(rule.step)

    def clear_from(self, step: str) -> None:
        """Stand at a collect again; its answer and all later ones are cleared."""
        frame = self.frame
        at = next((i for i, m in enumerate(frame.trail) if m.step == step), None)
        slot = self.flow.steps[step].slot
        if at is None:
            log, trail = tuple(e for e in frame.log if e[0] != slot), frame.trail
        else:
            log, trail = frame.log[: frame.trail[at].before], frame.trail[:at]
        self.change_frame(step=step, log=log, trail=trail, wrong=0, asked_at=0)

    def _down(self, rule: Down) -> None:
        """Nothing was taken: say so, keep what was filled in for 继续, and lead to a person."""
        self.say("down")
        group = self.session.frames[self.base() :]
        expire = max(self.content.flows[f.flow].expire for f in group)
        self.change(parked=Parked(group, self.event.at + expire))
        self.leave_for(self.content.person, {})

    def leave_for(self, flow: str, given: Mapping[str, Value]) -> None:
        """Leave the whole group for good. A flow that is open below is returned to, not started again."""
        self.change(frames=self.session.frames[: self.base()])
        open_at = next((i for i, f in enumerate(self.session.frames) if f.flow == flow), None)
        if open_at is None:
            self.push(flow, "start", given)
        else:
            self.change(frames=self.session.frames[: open_at + 1])
            self.change_frame(why="start")

    def finish(self, reached: bool) -> None:
        """The top flow is over: keep what lasts, then go on with the one below."""
        frame, flow = self.frame, self.flow
        if reached and flow.lasts:
            lasting = {n: v for n, v in frame.slots.items() if flow.slots[n].keep}
            kept = {**self.session.kept, flow.name: Kept(lasting, self.event.at + flow.lasts)}
            self.change(kept=kept)
        if any(s.outcome == "done" for s in frame.settled.values()):
            self.change(after_receipt=flow.name)
        self.effects.append(Count(f"{flow.name}.{'end' if reached else 'stop'}"))
        self.change(frames=self.session.frames[:-1])
        if frame.why == "requires" and self.session.frames:
            if not reached:
                self.finish(reached=False)
        elif frame.why == "need" and self.session.frames:
            self.follow(self.here.next, "met" if reached else "unmet")
        elif self.session.frames:
            self.change_frame(asked_at=0)
            self.say_common("resumed", flow=self.title(self.frame.flow))

    # --- answers ---
    def answered(self, slot: Slot, value: Value) -> None:
        frame, step = self.frame, self.here
        trail = (*frame.trail, Mark(step.id, len(frame.log)))
        self.change_frame(trail=trail, wrong=0)
        self.change_frame(log=(*self.frame.log, (slot.name, value)))
        code = answer_code(value)
        known = code in slot.values or code in slot.or_
        self.effects.append(Count(f"{frame.flow}.{step.id}.{code if known else 'given'}"))
        self.follow(step.next, code)

    def decided(self, agreed: bool) -> None:
        step, frame = self.here, self.frame
        outcome = AGREED if agreed else "refused"
        if step.kind == "consent" and agreed:
            version = self.words(frame.flow).texts[step.text].version
            consents = {**self.session.consents, f"{frame.flow}.{step.text}": Consent(version, self.event.at)}
            self.change(consents=consents)
        self.effects.append(Count(f"{frame.flow}.{step.id}.{outcome}"))
        self.follow(step.next, outcome)


def answer_code(value: Value) -> str:
    return value if isinstance(value, str) else value.get("id", "") if isinstance(value, dict) else ""


def impersonal(frame: Frame, flow: Flow) -> Frame:
    """A frame without its personal answers, to be walked again from its beginning."""
    dropped = PII_TYPES | {"record", "list", "place", "code"}
    log = tuple(
        (n, v)
        for n, v in frame.slots.items()
        if n in flow.slots and flow.slots[n].type not in dropped and not flow.slots[n].entries_of
    )
    return replace(frame, step=flow.first, mark="", log=log, trail=(), wrong=0, asked_at=0, code="", call="")
