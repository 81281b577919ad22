"""One transaction of a turn: begin -> decide -> commit, repeated until it is written or has nothing to
write."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from bot.engine.content import Content
from bot.store.memory import Store
from bot.store.records import UNREAD, ResidentKey, Snapshot, StoreAway
from bot.turn.attempts import Attempts, Steps
from bot.turn.decision import AnswerLost, CommitResult, Decision
from bot.turn.writing import Writer, common

Decide = Callable[[Snapshot], Decision | CommitResult | None]
"""Returns what to write; a CommitResult to write nothing; None: nothing yet."""


class Transactions:
    def __init__(self, store: Store, content: Callable[[str], Content], writer: Writer) -> None:
        self.store, self.content, self._writer = store, content, writer

    def transact(
        self, owner: ResidentKey, delivery: str, decide: Decide, attempts: Attempts, spare: float = 0.0
    ) -> Steps[CommitResult]:
        """Decides again after a lost race for the session, or a lost answer of the store.

        Returns what was written, `unsafe` if it still lacks its copies with `spare` seconds left; `gone` if
        another attempt finished the job; or the CommitResult of `decide`.

        Raises:
            StoreAway: no attempt is left.
        """
        lost: CommitResult | None = None
        while True:
            yield "begin"
            begun = self._begin(owner, delivery, attempts)
            if lost is not None and begun.version == lost.version:
                wrote = self._writer.found(owner, begun, lost)
            else:
                decided = decide(begun)
                if decided is None:
                    yield "wait"
                    continue
                if isinstance(decided, CommitResult):
                    return decided
                yield "commit"
                since = attempts.now()
                try:
                    wrote = self._writer.commit(owner, begun, delivery, decided, attempts.not_after)
                    attempts.stored += attempts.now() - since
                except AnswerLost as e:  # it may have been written: read again
                    lost = e.wrote
                    attempts.failed(e)
                    continue
            if wrote.result == "late":
                raise StoreAway(wrote.result)
            if wrote.result == "unsafe":  # is this still the primary? If so, it has its copies a little later
                self.store.look_again()
                if not attempts.again(spare):
                    return wrote
            elif wrote.result == "gone":
                return CommitResult("gone")
            elif wrote.done:
                return wrote
            else:
                attempts.raced(wrote.result)
            lost = wrote  # redis-py may have sent it twice: the second time it conflicts with itself

    def _begin(self, owner: ResidentKey, delivery: str, attempts: Attempts) -> Snapshot:
        """Reads the session, with attempts after short failures of the store.

        Raises:
            StoreAway.
        """
        while True:
            since = attempts.now()
            try:
                begun = self.store.begin(owner, delivery)
            except StoreAway as e:
                attempts.failed(e)
            else:
                attempts.stored += attempts.now() - since
                attempts.began(begun.clock)
                if UNREAD not in begun.outbox:
                    return begun
                lost = common(self.content(begun.revision), "lost_text", "trouble")
                return replace(begun, outbox=tuple(lost if r == UNREAD else r for r in begun.outbox))
