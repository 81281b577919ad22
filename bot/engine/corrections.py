"""Takes an answer back: asks it again, or takes the new one at once; the other answers stay."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.engine import delays
from bot.engine.flow import PII_TYPES, Place, Slot, Step, Value
from bot.engine.scope import today
from bot.engine.session import Mark
from bot.engine.turn import Turn
from bot.engine.wording import dated, mask
from bot.reading.choices import Choice, in_full, is_unwanted, pick, turned_to
from bot.reading.clean import Said, clauses, normal
from bot.reading.corrections import as_written, beside, corrected, gapped, is_last, named
from bot.reading.find import read
from bot.reading.names import told_name
from bot.reading.results import Doubtful, Invalid

CHANGE = "change."
"""Beginning of the value of a tap that takes another answer back."""
_SHORT = 10
"""Most characters of words in which a value may stand: 我自己去拿."""
_SURE = ("id_number", "mobile", "date", "address")
"""Types whose values are recognisable by themselves."""
_TOLD = (*_SURE, "name")
"""Those, and a type whose values are recognisable where the answer is named."""


def correct(turn: Turn) -> bool:
    """Returns True if the message takes an answer back. The words of an open answer do not: 改成正式挂失 as
    shown."""
    if not turn.session.frames:
        return False
    content, said = turn.content, turn.message
    forms, wrong = content.change, gapped(content.wrong)
    anew, is_wrong = list(corrected(said, forms)), list(corrected(said, wrong))
    last = is_last(said, content.wrong)
    if not (anew or is_wrong or last or is_unwanted(said)):
        return False
    shown = in_full(turn.message.normal, turn.here.choices(turn))
    if any(not str(choice.value).startswith(CHANGE) for choice in shown):
        return False
    if any(_given_anew(turn, what, value) for what, value in anew) or _unwanted(turn):
        return True
    if turn.here.slot and turn.flow.slots[turn.here.slot].type == "text":
        return False  # an opinion may say that something is wrong
    given = next(_given(turn), None) if last else None
    if given is not None:
        ask_anew(turn, *given)
        return True
    if last and not turn.frame.call:
        turn.say_common("nothing_back")
        return True
    return any(
        _asked_anew(turn, f"{what} {value}")
        for what, value in is_wrong
        if not what.endswith("对")  # 对不对 asks
    )


def retold(turn: Turn) -> bool:
    """Takes an earlier answer that is given anew where it cannot answer the open question: a whole ID number
    or 我叫张三 at the code, 不对，平安区和平路2号 at the summary. Says what was taken."""
    if not turn.session.frames or turn.frame.call:
        return False
    first, rest = beside(turn.message)
    against = is_last(Said(first), turn.content.wrong) or normal(first) in turn.content.no
    last = Said(rest if against else "")
    for at, mark in _given(turn):
        slot = _slot(turn, at, mark)
        alone = slot is not None and (slot.type in ("id_number", "mobile") or _is_address(turn, at, slot))
        told = told_name(turn.message) if slot is not None and slot.type == "name" else ""
        new = _other(turn, at, mark, turn.message if alone else Said(told) if told else last)
        new = new or _other_of_two(turn, at, mark)
        if new is not None and not _is_kept(turn, at, new):
            _take(turn, at, mark, new)
            return True
        last = Said("")
    return False


def _other_of_two(turn: Turn, at: int, mark: Mark) -> Value | None:
    """Returns the choice that was not taken, where the words are its own: 我自己去拿 at the address."""
    slot, choices = _slot(turn, at, mark), _choices(turn, at, mark)
    if slot is None or turn.here.decides or sum(choice.number > 0 for choice in choices) != 2:
        return None
    meant = in_full(turn.message.normal.removeprefix("我").removesuffix("吧"), choices)
    taken = turn.session.frames[at].slots.get(slot.name)
    return meant[0].value if len(meant) == 1 and meant[0].value != taken else None


_ADDRESS = re.compile(r"(?:请?改?寄到|改寄|地址是)?[^在了不是对没错丢，,。]+")


def _is_address(turn: Turn, at: int, slot: Slot) -> bool:
    """Checks whether the message is an address and nothing else, and no part of the one that was given."""
    kept, said = turn.session.frames[at].slots.get(slot.name), turn.message
    known = isinstance(kept, str) and said.normal.removeprefix("寄到") in normal(kept)
    return slot.type == "address" and _ADDRESS.fullmatch(said.text) is not None and not known


def submitting(turn: Turn) -> bool:
    """Refuses to go back while a change is being submitted."""
    call = turn.open_once()
    if call is None:
        return False
    if not delays.say_put_off(turn, call.action):
        turn.say_common("submitting")
    turn.asked = True
    return True


def ask_anew(turn: Turn, at: int, mark: Mark, value: Value | None = None) -> None:
    """Clears this answer and the later ones but holds the later ones: they are asked again only if they no
    longer fit, and dropped if the new answer leads past them. Looks up again what was looked up."""
    if submitting(turn):
        return
    turn.tally.leave("change")
    turn.change(frames=turn.session.frames[: at + 1])
    frame, steps = turn.frame, turn.flow.steps
    later = {steps[m.step].slot for m in frame.history if m.before > mark.before} - {steps[mark.step].slot}
    held = {name: frame.slots[name] for name in later if name in frame.slots}
    turn.clear_from(mark.step)
    turn.change_frame(carried_answers={**frame.carried_answers, **held})
    if value is not None:
        turn.here.choose(turn, value)


def _take(turn: Turn, at: int, mark: Mark, value: Value) -> None:
    """Takes a new answer, and says which, unless the summary that comes again shows it."""
    if submitting(turn):
        return
    slot, words = _slot(turn, at, mark), turn.words(turn.session.frames[at].flow).slots
    told = slot is not None and slot.type in _TOLD and "also_taken" in turn.language.common
    if slot is not None and told and isinstance(value, str) and not turn.here.decides:
        shown = mask(slot.type, value) if slot.type in PII_TYPES else dated(value, turn.language)
        turn.say_common("also_taken", label=words[slot.name].label, value=shown)
    ask_anew(turn, at, mark, value)


def offered(turn: Turn, step: Step) -> Iterator[tuple[str, str]]:
    """Yields the answers of this run that a summary shows: the step of each, and its label."""
    words, scope = turn.words(turn.frame.flow), turn.scope()
    variant = next((v for v in words.texts[step.text].variants if scope.holds(v.when)), None)
    parts, when = (variant.parts, variant.when) if variant else ((), ())
    shown = {part.path.partition(".")[0] for part in parts if isinstance(part, Place)} | {
        path.partition(".")[0] for test in when for path in test.paths
    }
    for mark in turn.frame.history:
        slot = turn.flow.steps[mark.step].slot
        if slot in shown and words.slots[slot].label:
            yield mark.step, words.slots[slot].label


def repeats(turn: Turn) -> bool:
    """Checks for an answer that was taken before: on a bad network residents send it once more.

    A number or a label is that only of the last one; it may be said of the open question as well.
    """
    said = turn.message.normal
    for nth, (at, mark) in enumerate(_given(turn)):
        frame = turn.session.frames[at]
        slot = _slot(turn, at, mark)
        taken = frame.slots.get(slot.name) if slot else None
        if slot is None or taken is None:
            continue
        shown = [c for c in _choices(turn, at, mark) if c.value == taken and nth == 0]
        again = {
            normal(str(taken)),
            *(normal(c.label) for c in shown),
            *(str(c.number) for c in shown if c.number),
        }
        if said in again or (slot.type in _SURE and read(slot, turn.message, today(turn.event.at)) == taken):
            return True
    return False


def asked_anew(turn: Turn, step: str) -> None:
    """Asks for the answer to this step of the open run again."""
    mark = next((m for m in turn.frame.history if m.step == step), None)
    if mark is not None:
        ask_anew(turn, len(turn.session.frames) - 1, mark)


def _given_anew(turn: Turn, what: str, value: str) -> bool:
    """Takes a new answer: 改地址 names an answer, 改成正式挂失 gives the new one, 电话改成139… both, and
    不是张山，是张三 the one that was given."""
    given = list(_given(turn))
    found = _named(turn, what, given) or (_told_as(turn, what, given) if value else None)
    said = Said(as_written(turn.message, value or what))
    for at, mark in [found] if found and value else [] if found else given:
        if (new := _value(turn, at, mark, said, inside=found is None)) is not None:
            _take(turn, at, mark, new)
            return True
    return _asked_anew(turn, what)


def _unwanted(turn: Turn) -> bool:
    """不寄了: of the two there were, the other one."""
    for at, mark in _given(turn) if is_unwanted(turn.message) else ():
        if left := turned_to(turn.message, _choices(turn, at, mark)):
            ask_anew(turn, at, mark, left[0].value)
            return True
    return False


def _asked_anew(turn: Turn, what: str) -> bool:
    found = _named(turn, what, list(_given(turn)))
    if found is not None:
        new = _other(turn, *found, Said(beside(turn.message)[1]))
        if new is None:
            ask_anew(turn, *found)
        else:
            _take(turn, *found, new)
    known = turn.message.normal in turn.content.triggers  # it begins something: 换张社保卡
    choices = turn.here.choices(turn) if turn.here.slot else ()
    parts = (turn.message, Said(beside(turn.message)[0]))
    answers = any(len(pick(part, choices)) == 1 for part in parts)  # 名字不对了，要换 gives a reason
    return found is not None or (not known and not answers and _told(turn, what))


def _given(turn: Turn) -> Iterator[tuple[int, Mark]]:
    """Yields the answers of the resident's flow, last first, each with its frame's index."""
    for at in range(len(turn.session.frames) - 1, turn.base() - 1, -1):
        for mark in reversed(turn.session.frames[at].history):
            yield at, mark


def _named(turn: Turn, what: str, given: list[tuple[int, Mark]]) -> tuple[int, Mark] | None:
    frames, names = turn.session.frames, {}
    for n, (at, mark) in enumerate(given):
        flow = frames[at].flow
        names[str(n)] = _names(turn, flow, turn.content.flows[flow].steps[mark.step].slot)
    key = named(what, names)
    return given[int(key)] if key else None


def _told_as(turn: Turn, value: str, given: list[tuple[int, Mark]]) -> tuple[int, Mark] | None:
    """Returns the answer that this is: 不是张山，是张三."""
    for at, mark in given:
        slot = _slot(turn, at, mark)
        told = turn.session.frames[at].slots.get(slot.name) if slot else None
        if isinstance(told, str) and normal(told) == normal(value):
            return at, mark
    return None


def _names(turn: Turn, flow: str, slot: str) -> list[str]:
    """Returns a slot's names in every language, as recovery words work in every language."""
    known = (lang.flows[flow].slots for lang in turn.content.languages.values() if flow in lang.flows)
    return [name for slots in known if slot in slots for name in (slots[slot].label, *slots[slot].also)]


def _choices(turn: Turn, at: int, mark: Mark) -> tuple[Choice, ...]:
    """Those of that question, as they stand in that frame."""
    stood = turn.session
    turn.change(frames=stood.frames[: at + 1])
    choices = turn.flow.steps[mark.step].choices(turn)
    turn.change(frames=stood.frames)
    return choices


def _slot(turn: Turn, at: int, mark: Mark) -> Slot | None:
    flow = turn.content.flows[turn.session.frames[at].flow]
    return flow.slots.get(flow.steps[mark.step].slot)


def _other(turn: Turn, at: int, mark: Mark, said: Said) -> Value | None:
    """What is said as another answer to that question than the one given; None where it is none for sure."""
    slot = _slot(turn, at, mark)
    new = _value(turn, at, mark, said, inside=False) if slot and said.normal else None
    return new if slot and new != turn.session.frames[at].slots.get(slot.name) else None


def _is_kept(turn: Turn, at: int, value: Value) -> bool:
    """Checks whether another flow keeps it: a parent's own name or number is not the child's."""
    flow = turn.session.frames[at].flow
    return any(value in kept.slots.values() for name, kept in turn.session.kept.items() if name != flow)


def _value(turn: Turn, at: int, mark: Mark, said: Said, inside: bool) -> Value | None:
    """What is said as an answer to that question; None where it is none for sure."""
    slot, choices = _slot(turn, at, mark), _choices(turn, at, mark)
    if slot is None:
        return None
    parts = [said]
    if inside and len(said.normal) > _SHORT and sum(choice.number > 0 for choice in choices) == 2:
        parts = [part for part in clauses(said) if len(part.normal) <= _SHORT] or parts
    meant = {
        str(choice.value): choice.value
        for part in parts
        if not part.normal.isdigit()
        for choice in pick(part, choices, inside=inside and len(part.normal) <= _SHORT)
    }
    if len(meant) == 1:
        return meant.popitem()[1]
    types = _SURE if inside else _TOLD
    found = read(slot, said, today(turn.event.at)) if slot.type in types else Invalid()
    return None if isinstance(found, Doubtful | Invalid) else found


def _told(turn: Turn, what: str) -> bool:
    """Says the `help` of a looked-up value (the card, the fee), which cannot be answered. Asks the open
    question itself again."""
    for frame in reversed(turn.group):
        flow = turn.content.flows[frame.flow]
        asked = {step.slot for step in flow.steps.values()}
        names = {slot: _names(turn, frame.flow, slot) for slot in flow.slots if slot not in asked}
        if frame is turn.frame and turn.here.slot:
            names[turn.here.slot] = _names(turn, frame.flow, turn.here.slot)
        slot = named(what, names)
        if slot and frame is turn.frame and slot == turn.here.slot:
            turn.digressed = True
            return True
        words = turn.words(frame.flow).slots.get(slot) if slot else None
        if words is not None and words.help is not None:
            turn.digressed = True
            turn.say_text(f"{frame.flow}.{slot}.help", words.help)
            return True
    return False
