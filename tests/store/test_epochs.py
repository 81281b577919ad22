"""A store that comes back empty or older: noticed at once, alarmed, publishing shut."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import redis
from click.testing import CliRunner
from conftest import ROOT, SEAL_KEY, TAG_KEY, settings
from moment import NOW
from phone import Phone
from structlog.testing import capture_logs

from bot.app import Bot, create_app, create_bot
from bot.cli import main
from bot.cli.wiring import Wiring
from bot.content.read.files import collect
from bot.store.connect import connect
from bot.store.epochs import EMPTY, OLDER, OTHER, Epochs
from bot.store.redis import SHARDS, RedisStore
from bot.store.seal import Seal
from bot.turn.revisions import InDoubt
from store.copies import beat, bring_back, copy_of


@pytest.fixture
def make_store(redis_url: str) -> Iterator[Callable[..., RedisStore]]:
    """`make_store(file)`: a process that has just started."""
    made: list[RedisStore] = []

    def make(seen: Path | None = None) -> RedisStore:
        store = RedisStore(connect(redis_url), Seal([SEAL_KEY], TAG_KEY), seen)
        store.check()
        made.append(store)
        return store

    yield make
    for store in made:
        store.client.close()


@pytest.fixture
def store(make_store: Callable[..., RedisStore]) -> RedisStore:
    """A process that knows the store, whose beat was raised."""
    found = make_store()
    found.epochs.look(raises=True)
    found.epochs.look()
    return found


# --- noticing -------------------------------------------------------------------------------------
def test_a_first_start_begins_the_epoch_and_doubts_nothing(make_store: Callable[..., RedisStore]) -> None:
    first, second = make_store(), make_store()
    assert first.epochs.doubt() == second.epochs.doubt() == ""
    lines = {first.client.hget(f"sb:{{s{shard}}}:life", "epochs") for shard in range(SHARDS)}
    assert len(lines) == 1
    assert None not in lines
    beat(first)
    beat(second)
    assert first.epochs.doubt() == ""


def test_a_store_of_an_older_release_is_given_its_epoch(make_store: Callable[..., RedisStore]) -> None:
    make_store().client.delete(*(f"sb:{{s{shard}}}:life" for shard in range(SHARDS)))
    later = make_store()
    assert later.epochs.doubt() == ""
    assert later.begin(later.owner("o-made-up"), "").epoch


def test_a_store_that_was_emptied_before_any_beat_begins_anew(make_store: Callable[..., RedisStore]) -> None:
    store = make_store()
    store.client.flushall()
    store.begin(store.owner("o-made-up"), "")
    beat(store)
    assert store.epochs.look() == ""
    assert store.begin(store.owner("o-made-up"), "").epoch


@pytest.mark.parametrize("way", [OLDER, EMPTY])
def test_a_store_that_was_set_back_is_noticed_by_the_next_turn(store: RedisStore, way: str) -> None:
    owner, before = store.owner("o-made-up"), copy_of(store)
    epoch = store.begin(owner, "").epoch
    beat(store)
    bring_back(store, before if way == OLDER else {})
    with capture_logs() as lines:
        begun = store.begin(owner, "")
    assert begun.epoch not in ("", epoch), "from now on nothing repeats a key"
    assert [line["what"] for line in lines if line.get("alert")] == [way]
    assert store.epochs.doubt() == way
    with capture_logs() as lines:
        store.epochs.look()
    assert lines == [], "an alarm is raised once"


def test_whoever_lives_takes_over_the_new_epoch(
    make_store: Callable[..., RedisStore], store: RedisStore
) -> None:
    other, before = make_store(), copy_of(store)
    beat(store)
    beat(other)
    bring_back(store, before)
    assert store.epochs.look() == other.epochs.look() == OLDER
    owner = store.owner("o-made-up")
    assert store.begin(owner, "").epoch == other.begin(owner, "").epoch


def test_a_beat_that_a_turn_sees_meanwhile_raises_no_doubt(
    make_store: Callable[..., RedisStore], redis_url: str
) -> None:
    class Slow(redis.client.Pipeline):
        """Between reading and judging, a worker raises the beat and a turn sees it."""

        def execute(self, raise_on_error: bool = True) -> list[Any]:
            found = super().execute(raise_on_error)
            meanwhile()
            return found

    class SlowClient(redis.Redis):
        def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> redis.client.Pipeline:
            return Slow(self.connection_pool, self.response_callbacks, transaction, shard_hint)

    def meanwhile() -> None:
        if passes:
            beat(worker)
            line, raised = (v.decode() for v in worker.client.hmget("sb:{s0}:life", "epochs", "beat"))
            epochs.fits(0, line, int(raised))

    worker, passes = make_store(), False
    client = SlowClient.from_url(redis_url)
    epochs = Epochs(client, SHARDS)
    epochs.look()
    epochs.look(raises=True)
    passes = True
    with capture_logs() as logs:
        assert epochs.doubt() == ""
    assert not logs
    client.close()


def test_one_shard_alone_that_was_set_back_is_noticed(store: RedisStore) -> None:
    """Of a Cluster one primary may have lost its data."""
    store.client.delete("sb:{s7}:life")
    assert store.epochs.look() == EMPTY
    assert store.client.hexists("sb:{s7}:life", "doubt")
    assert not store.client.hexists("sb:{s8}:life", "doubt")


@pytest.mark.parametrize("way", [OLDER, EMPTY])
def test_a_file_remembers_for_processes_that_have_all_started_since(
    make_store: Callable[..., RedisStore], tmp_path: Path, way: str
) -> None:
    seen = tmp_path / "var" / "seen.json"
    first = make_store(seen)
    before = copy_of(first)
    beat(first)
    bring_back(first, before if way == OLDER else {})
    assert make_store().epochs.doubt() == "", "whoever has no file cannot tell"
    bring_back(first, before if way == OLDER else {})
    assert make_store(seen).epochs.doubt() == way
    assert make_store().epochs.doubt() == way, "and now everybody sees it"


def test_an_empty_store_that_a_new_process_began_is_set_back_by_one_that_lives(
    make_store: Callable[..., RedisStore], store: RedisStore
) -> None:
    before = store.begin(store.owner("o-made-up"), "").epoch
    store.client.flushall()
    fresh = make_store()
    beat(fresh)
    owner = store.owner("o-made-up")
    assert store.begin(owner, "").lost is not None, "residents are told"
    assert store.epochs.look() == fresh.epochs.look() == EMPTY
    assert store.begin(owner, "").epoch == fresh.begin(owner, "").epoch != before


def test_a_store_that_came_back_empty_twice_is_the_same_to_who_saw_only_one_of_them(
    make_store: Callable[..., RedisStore], store: RedisStore
) -> None:
    other = make_store()
    beat(other)
    for sees in (other, store):
        store.client.flushall()
        assert sees.epochs.look() == EMPTY
    assert other.epochs.look() == store.epochs.look() == EMPTY
    owner = store.owner("o-made-up")
    assert store.begin(owner, "").epoch == other.begin(owner, "").epoch


def test_an_earlier_epoch_is_older_too(make_store: Callable[..., RedisStore], store: RedisStore) -> None:
    before = copy_of(store)
    store.client.flushall()
    assert store.epochs.look() == EMPTY
    store.epochs.accept()
    bring_back(store, before)
    assert store.epochs.look() == OLDER


def test_another_store_is_not_written_to(
    make_store: Callable[..., RedisStore], tmp_path: Path, store: RedisStore
) -> None:
    """A wrong address must not alarm those whose store it is."""
    seen = tmp_path / "seen.json"
    seen.write_text(json.dumps({str(shard): ["0badcafe", 7, 100] for shard in range(SHARDS)}))
    before = copy_of(store).keys()
    line = store.client.hget("sb:{s3}:life", "epochs")
    stray = make_store(seen)
    assert stray.epochs.doubt() == OTHER
    assert store.epochs.look() == ""
    assert copy_of(store).keys() == before
    assert store.client.hget("sb:{s3}:life", "epochs") == line
    assert "0badcafe" in seen.read_text(), "what it knew is not overwritten"
    assert stray.begin(stray.owner("o-made-up"), "").epoch == str(line, "ascii"), "residents are answered"
    assert stray.epochs.accept()
    assert stray.epochs.doubt() == store.epochs.look() == make_store(seen).epochs.doubt() == ""


@pytest.mark.parametrize("text", ["", "[]", '{"0": 1}', '{"x": []}', "\0"])
def test_a_file_that_cannot_be_read_is_an_alarm_and_no_more(
    make_store: Callable[..., RedisStore], tmp_path: Path, text: str
) -> None:
    (tmp_path / "seen.json").write_text(text)
    with capture_logs() as lines:
        assert make_store(tmp_path / "seen.json").epochs.doubt() == ""
    assert [line["alert"] for line in lines if line["log_level"] == "error"] == [True]


# --- what follows ---------------------------------------------------------------------------------
@pytest.fixture
def served(redis_url: str, tmp_path: Path) -> Iterator[Bot]:
    bot = create_bot(ROOT, settings(redis_url, store_seen=str(tmp_path / "seen.json")), lambda: NOW)
    beat(bot.store)
    yield bot
    bot.client.close()


def test_health_says_so_and_writes_nothing(served: Bot) -> None:
    client = create_app(served).test_client()
    assert client.get("/healthz").json == {"status": "ok", "revision": served.content.revision}
    served.client.flushall()
    answer = client.get("/healthz")
    assert answer.status_code == 200, "residents are still answered"
    assert "empty" in answer.json["why"]
    assert list(served.client.scan_iter()) == []


@pytest.mark.slow
def test_publishing_is_shut_until_somebody_accepts(served: Bot) -> None:
    run = partial(CliRunner().invoke, obj=Wiring(bot=lambda: served))
    assert "nothing to accept" in run(main, ["store", "accept"]).output
    served.client.flushall()
    served.store.epochs.look()
    with pytest.raises(InDoubt):
        served.revisions.publish(collect(ROOT), "anna")
    phone = Phone(create_app(served).test_client(), served, "张三")
    assert phone.say("帮助").kind == "text"
    assert run(main, ["store", "accept"], input="n\n").exit_code == 1
    assert served.store.epochs.doubt() == EMPTY
    assert "publishing is open" in run(main, ["store", "accept", "--yes"]).output
    assert served.store.epochs.doubt() == ""
    served.revisions.publish(collect(ROOT), "anna")
    assert "accepted" in run(main, ["store", "accept", "--restored", "--yes"]).output
