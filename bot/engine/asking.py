"""Asking: the open question with its answers to tap, and the follow-ups below a reply."""

from __future__ import annotations

import hashlib

from msgspec.structs import replace

from bot.engine import counts
from bot.engine.effects import Call, Offer, Option, Picture
from bot.engine.flow import Slot, Step, Target, Text, Value
from bot.engine.session import Frame, Offered
from bot.engine.slots import Choice
from bot.engine.talk import Talk
from bot.engine.wording import Missing, digits_apart, entry_words

CODE_LASTS = 600
"""Seconds a random code can be answered."""
AGREED, REFUSED = "agreed", "refused"
SUGGESTIONS = 4


class Asking(Talk):
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
        """Numbered where no question stands; beside a question, or what nobody asked for, only to tap."""
        if not self.offers:
            return
        self._offer_way_back()
        bare = self.asked or self.unasked
        run = self.session.runs
        choices = tuple(
            Choice(
                "",
                self.offered_label(o),
                0 if bare else n,
                f"{run}.-{n}.{'page.' + o.page if o.page else o.flow}",
            )
            for n, o in enumerate(self.offers, 1)
        )
        self._offer(choices, "offer_lead" if bare else lead)
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
