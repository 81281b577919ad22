"""One turn under construction: its session and its effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from bot.engine import counts, own_texts, stack
from bot.engine.content import Content
from bot.engine.effects import Effect, Say
from bot.engine.events import Event, TextReceived, VoiceReceived
from bot.engine.flow import PII_TYPES, Argument, Flow, FlowWords, Language, Step, Target, Text, Value
from bot.engine.scope import Scope, china_time
from bot.engine.session import Frame, Known, Listed, Offered, OpenCall, Session, Suspended
from bot.engine.wording import Missing, dated, language, next_page, render
from bot.reading.clean import Said, hear
from bot.reading.guess import Guess
from bot.reading.numbers import codes
from bot.reading.secrets import without_secrets

STEP_BUDGET = 50
STATES = 20
"""Receipts of which it is kept how they stand."""
LISTED, LISTED_SECONDS = 60, 1800
"""Entries that are kept for 更多, and for how long."""


class Turn:
    """The current session and the effects so far. Lives for one `step` only."""

    def __init__(self, content: Content, session: Session, event: Event) -> None:
        self.content = content.at(max(event.at, session.heard_at))  # never back to what held before
        self.session = session
        self.event = event
        self.message = hear(event.text) if isinstance(event, TextReceived | VoiceReceived) else Said("")
        left = without_secrets(self.message)
        if left is not None and session.top and session.top.code in codes(self.message):
            left = None  # it was shown to be typed
        self.secret = left is not None  # one was sent; nothing reads it, so nothing keeps it
        self.message = self.message if left is None else Said(left)
        self.effects: list[Effect] = []
        self.first: list[Say] = []  # texts before all others: a change that is not made yet
        self.news: list[Effect] = []  # told before the answer: what the bureau has reported at night
        self.offers: list[Offered] = []
        self.left_over: tuple[int, list[str]] = (0, [])  # run: the rest of an answer's message
        self.asked = False
        self.looking = False  # what is open is only described
        self.digressed = False  # something other than the open question was answered
        self.unasked = False  # reports what others did: another openid, the bureau
        self.revised = False
        self.tally = counts.Tally(session.frames)
        self.budget = STEP_BUDGET
        self.ran_away = False

    # --- where we are ---
    @property
    def frame(self) -> Frame:
        return self.session.frames[-1]

    @property
    def flow(self) -> Flow:
        return self.content.flows[self.session.frames[-1].flow]

    @property
    def here(self) -> Step:
        frame = self.session.frames[-1]
        return self.content.flows[frame.flow].steps[frame.step]

    def base(self) -> int:
        """Returns where the top group begins."""
        frames = self.session.frames
        for at in range(len(frames) - 1, 0, -1):
            if frames[at].why == "start":
                return at
        return 0

    @property
    def group(self) -> tuple[Frame, ...]:
        """Returns the top group: the flow that the resident began last, then what it requires or needs."""
        return self.session.frames[self.base() :]

    @property
    def below(self) -> tuple[Frame, ...]:
        """Returns what is open below the top group."""
        return self.session.frames[: self.base()]

    @property
    def run(self) -> int:
        """Returns the run that the resident began last; 0 if nothing is open."""
        return self.group[0].run if self.session.frames else 0

    def scope(self, checks: bool = False, rest: list[str] | None = None, /, **extra: Value) -> Scope:
        """`checks`, `rest`: as in Scope."""
        top = self.session.top
        named = {k.replace("__", "."): v for k, v in extra.items()} if extra else {}
        return Scope(self.content, self.session, top, self.event.at, named, checks, rest)

    def change(self, **fields: object) -> None:
        self.session = replace(self.session, **fields)

    def change_frame(self, **fields: object) -> None:
        self.put(replace(self.session.frames[-1], **fields))

    def put(self, top: Frame) -> None:
        """Replaces the top frame."""
        self.session = replace(self.session, frames=(*self.session.frames[:-1], top))

    def close(self) -> None:
        """Records that the top frame's question or call has its answer."""
        frame = self.frame
        if frame.since:
            self.effects.append(counts.took(frame.flow, frame.step, self.event.at - frame.since))
            self.tally.answered.add(frame.run)
            self.change_frame(since=0)

    def give(self, slot: str, value: Value) -> None:
        frame, type_ = self.frame, self.flow.slots[slot].type
        types = {s: t for s, t in frame.types.items() if s != slot}  # given anew: by its current type
        if type_ in PII_TYPES:
            types[slot] = type_
        self.change_frame(answers=(*frame.answers, (slot, value)), types=types)

    def learn(self, slot: str, record: Mapping[str, str], made: bool = False) -> None:
        """Notes how it stands with a receipt that was given here. `made`: it is given just now."""
        states, number = dict(self.session.states), record.get("number", "")
        fields = self.flow.slots[slot].fields if slot in self.flow.slots else {}
        code = next((name for name in fields if fields[name].kind == "code" and name in record), "")
        if not number or not code or not (made or number in states):
            return
        states.pop(number, None)
        states[number] = Known(f"{slot}.{code}", record[code], self.event.at)
        self.change(states=dict(list(states.items())[-STATES:]))

    def argument(self, arg: Argument) -> Value | None:
        """Returns an argument's value: a list entry by its id, everything else as it is."""
        if arg.value is not None:
            return arg.value
        scope = self.scope()
        value = next((v for path in arg.paths if (v := scope.value(path)) is not None), None)
        return value["id"] if isinstance(value, dict) and "id" in value else value

    def open_once(self) -> OpenCall | None:
        """Returns an open change of the top group."""
        waiting = {f.call for f in self.group}
        return next((c for key, c in self.session.calls.items() if c.once and key in waiting), None)

    # --- where a `next` leads ---
    def takes(self, to: str, way: str) -> None:
        """Counts the way from the open step on."""
        self.effects.append(counts.edge(self.frame.flow, self.frame.step, to, way))

    def finish(self, reached: bool) -> None:
        """Ends the top flow and continues the one below."""
        over = stack.pop(self, reached)
        if not self.session.frames:
            return
        if over.why == "requires" and over.flow in (*self.flow.requires, *stack.rested_on(self.frame)):
            if not reached:
                own_texts.say_unfinished(self, self.frame)
                self.finish(reached=False)
        elif over.why == "need":
            self.here.returned(self, over.flow, reached)
        elif over.why == "start":
            self.say_resumed()

    def hand_over(self, flow: str, given: Mapping[str, Value], reason: str) -> None:
        """Leaves the whole group for good, as the flow on top says."""
        own_texts.say_unfinished(self, *self.group[:-1])  # the top flow reports its own end
        self.tally.over[self.frame.run] = self.frame.flow
        self.tally.leave(reason)
        stack.leave_for(self, flow, given)

    def back_to(self, frames: tuple[Frame, ...]) -> None:
        """Leaves all but these runs, asks the last one's question again, and says which goes on."""
        self.change(frames=frames)
        if frames:
            self.change_frame(asked_at=0)
            self.say_resumed()

    def suspend(self, group: tuple[Frame, ...]) -> None:
        """Keeps the answers for 继续."""
        expire = max(self.content.flows[f.flow].expire for f in group)
        self.change(suspended=Suspended(group, self.event.at + expire))

    def clear_from(self, step: str) -> None:
        """Goes back to a step; clears what was answered, looked up and set from there on."""
        frame, slots = self.frame, self.flow.filled_from(step)
        cuts = [m.before for m in frame.history if m.step == step]
        cuts += [i for i, (name, _) in enumerate(frame.answers) if name in slots]  # it was passed in, or set
        cut = cuts[0] if cuts else len(frame.answers)
        history = tuple(m for m in frame.history if m.before < cut)
        self.put(replace(frame.at(step), answers=frame.answers[:cut], history=history, call=""))

    # --- words ---
    @property
    def language(self) -> Language:
        return language(self)

    def words(self, flow: str) -> FlowWords:
        return self.language.flows[flow]

    def title(self, flow: str = "", page: str = "") -> str:
        lang = self.language
        return lang.pages[page].title if page else lang.flows[flow].title

    def rendered(
        self, text: Text, checks: bool = False, rest: list[str] | None = None, /, **extra: Value
    ) -> str | None:
        """`checks`, `rest`: as in Scope."""
        try:
            return render(text, self.scope(checks, rest, **extra))
        except Missing:
            return None

    def label(self, text: Text | None, fallback: str, **extra: Value) -> str:
        return (self.rendered(text, **extra) if text else None) or fallback

    def known(self, offered: Offered) -> bool:
        """Checks whether the content (still) has what was offered."""
        if offered.page:
            return offered.page in self.content.pages
        flow = self.content.flows.get(offered.flow)
        return flow is not None and not flow.by_time

    def targets(self, guess: Guess) -> tuple[Target, ...]:
        return tuple(map(self.content.target, guess.names))

    # --- saying ---
    def say(self, name: str) -> None:
        """Says a text of the top flow; the engine's own if the flow has none of that name."""
        text = self.words(self.frame.flow).texts.get(name)
        if text is None:
            self.say_common(name)
        else:
            self.say_text(f"{self.frame.flow}.{name}", text)

    def say_summary(self, name: str) -> None:
        """Says what a change is agreed to; it shows whole what the resident has given for it."""
        text = self.words(self.frame.flow).texts[name]
        self.say_text(f"{self.frame.flow}.{name}", text, True)

    def moment(self, at: int) -> str:
        """Returns a time of today, or one of another day with it; "" for 0."""
        if not at:
            return ""
        then, now = china_time(at), china_time(self.event.at)
        time = f"{then.hour}:{then.minute:02d}"
        same = then.date() == now.date()
        return time if same else f"{dated(then.date().isoformat(), self.language)} {time}"

    def say_common(self, name: str, instead: str = "", /, **extra: Value) -> None:
        """Says an engine text. `instead`: the one to say if the revision is older than that text."""
        common = self.language.common
        name = name if name in common or not instead else instead
        self.say_text(f"common.{name}", common[name], **extra)

    def say_page(self, name: str) -> None:
        self.digressed = True
        self.say_text(f"page.{name}", self.language.pages[name].texts["text"])

    def common(self, name: str, **extra: Value) -> str:
        """Returns an engine text as a label or lead."""
        return self.label(self.language.common[name], name, **extra)

    def say_text(self, text_id: str, text: Text, checks: bool = False, /, **extra: Value) -> None:
        rest: list[str] = []
        words = self.rendered(text, checks, rest, **extra)
        if rest:
            self.keep_rest(rest)
        if words is None:  # a hole in the content that the check missed: never silent, never an exception
            text_id += "!"
            words = self.rendered(self.language.common["broken"]) or self.content.hotline
        self.effects.append(Say(text_id, words))

    @property
    def listed(self) -> Listed | None:
        """Returns what 更多 goes on with."""
        listed = self.session.listed
        return listed if listed and listed.until > self.event.at else None

    def say_next_page(self, listed: Listed) -> None:
        rest: list[str] = []
        entries = next_page(listed, self.scope(False, rest))
        self.keep_rest(rest, listed.beyond)
        self.say_common("list_page", entries=entries)

    def keep_rest(self, lines: Sequence[str], beyond: int = 0) -> None:
        """Keeps entries that had no room for 更多. `beyond`: how many more there are besides."""
        kept = tuple(lines[:LISTED])
        more = len(lines) - len(kept) + beyond
        self.change(listed=Listed(kept, self.event.at + LISTED_SECONDS, more) if kept else None)

    def say_resumed(self) -> None:
        """Names the continued flow by what the resident began, not by what that requires."""
        self.say_common("resumed", flow=self.title(self.group[0].flow))

    def said(self) -> bool:
        return bool(self.first) or Say in map(type, self.effects)

    def has_said(self, text_id: str) -> bool:
        return any(isinstance(e, Say) and e.id == text_id for e in self.effects)
