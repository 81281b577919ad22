"""Dead letters: only our own bugs, shown and ended by `shebao jobs`; `forget`, `evidence`, `reconcile`."""

from __future__ import annotations

import json

import pytest
from moment import NOW

from bot.console.audit import Audit
from bot.ports import Result, Unknown
from bot.store.connect import connect
from bot.store.due import DEAD_AFTER
from bot.store.records import CommitRequest, JobChange
from bot.store.redis import RedisStore
from turn.kit import LOSS, RECEIPT, Clerk, Overtaken, Resident, Shebao, moved, work


@pytest.fixture
def buggy(resident: Resident, clerk: Clerk, store: RedisStore) -> Resident:
    """A report that our adapter stumbles over, again and again."""
    resident.to_the_summary()
    clerk.says[LOSS] = [ZeroDivisionError()] * DEAD_AFTER
    resident.say("确认停用")
    assert resident.settled(
        lambda: [key for key in store.client.scan_iter("*:j:*") if store.client.hget(key, "f")]
    )
    for _ in range(DEAD_AFTER + 3):
        work(store, resident.turns, kinds="j")
    return resident


def test_a_bug_ends_in_a_dead_letter_that_can_be_tried_again(
    buggy: Resident, clerk: Clerk, store: RedisStore, shebao: Shebao
) -> None:
    assert len(clerk.made(LOSS)) == DEAD_AFTER, "then it is left alone"
    said = shebao("jobs", "list").output
    assert LOSS in said
    assert "ZeroDivisionError" in said
    assert "1 dead letters" in said
    assert "common.submitting" in buggy.say("返回").says, "it may have been taken"
    assert shebao("jobs", "retry", "all").exit_code == 0
    work(store, buggy.turns)
    assert "【已停用】" in buggy.say("天气不错").text
    assert "0 dead letters" in shebao("jobs", "list").output
    assert "卡住的任务0件" in shebao("jobs", "list", "--lang", "zh-CN").output
    assert len(set(clerk.made(LOSS))) == 1


def test_a_failure_that_is_noted_late_counts_for_its_own_attempt(
    resident: Resident, clerk: Clerk, store: RedisStore
) -> None:
    """By a thread that was slow: the next attempt is under way, keeps its lease and counts as well."""
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")]
    resident.say("确认停用")
    jobs = store.jobs
    for attempt in range(2, DEAD_AFTER + 1):
        jobs.sooner(7200)
        ((shard, member),) = [found for found in jobs.due() if found[1].startswith("j:")]
        assert (jobs.claim(shard, member, lease=3600) or [])[0] == attempt
        if attempt == 2:
            assert not jobs.failed(shard, member, "KeyError", 1), "the turn's own"
            jobs.sooner(1800)
            assert (shard, member) not in list(jobs.due())
        assert jobs.failed(shard, member, "KeyError", attempt) == (attempt == DEAD_AFTER)
    assert [letter.attempts for letter in jobs.dead()] == [DEAD_AFTER]


def test_a_dead_letter_that_is_tried_again_twice_is_under_way_once(
    buggy: Resident, store: RedisStore
) -> None:
    """By two operators, or by a request that was sent again."""
    jobs = store.jobs
    (letter,) = jobs.dead()
    jobs.revive(letter)
    assert jobs.claim(letter.shard, letter.member, lease=3600)
    jobs.revive(letter)
    assert (letter.shard, letter.member) not in list(jobs.due()), "the attempt keeps its lease"
    assert jobs.dead() == []


def test_a_service_that_does_not_know_is_no_bug(
    resident: Resident, clerk: Clerk, store: RedisStore, shebao: Shebao
) -> None:
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")] * 20
    resident.say("确认停用")
    for _ in range(15):
        work(store, resident.turns, kinds="j")
    assert "0 dead letters" in shebao("jobs", "list").output
    assert len(clerk.made(LOSS)) == 16


def test_a_dead_letter_is_ended_only_with_what_the_bureau_says(
    buggy: Resident, clerk: Clerk, shebao: Shebao
) -> None:
    id_ = shebao("jobs", "list").output.split()[0]
    asked = shebao("jobs", "drop", id_)
    assert asked.exit_code == 1
    assert clerk.made(LOSS)[0] in asked.output, "the key to ask the bureau for"
    assert shebao("jobs", "drop", "nothing", "--outcome", "refused").exit_code == 1
    assert shebao("jobs", "drop", id_, "--outcome", "unavailable").exit_code == 0
    assert "report_loss.down" in buggy.say("天气不错").says
    assert "0 dead letters" in shebao("jobs", "list").output
    assert "common.submitting" not in buggy.say("返回").says


@pytest.mark.parametrize("outcome", ["done", "already"])
def test_a_receipt_is_told_as_the_bureau_has_it_or_not_at_all(
    buggy: Resident, clerk: Clerk, store: RedisStore, shebao: Shebao, outcome: str
) -> None:
    (letter,) = store.jobs.dead()
    ends = ("jobs", "drop", letter.member[2:], "--outcome", outcome)
    refused = shebao(*ends)
    assert refused.exit_code == 1
    assert "does not know it" in refused.output
    clerk.found = Result("refused")
    assert "says refused" in shebao(*ends).output
    assert store.jobs.dead() == [letter], "it is still there, to be tried again"
    clerk.found = Result(outcome, RECEIPT)
    assert shebao(*ends).exit_code == 0
    told = buggy.say("天气不错").text
    assert (RECEIPT["number"] in told) == (outcome == "done")
    assert [number for number, _ in store.holdings(store.owner(buggy.openid)).receipts] == [RECEIPT["number"]]


@pytest.mark.parametrize("outcome", ["unavailable", "refused"])
def test_a_dead_letter_that_another_operator_tries_again_is_not_said_to_be_ended(
    buggy: Resident, store: RedisStore, clerk: Clerk, redis_url: str, outcome: str
) -> None:
    shebao = Shebao(Overtaken(connect(redis_url), store.seal), buggy.turns, clerk)
    (letter,) = store.jobs.dead()
    came = shebao("jobs", "drop", letter.member[2:], "--outcome", outcome)
    assert came.exit_code == 1
    assert "not ended" in came.output
    audit = Audit(store.client, store.seal, lambda: NOW)
    assert [entry.result for entry in audit.entries()] == ["failed: ClickException"]
    assert buggy.say("天气不错").says[0] not in ("report_loss.down", "report_loss.refused")
    assert store.jobs_of(store.owner(buggy.openid))[0]


def test_what_has_ended_is_not_ended_again(buggy: Resident, store: RedisStore) -> None:
    """By the bureau's callback, while an operator asks the bureau."""
    (letter,) = store.jobs.dead()
    owner, job = store.forms.open_job(letter.shard, letter.sealed)
    settle = buggy.turns.background.settle
    assert settle(owner, job, 1, Result("done", RECEIPT)).done
    assert not settle(owner, job, letter.attempts, Result("unavailable")).done
    assert buggy.say("天气不错").says[0] == "report_loss.done_temporary"


def test_a_change_that_is_made_again_is_no_dead_letter(buggy: Resident, store: RedisStore) -> None:
    """The first time an operator ended it, as unavailable; it has the same name again."""
    (letter,) = store.jobs.dead()
    owner, job = store.forms.open_job(letter.shard, letter.sealed)
    assert buggy.turns.background.settle(owner, job, letter.attempts, Result("unavailable")).done
    begun = store.begin(owner, "")
    again = CommitRequest(begun.version, begun.session, begun.now, jobs=(JobChange("new", job),))
    assert store.commit(owner, "", again) == "done"
    assert store.jobs.dead() == []


def test_forget_says_what_was_removed_and_what_stays(
    resident: Resident, store: RedisStore, shebao: Shebao
) -> None:
    resident.to_the_summary()
    resident.say("确认停用")
    said = shebao("forget", resident.openid).output
    assert "removed  session" in said
    assert "evidence of 1 receipts" in said
    assert store.begin(store.owner(resident.openid), "").session is None
    nobody = shebao("forget", "o-nobody").output
    assert "nothing is held" in nobody
    assert "does not look like an openid" in nobody
    assert "look like" not in shebao("forget", "o" * 28).output


def test_evidence_settles_what_was_agreed_to(resident: Resident, clerk: Clerk, shebao: Shebao) -> None:
    resident.to_the_summary()
    resident.say("确认停用")
    printed = shebao("evidence", RECEIPT["number"]).output
    found = json.loads(printed)
    assert found["action"] == LOSS
    assert found["outcome"] == "done"
    assert found["attempts"] == 1
    assert found["revision"]
    assert found["consents"]
    texts = "\n".join(turn.get("text", "") for turn in found["turns"])
    assert "【已停用】" in texts
    assert "您同意吗" in texts
    decided = [name for turn in found["turns"] for name in turn.get("decided", ())]
    assert any(name.startswith("report_loss.") and name.endswith(".agreed") for name in decided)
    for secret in ("660101198001010018", "测试人", resident.openid):
        assert secret not in printed
    assert "genuine" in shebao("evidence-check", "-", said=printed).output
    changed = printed.replace("temporary", "formal").replace('"attempts": 1', '"attempts": 2')
    assert shebao("evidence-check", "-", said=changed).exit_code == 1
    for odd in ("{", "[]", "null", "receipt: 1"):
        refused = shebao("evidence-check", "-", said=odd)
        assert refused.exit_code == 1
        assert "not what `shebao evidence` prints" in refused.output
    assert shebao("evidence", "20269999").exit_code == 1


def test_every_receipt_and_what_is_under_way_is_asked_of_the_bureau(
    resident: Resident, clerk: Clerk, store: RedisStore, shebao: Shebao
) -> None:
    resident.to_the_summary()
    resident.say("确认停用")
    (key,) = clerk.made(LOSS)
    lost = shebao("reconcile")
    assert lost.exit_code == 1
    assert f"DIFFERS    {RECEIPT['number']}" in lost.output
    assert "nothing under this key" in lost.output
    assert key in lost.output
    clerk.found = Result("done", {**RECEIPT, "number": "another"})
    assert "1 differ" in shebao("reconcile").output
    clerk.found = Result("done", RECEIPT)
    good = shebao("reconcile")
    assert good.exit_code == 0
    assert good.output == "1 receipts asked for: 0 differ, 0 not answered; 0 changes under way\n"
    other = moved(resident, resident.turns)
    other.openid = "o-another"
    other.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")]
    other.say("确认停用")
    assert "under way  -             card.report_loss" in shebao("reconcile").output


def test_a_dead_letter_is_under_way_for_whoever_asks(
    buggy: Resident, clerk: Clerk, store: RedisStore, shebao: Shebao
) -> None:
    """It may have been taken: a session without it would let the resident make the change once more."""
    assert f"under way  -             {LOSS}  {clerk.made(LOSS)[0]}" in shebao("reconcile").output
    held = json.loads(shebao("held", buggy.openid).output)
    assert [job["action"] for job in held["under_way"]] == [LOSS]
    owner = store.owner(buggy.openid)
    before = store.begin(owner, "").session
    assert shebao("reset", buggy.openid).exit_code == 0
    after = store.begin(owner, "").session
    assert before is not None
    assert after is not None
    assert after.calls.keys() == before.calls.keys()
    assert LOSS in shebao("forget", buggy.openid).output


def test_a_receipt_of_a_service_that_is_gone_hides_no_other(
    resident: Resident, clerk: Clerk, store: RedisStore, shebao: Shebao
) -> None:
    resident.to_the_summary()
    resident.say("确认停用")
    clerk.found = Result("done", RECEIPT)
    del shebao.services["card"]
    asked = shebao("reconcile")
    assert asked.exit_code == 1
    assert RECEIPT["number"] in asked.output
    assert "no longer has that service" in asked.output
    assert "1 receipts asked for: 0 differ, 1 not answered" in asked.output


def test_a_resident_is_handed_what_is_held_on_them(
    resident: Resident, store: RedisStore, shebao: Shebao
) -> None:
    resident.to_the_summary()
    asking = json.loads(shebao("held", resident.openid).output)
    assert "660101198001010018" in json.dumps(asking["session"])
    assert "session: answers, consents, what was looked up" in asking["held"]
    resident.say("确认停用")
    before = store.begin(store.owner(resident.openid), "").version
    done = json.loads(shebao("held", resident.openid).output)
    assert [row["receipt"] for row in done["evidence"]] == [RECEIPT["number"]]
    assert done["last_turns"]
    assert store.begin(store.owner(resident.openid), "").version == before, "it changes nothing"
    assert shebao("held", "o-nobody").exit_code == 1
    store.client.hset(store.owner(resident.openid).key("s", store.owner(resident.openid).tag), "d", b"broken")
    sealed = json.loads(shebao("held", resident.openid).output)
    assert "does not open" in sealed["session"], "it is not said to be nothing"
    assert [row["receipt"] for row in sealed["evidence"]] == [RECEIPT["number"]], "the rest is there"
