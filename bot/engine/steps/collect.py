"""`collect`: the value of a slot, asked for unless it is known."""

from __future__ import annotations

from bot.engine import asking, walk
from bot.engine.answers import wrong
from bot.engine.effects import Count, Picture
from bot.engine.events import Event
from bot.engine.flow import Slot, Step, Text, Value
from bot.engine.session import Mark
from bot.engine.slots import answer, still_fits
from bot.engine.turn import Turn
from bot.engine.wording import Missing, digits_apart, entry_words
from bot.reading.choices import Choice
from bot.reading.find import Invalid, code_digits

CODE_LASTS = 600
"""Seconds a random code can be answered."""


class Collect(Step):
    kind = "collect"
    asks = waits = True
    quiet = False

    def reach(self, turn: Turn) -> bool:
        slot, frame = turn.flow.slots[self.slot], turn.frame
        given = frame.slots.get(self.slot)
        held = frame.held.get(self.slot) if given is None else None
        if held is not None and slot.type != "code" and still_fits(slot, held, turn.scope()):
            self.choose(turn, held)  # 改: this answer still holds
            return False
        if given is None and slot.type == "choice" and not slot.or_:
            values = _open_values(turn, slot)
            if not values:
                walk.stuck(turn)
                return False
            if len(values) == 1:  # a choice with one value left answers itself
                given = values[0]
                turn.give(slot.name, given)
        if given is None or slot.type == "code":
            return True
        self.next.follow(turn, _code(given))
        return False

    # --- asking ---
    def shown(self, turn: Turn) -> str:
        slot = turn.flow.slots[self.slot]
        return repr(_open_values(turn, slot)) if slot.type == "choice" else ""  # "2" is one of these

    def ask(self, turn: Turn) -> None:
        self._put(turn, turn.words(turn.frame.flow).slots[self.slot].ask, "ask")

    def ask_again(self, turn: Turn, nth: int) -> None:
        """The slot's own words for this try stand in for its question."""
        turn.asked = True
        words = turn.words(turn.frame.flow).slots[self.slot]
        self._put(turn, words.again[min(nth, len(words.again) - 1)] if words.again else words.ask, "again")
        asking.show_choices(turn)

    def _put(self, turn: Turn, text: Text | None, name: str) -> None:
        if turn.flow.slots[self.slot].type == "code":
            _new_code(turn)
        if text is not None:
            code = digits_apart(turn.frame.code) or "-"
            turn.say_text(f"{turn.frame.flow}.{self.slot}.{name}", text, code=code)

    def choices(self, turn: Turn) -> tuple[Choice, ...]:
        slot, tag = turn.flow.slots[self.slot], f"{turn.frame.run}.{self.id}."
        words = turn.words(turn.frame.flow).slots[self.slot]
        made = []
        for number, value in enumerate(_open_values(turn, slot), 1):
            if isinstance(value, dict):
                label = _entry(turn, slot, value)
                made.append(Choice(value, label, number, f"{tag}{value.get('id', number)}"))
            elif isinstance(value, str):
                made.append(Choice(value, turn.label(words.values.get(value), value), number, tag + value))
        made += [Choice(v, turn.label(words.values.get(v), v), 0, tag + v) for v in slot.or_]
        return tuple(made)

    # --- answers ---
    def answer(self, turn: Turn, event: Event) -> bool:
        slot = turn.flow.slots[self.slot]
        if slot.type == "code":
            return self._answer_code(turn)
        found = answer(slot, event, turn.message, self.choices(turn))
        if not isinstance(found, Invalid):
            self.choose(turn, found)
        elif found.text:
            wrong(turn, found.text)
        return not isinstance(found, Invalid) or bool(found.text)

    def _answer_code(self, turn: Turn) -> bool:
        frame, digits = turn.frame, code_digits(turn.message)
        if not digits:
            return False
        if turn.event.at > frame.code_until:
            turn.say_common("code_expired")
            return True  # a fresh one is shown as the question is asked again
        if digits != frame.code:
            return False
        turn.change_frame(code="", code_until=0)
        self.choose(turn, digits)
        return True

    def choose(self, turn: Turn, value: Value) -> None:
        """The open question has its answer: on from there."""
        frame, slot = turn.frame, turn.flow.slots[self.slot]
        turn.close()
        trail = (*frame.trail, Mark(self.id, len(frame.log)))
        held = {k: v for k, v in frame.held.items() if k != slot.name}
        turn.change_frame(trail=trail, wrong=0, held=held)
        turn.give(slot.name, value)
        code = _code(value)
        known = code in slot.values or code in slot.or_
        turn.effects.append(Count(f"{frame.flow}.{self.id}.{code if known else 'given'}"))
        self.next.follow(turn, code)


def _code(value: Value) -> str:
    return value if isinstance(value, str) else value.get("id", "") if isinstance(value, dict) else ""


def _new_code(turn: Turn) -> None:
    """A code is used once: every question shows a fresh one."""
    code = f"{(turn.event.seed ^ (turn.event.seed >> 32)) % 10000:04d}"
    if code == turn.frame.code:
        code = f"{(int(code) + 1) % 10000:04d}"
    turn.change_frame(code=code, code_until=turn.event.at + CODE_LASTS)
    turn.effects.append(Picture(code, turn.session.language))


def _open_values(turn: Turn, slot: Slot) -> list[Value]:
    """The numbered values of a choice that are open to this resident now."""
    if slot.entries_of:
        entries = turn.frame.slots.get(slot.entries_of)
        return list(entries) if isinstance(entries, list) else []
    scope = turn.scope()
    return [v for v in slot.values if scope.holds(slot.only.get(v, ()))]


def _entry(turn: Turn, slot: Slot, entry: dict[str, str]) -> str:
    line = turn.words(turn.frame.flow).slots[slot.name].line
    try:
        return entry_words(slot, entry, turn.scope(), line)
    except Missing:
        return entry.get("name") or entry.get("id", "")
