"""What is stored and does not open: damaged, or sealed with a key that another process has."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from conftest import SEAL_KEY, TAG_KEY
from moment import NOW, USUAL, epoch
from msgspec.structs import replace
from stored.later import as_it_was, of_a_newer_schema, rewrite

from bot.cli import main
from bot.cli.wiring import Wiring
from bot.engine.events import AuthorizationRevoked, Unsubscribed
from bot.ports import Result, Unknown
from bot.store.connect import connect
from bot.store.due import DEAD_AFTER
from bot.store.packing import ASIDE_TTL
from bot.store.records import ResidentKey
from bot.store.redis import RedisStore
from bot.store.seal import Seal, new_key
from bot.turn.turns import Turns
from turn.kit import CARD, LOSS, RECEIPT, Clerk, Mailbox, Resident, moved, work

NEW_KEY = new_key()
KINDS = ["s", "d", "o", "h", "j", "x"]


@pytest.fixture
def newer(redis_url: str) -> RedisStore:
    """A process that was given a new key, and seals with it."""
    return RedisStore(connect(redis_url), Seal([NEW_KEY, SEAL_KEY], TAG_KEY))


def shebao(store: RedisStore, turns: Turns, *arguments: str) -> str:
    bot = SimpleNamespace(
        store=store, turns=turns, settings=SimpleNamespace(real_name_tries=5), now=lambda: NOW
    )
    wiring = Wiring(bot=lambda: bot)  # type: ignore[arg-type, return-value]
    return CliRunner().invoke(main, list(arguments), obj=wiring).output


def owner_of(resident: Resident) -> ResidentKey:
    return resident.turns.store.owner(resident.openid)


def sealed(resident: Resident) -> bytes:
    owner = owner_of(resident)
    return resident.turns.store.client.hget(owner.key("s", owner.tag), "d") or b""  # type: ignore[return-value]


def damage(resident: Resident, value: bytes | None = None) -> None:
    owner, found = owner_of(resident), sealed(resident)
    broken = found[:-1] + bytes([found[-1] ^ 1]) if value is None else value
    resident.turns.store.client.hset(owner.key("s", owner.tag), "d", broken)  # type: ignore[arg-type]


def held(resident: Resident) -> set[str]:
    owner = owner_of(resident)
    client = resident.turns.store.client
    return {kind for kind in KINDS if list(client.scan_iter(match=owner.key(kind, owner.tag) + "*"))}


def nonsense(resident: Resident, plain: object) -> bytes:
    return resident.turns.store.seal.seal(json.dumps(plain).encode(), owner_of(resident).tag)


@pytest.mark.parametrize("plain", [None, 1, [], {}, {"session": 7}, {"session": {"schema": 0, "frames": 3}}])
def test_a_damaged_session_is_put_aside_and_said_once(resident: Resident, plain: object) -> None:
    resident.to_the_summary()
    damage(resident, nonsense(resident, plain) if plain is not None else None)
    before, owner = sealed(resident), owner_of(resident)
    says = resident.menu("CARD_LOSS").says
    assert says[0] == "common.lost_answers"
    assert says[1:], "and what was asked for is done"
    client = resident.turns.store.client
    assert client.get(owner.key("x", owner.tag)) == before, "as it was, sealed"
    assert 0 < int(client.ttl(owner.key("x", owner.tag))) <= ASIDE_TTL
    assert "common.lost_answers" not in resident.say("帮助").says
    resident.say("删除我的信息")
    resident.say("确认删除")
    assert not held(resident) - {"d"}


@pytest.mark.parametrize("how", ["key", "form"])
def test_what_another_process_may_open_is_left_as_it_is(
    resident: Resident, make_turns: Callable[..., Turns], newer: RedisStore, how: str
) -> None:
    if how == "key":
        moved(resident, make_turns(newer)).menu("CARD_LOSS")
    else:
        resident.menu("CARD_LOSS")
        damage(resident, nonsense(resident, {"session": {"schema": 99}, "openid": resident.openid}))
    before = sealed(resident)
    resident.at += 1000
    assert resident.say("同意").says == ("common.trouble",)
    assert sealed(resident) == before
    if how == "key":
        other = moved(resident, make_turns(newer))
        assert "sign_in.id_number.ask" in other.say("同意").says, "the one that can goes on"


@pytest.mark.parametrize("how", ["key", "form"])
def test_the_words_that_always_work_do_beside_it(
    resident: Resident, make_turns: Callable[..., Turns], newer: RedisStore, how: str
) -> None:
    """And whoever can open it goes on where it was."""
    resident.at = epoch(USUAL)  # a person answers then, whenever this is played
    other = moved(resident, make_turns(newer))
    other.to_the_summary()
    if how == "form":
        rewrite(newer, of_a_newer_schema)
    before = sealed(resident)
    resident.at += 1000
    assert resident.say("帮助").says == ("common.help",)
    resident.say("人工")
    assert resident.say("接通").kind == "transfer"
    assert resident.say("确认停用").kind == "transfer", "with a person until that ends"
    assert sealed(resident) == before
    rewrite(newer, as_it_was)
    other.at = resident.at + 10
    assert "【已停用】" in other.say("确认停用").text


def test_what_is_looked_up_waits_for_whoever_reads_the_session(
    resident: Resident, clerk: Clerk, store: RedisStore
) -> None:
    def meanwhile(_: object) -> Result:
        rewrite(store, of_a_newer_schema)
        return clerk.usual["card.find"]

    clerk.says["card.find"] = [meanwhile]
    with pytest.raises(AssertionError):
        resident.to_the_summary()
    assert resident.reply.says == ("common.trouble",)
    assert work(store, resident.turns, kinds="j") == 0, "carried out, and left to another process"
    rewrite(store, as_it_was)
    work(store, resident.turns, kinds="j")
    assert "report_loss.kind.ask" in resident.say("在吗").says


@pytest.mark.parametrize("how", ["damaged", "key"])
@pytest.mark.parametrize("way", ["words", "unfollow", "revoke", "forget"])
def test_deleting_needs_to_open_nothing(
    resident: Resident,
    make_turns: Callable[..., Turns],
    newer: RedisStore,
    store: RedisStore,
    how: str,
    way: str,
) -> None:
    writer = moved(resident, make_turns(newer)) if how == "key" else resident
    writer.menu("CARD_LOSS")
    if how == "damaged":
        damage(resident)
    resident.at += 1000
    if way == "words":
        assert "common.forgotten" in resident.say("删除我的信息").says
    elif way == "unfollow":
        resident.send(Unsubscribed(resident.later(), 1))
    elif way == "revoke":
        resident.send(AuthorizationRevoked(resident.later(), 1))
    else:
        assert "removed  session" in shebao(store, resident.turns, "forget", resident.openid)
    assert not held(resident) - {"d"}


@pytest.mark.parametrize("how", ["damaged", "key"])
def test_reset_puts_the_session_aside_and_the_change_goes_on(
    resident: Resident, clerk: Clerk, store: RedisStore, how: str
) -> None:
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")] * 2
    resident.say("确认停用")
    damage(resident, b"\0\1\2\3" + sealed(resident)[4:] if how == "key" else None)
    assert "put aside" in shebao(store, resident.turns, "reset", resident.openid)
    assert "no session" in shebao(store, resident.turns, "reset", "o-nobody")
    says = resident.say("返回").says
    assert says[0] == "common.lost_answers"
    work(store, resident.turns, kinds="j")
    clerk.says[LOSS] = [Result("done", RECEIPT)]
    work(store, resident.turns, kinds="j")
    assert "【已停用】" in resident.say("帮助").text
    assert len(set(clerk.made(LOSS))) == 1


def test_the_end_of_a_change_is_told_although_its_session_is_damaged(
    resident: Resident, clerk: Clerk, store: RedisStore
) -> None:
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")]
    resident.say("确认停用")
    damage(resident)
    work(store, resident.turns, kinds="j")
    reply = resident.say("帮助")
    assert "common.lost_answers" in reply.says
    assert "【已停用】" in reply.text


def test_a_job_whose_key_is_not_known_waits_and_is_never_dropped(
    resident: Resident, make_turns: Callable[..., Turns], clerk: Clerk, newer: RedisStore, store: RedisStore
) -> None:
    other = moved(resident, make_turns(newer))
    other.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")]
    other.say("确认停用")
    for _ in range(20):
        assert work(store, resident.turns, kinds="j") == 0
    assert store.jobs.dead() == []
    assert len(clerk.made(LOSS)) == 1
    (found,) = [f for f in _due(store) if f[1].startswith("j:")]
    for times in range(1, DEAD_AFTER + 1):
        store.jobs.sooner(3600)
        claimed = store.jobs.claim(*found, lease=15)
        assert claimed is not None
        for _ in range(2):  # the store's answer was lost, and the request sent again
            store.jobs.failed(*found, cause="Made up", attempt=claimed[0])
        assert bool(store.jobs.dead()) == (times == DEAD_AFTER)
    assert "nothing was removed" in shebao(store, resident.turns, "jobs", "drop", found[1][2:])
    assert store.jobs.dead()
    store.jobs.revive(store.jobs.dead()[0])
    clerk.says[LOSS] = [Result("unavailable"), Result("done", RECEIPT)]
    work(newer, other.turns, kinds="j")
    work(newer, other.turns, kinds="j")
    assert "【已停用】" in other.say("帮助").text


def test_an_unsent_answer_whose_key_is_not_known_is_not_written_over(
    resident: Resident, make_turns: Callable[..., Turns], clerk: Clerk, newer: RedisStore, store: RedisStore
) -> None:
    other = moved(resident, make_turns(newer))
    other.to_the_summary()
    other.connected = False
    assert "【已停用】" in other.say("确认停用").text
    owner = store.owner(resident.openid)
    unsent = store.client.hget(owner.key("h", owner.tag), "r")
    resident = moved(other, resident.turns)
    clerk.usual["card.find"] = Result("found", {**CARD, "id": "card-2", "number": "5678"})
    resident.to_the_summary()
    assert "【已停用】" in resident.say("确认停用").text, "which has to be acknowledged, too"
    assert unsent in store.client.lrange(owner.key("o", owner.tag), 0, -1)
    assert "【已停用】" in moved(resident, other.turns).say("帮助").text


def _due(store: RedisStore) -> list[tuple[int, str]]:
    found = []
    for key in store.client.scan_iter(match="sb:*:due"):
        shard = int(key.decode().partition("{s")[2].partition("}")[0])
        found += [(shard, member.decode()) for member in store.client.zrange(key, 0, -1)]
    return found


@pytest.mark.parametrize("how", ["damaged", "key"])
def test_a_waiting_text_that_does_not_open_hides_nothing_else(
    resident: Resident, clerk: Clerk, store: RedisStore, mailbox: Mailbox, how: str
) -> None:
    """Damaged: the resident is told that there was one. Another's key: it waits."""
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")]
    resident.say("确认停用")
    work(store, resident.turns, kinds="j")
    owner = owner_of(resident)
    key = owner.key("o", owner.tag)
    (item,) = store.client.lrange(key, 0, -1)
    lost = item[:-1] + bytes([item[-1] ^ 1]) if how == "damaged" else b"\0\1\2\3" + item[4:]
    store.client.lset(key, 0, lost)
    work(store, resident.turns, mailbox, kinds="p")
    assert mailbox.pushed == []
    says = resident.say("帮助").says
    assert ("common.lost_text" in says) == (how == "damaged")
    assert "common.help" in says
    assert store.client.lrange(key, 0, -1) == ([] if how == "damaged" else [lost])


@pytest.mark.parametrize("whose", range(3))
def test_one_damaged_session_keeps_nobody_else_from_being_told(
    resident: Resident, turns: Turns, store: RedisStore, whose: int
) -> None:
    """All have signed in for the same person, whose card is blocked: in whatever order they are told."""
    others = [Resident(turns, f"o-other-{n}") for n in range(3)]
    for other in (*others, resident):
        other.to_the_summary()
    damage(others.pop(whose))
    resident.say("确认停用")
    for _ in range(2):
        work(store, turns, kinds="j")
        assert [len(store.begin(owner_of(other), "").outbox) for other in others] == [1, 1]


def test_a_call_that_only_another_release_knows_waits_for_it(
    resident: Resident, clerk: Clerk, store: RedisStore
) -> None:
    """In a rolling deploy, or where a package with a service is not installed here yet."""
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("time-out")]
    resident.say("确认停用")
    owner = owner_of(resident)
    (job,) = store.jobs_of(owner)[0]
    newer = replace(job, call=replace(job.call, action="card.report_found"))
    store.client.hset(owner.key("j", job.member), "d", store.forms.sealed_job(owner, newer))
    for _ in range(2 * DEAD_AFTER):
        work(store, resident.turns, kinds="j")
    assert store.jobs.dead() == []
    store.client.hset(owner.key("j", job.member), "d", store.forms.sealed_job(owner, job))
    work(store, resident.turns, kinds="j")
    assert "【已停用】" in resident.say("好了吗").text
