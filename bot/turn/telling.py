"""Reports what one openid did with a card to the others who signed in for it, by a job of its own.

The job is committed with the outcome; the others are in other shards, so one script cannot do it all. Each
gets the report in a turn of their own, which records the notice: a repeated job reports nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

from bot.engine.events import Reported
from bot.engine.flow import Content
from bot.engine.step import step
from bot.store.memory import Store
from bot.store.records import Job, ResidentKey, Snapshot
from bot.store.seal import SealError
from bot.store.sign_ins import TOLD_KEPT, matched_with
from bot.turn.attempts import Attempts, Runtime, Steps, drive
from bot.turn.unread import beginning
from bot.turn.writing import LEASE, CommitResult, Decision, Occasion

log = structlog.get_logger()


UNREAD_PAUSE = 600
"""Seconds until the next attempt at a resident whose session does not open."""


def reporting(content: Content, begun: Snapshot, event: Reported, notes: Mapping[str, str]) -> Decision:
    """Returns the turn that reports it. Raises SealError if the session does not open."""
    if begun.unread is not None:
        raise begun.unread
    session = begun.session or beginning(content, begun, event)
    return Decision(Occasion.REPORT, event, step(content, session, event), notes=notes)


class Telling:
    """`draw_seed`: random, for an event about that."""

    def __init__(
        self,
        store: Store,
        content: Callable[[str], Content],
        transact: Callable[..., Steps[CommitResult]],
        draw_seed: Callable[[str], int],
        runtime: Runtime,
    ) -> None:
        self._store, self._content, self._transact, self._draw_seed = store, content, transact, draw_seed
        self._runtime = runtime

    def run(self, owner: ResidentKey, job: Job) -> None:
        """Reports to all of them and ends the job. Raises StoreAway."""
        given = {name: str(value) for name, value in job.call.arguments.items()}
        person = given.pop("person")
        attempts = self._runtime.attempts(LEASE)
        others = list(self._store.sign_ins.others(person, owner.tag))
        try:
            told = sum(self._tell(other, person, given, job, attempts) for other in others)
        except SealError:  # one's session: another process opens it, or their next message sets it aside
            self._store.jobs.put_off(owner.shard, f"j:{job.member}", UNREAD_PAUSE)
            return
        self._store.jobs.end(owner.shard, f"j:{job.member}")
        log.info("told elsewhere", resident=owner.tag, change=given["change"], others=told)

    def _tell(
        self, other: ResidentKey, person: str, given: Mapping[str, str], job: Job, attempts: Attempts
    ) -> bool:
        """Returns False if there is nothing to do: reported already, or deleted meanwhile. Raises
        StoreAway."""
        field = f"told:{given['notice']}"

        def decide(begun: Snapshot) -> Decision | CommitResult:
            if person not in matched_with(begun.remembered):
                self._store.sign_ins.leave((person,), other)
                return CommitResult("not theirs")
            content = self._content(begun.revision)
            if field in begun.remembered or not content.elsewhere:
                return CommitResult("told already")
            at = job.residents_time(begun.now)
            event = Reported(
                at, self._draw_seed(field), flow=content.elsewhere, given=given, maintenance=begun.maintenance
            )
            return reporting(content, begun, event, {field: f"{at + TOLD_KEPT} {person}"})

        return drive(self._transact(other, "", decide, attempts)).done
