"""A draft on an operator's own WeChat: marked, apart from what is real, and ended in many ways."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from moment import NOW
from phone import Phone

from bot.app import Bot, create_app
from bot.kit.wechat import Bubble
from bot.store.drafts import Draft, Drafts, drafted
from bot.store.trials import LASTS, TOLD, Trials
from web.operator import USERS, Operator, written
from web.town import copied

WORDS, OLD, NEW = "messages/zh-CN/sign_in.yaml", "先核对您是本人", "先让我们看看您是不是本人"
MARK = "【试用】"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copied(tmp_path)


@pytest.fixture
def bot(make_bot: Callable[..., Bot], root: Path) -> Bot:
    """Its bureau is at an address where nobody answers: only a stub can."""
    return make_bot(root, console_users=USERS, card="http://127.0.0.1:9/", real_name="http://127.0.0.1:9/")


@pytest.fixture
def app(bot: Bot) -> Flask:
    return create_app(bot)


def draft_of(bot: Bot, new: str = NEW, on: Draft | None = None) -> Draft:
    served = bot.revisions.now.files
    changed = served[WORDS].decode().replace(OLD, new).encode()
    drafts = Drafts(bot.client, bot.store.seal)
    drafts.keep(drafted("ed", NOW, served, {**served, WORDS: changed}, on))
    return drafts.all()[0]


def kept(bot: Bot) -> Mapping[bytes, object]:
    """All that is kept but the console's own."""
    keys = [key for key in bot.client.keys("*") if not key.startswith((b"console:", b"sb:fleet"))]
    return {key: bot.client.dump(key) for key in keys}


def begun(app: Flask, bot: Bot, draft: Draft) -> Phone:
    digits = Trials(bot.client, bot.store.seal).word(draft.id, "ed")
    phone = Phone(app.test_client(), bot)
    assert "试用开始" in phone.say(f"试用{digits}").text
    return phone


def say(phone: Phone, text: str) -> Bubble:
    """Once more while the draft is being prepared, as the answer asks for."""
    while "还在准备" in (bubble := phone.say(text)).text:
        assert bubble.text.startswith(MARK)
    return bubble


def test_a_word_begins_a_trial_once_and_only_within_its_time(app: Flask, bot: Bot) -> None:
    draft, trials = draft_of(bot), Trials(bot.client, bot.store.seal)
    digits = trials.word(draft.id, "ed")
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in digits)
    phone = Phone(app.test_client(), bot)
    first = phone.say(f" 試用 {wide}。")
    assert first.text.startswith(f"{MARK}试用开始")
    assert "ed的草稿" in first.text
    assert "结束试用" in first.text, "it says how the real service is reached"
    assert phone.again().text == first.text, "WeChat repeats what it got no answer to"
    other = Phone(app.test_client(), bot, "李小芳")
    assert MARK not in other.say(f"试用{digits}").text
    assert MARK not in other.say("试用00000000").text
    (one,) = trials.all()
    assert (one.by, one.draft, one.ended) == ("ed", draft.id, "")
    assert bot.client.ttl(next(iter(bot.client.keys("console:trial-word:*")), "none")) <= 600
    assert all(digits.encode() not in key for key in bot.client.keys("*"))


def test_a_trial_ends_by_a_word_and_the_service_answers_again(app: Flask, bot: Bot) -> None:
    phone = begun(app, bot, draft_of(bot))
    ended = phone.say("结束试用。")
    assert ended.text.startswith(f"{MARK}试用结束了")
    assert phone.again().text == ended.text
    assert MARK not in phone.say("帮助").text
    assert Trials(bot.client, bot.store.seal).all() == []
    assert bot.client.keys("console:trial:*") == []


OVER = {"time": "时间到了", "console": "控制台", "gone": "发布或者丢掉", "overtaken": "别人也改过"}


@pytest.mark.parametrize(
    "why",
    ["time", "console", "gone", pytest.param("overtaken", marks=pytest.mark.slow)],  # it publishes
)
def test_a_trial_that_ended_by_itself_is_told_before_anything_is_real(app: Flask, bot: Bot, why: str) -> None:
    """What was written to the draft is never taken for an answer to the service."""
    draft = draft_of(bot)
    phone, before = begun(app, bot, draft), kept(bot)
    if why == "time":
        phone.wait(LASTS)
    elif why == "console":
        (one,) = Trials(bot.client, bot.store.seal).all()
        ed = Operator(app, "ed", "zh")
        assert "试用结束了" in ed.send("drafts/trial/end", id=draft.id, trial=one.id).text
        assert "没有人在试用" in ed.see(f"drafts/{draft.id}/trial")
        assert ("ed", "end_trial", f"{draft.id} ed", "done") in written(bot)
    elif why == "gone":
        Drafts(bot.client, bot.store.seal).drop(draft)
    else:
        served = bot.revisions.now.files
        changed = {**served, WORDS: served[WORDS].replace(OLD.encode(), "先核一下".encode())}
        bot.revisions.publish(changed, "anna")
        before = kept(bot)
    told = phone.say("确认停用")
    assert told.text.startswith(MARK)
    assert OVER[why] in told.text
    assert "没有交给真的服务" in told.text
    assert phone.again().text == told.text
    assert kept(bot) == before
    assert MARK not in phone.say("帮助").text


def test_a_trial_costs_nobody_else_anything(app: Flask, bot: Bot) -> None:
    def looks() -> int:
        stats: Mapping[str, Any] = bot.client.info("commandstats")  # type: ignore[assignment]
        return sum(stats[name]["calls"] for name in stats if name in ("cmdstat_hget", "cmdstat_hgetall"))

    other, costs = Phone(app.test_client(), bot, "李小芳"), []
    other.say("帮助")
    for begins in (False, True):
        if begins:
            begun(app, bot, draft_of(bot))
        before = looks()
        assert MARK not in other.say("帮助").text
        costs.append(looks() - before)
    assert costs[0] == costs[1]


def test_long_after_its_end_nobody_is_told_any_more(app: Flask, bot: Bot) -> None:
    phone = begun(app, bot, draft_of(bot))
    phone.wait(LASTS + TOLD + 1)
    assert MARK not in phone.say("帮助").text


def test_who_unfollows_leaves_the_trial_and_the_service_hears_of_it(app: Flask, bot: Bot) -> None:
    phone = Phone(app.test_client(), bot)
    phone.say("帮助")
    assert bot.client.keys("sb:*:s:*")
    digits = Trials(bot.client, bot.store.seal).word(draft_of(bot).id, "ed")
    phone.say(f"试用{digits}")
    phone.event("unsubscribe")
    assert bot.client.keys("sb:*:s:*") == []
    assert Trials(bot.client, bot.store.seal).all() == []


@pytest.mark.slow  # answers in a process that has to be started
def test_nothing_of_a_trial_reaches_the_bureau_or_what_is_kept_of_residents(
    app: Flask, bot: Bot, capfd: pytest.CaptureFixture[str]
) -> None:
    draft = draft_of(bot)
    ed, bo = Operator(app, "ed", "zh"), Operator(app, "bo", "zh")
    assert "在自己的微信上试" in ed.see(f"drafts/{draft.id}")
    assert bo.client.get(f"/console/drafts/{draft.id}/trial").status_code == 403
    assert bo.send("drafts/trial", id=draft.id).status_code == 403
    while 'id="word"' not in (shown := ed.send("drafts/trial", id=draft.id).text):
        assert "请过一会儿" in shown
    (digits,) = re.findall(r'id="word">试用(\d{8})<', shown)
    phone = Phone(app.test_client(), bot)
    assert phone.person.id_number in shown
    real = phone.say("帮助").text
    before = kept(bot)

    bubbles = [phone.say(f"试用{digits}"), say(phone, "挂失")]
    assert NEW in bubbles[-1].text
    assert phone.again().text == bubbles[-1].text
    bubbles += [say(phone, text) for text in ("同意", phone.person.id_number, phone.person.name)]
    bubbles += [say(phone, phone.bubble.code), say(phone, "1"), say(phone, "确认停用")]
    assert re.search(r"(受理号|回执)", bubbles[-1].text), bubbles[-1].text
    assert all(bubble.text.startswith(MARK) for bubble in bubbles)
    assert [bubble.text.count(MARK) for bubble in bubbles] == [1] * len(bubbles)

    person = say(phone, "人工")
    assert person.kind == "text", "no real person is called"
    for asked in (person, say(phone, "删除我的信息")):
        assert asked.text.startswith(MARK)
        assert "先回复“结束试用”" in asked.text
    assert kept(bot) == before
    assert phone.person.id_number not in capfd.readouterr().err
    sealed = [bot.client.dump(key) for key in bot.client.keys("console:*")]
    assert all(phone.person.id_number.encode() not in value for value in sealed)

    say(phone, "结束试用")
    assert phone.say("帮助").text == real
    assert "删除" in phone.say("删除我的信息").text


@pytest.mark.slow  # as above
def test_a_trial_goes_on_with_what_the_draft_became_and_ends_where_it_breaks(app: Flask, bot: Bot) -> None:
    draft = draft_of(bot)
    phone = begun(app, bot, draft)
    assert NEW in say(phone, "挂失").text
    draft = draft_of(bot, "核对一下您是不是本人", draft)
    changed = say(phone, "再说一遍").text
    assert "草稿刚才改过" in changed
    assert "核对一下您是不是本人" in changed
    assert "草稿刚才改过" not in say(phone, "再说一遍").text
    draft_of(bot, "{person.colour}", draft)
    told = say(phone, "同意").text
    assert told.startswith(MARK)
    assert "检查通不过" in told
    assert MARK not in phone.say("帮助").text


@pytest.mark.slow  # as above
def test_whatever_a_resident_can_do_a_trial_answers_in_the_language_of_its_word(app: Flask, bot: Bot) -> None:
    digits = Trials(bot.client, bot.store.seal).word(draft_of(bot).id, "ed")
    phone, mark = Phone(app.test_client(), bot), "[Trial] "
    before = kept(bot)
    assert phone.say(f"Trial {digits}").text.startswith(f"{mark}The trial begins")
    while "being prepared" in phone.say("English").text:
        continue
    shown = [
        phone.tap("挂失停用"),
        phone.voice("where can I go"),
        phone.location(30.25, 120.16),
        phone.image(),
        phone.event("subscribe"),
    ]
    assert all(bubble.text.startswith(mark) for bubble in shown), shown
    assert phone.event("VIEW", EventKey="https://example.org/").kind == "nothing"
    assert phone.say("end trial").text.startswith(f"{mark}The trial has ended")
    assert kept(bot) == before
