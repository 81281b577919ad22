"""What the store reads and writes: owners, jobs, and one turn's commit request."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from bot.actions import ACTIONS
from bot.engine.effects import Call, Reply
from bot.engine.events import Done, Maintenance
from bot.engine.session import OpenCall, Session
from bot.store.seal import SealError

JOB_SCHEMA = 1
Noted = Mapping[str, int | tuple[int | str, ...]]
"""Field (bot.store.days) -> what is kept there: a number openly, all else sealed."""
UNREAD = Reply("none", says=("unread",))
"""A stored text that does not open."""


class Lost(Struct, frozen=True):
    """Data written between `since` (0: unknown) and `until` (epoch seconds) is lost."""

    since: int
    until: int


class StoreAway(Exception):
    """Redis did not answer; what was sent may or may not have been written."""


class ShardsDiffer(Exception):
    """This data was written with another number of shards."""


class ResidentKey(Struct, frozen=True):
    """A resident as the store knows them. `tag` is an HMAC; the openid itself is only ever stored sealed."""

    openid: str
    tag: str
    shard: int

    def key(self, kind: str, *parts: str) -> str:
        return ":".join((f"sb:{{s{self.shard}}}", kind, *parts))

    def keys(self, *names: str) -> list[str]:
        """The keys of these names in this resident's shard."""
        return [f"sb:{{s{self.shard}}}:{name}" for name in names]

    def own(self, *kinds: str) -> list[str]:
        """The keys of these kinds that are this resident's alone."""
        return [f"sb:{{s{self.shard}}}:{kind}:{self.tag}" for kind in kinds]


def member_of(call_id: str) -> str:
    """Returns a job's name among the due ones."""
    return hashlib.sha256(call_id.encode()).hexdigest()[:20]


class Job(Struct, frozen=True, omit_defaults=True):
    """A call to make. `at`: time of the event that made it; `begun`: Redis's time then. `person`: whose card
    it changes (see bot.store.sign_ins), `number`: its last four digits; "" if unknown. `schema`: always
    stored, so that another release knows what it reads."""

    call: Call
    openid: str
    account: str
    delivery: str
    at: int
    begun: int
    person: str = ""
    number: str = ""
    schema: int = field(default_factory=lambda: JOB_SCHEMA)

    @property
    def member(self) -> str:
        return member_of(self.call.id)

    @property
    def opened(self) -> OpenCall:
        """Returns it in the session's form while its outcome is not known."""
        call = self.call
        subject = str(call.arguments.get(ACTIONS[call.action].subject, "")) if call.action in ACTIONS else ""
        return OpenCall(call.action, call.flow, call.step, call.run, call.once, subject)

    def residents_time(self, now: int) -> int:
        """Converts Redis's `now` to the clock of `at`: on a test phone the two are days apart."""
        return self.at + max(now - self.begun, 0)


def opened_once(jobs: Iterable[Job]) -> dict[str, OpenCall]:
    """Returns the changes among them, by the ids of their calls."""
    return {job.call.id: job.opened for job in jobs if job.call.once}


class Snapshot(Struct, frozen=True):
    """The data that `begin` read. `delivery`: "" unknown, "pending", or "answered" with `reply`.

    `outbox`: an unconfirmed reply comes first; `unconfirmed` names its delivery.
    `head`: the outbox's first item as it is stored, by which a commit knows that it is still there.
    `revision`: the content to serve; "" while nothing was published.
    `remembered`: see bot.store.sign_ins.
    `recorded`: 0 unless the resident is recorded; else one more than the recording's items.
    `now`: the store's time in whole seconds; `clock`: the same with its fraction.
    `unread`: why an existing session does not open. If another process may open it, `session` is the one kept
    beside it for this one, if there is one already. An outbox item that never opens is UNREAD; the first that
    another process may open ends `outbox`. `epoch`: of the shard. `lost`: lost data to tell the resident of.
    `beside`: another session is kept beside the current one. `maintenance`: what is switched off, now or
    later.
    """

    now: int
    version: bytes
    session: Session | None
    delivery: str
    reply: Reply | None
    outbox: tuple[Reply, ...]
    rate: int
    head: bytes = b""
    revision: str = ""
    recorded: int = 0
    unconfirmed: str = ""
    clock: float = 0.0
    unread: SealError | None = None
    epoch: str = ""
    lost: Lost | None = None
    beside: bool = False
    remembered: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    maintenance: tuple[Maintenance, ...] = ()


class Claimed(Struct, frozen=True):
    """What a worker has under a lease: this attempt at `job`, or with None the timer that was set with
    `version` of the session.

    `doubt`: an earlier attempt may have been taken, also one that a restored store knows nothing of.
    """

    owner: ResidentKey
    job: Job | None = None
    attempt: int = 0
    doubt: bool = False
    version: bytes = b""


class JobChange(Struct, frozen=True):
    """`op`: new (due in `due` seconds), done, later, or back: taken back before it was made.

    `sure`: this attempt was surely not taken, which says nothing of a later one. So with it, and to delay or
    take back, the attempt must be the current one.
    """

    op: str
    job: Job
    due: int = 0
    attempt: int = 1
    sure: bool = False


class Evidence(Struct, frozen=True):
    """The proof against "I never agreed to that": kept apart under the receipt's number, for `days`. `again`:
    the bureau had it already; what is kept of the change itself stays."""

    receipt: str
    facts: Mapping[str, Any]
    days: int
    again: bool = False


def confirmed(receipt: str, facts: Mapping[str, Any]) -> Done:
    """What evidence says of the change."""
    return Done(receipt, facts.get("flow", "").partition(".")[0], facts["answered_at"])


class CommitRequest(Struct, frozen=True):
    """A commit. `session` None deletes it. `delivery`: "", new or answer; new without `reply` is pending.

    `pushes`: pending replies are pushed, in `push_in` seconds. `window`: message or tap: the resident's act
    allows customer-service messages. `reminder` is only pushed, within `good_for` seconds. `dropped`: ids of
    calls that no run waits for any more. `copies`: replicas that must have the commit. `revision`: of the
    content that decided, under which the turn is counted. `question`: masked words that nothing answered;
    `question_at`: flow.step, where they were written instead of an answer.
    `tape`: an item of the resident's recording. `unconfirmed`: as `begin` read it, sent or to wait again.
    `holds`: the reply must not be lost; it is kept until `heard`. `not_after`: by the store's clock, with its
    fraction; nothing is written later. 0: any time. `aside`: the existing session did not open; it is put
    aside for a day. `beside`: it stays, as another process may open it, and ours is kept beside it, without a
    timer, until that one writes and `ends_beside`. `remembers`: see bot.store.sign_ins. `unmatched`: what was
    remembered is deleted. `noted`: see bot.store.days.
    """

    version: bytes
    session: Session | None
    event_at: int
    delivery: str = ""
    reply: Reply | None = None
    outbox: Reply | None = None
    take: int = 0
    head: bytes = b""
    jobs: tuple[JobChange, ...] = ()
    dropped: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    trace: Mapping[str, Any] = field(default_factory=dict)
    forget: bool = False
    rated: bool = False
    not_after: float = 0.0
    pushes: bool = False
    push_in: int = 1
    window: str = ""
    reminder: Reply | None = None
    good_for: int = 1800
    evidence: Evidence | None = None
    copies: int = 0
    revision: str = ""
    question: str = ""
    question_at: str = ""
    tape: Mapping[str, Any] | None = None
    unconfirmed: str = ""
    holds: bool = False
    aside: bool = False
    beside: bool = False
    ends_beside: bool = False
    remembers: Mapping[str, str] = field(default_factory=dict)
    unmatched: bool = False
    noted: Noted = field(default_factory=dict)
    new_version: bytes = field(default_factory=lambda: os.urandom(8))


def looks_like_openid(text: str) -> bool:
    """WeChat documents no form; every known openid has this one."""
    return re.fullmatch(r"[A-Za-z0-9_-]{28}", text, re.ASCII) is not None
