"""Saying and asking: the half of a turn that makes words. `Walk` is the half that moves."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from bot.engine import counts
from bot.engine.effects import Call, Effect, Offer, Option, Picture, Say
from bot.engine.events import Event
from bot.engine.flow import PII_TYPES, Content, Flow, FlowWords, Slot, Step, Target, Text, Value
from bot.engine.scope import Scope
from bot.engine.session import Frame, Offered, Session, changed
from bot.engine.slots import Choice
from bot.engine.wording import Missing, digits_apart, entry_words, language, render

CODE_LASTS = 600
"""Seconds a random code can be answered."""
AGREED, REFUSED = "agreed", "refused"
SUGGESTIONS = 4


class Talk:
    """One turn in the making: the session as it stands and the effects so far. Lives for one `step` only."""

    def __init__(self, content: Content, session: Session, event: Event) -> None:
        self.content = content
        self.session = session
        self.event = event
        self.effects: list[Effect] = []
        self.offers: list[Offered] = []
        self.guessed: tuple[Target, ...] = ()
        self.asked = False
        self.revised = False
        self.closed: set[int] = set()  # runs whose question or call was answered in this turn
        self.over: dict[int, str] = {}  # runs that went where their flow says, and their flows
        self.begun: dict[int, str] = {}  # runs begun in this turn
        self.reason = ""  # what made the resident leave what was open

    # --- where we are ---
    @property
    def frame(self) -> Frame:
        return self.session.frames[-1]

    @property
    def flow(self) -> Flow:
        return self.content.flows[self.frame.flow]

    @property
    def here(self) -> Step:
        return self.flow.steps[self.frame.step]

    def base(self) -> int:
        """Where the top group begins: the flow the resident started, under what it requires or needs."""
        frames = self.session.frames
        return max((i for i, f in enumerate(frames) if f.why == "start"), default=0)

    def scope(self, **extra: Value) -> Scope:
        top = self.session.top
        named = {k.replace("__", "."): v for k, v in extra.items()}
        return Scope(self.content, self.session, top, self.event.at, named)

    def change(self, **fields: object) -> None:
        self.session = changed(self.session, **fields)

    def change_frame(self, **fields: object) -> None:
        top = changed(self.frame, **fields)
        self.change(frames=(*self.session.frames[:-1], top))

    def give(self, slot: str, value: Value) -> None:
        frame, type_ = self.frame, self.flow.slots[slot].type
        types = {s: t for s, t in frame.types.items() if s != slot}  # given anew: as what it is given now
        if type_ in PII_TYPES:
            types[slot] = type_
        self.change_frame(log=(*frame.log, (slot, value)), types=types)

    # --- words ---
    def words(self, flow: str) -> FlowWords:
        return language(self.scope()).flows[flow]

    def title(self, flow: str = "", page: str = "") -> str:
        lang = language(self.scope())
        return lang.pages[page].title if page else lang.flows[flow].title

    def rendered(self, text: Text, **extra: Value) -> str | None:
        try:
            return render(text, self.scope(**extra))
        except Missing:
            return None

    def label(self, text: Text | None, fallback: str, **extra: Value) -> str:
        return (self.rendered(text, **extra) if text else None) or fallback

    def known(self, offered: Offered) -> bool:
        """Whether the content (still) has what was offered."""
        if offered.page:
            return offered.page in self.content.pages
        flow = self.content.flows.get(offered.flow)
        return flow is not None and not flow.by_time

    # --- saying ---
    def say(self, name: str) -> None:
        """A text of the flow that is on top; the engine's own where the flow has none of that name."""
        text = self.words(self.frame.flow).texts.get(name)
        if text is None:
            self.say_common(name)
        else:
            self.say_text(f"{self.frame.flow}.{name}", text)

    def say_common(self, name: str, **extra: Value) -> None:
        self.say_text(f"common.{name}", language(self.scope()).common[name], **extra)

    def say_page(self, name: str) -> None:
        self.say_text(f"page.{name}", language(self.scope()).pages[name].texts["text"])

    def common(self, name: str, **extra: Value) -> str:
        """An engine text as a label or lead."""
        return self.label(language(self.scope()).common[name], name, **extra)

    def say_text(self, text_id: str, text: Text, **extra: Value) -> None:
        words = self.rendered(text, **extra)
        if words is None:  # a hole in the content that the lint did not see: never silent, never an exception
            text_id += "!"
            words = self.rendered(language(self.scope()).common["broken"]) or "12333"
        self.effects.append(Say(text_id, words))

    def say_resumed(self) -> None:
        """What goes on is called by what the resident began, not by what that requires."""
        self.say_common("resumed", flow=self.title(self.session.frames[self.base()].flow))

    def say_changed(self) -> None:
        """New content took the question away: told once, whatever else it touched."""
        session = self.session
        parked = session.parked and replace(session.parked, frames=_told(session.parked.frames))
        self.change(frames=_told(session.frames), parked=parked)
        if session.frames:
            self.say_common("changed", flow=self.title(session.frames[self.base()].flow))
        else:
            self.say_common("changed")
            self.offer_later(tuple(self.content.menu.values())[:SUGGESTIONS])

    def said(self) -> bool:
        return any(isinstance(e, Say) for e in self.effects)

    # --- asking ---
    def question(self, before: bool = False) -> str:
        """What tells the open question from any other: its step, and what an answer to it depends on.

        `before`: under the names that the flow's steps and slots had before.
        """
        step = self.here
        shown = ""
        if step.kind == "consent":
            shown = self.words(self.frame.flow).texts[step.text].version
        elif step.before_once:  # a summary says what will be done: fees, days, which card
            shown = self.rendered(self.words(self.frame.flow).texts[step.text]) or ""
        elif step.kind == "collect" and self.flow.slots[step.slot].type == "choice":  # "2" is one of these
            shown = repr(self.open_values(self.flow.slots[step.slot]))
        digest = hashlib.sha256(shown.encode()).hexdigest()[:8] if shown else ""
        return f"{step.was if before else step.hash}.{digest}"

    def ask(self) -> None:
        """The question at which the top frame waits, with its answers to tap."""
        if self.asked or not self.session.frames:
            return
        self.asked = True
        if any(f.revised for f in self.session.frames[self.base() :]):
            self.say_changed()
        frame, step = self.frame, self.here
        if not frame.asked_at:
            self.change_frame(asked_at=self.session.heard_at or self.event.at)
        if not frame.since and step.kind in counts.VISITED:
            self.change_frame(since=self.event.at)
            self.effects.append(counts.asked(frame.flow, step.id))
        if step.kind == "collect":
            self._ask_slot(step)
        elif step.kind in ("confirm", "consent"):
            self.say(step.text)
        else:
            if frame.call and not any(isinstance(e, Call) for e in self.effects):
                self.say("slow")  # the resident writes while it goes on
            return
        self._show_choices()

    def _show_choices(self) -> None:
        choices = self.choices()
        if choices:
            typed = self.here.kind == "collect"
            numbered = any(c.number for c in choices)
            self._offer(choices, "choose" if numbered else "choose_also" if typed else "choose_words")

    def _ask_slot(self, step: Step) -> None:
        slot = self.flow.slots[step.slot]
        words = self.words(self.frame.flow).slots[step.slot]
        self._put(slot, words.ask, "ask")

    def ask_again(self, text: Text | None) -> None:
        """The open question in other words, with its answers."""
        self.asked = True
        self._put(self.flow.slots[self.here.slot], text, "again")
        self._show_choices()

    def _put(self, slot: Slot, text: Text | None, name: str) -> None:
        if slot.type == "code":
            self.new_code()
        if text is not None:
            code = digits_apart(self.frame.code) or "-"
            self.say_text(f"{self.frame.flow}.{slot.name}.{name}", text, code=code)

    def new_code(self) -> None:
        """A code is used once: every question shows a fresh one."""
        code = f"{(self.event.seed ^ (self.event.seed >> 32)) % 10000:04d}"
        if code == self.frame.code:
            code = f"{(int(code) + 1) % 10000:04d}"
        self.change_frame(code=code, code_until=self.event.at + CODE_LASTS)
        self.effects.append(Picture(code, self.session.language))

    def choices(self) -> tuple[Choice, ...]:
        """The answers of the question at which the top frame waits, as they are shown."""
        step, frame = self.here, self.frame
        tag = f"{frame.run}.{step.id}."
        if step.kind in ("confirm", "consent"):
            text = self.words(frame.flow).texts[step.text]
            return (
                Choice(AGREED, self.label(text.agreed, AGREED), 0, tag + AGREED),
                Choice(REFUSED, self.label(text.refused, REFUSED), 0, tag + REFUSED),
            )
        if step.kind != "collect":
            return ()
        slot = self.flow.slots[step.slot]
        words = self.words(frame.flow).slots[step.slot]
        made = []
        for number, value in enumerate(self.open_values(slot), 1):
            if isinstance(value, dict):
                made.append(
                    Choice(value, self._entry(slot, value), number, f"{tag}{value.get('id', number)}")
                )
            elif isinstance(value, str):
                made.append(Choice(value, self.label(words.values.get(value), value), number, tag + value))
        made += [Choice(v, self.label(words.values.get(v), v), 0, tag + v) for v in slot.or_]
        return tuple(made)

    def open_values(self, slot: Slot) -> list[Value]:
        """The numbered values of a choice that are open to this resident now."""
        if slot.entries_of:
            entries = self.frame.slots.get(slot.entries_of)
            return list(entries) if isinstance(entries, list) else []
        scope = self.scope()
        return [v for v in slot.values if scope.holds(slot.only.get(v, ()))]

    def _entry(self, slot: Slot, entry: dict[str, str]) -> str:
        line = self.words(self.frame.flow).slots[slot.name].line
        try:
            return entry_words(slot, entry, self.scope(), line)
        except Missing:
            return entry.get("name") or entry.get("id", "")

    def _offer(self, choices: tuple[Choice, ...], lead: str) -> None:
        options = tuple(Option(c.label, c.tap, c.number) for c in choices)
        self.effects.append(Offer(options, self.common(lead)))

    # --- follow-ups ---
    def offer_later(self, targets: tuple[Target, ...]) -> None:
        """Follow-ups of a `say`; shown at the turn's end, once each."""
        scope = self.scope()
        for target in targets:
            given = {slot: v for slot, path in target.given.items() if (v := scope.value(path)) is not None}
            offered = Offered(target.flow, target.page, given)
            if (target.flow, target.page) not in [(o.flow, o.page) for o in self.offers]:
                self.offers.append(offered)

    def offer_again(self) -> None:
        """With nothing open: the follow-ups that were shown last, or the first buttons of the menu."""
        self.offers = [o for o in self.session.offered if self.known(o) and not o.resume]
        if not self.offers:
            self.offer_later(tuple(self.content.menu.values())[:SUGGESTIONS])

    def show_offers(self, lead: str = "choose") -> None:
        """Numbered where no question stands; beside a question, only to tap."""
        if not self.offers:
            return
        self._offer_way_back()
        open_question = self.asked
        run = self.session.runs
        choices = tuple(
            Choice(
                "",
                self.offered_label(o),
                0 if open_question else n,
                f"{run}.-{n}.{'page.' + o.page if o.page else o.flow}",
            )
            for n, o in enumerate(self.offers, 1)
        )
        self._offer(choices, "offer_lead" if open_question else lead)
        self.change(offered=tuple(self.offers), offered_tag=str(run))

    def _offer_way_back(self) -> None:
        """What an outage or too many misses put aside comes first, as long as its answers are held."""
        parked = self.session.parked
        if parked is not None and parked.until > self.event.at and not self.session.frames:
            flow = parked.frames[0].flow
            self.offers = [Offered(flow, resume=True), *(o for o in self.offers if o.flow != flow)]

    def offered_label(self, offered: Offered) -> str:
        title = self.title(offered.flow, offered.page)
        return self.common("resume_offer", flow=title) if offered.resume else title


def _told(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    return tuple(replace(f, revised=False) if f.revised else f for f in frames)
