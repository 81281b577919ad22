"""What this release writes: small once everybody reads that, and until then as releases before it read."""

import json
from typing import Any

import pytest
from phone import Phone

from bot.app import Bot
from bot.engine.effects import Call, Reply
from bot.engine.session import SCHEMA, Session, read
from bot.store.fleet import KEY, Fleet
from bot.store.records import Job


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
    assert len(kept(phone, bot)) <= 600


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
