"""Moving through the steps until one must wait."""

from __future__ import annotations

from collections.abc import Mapping

from bot.engine import counts
from bot.engine.asking import AGREED
from bot.engine.effects import Count, HandOff, Say
from bot.engine.events import ImageReceived, LocationReceived, OtherReceived, TextReceived, VoiceReceived
from bot.engine.flow import Again, Cases, Finish, Go, Link, Match, Next, Outcomes, Slot, Step, Value
from bot.engine.session import Mark, Parked
from bot.engine.slots import still_fits
from bot.engine.stack import Stack

STEP_BUDGET = 50
PERSON_SECONDS = 1800
DEPTH = 3
MESSAGES = (TextReceived, VoiceReceived, ImageReceived, LocationReceived, OtherReceived)


class Walk(Stack):
    budget = STEP_BUDGET
    ran_away = False

    # --- the loop ---
    def run(self) -> None:
        """From the top frame's step until a step waits, the stack is empty, or the budget is spent."""
        while self.session.frames and not self.frame.call:
            self.budget -= 1
            if self.budget < 0:
                self._runaway()
                return
            step = self.here
            if self._required(step):
                continue
            if self._waits(step):
                self.change_frame(mark=self.question())
                return

    def _runaway(self) -> None:
        """A bug in the content: stop it, say so, lead to a person."""
        flow = self.frame.flow
        self.say_unfinished(*self.session.frames)
        self.effects = [e for e in self.effects if not isinstance(e, Say)]
        self.effects.append(Count(f"{flow}.runaway"))
        self.leave("runaway")
        self.change(frames=())
        self.say_common("broken")
        if flow != self.content.person and not self.ran_away:
            self.ran_away = True
            self.push(self.content.person, "start")
            self.budget = STEP_BUDGET // 2
            self.run()

    def _required(self, step: Step) -> bool:
        """Required flows are looked at when a flow begins and before anything acts for the resident."""
        if step.id != self.flow.first and step.kind != "action":
            return False
        missing = next((f for f in self.flow.requires if not self.done(f)), None)
        if missing is None:
            return self._somebody_else()
        self.go_into(missing, "requires")
        return True

    def _somebody_else(self) -> bool:
        """Another person has signed in since this run began: nothing of the first one's may go on in it."""
        frame, now = self.frame, self.fingerprints(self.flow)
        was = dict(part.split("=") for part in frame.rests_on.split() if "=" in part)
        if all(was.get(flow, print_) == print_ for flow, print_ in now.items()):
            self.change_frame(rests_on=" ".join(f"{flow}={print_}" for flow, print_ in now.items()))
            return False
        self.change(frames=self.session.frames[:-1])
        self.push(frame.flow, frame.why)
        return True

    def _waits(self, step: Step) -> bool:
        """Do one step; True where it must wait for the resident or for a call."""
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
                self.go_into(step.flow, "need")
                return False
            self.follow(step.next, "met")
            return False
        elif step.kind == "set":
            for slot, value in step.values.items():
                self.give(slot, value)
        elif step.kind == "forget":
            kept = {k: v for k, v in self.session.kept.items() if k not in step.forget}
            self.change(kept=kept, result=None)
        elif step.kind == "later":
            self.plan(step)
        elif step.kind == "transfer":
            self._hands_over()
            return True
        self.follow(step.next)
        return False

    def _hands_over(self) -> None:
        """It must be the turn's whole reply, to a message; until there is one they are told to write."""
        if isinstance(self.event, MESSAGES) and not self.said():
            self.effects.append(HandOff())
            self.change(person_until=self.event.at + PERSON_SECONDS)
        else:
            self.say_common("person_wait")

    def _collects(self, step: Step) -> bool:
        slot = self.flow.slots[step.slot]
        given = self.frame.slots.get(step.slot)
        held = self.frame.held.get(step.slot) if given is None else None
        if (
            held is not None and slot.type != "code" and still_fits(slot, held, self.scope())
        ):  # 改: this answer still holds
            self.answered(slot, held)
            return False
        if given is None and slot.type == "choice":
            values = self.open_values(slot)
            if len(values) == 1 and not slot.or_:  # a choice with one value left answers itself
                given = values[0]
                self.give(slot.name, given)
            elif not values and not slot.or_:
                self._stuck()
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

    def _acts(self, step: Step) -> bool:
        settled = self.frame.settled.get(step.port) if step.once else None
        if settled is not None:
            self.save(step, settled.value)
            self.follow(step.next, settled.outcome)
            return False
        arguments = self.arguments(step)
        if arguments is None:
            self._stuck()
            return False
        self.call(step, arguments)
        return True

    def settle(self, step: Step, outcome: str, value: Value) -> None:
        """A call's definite outcome, for the top frame, which waited for it."""
        self.record(step, outcome, value)
        self.follow(step.next, outcome)

    def _stuck(self) -> None:
        """A hole in the content that the lint did not see: said, and on where the flow goes out of tries."""
        self.say_common("broken")
        self.follow(self.flow.exhausted, way="broken")

    # --- next ---
    def follow(self, rule: Next, outcome: str = "", way: str = "") -> None:
        """Take a `next`; afterwards the top frame stands at its new step, or is gone.

        `way`: how this is counted; only ever a word of the content, as an outcome may be what was typed.
        """
        if isinstance(rule, Outcomes):
            way = outcome if outcome in rule.routes else "else"
            self.follow(rule.routes.get(way) or Finish(False), outcome, way)
        elif isinstance(rule, Match):
            code = self.scope().code(rule.path)
            self.follow(rule.routes.get(code) or rule.routes.get("else") or Finish(False), outcome, way)
        elif isinstance(rule, Cases):
            scope = self.scope()
            then = next((then for cond, then in rule.cases if scope.holds(cond)), Finish(False))
            self.follow(then, outcome, way)
        elif isinstance(rule, Go):
            self._takes(rule.step, way)
            self.change_frame(step=rule.step, mark="", wrong=0, asked_at=0, since=0)
        elif isinstance(rule, Again):
            self._again(rule, outcome, way)
        elif isinstance(rule, Finish):
            self._takes("end" if rule.reached else "stop", way)
            self.finish(rule.reached)
        elif isinstance(rule, Link):
            self._takes(f"→ {rule.flow}", way)
            scope = self.scope()
            given = {s: v for s, path in rule.given.items() if (v := scope.value(path)) is not None}
            self._goes(rule.flow, given, "link")
        else:
            self._takes("!down", way)
            self._down()

    def _takes(self, to: str, way: str) -> None:
        self.effects.append(counts.edge(self.frame.flow, self.frame.step, to, way))

    def _goes(self, flow: str, given: Mapping[str, Value], reason: str) -> None:
        """Leave the whole group for good, as the flow on top says."""
        self.say_unfinished(
            *self.session.frames[self.base() : -1]
        )  # of its own end the top flow tells itself
        self.over[self.frame.run] = self.frame.flow
        self.leave(reason)
        self.leave_for(flow, given)

    def _again(self, rule: Again, outcome: str, way: str) -> None:
        frame = self.frame
        key = f"{frame.step}.{outcome}"
        taken = frame.counts.get(key, 0) + 1
        if taken >= rule.times:
            self.follow(rule.otherwise, outcome, way)
            return
        self._takes(rule.step, way)
        self.say(rule.say)
        if taken == rule.times - 1:
            self.say_common("last_try")
        self.change_frame(counts={**frame.counts, key: taken}, held={})
        self.clear_from(rule.step)

    def clear_from(self, step: str) -> None:
        """Stand at a collect again; its answer and all later ones are cleared."""
        frame, slot = self.frame, self.flow.steps[step].slot
        cuts = [m.before for m in frame.trail if m.step == step]
        cuts += [i for i, (name, _) in enumerate(frame.log) if name == slot]  # it was handed in, or set
        cut = cuts[0] if cuts else len(frame.log)
        trail = tuple(m for m in frame.trail if m.before < cut)
        self.change_frame(
            step=step, mark="", log=frame.log[:cut], trail=trail, wrong=0, asked_at=0, since=0, call=""
        )

    def _down(self) -> None:
        """Nothing was taken: say so, keep what was filled in for 继续, and lead to a person."""
        self.say("down")
        group = self.session.frames[self.base() :]
        expire = max(self.content.flows[f.flow].expire for f in group)
        self.change(parked=Parked(group, self.event.at + expire))
        self._goes(self.content.person, {}, "down")

    def finish(self, reached: bool) -> None:
        """The top flow is over: on with the one below."""
        over = self.pop(reached)
        if not self.session.frames:
            return
        if over.why == "requires" and over.flow in self.flow.requires:
            if not reached:
                self.say_unfinished(self.frame)
                self.finish(reached=False)
        elif over.why == "need" and self.here.kind == "need" and self.here.flow == over.flow:
            if not reached:
                self.say_unfinished(self.frame)
            self.follow(self.here.next, "met" if reached else "unmet")
        elif over.why == "start":
            self.say_resumed()

    def answered(self, slot: Slot, value: Value) -> None:
        """The open question has its answer: on from there."""
        frame, step = self.frame, self.here
        self.close()
        trail = (*frame.trail, Mark(step.id, len(frame.log)))
        held = {k: v for k, v in frame.held.items() if k != slot.name}
        self.change_frame(trail=trail, wrong=0, held=held)
        self.give(slot.name, value)
        code = answer_code(value)
        known = code in slot.values or code in slot.or_
        self.effects.append(Count(f"{frame.flow}.{step.id}.{code if known else 'given'}"))
        self.follow(step.next, code)


def answer_code(value: Value) -> str:
    return value if isinstance(value, str) else value.get("id", "") if isinstance(value, dict) else ""
