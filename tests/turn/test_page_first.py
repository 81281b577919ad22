"""What comes while the page is open is shown there first, pushed later; a receipt stands in the chat too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.engine.content import Content
from bot.engine.effects import Reply
from bot.engine.events import TextReceived
from bot.engine.view import View, view
from bot.page.screen import left_of
from bot.ports import Unknown
from bot.store.connect import server_time
from bot.store.packing import PAGE_FIRST
from bot.store.redis import RedisStore
from bot.turn.turns import Turns
from turn.kit import LOSS, Clerk, Mailbox, Resident, work


@pytest.fixture
def turns(make_turns: Callable[..., Turns]) -> Turns:
    return make_turns(can_push=True)


@pytest.fixture
def at_the_summary(resident: Resident, store: RedisStore) -> Resident:
    """Signed in by the chat, with the page open beside it."""
    resident.to_the_summary()
    store.looked(store.owner(resident.openid))
    return resident


def shown(store: RedisStore, content: Content, resident: Resident) -> View:
    session = store.begin(store.owner(resident.openid), "").session
    assert session
    return view(content, session, resident.at)


def press(store: RedisStore, content: Content, resident: Resident, label: str) -> Reply:
    """A button of the page."""
    seen = shown(store, content, resident)
    tap = next(option.tap for option in seen.options if option.label == label)
    event = TextReceived(resident.later(), 7, label, tap=tap, mark=seen.mark)
    return resident.send(event, f"page:{resident.openid}:{resident.at}")


def waiting(store: RedisStore, resident: Resident) -> list[Reply]:
    return list(store.begin(store.owner(resident.openid), "").outbox)


def due_in(store: RedisStore, resident: Resident) -> float:
    owner = store.owner(resident.openid)
    due = store.client.zscore(owner.key("due"), f"p:{owner.tag}")
    assert due is not None
    return due - server_time(store.client)


def test_a_receipt_of_the_page_stands_in_the_chat_too_once(
    at_the_summary: Resident, store: RedisStore, shipped: Content, mailbox: Mailbox
) -> None:
    resident = at_the_summary
    assert "【已停用】" in press(store, shipped, resident, "确认停用").text
    assert [reply.shown for reply in waiting(store, resident)] == [True]
    assert due_in(store, resident) > PAGE_FIRST - 10
    assert work(store, resident.turns, mailbox, "p") == 1
    assert mailbox.text.count("【已停用】") == 1
    assert "【已停用】" not in resident.say("天气不错").text


def test_whoever_writes_in_the_chat_before_that_is_told_it_there(
    at_the_summary: Resident, store: RedisStore, shipped: Content, mailbox: Mailbox
) -> None:
    resident = at_the_summary
    press(store, shipped, resident, "确认停用")
    assert resident.say("天气不错").text.startswith("【已停用】")
    assert work(store, resident.turns, mailbox, "p") == 0


def test_a_late_result_waits_for_the_page_which_takes_nothing_of_the_chats(
    at_the_summary: Resident, store: RedisStore, shipped: Content, clerk: Clerk, mailbox: Mailbox
) -> None:
    """What is done on the page next does not take it along: it is shown there as it stands."""
    resident = at_the_summary
    clerk.says[LOSS] = [Unknown("no answer")]
    press(store, shipped, resident, "确认停用")
    assert work(store, resident.turns, kinds="j") == 1
    (result,) = waiting(store, resident)
    assert result.text.startswith("【已停用】")
    assert due_in(store, resident) > PAGE_FIRST - 10
    mark = shown(store, shipped, resident).mark
    told = resident.send(TextReceived(resident.later(), 7, "帮助", tap="word", mark=mark), "page:next")
    assert "【已停用】" not in told.text
    assert waiting(store, resident) == [result]
    store.shown(store.owner(resident.openid), {result: left_of(result)})
    assert [reply.shown for reply in waiting(store, resident)] == [True], "the receipt stands in both"
    assert work(store, resident.turns, mailbox, "p") == 1
    assert mailbox.text.startswith("【已停用】")


def test_a_page_that_is_closed_meanwhile_loses_nothing(
    at_the_summary: Resident, store: RedisStore, shipped: Content, clerk: Clerk, mailbox: Mailbox
) -> None:
    """It was shown, as far as anybody can know, to nobody."""
    resident = at_the_summary
    clerk.says[LOSS] = [Unknown("no answer")]
    press(store, shipped, resident, "确认停用")
    work(store, resident.turns, kinds="j")
    assert work(store, resident.turns, mailbox, "p") == 1
    assert mailbox.text.startswith("【已停用】")


def test_without_a_page_nothing_waits_for_it(resident: Resident, store: RedisStore, clerk: Clerk) -> None:
    resident.to_the_summary()
    clerk.says[LOSS] = [Unknown("no answer")]
    resident.say("确认停用")
    work(store, resident.turns, kinds="j")
    assert due_in(store, resident) <= 1
