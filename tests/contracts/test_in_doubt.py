"""A change that may have been taken and cannot be sent again, as its photo is gone: the service is asked."""

from __future__ import annotations

import pytest
from services.kit import THURSDAY, Bureau

from bot.engine.effects import Call
from bot.ports import Result, Service, Unknown
from bot.services.photos import WithPhotos
from bot.store.records import Job, ResidentKey
from bot.turn.calls import BELIEVED, Calls, Delay

OWNER = ResidentKey("o" + "a" * 27, "tag", 0)


class Photos:
    """WeChat's media, which are gone after three days."""

    def __init__(self, gone: bool) -> None:
        self.gone = gone

    def fetch(self, media_id: str, within: float) -> bytes:
        if self.gone:
            raise Unknown("no such media")
        return b"photo"

    def upload(self, image: bytes, within: float) -> str:
        raise AssertionError


def calls(bureau: Bureau, gone: bool) -> Calls:
    services: dict[str, Service] = dict(bureau.services)
    services["card"] = WithPhotos(services["card"], Photos(gone))
    return Calls(services)


def applied(bureau: Bureau, retry_times: int = 0) -> Job:
    arguments = bureau.application("朱驳回", reason="photo")
    call = Call("c", "card.apply", arguments, True, "1/card.apply/0", "new_card", "apply", 1, retry_times, 30)
    return Job(call, OWNER.openid, "gh_x", "d", THURSDAY, THURSDAY)


def test_what_was_taken_is_told_as_the_service_recorded_it(bureau: Bureau) -> None:
    job = applied(bureau)
    taken = calls(bureau, gone=False).make(OWNER, job, 1)  # and its answer was lost
    assert isinstance(taken, Result)
    assert taken.outcome == "done"
    assert calls(bureau, gone=True).make(OWNER, job, 2, doubt=True) == taken
    assert bureau.done("card.apply") == 1


def test_what_was_never_taken_ends_once_it_cannot_be_on_its_way_any_more(bureau: Bureau) -> None:
    without = calls(bureau, gone=True)
    for attempt in range(2, BELIEVED):
        delay = without.make(OWNER, applied(bureau), attempt, doubt=True)
        assert isinstance(delay, Delay)
        assert delay.sent, "the resident is not told yet that nothing was done"
    assert without.make(OWNER, applied(bureau), BELIEVED, doubt=True) == Result("unavailable")
    retried = without.make(OWNER, applied(bureau, retry_times=9), BELIEVED, doubt=True)
    assert retried == Delay(30, sent=False, sure=True), "the flow's own retry goes on, without doubt"
    assert bureau.done("card.apply") == 0


def test_what_can_be_sent_again_stays_in_doubt(direct: Bureau) -> None:
    class Refuses:
        def perform(self, request: object) -> Result:
            return Result("unavailable")

        def find(self, action: str, key: str) -> Result | None:
            return None

    delay = Calls({**direct.services, "card": Refuses()}).make(OWNER, applied(direct), 9, doubt=True)
    assert isinstance(delay, Delay)
    assert delay.sent


@pytest.mark.parametrize("bug", [False, True])
def test_while_the_service_cannot_be_asked_the_doubt_stays(direct: Bureau, bug: bool) -> None:
    class Away:
        def perform(self, request: object) -> Result:
            return Result("unavailable")

        def find(self, action: str, key: str) -> Result | None:
            raise KeyError(key) if bug else Unknown("away")

    delay = Calls({**direct.services, "card": Away()}).make(OWNER, applied(direct), 9, doubt=True)
    assert isinstance(delay, Delay)
    assert delay.sent
    assert delay.bug == bug
