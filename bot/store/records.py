"""What the store reads and writes: owners, jobs, and one turn's commit request."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from bot.actions import ACTIONS
from bot.engine.effects import Call, Reply
from bot.engine.events import Done, Maintenance
from bot.engine.session import Consent, OpenCall, Session
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
        """Returns the keys of these names in this resident's shard."""
        return [f"sb:{{s{self.shard}}}:{name}" for name in names]

    def own(self, *kinds: str) -> list[str]:
        """Returns the keys of these kinds that are this resident's alone."""
        return [f"sb:{{s{self.shard}}}:{kind}:{self.tag}" for kind in kinds]


def member_of(call_id: str) -> str:
    """Returns a job's name among the due ones."""
    return hashlib.sha256(call_id.encode()).hexdigest()[:20]


class Job(Struct, frozen=True, omit_defaults=True):
    """A call to make. `at`: time of the event that made it; `begun`: Redis's time then. `person`: whose card
    it changes (see bot.store.sign_ins), `number`: its last four digits; "" if unknown. `consents`: what a
    change rests on, since its session may be deleted before the outcome; None: no change, or an older
    release's. `schema`: always stored, so that another release knows what it reads."""

    call: Call
    openid: str
    account: str
    delivery: str
    at: int
    begun: int
    person: str = ""
    number: str = ""
    consents: Mapping[str, Consent] | None = None
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
    """What `begin` read: the session that a turn decides from, and all that it needs beside it."""

    now: int  # the store's time, whole seconds
    version: bytes  # of the session; a commit that names another one writes nothing
    session: Session | None
    delivery: str  # "" unknown, "pending", or "answered" with `reply`
    reply: Reply | None
    # an unconfirmed reply first; UNREAD for an item that never opens; ends before one that opens elsewhere:
    outbox: tuple[Reply, ...]
    rate: int  # messages of this resident in this minute
    # the outbox's items as stored, without an unconfirmed reply: a commit sees by them what is still there:
    stored: Sequence[bytes] = ()
    revision: str = ""  # of the content to serve; "" while nothing was published
    recorded: int = 0  # 0 unless the resident is recorded; else one more than the recording's items
    unconfirmed: str = ""  # the delivery of the unconfirmed reply
    clock: float = 0.0  # as `now`, with its fraction
    # why an existing session does not open; if another process may open it, `session` is ours beside it:
    unread: SealError | None = None
    epoch: str = ""  # of the shard, see bot.store.epochs
    lost: Lost | None = None  # lost data to tell the resident of
    beside: bool = False  # another session is kept beside the current one
    remembered: Mapping[str, tuple[int, str]] = field(default_factory=dict)  # see bot.store.sign_ins
    maintenance: tuple[Maintenance, ...] = ()  # what is switched off, now or later
    pushing: bool = False  # a push has taken items from the outbox, and is not known to have been sent


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
    """Returns the change that evidence proves."""
    return Done(receipt, facts.get("flow", "").partition(".")[0], facts["answered_at"])


class CommitRequest(Struct, frozen=True):
    """All that one turn writes, as commit.lua carries it out: the whole of it, or nothing."""

    version: bytes  # that the session must still have
    session: Session | None  # None deletes it
    event_at: int  # epoch seconds
    delivery: str = ""  # "new": without `reply` it is pending; "answer" to a pending one; "": of none
    reply: Reply | None = None
    outbox: Reply | None = None  # to be told later
    take: int = 0  # items of the outbox that `reply` tells, from its front
    stored: Sequence[bytes] = ()  # as in Snapshot
    jobs: tuple[JobChange, ...] = ()
    dropped: tuple[str, ...] = ()  # ids of calls that no run waits for any more
    counts: Mapping[str, int] = field(default_factory=dict)  # by name, see bot.engine.counts
    trace: Mapping[str, Any] = field(default_factory=dict)  # see bot.turn.trace
    forget: bool = False  # deletes what is held on the resident
    rated: bool = False  # counts as a message of this minute
    not_after: float = 0.0  # the store's clock, with its fraction: nothing is written later; 0: any time
    pushes: bool = False  # what waits is pushed, in `push_in` seconds
    push_in: int = 1
    window: str = ""  # "message" or "tap": this act allows customer-service messages, see bot.store.window
    reminder: Reply | None = None  # is only pushed, within `good_for` seconds
    good_for: int = 1800
    evidence: Evidence | None = None
    copies: int = 0  # replicas that must have it
    revision: str = ""  # of the content that decided; the counts stand under it
    question: str = ""  # masked words that nothing answered,
    question_at: str = ""  # or that did not answer the question at this flow.step
    tape: Mapping[str, Any] | None = None  # an item of the resident's recording
    unconfirmed: str = ""  # as in Snapshot: that reply is told by this one, or waits in the outbox
    needs_ack: bool = False  # `reply` must not be lost: it is kept until `mark_sent`
    asks: bool = False  # a yes agrees to `reply`: it waits in the outbox where another answer is pinned
    aside: bool = False  # the session there does not open: it is put aside for a day
    # another process may open it: it stays, and ours is kept beside it, without a timer, until that process
    # writes and `ends_beside`:
    beside: bool = False
    ends_beside: bool = False
    remembers: Mapping[str, str] = field(default_factory=dict)  # see bot.store.sign_ins
    unmatched: bool = False  # deletes what was remembered
    noted: Noted = field(default_factory=dict)  # see bot.store.days
    new_version: bytes = field(default_factory=lambda: os.urandom(8))  # of the session, once it is written

    @property
    def ends_pictures(self) -> bool:
        """Checks whether the pictures of the resident's page are deleted: no open call may fetch them."""
        return self.session is None or (self.forget and not self.session.calls)


def looks_like_openid(text: str) -> bool:
    """WeChat documents no form; every known openid has this one."""
    return re.fullmatch(r"[A-Za-z0-9_-]{28}", text, re.ASCII) is not None
