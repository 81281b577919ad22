"""Reports what one openid did with a card to the others who signed in for it, by a job of its own.

The job is committed with the outcome; the others are in other shards, so one script cannot do it all. Each
gets the report in a turn of their own, which records the notice: a repeated job reports nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from bot.engine.content import Content
from bot.engine.events import Reported
from bot.engine.step import step
from bot.store.memory import Store
from bot.store.records import Job, ResidentKey, Snapshot
from bot.store.seal import SealError
from bot.store.sign_ins import TOLD_KEPT, matched_with
from bot.turn.attempts import Attempts, Runtime, Steps, drive
from bot.turn.decision import LEASE, CommitResult, Decision, Occasion
from bot.turn.unread import beginning

log = structlog.get_logger()


UNREAD_PAUSE = 600
"""Seconds until the next attempt at a resident whose session does not open."""


def reporting(content: Content, begun: Snapshot, event: Reported, notes: Mapping[str, str]) -> Decision:
    """Returns the turn that reports it.

    Raises:
        SealError: the session does not open.
    """
    if begun.unread is not None:
        raise begun.unread
    session = begun.session or beginning(content, begun, event)
    return Decision(Occasion.REPORT, event, step(content, session, event), notes=notes)


@dataclass(frozen=True)
class Reporter:
    """Base of what runs turns that no resident's message began. `draw_seed`: as in bot.turn.turns."""

    store: Store
    content: Callable[[str], Content]
    transact: Callable[..., Steps[CommitResult]]
    draw_seed: Callable[[str], int]
    runtime: Runtime


class Telling(Reporter):
    def run(self, owner: ResidentKey, job: Job) -> None:
        """Reports to all of them and ends the job.

        Raises:
            StoreAway.
        """
        given = {name: str(value) for name, value in job.call.arguments.items()}
        person = given.pop("person")
        attempts = self.runtime.attempts(LEASE)
        others = list(self.store.sign_ins.others(person, owner.tag))
        told = unread = 0
        for other in others:
            try:
                told += self._tell(other, person, given, job, attempts)
            except SealError:  # another process opens the session, or their next message sets it aside
                unread += 1
        if unread:
            self.store.jobs.put_off(owner.shard, f"j:{job.member}", UNREAD_PAUSE)
            return
        self.store.jobs.end(owner.shard, f"j:{job.member}")
        log.info("told elsewhere", resident=owner.tag, change=given["change"], others=told)

    def _tell(
        self, other: ResidentKey, person: str, given: Mapping[str, str], job: Job, attempts: Attempts
    ) -> bool:
        """Returns False if there is nothing to do: reported already, or deleted meanwhile.

        Raises:
            StoreAway.
        """
        field = f"told:{given['notice']}"

        def decide(begun: Snapshot) -> Decision | CommitResult:
            if person not in matched_with(begun.remembered):
                self.store.sign_ins.leave((person,), other)
                return CommitResult("not theirs")
            content = self.content(begun.revision)
            if field in begun.remembered or not content.elsewhere:
                return CommitResult("told already")
            at = job.residents_time(begun.now)
            event = Reported(
                at, self.draw_seed(field), flow=content.elsewhere, given=given, maintenance=begun.maintenance
            )
            return reporting(content, begun, event, {field: f"{at + TOLD_KEPT} {person}"})

        return drive(self.transact(other, "", decide, attempts)).done
