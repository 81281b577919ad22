"""Several questions on one screen: the collects that follow each other whatever is answered to each, and at
the end what one answer alone of a choice asks for.

The chat asks them one by one; the page shows them together and sends all answers in one event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from bot.engine import asking, walk
from bot.engine.answers import was_asked, wrong
from bot.engine.events import FormFilled, ImageReceived, TextReceived
from bot.engine.flow import Flow, Slot, Step, Value
from bot.engine.next import Go, Next, Outcomes
from bot.engine.session import Doubt, Session
from bot.engine.slots import answer
from bot.engine.turn import Turn
from bot.engine.wording import digits_apart
from bot.reading.clean import hear
from bot.reading.find import READERS, Found
from bot.reading.numbers import codes
from bot.reading.results import Doubtful, Invalid
from bot.reading.secrets import without_secrets

MOST = 5
"""Fields on one screen; what only one answer asks for is not counted."""
TYPES = READERS.keys() | {"choice", "code", "image"}
AHEAD = TYPES - {"code"}
"""What may be answered first with the consent before it: agreeing draws another code."""
_APART = "\x1f"
"""Between the values of one form that hardly are answers."""


class Question(NamedTuple):
    """One field. `on`: the value of the choice before it that alone asks for it; "": whatever is answered."""

    step: Step
    on: str = ""


def questions(turn: Turn) -> list[Question]:
    """Returns the open collect and those after it that are not answered yet; one alone is no form."""
    frame, flow = turn.frame, turn.flow
    if frame.doubt is not None and frame.doubt.shown:
        return [Question(turn.here)]
    known, found, seen = {*frame.slots, *frame.carried_answers}, list[Question](), set[str]()
    step: Step | None = turn.here
    while step is not None and step.slot and step.id not in seen and len(found) < MOST:
        slot, asked = flow.slots[step.slot], {q.step.slot for q in found}
        if slot.name not in known or slot.type == "code" or not found:
            if not _fits(turn, step, slot, asked):
                break
            found.append(Question(step))
            offered = [choice.value for choice in step.choices(turn)] if asked else []  # alone it is one tap
            for value, then in _branch_steps(flow, step).items():
                new = value in offered and then.slot not in known | asked
                if new and _fits(turn, then, flow.slots[then.slot], {*asked, slot.name}):
                    found.append(Question(then, value))
        seen.add(step.id)
        step = flow.steps.get(_next_step(step, slot))
    return found or [Question(turn.here)]


def mark(turn: Turn) -> str:
    """Returns what the page sends back with an answer: identifies the open question of this run as shown, and
    the other fields of its form. It cannot be guessed without seeing the question."""
    session, top = turn.session, turn.session.top
    about: list[object] = [session.handoff_until]
    if top is not None or session.system_question:
        about.append(session.born)
    if session.system_question:
        about += [session.system_question, session.pending_target]
    if top is not None:
        shown = top.doubt if top.doubt is not None and top.doubt.shown else None
        about += [top.run, top.call or asking.question(turn), shown, top.code or top.code_until]
        about += [] if top.call else [field.step.hash for field in questions(turn)[1:]]
    return hashlib.sha256(repr(about).encode()).hexdigest()[:16]


def _branch_steps(flow: Flow, step: Step) -> dict[str, Step]:
    """Returns the collects that only one value of a choice leads to, by that value."""
    slot, then = flow.slots[step.slot], step.next.meant
    if slot.type != "choice" or slot.entries_of or not isinstance(then, Outcomes):
        return {}
    led = {v: _leads(then.routes.get(v) or then.routes.get("else")) for v in (*slot.values, *slot.or_)}
    alone = {v: flow.steps[to] for v, to in led.items() if to and [*led.values()].count(to) == 1}
    return {value: to for value, to in alone.items() if value in slot.values and to.slot}


def code(session: Session) -> str:
    """Returns the random code of the open form: the one that the chat or a wrong try has shown, else one
    that follows from the session, so that looking writes nothing. It changes once it was used, or asked
    for anew."""
    frame = session.frames[-1]
    about = f"{session.born} {frame.run} {frame.code_until}"
    return frame.code or f"{int(hashlib.sha256(about.encode()).hexdigest(), 16) % 10000:04d}"


def new_code(turn: Turn) -> None:
    turn.change_frame(code="", code_until=max(turn.event.at, turn.frame.code_until + 1))


def _fits(turn: Turn, step: Step, slot: Slot, before: set[str]) -> bool:
    """Checks whether it can be asked before those before it are answered."""
    if slot.type not in TYPES or (slot.compared_by and turn.content.face_page):
        return False
    if slot.type == "choice":
        rests_on = {path.partition(".")[0] for cond in slot.only.values() for t in cond for path in t.paths}
        return len(step.choices(turn)) > 1 and not rests_on & before and slot.entries_of not in before
    return bool(ask(turn, step))


def _next_step(step: Step, slot: Slot) -> str:
    """Returns the step that follows whatever is answered, further answers aside; "" if that depends."""
    then = step.next.meant
    if not isinstance(then, Outcomes):
        return _leads(then)
    ways = [*then.routes.values()] if slot.type == "choice" else [then.routes.get("else")]
    led = {_leads(way) for way in ways}
    return led.pop() if len(led) == 1 else ""


def together(flow: Flow, step: Step, then: Step) -> bool:
    """Checks whether a question stands on the screen of the one before it."""
    slot, next_slot = flow.slots[step.slot], flow.slots[then.slot]
    first = not any(s.slot and _next_step(s, flow.slots[s.slot]) == step.id for s in flow.steps.values())
    return (
        (_next_step(step, slot) == then.id or (not first and then in _branch_steps(flow, step).values()))
        and {slot.type, next_slot.type} <= TYPES
        and next_slot.entries_of != slot.name
    )


def _leads(then: Next | None) -> str:
    found = then.meant if then else None
    return found.step if isinstance(found, Go) else ""


def leaving(turn: Turn, step: Step) -> list[str]:
    """Returns the further answers that lead away from the form, whatever else stands on it."""
    slot, then = turn.flow.slots[step.slot], step.next.meant
    if not isinstance(then, Outcomes):
        return []
    after = _next_step(step, slot)
    return [value for value in slot.or_ if _leads(then.routes.get(value) or then.routes.get("else")) != after]


def ask(turn: Turn, step: Step) -> str:
    """Returns the question of a collect, "" if it cannot be put now."""
    words = turn.words(turn.frame.flow).slots.get(step.slot)
    shown = digits_apart(code(turn.session)) if turn.flow.slots[step.slot].type == "code" else ""
    return (turn.rendered(words.ask, code=shown) or "") if words and words.ask else ""


def help_of(turn: Turn, step: Step) -> str:
    """Returns the help of a collect, "" if it has none."""
    words = turn.words(turn.frame.flow).slots.get(step.slot)
    return (turn.rendered(words.help) or "") if words and words.help else ""


def read(
    turn: Turn, asked: list[Question], values: Mapping[str, str], sent: bool = False
) -> tuple[dict[str, Value | Doubtful], dict[str, str]]:
    """Returns the values by step, and what is wrong with a field by slot. It asks neither for what follows an
    answer that leads elsewhere nor for what only another answer asks for. `sent`: what hardly is an answer is
    one if it comes again."""
    found: dict[str, Value | Doubtful] = {}
    wrongs: dict[str, str] = {}
    before: object = None
    for step, on in asked:
        if on and on != before:
            continue
        value = _read(turn, step, values.get(step.slot, ""))
        before = before if on else value
        if isinstance(value, Doubtful) and sent and _sent_before(turn, value):
            value = value.value
        if isinstance(value, Invalid):
            wrongs[step.slot] = _why(turn, step, value)
            continue
        found[step.id] = value
        if isinstance(value, Doubtful) and not value.likely:
            wrongs[step.slot] = _why(turn, step, Invalid())
        if value in leaving(turn, step):
            break
    return found, wrongs


def _sent_before(turn: Turn, found: Doubtful) -> bool:
    doubt = turn.frame.doubt
    return doubt is not None and not doubt.shown and str(found.value) in str(doubt.value).split(_APART)


def _read(turn: Turn, step: Step, text: str) -> Found:
    slot, said, at = turn.flow.slots[step.slot], hear(text), turn.event.at
    if slot.type == "code":
        shown = code(turn.session)
        return shown if codes(said) == {shown} else Invalid()
    image = slot.type == "image"
    if not image and without_secrets(said) is not None:  # a media id may look like one
        return Invalid("no_codes")
    event = ImageReceived(at, media_id=text) if image else TextReceived(at, text=text)
    value = answer(slot, event, said, step.choices(turn))
    if isinstance(value, Doubtful) and f"check_{slot.type}" not in turn.language.common:
        return Doubtful(value.value, likely=False)  # there are no words to ask whether it is meant
    return value


def _why(turn: Turn, step: Step, found: Invalid) -> str:
    words = turn.words(turn.frame.flow).slots.get(step.slot)
    if found.text in turn.language.common:
        return turn.common(found.text)
    shown = digits_apart(code(turn.session)) if turn.flow.slots[step.slot].type == "code" else ""
    return (turn.rendered(words.again[0], code=shown) or "") if words and words.again else ask(turn, step)


def filled(turn: Turn, event: FormFilled) -> None:
    """Takes all answers of a form or none: one wrong field costs one try of the whole form."""
    if not was_asked(turn):
        return
    asked = questions(turn)
    found, wrongs = read(turn, asked, event.values, sent=True)
    steps = [question.step for question in asked]
    if wrongs:
        judged = read(turn, asked, event.values)[0].values()  # what is taken by now comes again with the rest
        doubted = [str(v.value) for v in judged if isinstance(v, Doubtful) and not v.likely]
        turn.change_frame(doubt=Doubt(_APART.join(doubted)) if doubted else None)
        if any(turn.flow.slots[slot].type == "code" for slot in wrongs):
            new_code(turn)
        wrong(turn, "", next(step for step in steps if step.slot in wrongs))
        return
    run = turn.frame.run
    steps = [step for step in steps if step.id in found]
    for at, step in enumerate(steps):
        top = turn.session.top
        if top is None or (top.run, top.step) != (run, step.id):
            return  # a further answer has led elsewhere
        value = found[step.id]
        if isinstance(value, Doubtful):
            _show_back(
                turn,
                value,
                {s.slot: found[s.id] for s in steps[at + 1 :] if turn.flow.slots[s.slot].type != "code"},
            )
            return
        step.choose(turn, value)
        walk.run(turn)


def _show_back(turn: Turn, doubted: Doubtful, later: Mapping[str, Value | Doubtful]) -> None:
    """Asks whether a value is meant, as the chat does, and holds the answers that come after it."""
    sure = {slot: value for slot, value in later.items() if not isinstance(value, Doubtful)}
    turn.change_frame(
        doubt=Doubt(doubted.value, shown=True), carried_answers={**turn.frame.carried_answers, **sure}
    )
