"""A change that no replica has confirmed is not submitted: the resident is told so, and stands before it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.store.records import CommitRequest, ResidentKey
from bot.store.redis import RedisStore
from bot.turn.turns import Turns
from turn.kit import LOSS, Clerk, Resident, Skips, moved, work

SLOW = pytest.mark.slow
Make = Callable[..., Turns]


class Copying(RedisStore):
    """Replicas that confirm the commit (`commit`), or what is asked after so many times (`later`)."""

    later = -1
    commits = 0
    looked = 0

    def commit(self, owner: ResidentKey, delivery: str, plan: CommitRequest) -> str:
        self.commits += bool(plan.copies)
        return super().commit(owner, delivery, plan)

    def copied(self, owner: ResidentKey, copies: int) -> bool:
        self.later -= 1
        return self.later == 0

    def look_again(self) -> None:
        self.looked += 1


@pytest.fixture
def copying(store: RedisStore) -> Copying:
    return Copying(store.client, store.seal)


@pytest.fixture
def resident(make_turns: Make, copying: Copying) -> Resident:
    resident = Resident(make_turns())
    resident.to_the_summary()
    return moved(resident, make_turns(copying, Skips(), copies=1))


def jobs(store: RedisStore) -> list[bytes]:
    return list(store.client.scan_iter(match="sb:*:j:*"))


def test_it_is_taken_back_and_told_and_can_be_confirmed_once_more(
    resident: Resident, make_turns: Make, copying: Copying, clerk: Clerk
) -> None:
    told = resident.say("确认停用")
    assert told.says[0] == "common.not_submitted"
    assert "report_loss.check" in told.says, "the question stands again"
    assert "12333" in told.text
    assert not jobs(copying), "nobody will submit it behind the resident's back"
    assert copying.looked >= 1, "the primary may be another one by now"
    assert resident.again() == told
    work(copying, resident.turns)
    assert clerk.made(LOSS) == []
    copied = moved(resident, make_turns())
    assert "【已停用】" in copied.say("确认停用").text
    assert len(clerk.made(LOSS)) == 1


@SLOW
def test_copies_that_come_a_little_later_are_asked_for_again(
    resident: Resident, make_turns: Make, copying: Copying, clerk: Clerk
) -> None:
    copying.later = 2
    resident = moved(resident, make_turns(copying, Skips(), copies=1))
    assert resident.say("确认停用").text.startswith("【已停用】")
    assert (copying.commits, len(clerk.made(LOSS))) == (1, 1)


def test_who_asks_whether_it_is_done_loses_no_try(resident: Resident, make_turns: Make) -> None:
    """The job went down with its machine, and with it that there ever was a yes."""
    asking = moved(resident, make_turns())
    for _ in range(5):
        told = asking.say("好了吗")
        assert told.says[0] == "common.not_submitted"
        assert "确认停用" in [o.label for o in told.options]
    assert "【已停用】" in asking.say("确认停用").text


def test_who_asks_at_another_question_loses_no_try(make_turns: Make) -> None:
    resident = Resident(make_turns())
    resident.menu("CARD_LOSS")
    for _ in range(5):
        assert "sign_in.privacy" in resident.say("好了吗").says
    assert "sign_in.id_number.ask" in resident.say("同意").says


@SLOW
def test_a_worker_that_has_it_already_is_not_disturbed(
    resident: Resident, copying: Copying, make_turns: Make, clerk: Clerk
) -> None:
    """It took the job in the moment in which it was to be taken back."""

    class Taken(Copying):
        def copied(self, owner: ResidentKey, copies: int) -> bool:
            for key in jobs(self):
                self.client.hincrby(key, "a", 1)
            return False

    taken = Taken(copying.client, copying.seal)
    told = moved(resident, make_turns(taken, Skips(), copies=1)).say("确认停用")
    assert "report_loss.slow" in told.says
    assert jobs(copying)
    work(copying, resident.turns)
    assert len(clerk.made(LOSS)) == 1


@SLOW
def test_nothing_is_said_of_a_job_that_went_down_with_the_primary(
    resident: Resident, copying: Copying, make_turns: Make, clerk: Clerk
) -> None:
    """Sentinel names another primary, which never had the turn: it is decided there once more."""

    class Demoted(Copying):
        def look_again(self) -> None:
            if not self.looked:
                for key, value in self.before.items():
                    self.client.delete(key)
                    self.client.restore(key, 0, value)
                for key in {*self.client.scan_iter()} - {*self.before}:
                    self.client.delete(key)
                self.later = 1
            self.looked += 1

        before: dict[bytes, bytes]

    demoted = Demoted(copying.client, copying.seal)
    demoted.before = {key: copying.client.dump(key) for key in copying.client.scan_iter()}
    assert "【已停用】" in moved(resident, make_turns(demoted, Skips(), copies=1)).say("确认停用").text
    assert demoted.commits == 2
    assert len(clerk.made(LOSS)) == 1
