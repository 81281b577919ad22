"""`collect`: asks for the value of a slot unless it is known."""

from __future__ import annotations

from bot.engine import asking, form, walk
from bot.engine.answers import wrong
from bot.engine.effects import Count, Picture
from bot.engine.events import Event
from bot.engine.flow import PII_TYPES, Slot, Step, Text, Value
from bot.engine.scope import today
from bot.engine.session import Doubt, Mark
from bot.engine.slots import answer, still_fits
from bot.engine.turn import Turn
from bot.engine.walk import MESSAGES
from bot.engine.wording import Missing, dated, digits_apart, entry_words, mask
from bot.reading.choices import Choice
from bot.reading.clean import Said, normal
from bot.reading.find import WHICH, Found, pieces, read
from bot.reading.numbers import codes
from bot.reading.numerals import spelled
from bot.reading.rejected import INSTEAD
from bot.reading.results import Doubtful, Invalid

CODE_LASTS = 600
"""Seconds for which a random code can be answered."""
BY_ITSELF = frozenset({"id_number", "name", "mobile", "date", "address"})
"""Types whose answers are recognisable beside another one; never a choice not shown yet, a code, a
picture."""
_SHOWN = "_shown"
"""The tap that confirms the value shown."""


class Collect(Step):
    kind = "collect"
    asks = waits = True
    quiet = False

    def reach(self, turn: Turn) -> bool:
        slot, frame = turn.flow.slots[self.slot], turn.frame
        given = frame.slots.get(self.slot)
        held = frame.carried_answers.get(self.slot) if given is None else None
        if held is not None and slot.type != "code" and still_fits(slot, held, turn.scope()):
            self.choose(turn, held)  # 改: this answer still fits
            return False
        if given is None and (value := self._also_said(turn)) is not None:
            self._also_take(turn, value)
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
        doubt, type_ = turn.frame.doubt, turn.flow.slots[self.slot].type
        if doubt is not None and doubt.shown:
            value = str(doubt.value)
            turn.say_common(f"check_{type_}", value=dated(value, turn.language) if type_ == "date" else value)
            return
        self._put(turn, turn.words(turn.frame.flow).slots[self.slot].ask, "ask")

    def ask_again(self, turn: Turn, nth: int) -> None:
        """Asks with the slot's own words for this try in place of its question."""
        turn.asked = True
        words = turn.words(turn.frame.flow).slots[self.slot]
        self._put(turn, words.again[min(nth, len(words.again) - 1)] if words.again else words.ask, "again")
        asking.offer_page(turn)
        asking.show_choices(turn)

    def _put(self, turn: Turn, text: Text | None, name: str) -> None:
        if turn.flow.slots[self.slot].type == "code" and not turn.looking:
            _new_code(turn)
        if turn.content.face_page and asking.face_check(turn):
            turn.say_common("face_ask")
            return
        if text is not None:
            code = digits_apart(turn.frame.code) or "-"
            turn.say_text(f"{turn.frame.flow}.{self.slot}.{name}", text, code=code)

    def choices(self, turn: Turn) -> tuple[Choice, ...]:
        slot, tag = turn.flow.slots[self.slot], f"{turn.frame.run}.{self.id}."
        words, called = turn.words(turn.frame.flow).slots[self.slot], self._called(turn)
        made = []
        for number, value in enumerate(_open_values(turn, slot), 1):
            if isinstance(value, dict):
                label = _entry(turn, slot, value)
                made.append(Choice(value, label, number, f"{tag}{value.get('id', number)}"))
            elif isinstance(value, str):
                label = turn.label(words.values.get(value), value)
                made.append(Choice(value, label, number, tag + value, called.get(value, ())))
        for value in slot.or_:
            label = turn.label(words.values.get(value), value)
            made.append(Choice(value, label, 0, tag + value, called.get(value, ())))
        doubt = turn.frame.doubt
        if doubt is not None and doubt.shown:
            yes = tuple(turn.content.plain.yes)
            made.insert(0, Choice(doubt.value, turn.common("check_yes"), 0, f"{tag}{_SHOWN}", yes))
        return tuple(made)

    def _called(self, turn: Turn) -> dict[str, tuple[str, ...]]:
        """Returns other words for the values, in every language, since residents may use any."""
        found: dict[str, tuple[str, ...]] = {}
        for language in turn.content.languages.values():
            flow = language.flows.get(turn.frame.flow)
            slot = flow.slots.get(self.slot) if flow else None
            for value, words in slot.words.items() if slot else ():
                found[value] = (*found.get(value, ()), *words)
        return found

    # --- answers ---
    def answer(self, turn: Turn, event: Event) -> bool:
        slot = turn.flow.slots[self.slot]
        if slot.type == "code":
            return self._answer_code(turn)
        found = answer(slot, event, turn.message, self.choices(turn))
        if isinstance(found, Doubtful):
            return self._doubted(turn, found)
        if not isinstance(found, Invalid):
            parts = pieces(turn.message) if slot.type in BY_ITSELF else []
            if len(parts) > 1:
                turn.left_over = (turn.frame.run, [part for part in parts if self._read(turn, part) != found])
            elif slot.type == "choice" and any(map(str.isdigit, turn.message.text)):
                turn.left_over = (turn.frame.run, [turn.message.text])  # 寄到平安区和平路12号
            self.choose(turn, found)
            return True
        if found.text not in turn.language.common:  # a revision of an earlier release may lack it
            return False
        wrong(turn, found.text, tried=found not in (WHICH, INSTEAD))
        return True

    # --- several answers in one message ---
    def _read(self, turn: Turn, words: str) -> Found:
        return read(turn.flow.slots[self.slot], Said(words), today(turn.event.at))

    def _also_said(self, turn: Turn) -> str | None:
        """Finds an answer in the rest of a message that answered an earlier question of this run."""
        run, said = turn.left_over
        if not said:
            return None
        words = turn.words(turn.frame.flow).slots[self.slot]
        if run != turn.frame.run or turn.flow.slots[self.slot].type not in BY_ITSELF or not words.label:
            return None
        if "also_taken" not in turn.language.common:
            return None
        named = turn.flow.slots[self.slot].type == "name"
        for piece in said:
            if named and spelled(piece) != piece:
                continue  # 一零一: of a number that was told in pieces
            found = self._read(turn, piece)
            if isinstance(found, str):
                turn.left_over = (run, [p for p in said if p != piece])
                return found
        return None

    def _also_take(self, turn: Turn, value: str) -> None:
        """Takes a value and shows it, masked like personal values, so that it can be changed."""
        type_, label = turn.flow.slots[self.slot].type, turn.words(turn.frame.flow).slots[self.slot].label
        words = mask(type_, value) if type_ in PII_TYPES else dated(value, turn.language)
        turn.say_common("also_taken", label=label, value=words)
        self.choose(turn, value)

    def _doubted(self, turn: Turn, found: Doubtful) -> bool:
        """Takes a doubtful value when it comes again. Shows a likely one once to confirm, which costs no
        try."""
        doubt, said = turn.frame.doubt, turn.message.normal
        if doubt is not None and doubt.shown and said in turn.content.plain.no:
            turn.change_frame(doubt=None)
            return True  # the question is asked again
        if doubt is not None and doubt.value == found.value:
            self.choose(turn, found.value)
            return True
        shown = found.likely and f"check_{turn.flow.slots[self.slot].type}" in turn.language.common
        guess = turn.content.guesser.guess(turn.message)
        shown = shown and said not in self._own_words(turn) and not guess.strong
        turn.change_frame(doubt=Doubt(found.value, shown))
        return shown

    def _own_words(self, turn: Turn) -> set[str]:
        """Returns the flow's own words: a resident who repeats them means that, whatever they look like."""
        words = turn.words(turn.frame.flow)
        labels = [a for t in words.texts.values() for a in (t.agreed, t.refused) if a is not None]
        shown = [words.title, *(s.label for s in words.slots.values()), *(turn.label(a, "") for a in labels)]
        return {*map(normal, shown), *turn.content.plain.yes, *turn.content.plain.no}

    def _answer_code(self, turn: Turn) -> bool:
        frame, found = turn.frame, codes(turn.message)
        if not found:
            return False
        if turn.event.at > frame.code_until:
            turn.say_common("code_expired")
            return True  # a new one is shown when the question is asked again
        if found != {frame.code}:
            return False
        self.choose(turn, found.pop())
        return True

    def _typed_in_chat(self, turn: Turn) -> bool:
        """Checks whether the first personal answer of a run has come in the chat, though there is a page for
        it."""
        personal = turn.flow.slots[self.slot].type in PII_TYPES and not turn.frame.types
        in_chat = bool(turn.event.page) and not turn.event.mark and isinstance(turn.event, MESSAGES)
        return personal and in_chat and "typed_here" in turn.language.common

    def choose(self, turn: Turn, value: Value) -> None:
        """Takes the answer to the open question and goes on."""
        frame, slot = turn.frame, turn.flow.slots[self.slot]
        turn.close()
        if self._typed_in_chat(turn):
            turn.say_common("typed_here")
        history = (*frame.history, Mark(self.id, len(frame.answers)))
        held = {k: v for k, v in frame.carried_answers.items() if k != slot.name}
        turn.change_frame(history=history, carried_answers=held)
        turn.give(slot.name, value)
        if slot.type == "code":
            form.new_code(turn)  # it was used
        code = _code(value)
        known = code in slot.values or code in slot.or_
        turn.effects.append(Count(f"{frame.flow}.{self.id}.{code if known else 'given'}"))
        self.next.follow(turn, code)


def _code(value: Value) -> str:
    return value if isinstance(value, str) else value.get("id", "") if isinstance(value, dict) else ""


def _new_code(turn: Turn) -> None:
    """Makes a new code for every question: a code is used once."""
    code = f"{(turn.event.seed ^ (turn.event.seed >> 32)) % 10000:04d}"
    if code == turn.frame.code:
        code = f"{(int(code) + 1) % 10000:04d}"
    turn.change_frame(code=code, code_until=turn.event.at + CODE_LASTS)
    turn.effects.append(Picture(code, turn.session.language))


def _open_values(turn: Turn, slot: Slot) -> list[Value]:
    """Returns the numbered values of a choice that are open to this resident now."""
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
