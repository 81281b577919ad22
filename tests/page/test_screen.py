"""One screen: what of an answer, and of what waits, is shown to whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, cast

from conftest import ROOT
from flask import g
from msgspec.structs import replace
from werkzeug.datastructures import MultiDict

from bot.app import Bot, create_app
from bot.content.load import load
from bot.engine.content import Content
from bot.engine.effects import Option, Reply
from bot.engine.events import TextReceived
from bot.engine.session import new
from bot.engine.view import NOTHING, QUESTION, Field, View
from bot.page import submits
from bot.page.rendering import Rendering
from bot.page.screen import Screen
from bot.page.visits import Visit
from bot.store.records import Snapshot

RECEIPT = Reply(text="【已停用】", says=("report_loss.done_temporary",))
LINKED = Visit("o", "a", run=7, flow="report_loss", delivery="d", at=100)
OVER = View(NOTHING, "m", "zh-CN")
ASKED = View(QUESTION, "m", "zh-CN", 7, "report_loss")


@cache
def content() -> Content:
    found = load(ROOT).content
    assert found
    return found


def screen(
    *waiting: Reply, visit: Visit = LINKED, reply: Reply | None = None, heard_at: int = 100, view: View = OVER
) -> Screen:
    session = replace(new(content(), 1, 1), heard_at=heard_at)
    return Screen(content(), visit, Snapshot(1, b"1", session, "answered", reply, waiting, 0), view)


def test_an_answer_goes_before_the_notice_that_there_was_none() -> None:
    """It was written after all: it counts as told, so it is shown."""
    shown = screen(visit=replace(LINKED, notice="这边现在查不了"), reply=RECEIPT)
    assert shown.tells
    assert shown.said == RECEIPT.text
    assert screen(visit=replace(LINKED, notice="这边现在查不了")).said == "这边现在查不了"


def test_what_leads_to_a_person_is_shown_whole() -> None:
    """A text of another flow beside it hides nothing."""
    says = ("report_loss.unfinished", "common.exhausted", "hand_off.connect")
    asked = View(QUESTION, "m", "zh-CN", 9, "hand_off")
    shown = screen(reply=Reply(text="您的卡还没有停", says=says), view=asked)
    assert "还没有停" in shown.said
    assert shown.person
    assert not shown.asks


def test_a_link_tells_nothing_of_later_runs_or_other_matters() -> None:
    """Its own result comes while it is open, or after its own last word."""
    assert screen(RECEIPT, heard_at=100).waiting == (RECEIPT.text,)
    assert screen(RECEIPT, heard_at=101, view=ASKED).waiting == (RECEIPT.text,)
    assert screen(RECEIPT, heard_at=101).waiting == ()
    for says in (
        ("common.my_data",),
        ("report_loss.done_temporary", "common.my_data"),
        ("card_status.normal",),
    ):
        assert screen(Reply(text="别的事", says=says), view=ASKED).waiting == ()
    result = Reply(text="结果是：已停用", says=("common.result", "report_loss.done_temporary"))
    assert screen(result, view=ASKED).waiting == (result.text,)


def test_who_is_known_sees_everything() -> None:
    data = Reply(text="留着的信息", says=("common.my_data",))
    assert screen(data, visit=Visit("o", "a"), heard_at=101).waiting == (data.text,)


def test_what_the_bureau_reports_is_shown_to_its_resident_and_on_no_forwarded_link() -> None:
    news = Reply(text="【可以领】", says=("application_news.ready",))
    assert screen(news, visit=Visit("o", "a"), heard_at=101).waiting == (news.text,)
    assert screen(news, view=ASKED).waiting == ()


def test_nothing_is_under_way_without_a_call() -> None:
    """The process that had it died, and a worker has told what came of it."""
    shown = screen(RECEIPT)
    shown = replace(shown, begun=replace(shown.begun, delivery="pending"))
    assert not shown.under_way
    assert shown.waiting


def test_what_was_typed_belongs_to_the_question_that_the_page_showed() -> None:
    """The chat may have gone on to the next one meanwhile."""
    sent = submits.Submit("0" * 32, "0" * 16, {"slot": "id_number", "text": "660101", "run": "3"})
    seen = View(QUESTION, "1" * 16, "zh-CN", slot="name")
    assert submits.typed(sent, seen, ()).values == {"id_number": "660101"}


def test_of_a_choice_the_button_counts_and_no_slot_is_a_part_of_an_address() -> None:
    names = {"nonce": "0" * 32, "mark": "0" * 16}
    typed = [("f.number", "AB12"), ("o.how", "寄"), ("o.how", "再想想"), ("o.street", "x")]
    home = [("f.home.number", "12号"), ("f.home.region", "平安区"), ("f.home.street", "和平路")]
    read = submits.read(MultiDict([*names.items(), *typed, *home]))
    assert read
    assert read.form == names | {
        "f.number": "AB12",
        "o.how": "再想想",
        "o.street": "x",
        "f.home": "平安区和平路12号",
    }


def test_what_was_filled_in_with_a_consent_answers_no_other_question() -> None:
    asked = Field("id_number", "id_number", "号码？")
    before = View(QUESTION, "0" * 16, "zh-CN", 7, options=(Option("同意", "yes"),), ahead=(asked,))
    sent = submits.Submit("0" * 32, before.mark, {"tap": "yes", "f.id_number": "660101198001010018"})
    then = View(QUESTION, "1" * 16, "zh-CN", 7, type="image", slot="household")
    assert submits.event_ahead(sent, before, then, content(), 1, 1) is None
    then = replace(then, type="id_number", slot="id_number")
    assert isinstance(submits.event_ahead(sent, before, then, content(), 1, 1), TextReceived)


def test_a_search_leaves_the_answers_that_are_no_entry() -> None:
    entries = [Option(f"{n}号网点", f"t{n}", n) for n in range(1, 12)]
    view = replace(ASKED, options=(*entries, Option("都不方便", "none")))
    shown = screen(view=view, visit=replace(LINKED, find=("m", "3号"))).options
    assert [option.label for option in shown] == ["3号网点", "都不方便"]


def test_only_entries_are_searched_and_what_leads_away_is_a_button(make_bot: Callable[..., Bot]) -> None:
    bot, nobody = make_bot(page="link", public_url="http://127.0.0.1/wechat"), cast("Any", None)

    def html(view: View) -> str:
        with create_app(bot).test_request_context("/card"):
            g.language, g.name = "zh", ""
            shown = {"screen": screen(view=view), "view": view, "nonce": "0", "picture": False}
            return Rendering(bot, nobody).page("page.html", **shown)

    entries = [Option(f"{n}号网点", f"t{n}", n) for n in range(1, 12)]
    assert html(replace(ASKED, options=(*entries, Option("都不方便", "none")))).count("data-listed") == 11
    how = Field("how", "choice", "怎么办？", options=("寄", "自己拿", "再想想"), leaving=("再想想",))
    form = html(replace(ASKED, fields=(how, Field("who", "name", "谁？"))))
    assert re.findall(r'type="radio"[^>]* value="([^"]*)"', form) == ["寄", "自己拿"]
    assert re.findall(r'<button class="choice" name="o.how" value="([^"]*)"', form) == ["再想想"]
