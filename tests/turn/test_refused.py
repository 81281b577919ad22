"""A store that answers reads and refuses writes: nobody waits long, nothing is tried for ever."""

from __future__ import annotations

import math
import socket
import threading
import time
from collections.abc import Callable

import pytest
import redis

from bot.engine.events import TextReceived, Unsubscribed
from bot.ports import Result
from bot.store.connect import connect
from bot.store.deadline import within
from bot.store.records import CommitRequest, ResidentKey, Snapshot
from bot.store.redis import RedisStore
from bot.turn.attempts import Attempts
from bot.turn.jobs import Worker
from bot.turn.turns import Turns
from turn.kit import (
    LOSS,
    PLENTY,
    RECEIPT,
    Clerk,
    Resident,
    Skips,
    everything,
    moved,
    refusing,
    scripts_run,
    work,
)

Make = Callable[..., Turns]
SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "why", ["OOM", pytest.param("NOREPLICAS", marks=SLOW), pytest.param("READONLY", marks=SLOW)]
)
def test_a_message_that_cannot_be_written_is_answered_in_time_and_never_done(
    make_turns: Make, store: RedisStore, clerk: Clerk, why: str
) -> None:
    resident = Resident(make_turns())
    resident.to_the_summary()
    runtime = Skips()
    patient = moved(resident, make_turns(runtime=runtime))
    with refusing(store.client, why):
        before, ran = everything(store.client), scripts_run(store.client)
        patient.connected = False
        assert patient.say("确认停用").says == ("common.trouble",)
        assert 0 < runtime.skipped < PLENTY, "all its pauses are within its budget"
        assert 2 < scripts_run(store.client) - ran <= 8, "a first attempt and three more, of two scripts"
        assert everything(store.client) == before, "a script is refused whole"
    work(store, resident.turns)
    assert clerk.made(LOSS) == [], "nor is it done later"
    assert "【已停用】" in moved(patient, make_turns()).say("确认停用").text, (
        "the resident stands where they stood"
    )


def test_no_first_commit_comes_after_the_deadline(make_turns: Make, store: RedisStore) -> None:
    """It was sent in time and came late: Redis was stopped, or its queue was long."""

    class Late(RedisStore):
        def commit(self, owner: ResidentKey, delivery: str, plan: CommitRequest) -> str:
            time.sleep(0.35)
            with within(math.inf):  # it left this process before the deadline
                return super().commit(owner, delivery, plan)

    late = Late(store.client, store.seal)
    resident = Resident(make_turns(late, budget=0.3))
    resident.connected = False
    assert resident.say("帮助").says == ("common.trouble",)
    assert everything(store.client) == {}


@pytest.mark.parametrize("address", ["redis://{}/0", "redis+sentinel://{},{},{}/shebao"])
def test_no_question_to_a_silent_store_outlasts_the_deadline(address: str) -> None:
    """redis-py asks three silent Sentinels for six seconds, and one server for as long as a client allows."""
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    client = connect(address.format(*(f"127.0.0.1:{s.getsockname()[1]}" for s in servers)))
    client.connection_pool.connection_kwargs.update(socket_timeout=5.0, socket_connect_timeout=5.0)
    began = time.monotonic()
    try:
        with pytest.raises(redis.RedisError), within(began + 0.2):
            client.ping()
        assert 0.15 < time.monotonic() - began < 4
    finally:
        client.close()
        for server in servers:
            server.close()


def test_the_deadline_does_not_move_with_the_rounds() -> None:
    attempts = Attempts(4.0, now=lambda: 0.0)
    attempts.began(1000.25)
    assert attempts.not_after == 1004.25
    attempts.began(1003.0)  # another server, by whose clock there would be more time
    assert attempts.not_after == 1004.25


def test_pauses_grow_and_end() -> None:
    pauses: list[float] = []
    attempts = Attempts(450.0, pauses.append, lambda: sum(pauses))
    while attempts.again():
        pass
    assert pauses == [15, 60, 240]
    assert not Attempts(450.0, pauses.append, lambda: 0.0).again(spare=450), "no time to take it back"


@SLOW
def test_who_always_comes_second_gives_up(make_turns: Make, store: RedisStore) -> None:
    """Another process writes between every reading and writing of this one."""

    class Raced(RedisStore):
        begun = 0

        def begin(self, owner: ResidentKey, delivery: str) -> Snapshot:
            self.begun += 1
            found = super().begin(owner, delivery)
            store.client.hset(owner.key("s", owner.tag), "v", str(self.begun))
            return found

    raced = Raced(store.client, store.seal)
    assert Resident(make_turns(raced, budget=4.5)).say("帮助").says == ("common.trouble",)
    assert raced.begun < 30


@SLOW
def test_a_repeated_delivery_looks_at_most_twelve_times(
    make_turns: Make, store: RedisStore, clerk: Clerk
) -> None:
    class Counting(RedisStore):
        begun = 0

        def begin(self, owner: ResidentKey, delivery: str) -> Snapshot:
            self.begun += 1
            return super().begin(owner, delivery)

    resident = Resident(make_turns(budget=4.5))
    resident.to_the_summary()
    asked, gate = threading.Event(), threading.Event()

    def slowly(_: object) -> Result:
        asked.set()
        gate.wait(PLENTY)
        return Result("done", RECEIPT)

    clerk.says[LOSS] = [slowly]
    counting = Counting(store.client, store.seal)
    again = Resident(make_turns(counting, budget=3.0))
    event = TextReceived(resident.later(), 7, "确认停用")
    first = threading.Thread(target=resident.send, args=(event, "one"))
    first.start()
    assert asked.wait(PLENTY)
    assert again.send(event, "one").text
    gate.set()
    first.join()
    assert 4 <= counting.begun <= 12


@SLOW
def test_an_outcome_that_cannot_be_written_is_left_to_the_lease(
    make_turns: Make, store: RedisStore, clerk: Clerk
) -> None:
    resident = Resident(make_turns(budget=4.5))
    resident.to_the_summary()
    turns = make_turns(patience=0.5)
    resident, ran = moved(resident, turns), 0

    def refused(_: object) -> Result:
        nonlocal ran
        store.client.config_set("maxmemory", 1)
        ran = scripts_run(store.client)
        return Result("done", RECEIPT)

    clerk.says[LOSS] = [refused]
    try:
        assert resident.say("确认停用").says == ("common.trouble",)
        time.sleep(0.5)
        assert scripts_run(store.client) - ran <= 8 + 8 + 4, "settling, waiting, and noting the answer"
    finally:
        store.client.config_set("maxmemory", 0)
    work(store, turns)
    assert "【已停用】" in resident.say("在吗").text
    assert len(set(clerk.made(LOSS))) == 1


@SLOW
def test_noting_what_was_answered_does_not_pile_up(make_turns: Make, store: RedisStore) -> None:
    turns = make_turns(budget=0.5)
    residents = [Resident(turns, f"o-{n}") for n in range(12)]
    with refusing(store.client, "OOM"):
        for resident in residents:
            assert resident.say("帮助").says == ("common.trouble",)
        ran = scripts_run(store.client)
        time.sleep(1.2)
        assert scripts_run(store.client) - ran <= 4, "one waits, and the others behind it"
    first = residents[0]
    assert first.settled(lambda: first.again().says == ("common.trouble",))


@SLOW
def test_a_worker_asks_a_store_that_refuses_ever_more_seldom(make_turns: Make, store: RedisStore) -> None:
    turns = make_turns()
    for n in range(3):
        Resident(turns, f"o-{n}").menu("CARD_LOSS")
    for key in store.client.scan_iter(match="sb:*:due"):
        for member in store.client.zrange(key, 0, -1):
            store.client.zadd(key, {member: 1})
    worker = Worker(store, turns, pause=0.05)
    with refusing(store.client, "OOM"):
        ran = scripts_run(store.client)
        thread = threading.Thread(target=worker.run)
        thread.start()
        time.sleep(1.0)
        assert Resident.settled(lambda: scripts_run(store.client) - ran >= 3)
        worker.stop()
        assert scripts_run(store.client) - ran <= 18, "after 0.05, 0.1, 0.2, 0.4 s"
        thread.join()


def test_a_deletion_under_a_full_store_is_carried_out_or_not_acknowledged(
    make_turns: Make, store: RedisStore
) -> None:
    """Removing needs no memory: Redis lets a script through that begins with it."""
    resident, turns = Resident(make_turns()), make_turns(budget=0.5)
    resident.to_the_summary()
    owner = store.owner(resident.openid)
    with refusing(store.client, "READONLY"):
        told = turns.handle(resident.openid, "gh_1", "gone", Unsubscribed(resident.later()))
        assert not told.done
        assert store.begin(owner, "").session is not None
    with refusing(store.client, "OOM"):
        assert make_turns().handle(resident.openid, "gh_1", "gone", Unsubscribed(resident.at)).done
    assert store.begin(owner, "").session is None


def test_a_deletion_that_meets_a_bug_is_not_acknowledged(make_turns: Make, store: RedisStore) -> None:
    class Broken(RedisStore):
        def begin(self, owner: ResidentKey, delivery: str) -> Snapshot:
            raise ValueError("a session that this release does not read")

    turns = make_turns(Broken(store.client, store.seal))
    assert not turns.handle("o-made-up", "gh_1", "gone", Unsubscribed(1_800_000_000)).done
