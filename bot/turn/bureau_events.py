"""Events of the bureau, which nobody asked for: an application was rejected, is ready, was posted.

The resident is found by the number of the change that was made here: its commit has recorded the receipt (an
HMAC). Each event is told in one turn, which records it with the receipt: one that comes again, or after a
later one, tells nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from bot.actions import ACTIONS, DAY, EVENTS, slot_of
from bot.engine.events import Reported
from bot.engine.flow import Value
from bot.engine.scope import today
from bot.ports import Result
from bot.services.wire import checked
from bot.store.records import ResidentKey, Snapshot
from bot.store.seal import SealError
from bot.store.sign_ins import KEPT, RECEIPT, receipt_of
from bot.turn.attempts import drive
from bot.turn.decision import CommitResult, Decision
from bot.turn.telling import Reporter, reporting

log = structlog.get_logger()

MOST = 20
"""Events of one receipt: an application goes through nine states."""
PATIENCE = 4.0
"""Seconds for each resident; a bureau waits longer for an answer than WeChat does."""


class TooMany(Exception):
    """There were as many events of this receipt as are kept."""


@dataclass(frozen=True)
class BureauEvent:
    """`id`: the bureau's, for ever. `name`: of `bot.actions.EVENTS`. `at`: when it happened (epoch seconds).
    `value`: the record, with the change's number."""

    id: str
    name: str
    at: int
    value: Mapping[str, str]


def record_of(name: str, value: object) -> Mapping[str, str]:
    """Returns an event's record without unknown fields.

    Raises:
        Garbage.
    """
    record = EVENTS[name].record
    found: Result = checked(record, ACTIONS[record].outcomes[0], value)
    assert isinstance(found.value, dict)  # noqa: S101  # no list: the actions of EVENTS save a record
    return found.value


class BureauEvents(Reporter):
    def take(self, event: BureauEvent, now: float) -> bool:
        """Returns whether a resident is told of it, or was before. Two may have one receipt, a mother and a
        father. It may be repeated. `now`: epoch seconds.

        Raises:
            TooMany: it is told to nobody.
            StoreAway, SealError: perhaps not to all of them.
        """
        receipt = receipt_of(self.store.tag, event.value["number"])
        residents = list(self.store.sign_ins.others(receipt, ""))
        told, unread = 0, None
        for owner in residents:
            try:
                told += self._tell(owner, receipt, event, int(now))
            except SealError as e:  # the others are told all the same
                unread = e
        if unread:
            raise unread
        return told > 0

    def _tell(self, owner: ResidentKey, receipt: str, event: BureauEvent, now: int) -> bool:
        field, id_ = RECEIPT + receipt, self.store.tag(f"event {event.id}")[:12]

        def decide(begun: Snapshot) -> Decision | CommitResult:
            content = self.content(begun.revision)
            until, reported = begun.remembered.get(field, (0, ""))
            if not until or event.name not in content.events:
                return CommitResult("not theirs")
            last, *ids = reported.split(" ")
            if id_ in ids or event.at < int(last):
                return CommitResult("known")
            if len(ids) == MOST:
                raise TooMany
            at = max(now, begun.session.heard_at if begun.session else 0)  # a test phone's clock is ahead
            given: dict[str, Value] = {slot_of(event.name): dict(event.value), DAY: today(event.at)}
            seed, flow = self.draw_seed(f"{event.id} {owner.tag}"), content.events[event.name]
            told = Reported(at, seed, flow=flow, given=given, maintenance=begun.maintenance)
            notes = {field: " ".join((str(at + KEPT), str(event.at), *ids, id_))}
            return reporting(content, begun, told, notes)

        wrote = drive(self.transact(owner, "", decide, self.runtime.attempts(PATIENCE)))
        log.info("bureau event", resident=owner.tag, kind=event.name, outcome=wrote.result)
        return wrote.done or wrote.result == "known"
