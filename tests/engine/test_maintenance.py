"""Services that are switched off: told before anything is asked for, in every shipped flow."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from bot.actions import FREEZE, TELL, switches
from bot.content.load import load
from bot.engine.content import Content
from bot.engine.events import Event, Maintenance, TimePassed
from bot.engine.view import view

from .kit import MONDAY, ROOT, Talk

HOUR = 3600


@pytest.fixture(scope="module")
def shipped() -> Content:
    content = load(ROOT).content
    assert content is not None
    return content


class Closed(Talk):
    """A talk while something is switched off."""

    off: Sequence[Maintenance] = ()

    def hear(self, event: Event) -> str:
        return super().hear(replace(event, maintenance=tuple(self.off)))


def off(service: str, since: int = 0, until: int = 0) -> Maintenance:
    return Maintenance(service, switches()[service], since, until)


def closed(content: Content, *planned: Maintenance) -> Closed:
    talk = Closed(content)
    talk.off = planned
    return talk


def test_what_protects_a_card_and_what_is_ours_cannot_be_switched_off() -> None:
    every = {action for actions in switches().values() for action in actions}
    assert not every & {FREEZE, TELL, "outlets.near"}
    assert {"card", "real_name", "photos", "card.report_loss"} <= switches().keys()
    assert {"real_name.match_face", "real_name.read_document", "card.apply"} <= {*switches()["photos"]}


@pytest.mark.parametrize("service", ["card", "real_name"])
def test_no_flow_asks_for_anything_that_it_cannot_use(shipped: Content, service: str) -> None:
    """The first answer says what is off; flows that need nothing of it are begun as ever."""
    needy = {name for name, flow in shipped.flows.items() if _needs(shipped, name, switches()[service])}
    assert "report_loss" in needy
    for name, flow in shipped.flows.items():
        if flow.by_time:
            continue
        talk = closed(shipped, off(service))
        text = talk.menu(f"flow.{name}")
        assert ("common.maintenance" in talk.said) == (name in needy), (name, talk.said)
        if name in needy:
            assert "12333" in text
            assert not talk.session.frames
            assert not talk.calls
            assert {"附近网点", "找工作人员"} <= {o.label for o in talk.options}


def _needs(content: Content, name: str, actions: Sequence[str]) -> bool:
    """By the flow alone: it, or what it requires, calls one of them."""
    flow = content.flows[name]
    return any(s.port in actions for s in flow.steps.values()) or any(
        _needs(content, above, actions) for above in flow.requires
    )


def test_a_lost_card_is_told_hotline_and_bank_at_once(shipped: Content) -> None:
    talk = closed(shipped, off("card", until=MONDAY + 2 * HOUR))
    text = talk.say("卡丢了")
    assert text.startswith("在这里卡还没有停用，着急请马上打12333")
    assert "预计12:00结束" in text
    assert "发卡银行" in text


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (MONDAY + HOUR, "预计11:00结束"),
        (MONDAY + 20 * HOUR, "预计2026年11月24日（周二） 6:00结束"),
        (0, "什么时候结束还没有定"),
    ],
)
def test_until_when_is_said_as_far_as_it_is_known(shipped: Content, until: int, words: str) -> None:
    assert words in closed(shipped, off("card", until=until)).say("查进度")


def test_the_longest_of_several_counts(shipped: Content) -> None:
    planned = off("card", until=MONDAY + HOUR), off("real_name", until=MONDAY + 2 * HOUR)
    assert "预计11:00" in closed(shipped, planned[0]).say("查进度")
    assert "还没有定" in closed(shipped, planned[0], off("card.applications")).say("查进度")
    assert "maintenance" not in closed(shipped, off("card", until=MONDAY)).say("查进度"), "it is over"


def test_before_it_begins_one_is_told_to_finish_in_time(shipped: Content) -> None:
    assert "系统10:20起要维护" in closed(shipped, off("card", MONDAY + 1200)).say("卡丢了")
    talk = closed(shipped, off("card", MONDAY + 2 * HOUR))
    assert talk.said == []
    talk.say("卡丢了")
    assert talk.said == ["sign_in.privacy"], "too far away to matter"


def test_at_an_open_question_nothing_more_is_asked(shipped: Content) -> None:
    """Whoever was asked for the ID number when it happened is told at their next message, not after more."""
    talk = closed(shipped)
    talk.say("卡丢了", "同意，继续")
    assert "sign_in.id_number.ask" in talk.said
    talk.off = [off("card")]
    talk.say("660101198001010018")
    assert talk.said == ["report_loss.unfinished", "common.maintenance", "report_loss.meanwhile"]
    assert "66010119" not in str(talk.session)


def test_after_it_what_was_answered_goes_on(shipped: Content) -> None:
    talk = signed_in(shipped)
    talk.say("卡丢了")
    talk.answer("found", CARD)
    talk.say("2")
    talk.off = [off("card")]
    talk.say("1")
    assert "common.maintenance" in talk.said
    talk.say("继续")
    assert "common.maintenance" in talk.said, "still"
    talk.off = []
    talk.say("继续")
    talk.answer("found", CARD)
    assert "face_check.face" in talk.said, "neither the kind nor the reason is asked again"


def test_a_way_around_it_is_taken(shipped: Content) -> None:
    """Without photos a card can be blocked for some days; the formal report says so and leads there."""
    talk = signed_in(shipped)
    talk.off = [off("photos")]
    talk.say("卡丢了")
    talk.answer("found", CARD)
    talk.say("2", "1")
    assert "report_loss.temporary_instead" in talk.said
    assert talk.stack == ["report_loss"]
    assert "face_check.face" not in talk.said


@pytest.mark.parametrize(
    ("flow", "action", "card", "served"),
    [
        ("e_card", "card.issue_e_card", {"e_card": "issued"}, "e_card.has_one"),
        ("e_card", "card.issue_e_card", {"e_card": "none"}, ""),
        ("cancel_loss", "card.cancel_loss", {"state": "normal"}, "cancel_loss."),
        ("cancel_loss", "card.cancel_loss", {"state": "temporary_loss"}, ""),
        ("reissue", "photos", {"application": {"number": "2026"}}, "reissue."),
        ("reissue", "photos", {}, ""),
    ],
)
def test_who_needs_nothing_of_it_is_served(
    shipped: Content, flow: str, action: str, card: dict[str, object], served: str
) -> None:
    """Signed in, the card is looked up before anybody is sent away; nothing is asked in vain."""
    talk = signed_in(shipped)
    talk.off = [off(action)]
    talk.menu(f"flow.{flow}")
    talk.answer("found", CARD | card)
    said = talk.said
    assert ("common.maintenance" in said) == (not served), said
    assert not [name for name in said if name in ("common.broken", "common.maintenance_soon")]
    assert any(name.startswith(served or "common.maintenance") for name in said), said


def test_an_outcome_is_told_before_anything_else(shipped: Content) -> None:
    """What was under way when it happened: done, or refused, is said as ever."""
    for outcome in ("done", "already", "refused"):
        talk = submitted(shipped)
        talk.off = [off("card")]
        talk.answer(outcome, LOSS)
        assert not [name for name in talk.said if name.startswith("common.maintenance")], talk.said
        assert any(name.startswith("report_loss.") for name in talk.said)


def test_unavailable_is_explained_where_it_comes_of_the_maintenance(shipped: Content) -> None:
    talk = signed_in(shipped)
    talk.say("卡丢了")
    call = talk.call.id
    talk.off = [off("card")]
    talk.answer("unavailable", call=call)
    assert "common.maintenance" in talk.said
    assert "report_loss.down" not in talk.said


def test_questions_and_a_person_are_answered_as_ever(shipped: Content) -> None:
    talk = closed(shipped, off("card"), off("real_name"))
    talk.say("社保卡有什么用")
    assert talk.said == ["page.use"]
    talk.say("人工")
    assert "hand_off.connect" in talk.said


def test_what_time_begins_waits_until_after_it(shipped: Content) -> None:
    talk = submitted(shipped)
    talk.answer("done", LOSS)
    (plan,) = talk.session.scheduled
    talk.off = [off("card", until=plan.at + 14 * HOUR)]
    talk.hear(TimePassed(plan.at))
    assert not talk.calls
    (moved,) = talk.session.scheduled
    assert moved.at == plan.at + 24 * HOUR, "the next morning"
    assert moved.given == plan.given
    talk.hear(TimePassed(moved.at))
    assert talk.call.action == "card.recheck"


def test_the_page_says_what_a_change_waits_for(shipped: Content) -> None:
    talk = submitted(shipped)
    shown = view(shipped, talk.session, talk.at, maintenance=(off("card", until=MONDAY + HOUR),))
    assert shown.texts == (
        "系统在维护，预计11:00结束，结束以后才知道结果。我们接着办，您不用重复办。着急请打12333。",
    )


CARD = {
    "id": "card-1",
    "holder": "张三",
    "number": "1234",
    "state": "normal",
    "e_card": "issued",
    "pin_locked": "no",
    "expired": "no",
    "bank": "清风银行",
}
LOSS = {
    "number": "2026",
    "kind": "temporary",
    "until": "2026-11-30",
    "bank_name": "清风银行",
    "bank_phone": "95000",
}


def signed_in(content: Content) -> Closed:
    talk = closed(content)
    talk.say("登录", "同意，继续", "660101198001010018", "张三")
    talk.say(talk.session.frames[-1].code)
    talk.answer("match", {"age_group": "adult"})
    return talk


def submitted(content: Content) -> Closed:
    talk = signed_in(content)
    talk.say("卡丢了")
    talk.answer("found", CARD)
    talk.say("1")
    talk.tap("确认停用")
    assert isinstance(talk.call.id, str)
    return talk
