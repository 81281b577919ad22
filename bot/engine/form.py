"""Several questions on one screen: the collects that follow each other whatever is answered to each.

The chat asks them one by one; the page shows them together and sends all answers in one event.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.engine import walk
from bot.engine.answers import was_asked, wrong
from bot.engine.events import FormFilled, ImageReceived, TextReceived
from bot.engine.flow import Flow, Slot, Step, Value
from bot.engine.next import Go, Next, Outcomes
from bot.engine.session import Doubt
from bot.engine.slots import answer
from bot.engine.turn import Turn
from bot.reading.clean import hear
from bot.reading.find import READERS, Found
from bot.reading.results import Doubtful, Invalid
from bot.reading.secrets import without_secrets

MOST = 5
"""Fields on one screen."""
TYPES = READERS.keys() | {"choice", "image"}


def steps(turn: Turn) -> list[Step]:
    """The open collect and those after it that are not answered yet; one alone is no form."""
    frame, flow = turn.frame, turn.flow
    if frame.doubt is not None and frame.doubt.shown:
        return [turn.here]
    known, found, seen = {*frame.slots, *frame.carried_answers}, list[Step](), set[str]()
    step: Step | None = turn.here
    while step is not None and step.slot and step.id not in seen and len(found) < MOST:
        slot = flow.slots[step.slot]
        if slot.name not in known or not found:
            if not _fits(turn, step, slot, {s.slot for s in found}):
                break
            found.append(step)
        seen.add(step.id)
        step = flow.steps.get(_after(step, slot))
    return found or [turn.here]


def _fits(turn: Turn, step: Step, slot: Slot, before: set[str]) -> bool:
    """Whether it can be asked before those before it are answered."""
    if slot.type not in TYPES or (slot.compared_by and turn.content.face_page):
        return False
    if slot.type == "choice":
        rests_on = {path.partition(".")[0] for cond in slot.only.values() for t in cond for path in t.paths}
        return len(step.choices(turn)) > 1 and not rests_on & before and slot.entries_of not in before
    return bool(ask(turn, step))


def _after(step: Step, slot: Slot) -> str:
    """The step that follows whatever is answered, further answers aside; "" if that depends."""
    then = step.next.meant
    if not isinstance(then, Outcomes):
        return _leads(then)
    ways = [*then.routes.values()] if slot.type == "choice" else [then.routes.get("else")]
    led = {_leads(way) for way in ways}
    return led.pop() if len(led) == 1 else ""


def together(flow: Flow, step: Step, then: Step) -> bool:
    """Whether a question stands on the screen of the one before it, whatever is answered to that."""
    slot, next_slot = flow.slots[step.slot], flow.slots[then.slot]
    return (
        _after(step, slot) == then.id
        and {slot.type, next_slot.type} <= TYPES
        and next_slot.entries_of != slot.name
    )


def _leads(then: Next | None) -> str:
    found = then.meant if then else None
    return found.step if isinstance(found, Go) else ""


def leaving(turn: Turn, step: Step) -> list[str]:
    """The further answers that lead away from the form, whatever else stands on it."""
    slot, then = turn.flow.slots[step.slot], step.next.meant
    if not isinstance(then, Outcomes):
        return []
    after = _after(step, slot)
    return [value for value in slot.or_ if _leads(then.routes.get(value) or then.routes.get("else")) != after]


def ask(turn: Turn, step: Step) -> str:
    """The question of a collect, "" where it cannot be put now."""
    words = turn.words(turn.frame.flow).slots.get(step.slot)
    return (turn.rendered(words.ask) or "") if words and words.ask else ""


def read(
    turn: Turn, fields: list[Step], values: Mapping[str, str], sent: bool = False
) -> tuple[dict[str, Value | Doubtful], dict[str, str]]:
    """What was filled in, by step; and what is to be said at a field, by slot. What follows an answer that
    leads elsewhere is not asked for. `sent`: what hardly is an answer is one where the same comes again."""
    found: dict[str, Value | Doubtful] = {}
    wrongs: dict[str, str] = {}
    for step in fields:
        value = _read(turn, step, values.get(step.slot, ""))
        if isinstance(value, Doubtful) and sent and turn.frame.doubt == Doubt(value.value):
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


def _read(turn: Turn, step: Step, text: str) -> Found:
    slot, said, at = turn.flow.slots[step.slot], hear(text), turn.event.at
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
    return (turn.rendered(words.again[0]) or "") if words and words.again else ask(turn, step)


def filled(turn: Turn, event: FormFilled) -> None:
    """All or nothing: one field that is none costs one try of the whole form."""
    if not was_asked(turn):
        return
    fields = steps(turn)
    found, wrongs = read(turn, fields, event.values, sent=True)
    if wrongs:
        unlikely = (v.value for v in found.values() if isinstance(v, Doubtful) and not v.likely)
        doubted = next(unlikely, None)
        turn.change_frame(doubt=None if doubted is None else Doubt(doubted))
        wrong(turn, "", next(step for step in fields if step.slot in wrongs))
        return
    run = turn.frame.run
    for at, step in enumerate(fields):
        top = turn.session.top
        if top is None or (top.run, top.step) != (run, step.id) or step.id not in found:
            return  # a further answer has led elsewhere
        value = found[step.id]
        if isinstance(value, Doubtful):
            _show_back(turn, value, {s.slot: found[s.id] for s in fields[at + 1 :] if s.id in found})
            return
        step.choose(turn, value)
        walk.run(turn)


def _show_back(turn: Turn, doubted: Doubtful, later: Mapping[str, Value | Doubtful]) -> None:
    """Asks whether a value is meant, as the chat does, and holds the answers that come after it."""
    sure = {slot: value for slot, value in later.items() if not isinstance(value, Doubtful)}
    turn.change_frame(
        doubt=Doubt(doubted.value, shown=True), carried_answers={**turn.frame.carried_answers, **sure}
    )
