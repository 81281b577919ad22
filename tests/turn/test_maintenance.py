"""A service that is switched off: every process knows, what was submitted waits, nothing counts as a try."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from click.testing import Result as Ended
from moment import NOW

from bot.actions import switches
from bot.cli import main
from bot.cli.wiring import Wiring
from bot.engine.events import Maintenance
from bot.ports import Result, Unknown
from bot.store.redis import SHARDS, RedisStore
from bot.store.switches import BadPlan, key, plan
from bot.turn.turns import Turns
from turn.kit import LOSS, RECEIPT, Clerk, Mailbox, Resident, moved, work

CARD = Maintenance("card", switches()["card"], 0)


@pytest.fixture
def submitted(resident: Resident, clerk: Clerk) -> Resident:
    """A report of which nobody knows whether it was taken."""
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("time-out")]
    assert "report_loss.not_sure" in resident.say("确认停用").says
    return resident


def test_a_change_waits_until_the_service_is_on_again(
    submitted: Resident, clerk: Clerk, store: RedisStore
) -> None:
    mailbox = Mailbox()
    store.switches.off(CARD)
    for _ in range(8):
        work(store, submitted.turns, mailbox)
    assert len(clerk.made(LOSS)) == 1, "nothing is called"
    assert "common.put_off" in submitted.say("返回").says
    store.switches.on(CARD)
    work(store, submitted.turns, mailbox)
    first, second = clerk.made(LOSS)
    assert first == second, "under its key"
    assert "【已停用】" in submitted.say("好了吗").text


def test_the_resident_is_told_once_that_it_is_put_off(submitted: Resident, store: RedisStore) -> None:
    store.switches.off(CARD)
    for _ in range(3):
        work(store, submitted.turns, kinds="j")
    said = submitted.say("社保卡有什么用").says
    assert said.count("common.put_off") == 1
    assert "common.put_off" in submitted.say("社保卡有什么用").says, "as long as it is so"


def test_it_costs_no_attempt(resident: Resident, clerk: Clerk, store: RedisStore) -> None:
    """The flow's five tries while the bureau refuses are all left afterwards."""
    resident.to_the_summary()
    clerk.says[LOSS] = [Result("unavailable")] * 5
    resident.say("确认停用")
    store.switches.off(CARD)
    for _ in range(10):
        work(store, resident.turns, kinds="j")
    store.switches.on(CARD)
    for _ in range(5):
        work(store, resident.turns, kinds="j")
    assert len(clerk.made(LOSS)) == 6
    assert "【已停用】" in resident.say("好了吗").text


def test_what_answers_by_itself_meanwhile_is_told(
    submitted: Resident, store: RedisStore, turns: Turns
) -> None:
    """A callback that comes while the service is off ends the job."""
    store.switches.off(CARD)
    work(store, turns, kinds="j")
    owner = store.owner(submitted.openid)
    (job,), _ = store.jobs_of(owner)
    turns.background.settle(owner, job, 1, Result("done", RECEIPT))
    assert "【已停用】" in submitted.say("好了吗").text


def test_every_process_knows_with_its_next_message(
    resident: Resident, store: RedisStore, turns: Turns, clerk: Clerk
) -> None:
    other = moved(resident, turns)
    resident.say("卡丢了")
    store.switches.off(CARD)
    assert "common.maintenance" in other.say("同意，继续").says
    assert "common.maintenance" in resident.say("查进度").says
    store.switches.on(CARD)
    assert "common.maintenance" not in resident.say("查进度").says
    assert not clerk.calls


def test_a_command_that_was_cut_off_is_seen_and_repeated(store: RedisStore) -> None:
    """Only some shards know: it is listed, and switching on reaches all."""
    store.switches.off(CARD)
    for shard in range(SHARDS // 2):
        store.client.delete(key(shard))
    assert store.switches.all() == [CARD]
    store.switches.on(CARD)
    assert store.switches.all() == []
    assert not list(store.client.scan_iter(match="sb:*:off"))


def test_what_is_over_is_forgotten_with_the_next_change(store: RedisStore) -> None:
    over = Maintenance("real_name", switches()["real_name"], 0, 1)
    store.switches.off(over)
    assert store.switches.all() == []
    store.switches.off(CARD)
    assert store.switches.of(5) == (CARD,)


@pytest.mark.parametrize(
    ("service", "since", "until", "why"),
    [
        ("cards", "", "", "service"),
        ("outlets", "", "", "service"),
        ("real_name.freeze", "", "", "service"),
        ("card", "tonight", "", "time"),
        ("card", "", "2026-11-28T06:00+00:00", "time"),
        ("card", "2026-11-28 06:00", "2026-11-27 22:00", "order"),
        ("card", "", "2026-11-27 22:00", "order"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused(service: str, since: str, until: str, why: str) -> None:
    now = plan("card", "2026-11-27 23:00", "", 0).since
    with pytest.raises(BadPlan) as refused:
        plan(service, since, until, now)
    assert refused.value.why == why


def test_times_are_those_of_china() -> None:
    planned = plan("card", "2026-11-27 22:00", "2026-11-28 06:00", 0)
    assert (planned.since, planned.until) == (1795788000, 1795816800)


# --- the commands ---
class Shebao:
    def __init__(self, store: RedisStore) -> None:
        bot = SimpleNamespace(store=store, now=lambda: NOW)
        self.wiring = Wiring(bot=lambda: bot)  # type: ignore[arg-type, return-value]

    def __call__(self, *arguments: str) -> Ended:
        return CliRunner().invoke(main, ["maintenance", *arguments], obj=self.wiring)


def test_an_operator_switches_off_and_on(store: RedisStore) -> None:
    shebao = Shebao(store)
    assert "nothing is switched off" in shebao().output
    assert shebao("off", "card", "--until", "2199-01-02 06:00", "--by", "dora").output.startswith("off  card")
    planned = shebao("off", "photos", "--from", "2199-01-01 22:00")
    assert planned.output == "planned  photos (since 2199-01-01 22:00, with no planned end)\n"
    assert len(shebao().output.splitlines()) == 2
    for chinese in (
        shebao("--lang", "zh-CN"),
        shebao("--lang", "zh-CN", "off", "real_name", "--until", "今晚"),
    ):
        assert re.search("2199-01-01 22:00起，没定什么时候恢复|时间写成北京时间", chinese.output)
    assert shebao("on", "card").exit_code == 0
    assert [m.service for m in store.switches.all()] == ["photos"]
    wrong = shebao("off", "cards")
    assert wrong.exit_code == 1
    assert "photos" in wrong.output, "what there is"
    assert "2026-11-27 22:00" in shebao("off", "card", "--from", "tonight").output
    assert "not switched off" in shebao("on", "card").output
