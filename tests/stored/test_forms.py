"""What this release writes: small once everybody reads that, and until then as releases before it read."""

import base64
import json
from typing import Any

import pytest
from phone import Phone

from bot.app import Bot
from bot.engine.effects import Call, Reply
from bot.engine.session import SCHEMA, Frame, Session, read
from bot.store.fleet import KEY, Fleet
from bot.store.forms import PACKED
from bot.store.records import Job

PACKED_ONCE = (
    "ehWMsQ6DMAxE/8UzDF1aibV7fwAhZIghESSOnKCqRfx7r5N99/TuJM2SgqOOtI3spD0yNVSklKCJupMmNVya0O6c1oNXQfz69vlCtRhHKdT1Jy27vkFMsloddy0F3A7ItzsWq2TQ2cu8/ad0hdTTFpJDrBJhsX1oGK6hIS9sbuQK9wEXVmT81/UD",
    "ZENOt7q5iSmpusCAwJZ+k7AnXuKSrBlGkoUlVCwpBuRRVF8huRcA",
)


def kept(phone: Phone, bot: Bot) -> bytes:
    owner = bot.store.owner(phone.openid)
    held: Any = bot.client.hget(owner.key("s", owner.tag), "d")
    return bytes(held)


def at_the_summary(phone: Phone) -> None:
    phone.tap("挂失停用")
    phone.sign_in()
    phone.choose("先停用")
    assert "确认停用" in phone.bubble.answers


def test_a_session_at_the_summary_is_small(phone: Phone, bot: Bot) -> None:
    at_the_summary(phone)
    assert len(kept(phone, bot)) <= 300


@pytest.mark.parametrize(("read_by_all", "form"), [(0, b"{"), (1, b"z"), (2, b"d"), (3, b"d")])
def test_it_is_written_in_the_newest_form_that_all_processes_read(
    phone: Phone, bot: Bot, read_by_all: int, form: bytes
) -> None:
    """And each form is read: the conversation goes on."""
    phone.tap("挂失停用")
    phone.sign_in()
    Fleet(bot.client, bot.store.seal, {"session": 1, "job": 1, PACKED: read_by_all}).say()
    bot.store.fleet.say()
    phone.choose("先停用")
    assert bot.store.seal.open(kept(phone, bot), bot.store.owner(phone.openid).tag)[:1] == form
    assert "【已停用】" in phone.say("确认停用")


@pytest.mark.parametrize("packed", PACKED_ONCE)
def test_what_was_packed_once_is_read_for_ever(bot: Bot, packed: str) -> None:
    sealed = bot.store.seal.seal(base64.b64decode(packed), "tag")
    session = bot.store.forms.session("tag", sealed)
    assert (session.born, session.language, session.heard_at) == ("b", "zh-CN", 17)
    assert session.frames == (Frame("report_loss", 16, "check", answers=(("kind", "temporary"),)),)


@pytest.mark.parametrize("announced", [True, False])
def test_it_is_plain_json_while_a_process_may_live_that_reads_nothing_else(
    phone: Phone, bot: Bot, announced: bool
) -> None:
    """A release that does not announce itself left the store behind, or is still there for a while."""
    if announced:
        Fleet(bot.client, bot.store.seal, {"session": 1, "job": 1}).say()
        bot.store.fleet.say()
    else:
        bot.client.delete(KEY)
        bot.store.check()
    at_the_summary(phone)
    owner = bot.store.owner(phone.openid)
    found = json.loads(bot.store.seal.open(kept(phone, bot), owner.tag))
    assert found["session"]["schema"] == SCHEMA == 1
    assert found["openid"] == phone.openid


def test_what_the_release_before_misses_is_always_written(bot: Bot) -> None:
    """It takes no session or job without its schema, and no reply without its lists."""
    owner = bot.store.owner("o-made-up")
    job = Job(Call("c", "card.find", {}, False, "k", "f", "s", 1), "o-made-up", "gh", "d", 1, 1)
    for value, names in (
        (Session("b", "en"), {"schema"}),
        (job, {"schema", "call", "openid", "account", "delivery", "at", "begun"}),
        (Reply(), {"options", "says"}),
    ):
        assert names <= bot.store.forms.open(owner, bot.store.forms.sealed(owner, value)).keys()


@pytest.mark.parametrize("raw", [None, 7, [], {}, {"born": 1}, {"born": "b", "language": "en", "frames": 3}])
def test_what_is_no_session_is_refused(raw: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(raw)
