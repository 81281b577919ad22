"""Describes what is open in a session, for a screen of its own. Pure: nothing is drawn or written."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from bot.engine import asking, delays, form, timers, walk
from bot.engine.begin import ask_engine_question
from bot.engine.content import Content
from bot.engine.effects import Offer, Option, Say
from bot.engine.events import Held, Maintenance, TextReceived, TimePassed
from bot.engine.flow import Slot, Value
from bot.engine.migrate import migrate_session
from bot.engine.progress import progress
from bot.engine.session import Session
from bot.engine.step import step
from bot.engine.steps.consent import Consent
from bot.engine.suspend import resumable
from bot.engine.turn import Turn

CALLS, MOVED, NOTHING, PERSON, QUESTION = "calls", "moved", "nothing", "person", "question"


class Field(Struct, frozen=True):
    """One of several questions on a screen. `ask`: its question. `options`: its values, or further answers.
    `leaving`: those of them that lead away from the others. `value`: what was typed before, `error`: what is
    wrong with it. Where nothing was wrong, the form was taken and is asked again: what was typed stands
    there, to be bettered; pictures are taken anew. `on`: the option of the choice before it that alone asks
    for it. `code`: the four digits to be copied. `help`: what is said where help is asked for."""

    slot: str
    type: str
    ask: str
    label: str = ""
    longest: int = 0
    biometric: bool = False
    options: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    value: str = ""
    error: str = ""
    example: str = ""
    on: str = ""
    code: str = ""
    help: str = ""


class Typed(Struct, frozen=True):
    """The values that were filled in last, by slot, pictures apart. `mark`, `run`: of the question that was
    shown.

    It stands there again wherever the same run asks for the same slot, whatever else has changed.
    """

    mark: str = ""
    run: int = 0
    values: Mapping[str, str] = {}
    pictures: Mapping[str, str] = {}


UNTYPED = Typed()


class View(Struct, frozen=True):
    """`kind`: question; calls: a call is open; moved: the content has changed, so that only the next turn
    knows the question; person: a member of staff has the conversation; nothing.

    `mark`: what an answer sends back. `run`, `flow`: of the resident's flow, 0 and "" if nothing is open or
    the engine's own question comes before it. `title`: its name. `type`: of the requested slot; "" if only an
    option is an answer. `label`: the slot's name. `longest`: characters of a text. `biometric`: a face.
    `face`: whose face is to be compared elsewhere, as the service is asked; the type is then "face".
    `code`: the four digits of one. `options`: answers to tap; with nothing open the last follow-ups.
    `decides`: the first of them agrees, the second refuses.
    `fields`: more than one if several questions are asked at once; the first is the open one.
    `ahead`: what is asked next if the first option, a consent, is taken: it may be answered with it.
    `question_run`: the run of the open question. `slot`: the requested one; `value`: what was typed for it
    before.
    `progress`: which screen of how many; (0, 0): unknown.
    `example`: of an answer with a pattern.
    `more`: entries of the last list had no room in it. `resumes`: the button for what was put aside.
    """

    kind: str
    mark: str
    language: str
    run: int = 0
    flow: str = ""
    title: str = ""
    texts: tuple[str, ...] = ()
    type: str = ""
    label: str = ""
    longest: int = 0
    biometric: bool = False
    face: Mapping[str, Value] = {}
    code: str = ""
    options: tuple[Option, ...] = ()
    decides: bool = False
    fields: tuple[Field, ...] = ()
    ahead: tuple[Field, ...] = ()
    more: bool = False
    resumes: str = ""
    progress: tuple[int, int] = (0, 0)
    example: str = ""
    question_run: int = 0
    slot: str = ""
    value: str = ""

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


def view(
    content: Content,
    session: Session,
    at: int,
    held: Held | None = None,
    typed: Typed = UNTYPED,
    maintenance: tuple[Maintenance, ...] = (),
    since: int = 0,
) -> View:
    """Describes the session at this time, epoch seconds. `held`: looked up if the question is about
    deletion. `maintenance`: what is switched off.
    `since`: when the run was first seen on the page."""
    turn = Turn(content, session, TimePassed(at, held=held, maintenance=maintenance))
    turn.looking = True
    migrate_session(turn)
    timers.purge(turn)
    if timers.expire(turn):
        turn.effects = []
        turn.say_common("expired")
    mark, language = form.mark(turn), turn.session.language
    if turn.session.handoff_until > at:
        return View(PERSON, mark, language)
    if not turn.session.frames and not turn.session.system_question:
        texts = _texts(turn)
        turn.offers = [o for o in turn.session.offered if turn.known(o)]
        asking.show_offers(turn)
        more = turn.listed is not None
        return View(
            NOTHING, mark, language, texts=texts, options=_options(turn), more=more, resumes=_resumes(turn)
        )
    return _open(turn, mark, typed, since)


def _open(turn: Turn, mark: str, typed: Typed, since: int) -> View:
    """Describes a question, the engine's own or a flow's, or a call that a run waits for."""
    frames, session = turn.session.frames, turn.session
    run, flow = (turn.run, turn.group[0].flow) if frames else (0, "")
    slot = words = None
    fields: tuple[Field, ...] = ()
    ahead: tuple[Field, ...] = ()
    face: Mapping[str, Value] = {}
    if session.system_question:
        kind, run, flow = QUESTION, 0, ""
        ask_engine_question(turn)
    elif turn.frame.call:
        kind = CALLS
        delays.say_slow(turn)
    elif walk.renew(turn):
        kind = MOVED
    elif not turn.here.asks or not turn.frame.mark:
        kind = MOVED
        turn.say_common("changed", flow=turn.title(flow))
    else:
        kind, fields, ahead = QUESTION, _fields(turn, mark, typed), _ahead(turn, mark, typed)
        face = asking.face_check(turn)
        slot = turn.flow.slots.get(turn.here.slot)
        words = turn.words(turn.frame.flow).slots.get(turn.here.slot)
        asking.ask(turn)
    return View(
        kind,
        mark,
        session.language,
        run,
        flow,
        turn.title(flow) if flow else "",
        _texts(turn),
        "face" if face else slot.type if slot and slot.type != "choice" else "",
        words.label if words else "",
        (slot.max or 0) if slot and slot.type == "text" else 0,
        slot is not None and slot.biometric,
        face,
        _code(turn, fields or ahead, slot),
        _options(turn),
        kind == QUESTION and not session.system_question and turn.here.decides,
        fields,
        ahead,
        resumes="" if session.system_question else _resumes(turn),
        progress=progress(turn, since) if kind == QUESTION and not session.system_question else (0, 0),
        example=slot.example if slot else "",
        question_run=frames[-1].run if frames else 0,
        slot=slot.name if slot else "",
        value=_typed(typed, frames[-1].run, slot) if slot and slot.type not in ("code", "image") else "",
    )


def _typed(typed: Typed, run: int, slot: Slot) -> str:
    if typed.run != run:
        return ""
    return (typed.pictures if slot.type == "image" else typed.values).get(slot.name, "")


def _code(turn: Turn, fields: tuple[Field, ...], slot: Slot | None) -> str:
    """Returns the random code that the screen shows."""
    alone = slot is not None and slot.type == "code" and not fields
    return turn.frame.code if alone else next((f.code for f in fields if f.type == "code"), "")


def _resumes(turn: Turn) -> str:
    flow = resumable(turn)
    shown = not flow or any(offered.resume for offered in turn.offers)
    return "" if shown else turn.common("resume_offer", flow=turn.title(flow))


def _ahead(turn: Turn, mark: str, typed: Typed) -> tuple[Field, ...]:
    """Describes what a consent leads to, where that is said nothing of in between and needs no call."""
    if turn.here.kind != Consent.kind:
        return ()
    agreed, run = turn.here.choices(turn)[0], turn.run
    event = TextReceived(turn.event.at, text=agreed.label, tap=agreed.tap, mark=mark)
    found = step(turn.content, turn.session, replace(event, maintenance=turn.event.maintenance))
    then = Turn(turn.content, found.session, turn.event)
    then.looking = True
    says = [e.id for e in found.effects if isinstance(e, Say)]
    if not found.session.frames or then.run != run or len(says) != 1 or not then.here.slot:
        return ()
    if asking.face_check(then):
        return ()
    first = then.flow.slots[then.here.slot].type
    return _fields(then, mark, typed, least=1) if first in form.AHEAD else ()


def _fields(turn: Turn, mark: str, typed: Typed, least: int = 2) -> tuple[Field, ...]:
    asked = form.questions(turn) if turn.here.slot else []
    if len(asked) < least:
        return ()
    frame, names = turn.frame, turn.words(turn.frame.flow).slots
    slots = [turn.flow.slots[at.slot] for at, _ in asked]
    values = {slot.name: _typed(typed, frame.run, slot) for slot in slots}
    judged = typed.run == frame.run and typed.mark == mark
    wrong = form.read(turn, asked, values)[1] if judged or any(values.values()) else {}
    found: list[Field] = []
    before: dict[object, str] = {}
    for (at, on), slot in zip(asked, slots, strict=True):
        choices, away, value = at.choices(turn), form.leaving(turn, at), values[slot.name]
        before = before if on else {c.value: c.label for c in choices if isinstance(c.value, str)}
        error = wrong.get(slot.name, "") if judged or value else ""
        if slot.type == "code":  # every wrong one brings another mark
            tried = frame.wrong and typed.run == frame.run and slot.name in typed.values
            error = wrong.get(slot.name, "") if tried else ""
            value = value if slot.name not in wrong else ""
        elif slot.type == "image" and judged and not wrong:
            value = ""
        found.append(
            Field(
                slot.name,
                slot.type,
                form.ask(turn, at),
                names[slot.name].label,
                (slot.max or 0) if slot.type == "text" else 0,
                slot.biometric,
                tuple(choice.label for choice in choices),
                tuple(choice.label for choice in choices if choice.value in away),
                value,
                error,
                slot.example,
                before.get(on, ""),
                form.code(turn.session) if slot.type == "code" else "",
                form.help_of(turn, at),
            )
        )
    return tuple(found)


def _texts(turn: Turn) -> tuple[str, ...]:
    return tuple(e.text for e in turn.effects if isinstance(e, Say))


def _options(turn: Turn) -> tuple[Option, ...]:
    return tuple(option for e in turn.effects if isinstance(e, Offer) for option in e.options)
