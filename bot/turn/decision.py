"""What a turn decides, and what became of writing it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct, field

from bot.engine.effects import Call, Reply
from bot.engine.events import Event
from bot.engine.step import StepResult
from bot.store.records import Job, JobChange, StoreAway

LEASE = 15
"""Seconds for which a worker, or this process, may run a job alone."""
NOTHING = Reply("none")
ON_PAGE = "page:"
"""How the deliveries of the resident's page begin; WeChat's begin with an openid or a number."""


class Occasion(Enum):
    """Why a turn is written, which decides where its words go: to the delivery, or to the outbox."""

    MESSAGE = "a delivery's own turn"
    ANSWER = "the answer to a delivery whose call goes on"
    AWAITED = "the outcome of a call that a request waits for"
    OUTCOME = "the outcome of a call that nobody waits for: to the outbox"
    TIMER = "a timer is due: to the outbox"
    REPORT = "somebody else did something: to the outbox"

    @property
    def answers(self) -> bool:
        """True if a request waits for the words."""
        return self in (Occasion.MESSAGE, Occasion.ANSWER, Occasion.AWAITED)


class Decision(Struct, frozen=True):
    """The result of a turn.

    `changes`: to older jobs. `started`: this process runs the new calls now, under a lease. `fallback`: if
    there is nothing to say. `notes`: to be kept with it (bot.store.sign_ins).
    """

    occasion: Occasion
    event: Event
    turned: StepResult
    account: str = ""
    changes: tuple[JobChange, ...] = ()
    started: bool = False
    fallback: Reply | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def change(self) -> JobChange | None:
        """Returns the change to the job with this outcome."""
        return self.changes[0] if self.changes else None

    @property
    def ended(self) -> Call | None:
        """Returns the call whose outcome is known now."""
        return self.change.job.call if self.change and self.change.op == "done" else None


class CommitResult(Struct, frozen=True):
    """`result`: done, queued, unsafe (see RedisStore.commit) or why nothing was written.

    `reply`: what was said. `jobs`: the new ones. `version`: shows, after a lost answer, that it was written.
    `needs_ack`: the reply is kept until it is known to be on its way. `started`: the new jobs are leased to
    us.
    """

    result: str
    reply: Reply = NOTHING
    jobs: tuple[Job, ...] = ()
    version: bytes = b""
    needs_ack: bool = False
    started: bool = False

    @property
    def done(self) -> bool:
        return self.result in ("done", "queued", "unsafe")


class AnswerLost(StoreAway):
    """The commit's answer was lost. `wrote`: the result if it was written after all."""

    def __init__(self, cause: StoreAway, wrote: CommitResult) -> None:
        super().__init__(str(cause))
        self.wrote = wrote
