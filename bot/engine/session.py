"""A resident's session: the state between two messages. Fields at their defaults are not stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, ValidationError, convert, field, json
from msgspec.structs import replace

from bot.engine.content import Content
from bot.engine.flow import Value

SCHEMA = 1
"""Code reads its own schema number and the one before (a rolling deploy runs both)."""

DONE = ("done", "already")
"""Outcomes after which a change is in force."""


class NewerSchema(ValueError):
    """A newer release wrote the session. `known`: its fields whose meaning no release changes."""

    def __init__(self, text: str, known: Mapping[str, Any]) -> None:
        super().__init__(text)
        self.known = known


class Mark(Struct, frozen=True, omit_defaults=True):
    """A collect that was answered, and the length of the log before it: going back truncates to it."""

    step: str
    before: int


class Settled(Struct, frozen=True, omit_defaults=True):
    """A definite outcome of a `once` action in this run."""

    outcome: str
    value: Value


class Doubt(Struct, frozen=True, omit_defaults=True):
    """Perhaps an answer: accepted when the same comes again. `shown`: the bot asked to confirm it."""

    value: Value
    shown: bool = False


_STORED_FRAME = {
    "answers": "log",
    "history": "trail",
    "completed_actions": "settled",
    "carried_answers": "held",
    "identity_fingerprint": "rests_on",
}
"""Names under which another release reads and writes them."""


class Frame(Struct, frozen=True, omit_defaults=True, rename=_STORED_FRAME):
    """One flow on the stack. `why`: start (begun by the resident), requires, need.

    `answers` holds every slot ever given, in order; the last entry of a slot is its value. That makes "clear
    this answer and everything after it" a truncation.
    """

    flow: str
    run: int
    step: str
    why: str = "start"
    mark: str = ""  # hash of the step it waits at
    answers: tuple[tuple[str, Value], ...] = ()
    history: tuple[Mark, ...] = ()
    wrong: int = 0  # invalid answers to the question it waits at
    counts: Mapping[str, int] = field(default_factory=dict)  # `again` rules taken, by step
    asked_at: int = 0  # time of the message or outcome that led to the question, 0: it is to be asked
    since: int = 0  # time when the question or call was first sent, 0 until then
    code: str = ""
    code_until: int = 0  # of `code`, epoch seconds; without one it names the code that a form shows
    call: str = ""  # the open call it waits for
    # what its required flows had kept when it first went on: "flow=fingerprint …"
    identity_fingerprint: str = ""
    completed_actions: Mapping[str, Settled] = field(default_factory=dict)  # by action
    refused: Mapping[str, int] = field(default_factory=dict)  # definite refusals, by action
    # after 改: answers that are not asked again
    carried_answers: Mapping[str, Value] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)  # of the personal slots, when they were given
    epoch: str = ""  # of the store when the run began
    doubt: Doubt | None = None  # of the question it waits at
    revised: bool = False  # new content replaced its question; said when the next one is asked
    linked: bool = False  # answered by whoever a link was sent to

    @property
    def slots(self) -> dict[str, Value]:
        return dict(self.answers)

    def at(self, step: str) -> Frame:
        """Returns it at a step of which nothing is asked yet. `code` stays, so that the next one differs, and
        `revised`, until a question is asked."""
        return replace(self, step=step, mark="", wrong=0, asked_at=0, since=0, doubt=None)

    def renamed(self, step: str) -> Frame:
        """Returns it at the same question or call under another name, which counts as sent anew."""
        return self if step == self.step else replace(self, step=step, since=0)

    def having(self, slot: str, value: Value) -> Frame:
        return replace(self, answers=(*self.answers, (slot, value)))


class Kept(Struct, frozen=True, omit_defaults=True):
    """A flow that counts as done until `until`, with its lasting slots. `run`: only for the group that this
    run begins, and as long as that is open; 0: for all."""

    slots: Mapping[str, Value]
    until: int
    run: int = 0


class Consent(Struct, frozen=True, omit_defaults=True):
    version: str
    at: int


class OpenCall(Struct, frozen=True, omit_defaults=True):
    """A call without a definite outcome yet. `subject`: the thing a `once` action changes."""

    action: str
    flow: str
    step: str
    run: int
    once: bool
    subject: str = ""
    told: str = ""  # slow or not_sure: the resident knows that it takes longer


class Result(Struct, frozen=True, omit_defaults=True):
    """The texts of a change's outcome, as (id, text); repeated on demand until `until`."""

    flow: str
    says: tuple[tuple[str, str], ...]
    until: int
    outcome: str = ""


class Listed(Struct, frozen=True, omit_defaults=True):
    """Entries of a list that had no room in its bubble, as they are shown; for 更多 until `until`. `beyond`:
    how many more there are, which are not kept."""

    lines: tuple[str, ...]
    until: int
    beyond: int = 0


class Known(Struct, frozen=True):
    """The last known state of a receipt: `value` of the code `code` (slot.field); `at`: epoch seconds."""

    code: str
    value: str
    at: int


class Offered(Struct, frozen=True, omit_defaults=True):
    """A follow-up under the last reply: its number's place, the flow or page, the slots passed in.

    `resume`: continues the suspended flow. `none`: none of the suggestions.
    """

    flow: str = ""
    page: str = ""
    given: Mapping[str, Value] = field(default_factory=dict)
    resume: bool = False
    none: bool = False


class Suspended(Struct, frozen=True, omit_defaults=True):
    """Frames suspended by expiry or an outage, for 继续; personal slots go at `until`."""

    frames: tuple[Frame, ...]
    until: int


class Scheduled(Struct, frozen=True, omit_defaults=True):
    """A flow to begin at a time (epoch seconds), with the slots it is passed."""

    flow: str
    at: int
    given: Mapping[str, Value] = field(default_factory=dict)


class Lapse(Struct, frozen=True, omit_defaults=True):
    """Stored data of the resident was lost: the common text that says so, once, and its values."""

    text: str
    values: Mapping[str, str] = field(default_factory=dict)


_STORED = {
    "suspended": "parked",
    "scheduled": "planned",
    "system_question": "asking",
    "background_runs": "aside",
    "pending_target": "leaving_for",
    "handoff_until": "person_until",
}
"""Names in stored sessions since the first release."""


class Session(Struct, frozen=True, omit_defaults=True, rename=_STORED):
    """`born`: random, part of every idempotency key, so that a deleted and new session never repeats one.
    `schema`: always stored, so that another release knows what it reads."""

    born: str
    language: str
    runs: int = 0
    frames: tuple[Frame, ...] = ()
    kept: Mapping[str, Kept] = field(default_factory=dict)
    consents: Mapping[str, Consent] = field(default_factory=dict)  # "flow.text"
    calls: Mapping[str, OpenCall] = field(default_factory=dict)
    suspended: Suspended | None = None
    offered: tuple[Offered, ...] = ()
    offered_tag: str = ""  # "run.step" their taps carry
    system_question: str = ""  # an engine question that comes before the flow's own: leave, cancel
    pending_target: Offered | None = None  # the subject of that question; without one, the only suggestion
    handoff_until: int = 0  # > 0: handed to a person until then
    heard_at: int = 0  # time of the last message or event of the resident
    reminded: bool = False
    after_receipt: str = ""  # flow that has just ended with a `once` action done
    result: Result | None = None  # the outcome of the last change
    scheduled: tuple[Scheduled, ...] = ()
    background_runs: tuple[Frame, ...] = ()  # scheduled runs that wait for a call: on no stack
    wake_at: int = 0
    revision: str = ""  # the edition of the content at the last turn
    unrevised: bool = False  # answers of a change under way stayed unchanged: checked when it is over
    lapse: Lapse | None = None  # said before anything else
    epoch: str = ""  # of the store that it was last written to
    listed: Listed | None = None
    states: Mapping[str, Known] = field(default_factory=dict)  # by receipt, the last ones
    pages_ended: int = 0  # time when the resident's pages were last signed out
    schema: int = field(default_factory=lambda: SCHEMA)

    @property
    def top(self) -> Frame | None:
        return self.frames[-1] if self.frames else None


def new(content: Content, seed: int, at: int) -> Session:
    """Returns a first session; its nonce comes from the event's seed, its runs begin at the event's time."""
    return Session(born=f"{seed & 0xFFFFFFFFFFFF:012x}", language=content.default_language, runs=at)


def under_way(session: Session, open_once: Mapping[str, OpenCall]) -> Session:
    """Returns the session with exactly these open changes: another process may have begun some, or ended
    some, which ends the run that waited for them."""
    once = {key: session.calls.get(key, call) for key, call in open_once.items()}
    calls = {key: call for key, call in session.calls.items() if not call.once} | once
    over = any(frame.call and frame.call not in calls for frame in session.frames)
    return replace(session, calls=calls, frames=() if over else session.frames)


def stands(session: Session | None) -> str:
    """Returns flow.step of the open question, engine.leave or engine.cancel, or nothing."""
    if session is None:
        return "nothing"
    if session.system_question:
        return f"engine.{session.system_question}"
    if session.handoff_until and not session.top:
        return "person"
    return f"{session.top.flow}.{session.top.step}" if session.top else "nothing"


def read(raw: Any) -> Session:
    """Reads a session from JSON. Ignores unknown fields.

    Raises:
        NewerSchema: another release wrote it.
        ValueError: it is no session.
    """
    try:
        session = convert(raw, Session)
    except ValidationError:
        refuse_newer(raw)
        raise
    return as_written_now(session)


def as_written_now(session: Session) -> Session:
    """Returns the session that was read.

    Raises:
        NewerSchema.
    """
    if session.schema > SCHEMA:
        refuse_newer(
            {"schema": session.schema} | {stored: getattr(session, name) for name, stored, _ in _LASTING}
        )
    return session if session.schema == SCHEMA else replace(session, schema=SCHEMA)


def refuse_newer(raw: Any) -> None:
    """Raises NewerSchema for a session of a newer schema."""
    schema = raw.get("schema") if isinstance(raw, Mapping) else None
    if isinstance(schema, int) and schema > SCHEMA:
        known = {name: raw[stored] for name, stored, kind in _LASTING if isinstance(raw.get(stored), kind)}
        raise NewerSchema(f"session schema {schema} is newer than this program's ({SCHEMA})", known)


_LASTING = (("language", "language", str), ("handoff_until", "person_until", int))
json.Decoder(Session)  # so that no two threads learn the type at once: see bot.store.forms
