"""The console's pages: what they show, what they change, what they keep to themselves."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, settings
from conversations.kit import weekday_at
from flask import Flask
from store.copies import beat
from turn.kit import Overtaken

from bot.app import Bot, create_app, create_bot
from web.operator import USERS, Operator, written
from web.town import FakeMenu, connected, copied, dead_letter, report_loss


@pytest.fixture
def bot(console_bot: Bot) -> Bot:
    return console_bot


@pytest.fixture
def anna(console_app: Flask) -> Operator:
    return Operator(console_app)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copied(tmp_path)


# --- jobs ----------------------------------------------------------------------------------------
def test_a_dead_letter_is_shown_and_tried_again(bot: Bot, anna: Operator) -> None:
    id_ = dead_letter(bot)
    page = anna.see("jobs")
    assert id_ in page
    assert "card.report_loss" in page
    assert "ZeroDivisionError" in page
    assert "1 stuck" in anna.see()
    answer = anna.send("jobs/retry", id=id_)
    assert "will be tried again" in answer.text
    assert bot.store.jobs.dead() == []
    assert bot.store.jobs.waiting().due == 1
    assert written(bot) == [("anna", "retry", id_, "done")]


def test_all_dead_letters_at_once(bot: Bot, anna: Operator) -> None:
    ids = {dead_letter(bot), dead_letter(bot, "没办成")}
    anna.send("jobs/retry", id="all")
    assert bot.store.jobs.dead() == []
    assert {about for _, _, about, _ in written(bot)} == ids


def test_a_dead_letter_is_ended_only_with_what_the_bureau_says(bot: Bot, anna: Operator) -> None:
    """An outcome of the action's, and the word that the bureau was asked; the resident is told."""
    id_ = dead_letter(bot)
    assert re.search(r"[\w-]{22}\.\S+", anna.see("jobs")), "the key to ask the bureau for"
    for fields in ({"outcome": "lovely", "asked": "yes"}, {"outcome": "unavailable"}, {"asked": "yes"}):
        assert anna.send("jobs/drop", id=id_, **fields).status_code == 400
    assert written(bot) == []
    answer = anna.send("jobs/drop", id=id_, outcome="unavailable", asked="yes")
    assert answer.status_code == 409
    assert "system does not say so" in answer.text, "the report was taken, and only its answer was lost"
    assert [letter.member for letter in bot.store.jobs.dead()] == [f"j:{id_}"]
    answer = anna.send("jobs/drop", id=id_, outcome="done", asked="yes")
    assert "the resident is told" in answer.text
    assert bot.store.jobs.dead() == []
    assert written(bot) == [
        ("anna", "drop", f"{id_} card.report_loss: done", "done"),
        ("anna", "drop", f"{id_} card.report_loss: unavailable", "failed: NotConfirmed"),
    ]
    assert anna.send("jobs/drop", id=id_, outcome="done", asked="yes").status_code == 404


def test_a_letter_that_somebody_tried_again_meanwhile_is_not_said_to_be_ended(
    bot: Bot,
) -> None:
    id_ = dead_letter(bot, "没办成")
    anna = Operator(create_app(replace(bot, store=Overtaken(bot.client, bot.store.seal))))
    answer = anna.send("jobs/drop", id=id_, outcome="unavailable", asked="yes")
    assert answer.status_code == 409
    assert "Somebody changed it meanwhile" in answer.text
    assert written(bot) == [("anna", "drop", f"{id_} card.report_loss: unavailable", "failed: Conflict")]


def test_a_letter_whose_key_is_missing_is_kept(bot: Bot) -> None:
    id_ = dead_letter(bot)
    bot.client.delete("sb:fleet")  # or it would not start
    keys = ("ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=",)
    other = create_bot(ROOT, settings(bot.settings.redis_url, console_users=USERS, seal_keys=keys), bot.now)
    anna = Operator(create_app(other))
    assert "cannot be opened" in anna.see("jobs")
    assert anna.send("jobs/drop", id=id_).status_code == 409
    assert len(other.store.jobs.dead()) == 1


def test_a_damaged_letter_can_only_be_removed(bot: Bot, anna: Operator) -> None:
    id_ = dead_letter(bot)
    (letter,) = bot.store.jobs.dead()
    bot.client.hset(
        f"sb:{{s{letter.shard}}}:j:{id_}", "d", letter.sealed[:-1] + bytes([letter.sealed[-1] ^ 1])
    )
    assert "damaged" in anna.see("jobs")
    assert "Removed" in anna.send("jobs/drop", id=id_).text
    assert bot.store.jobs.dead() == []


def test_a_store_that_came_back_empty_is_said_above_every_page(make_bot: Callable[..., Bot]) -> None:
    bot = make_bot(console_users=USERS)
    anna = Operator(create_app(bot))
    beat(bot.store)
    assert "came back empty" not in anna.see("jobs")
    bot.client.delete("sb:{s3}:life")
    for page in ("jobs", "revisions"):
        assert "came back empty" in anna.see(page)


# --- residents -----------------------------------------------------------------------------------
def test_a_resident_is_found_by_openid_and_by_receipt_number(bot: Bot, anna: Operator) -> None:
    """Masked; neither openid nor number nor words stand in the page, and the look is recorded."""
    phone, receipt = report_loss(bot)
    assert receipt
    tag = bot.store.owner(phone.openid).tag
    for asked in (phone.openid, receipt):
        page = anna.send("resident", asked=asked).text
        assert tag in page
        assert "Lost card" in page
        assert "卡丢了" in page, "the resident's own words"
        assert "sign_in.id_number" not in page.rpartition("</details>")[2], "titles, not ids"
        assert "ID number" in page
        for secret in (phone.openid, phone.person.id_number, phone.person.name):
            assert secret not in page
    assert "card.report_loss" in page
    assert "&#34;signature&#34;" in page
    assert written(bot) == [("anna", "look", tag, "done")] * 2


def test_a_session_that_does_not_open_hides_nothing_else(bot: Bot, anna: Operator) -> None:
    phone, receipt = report_loss(bot)
    owner = bot.store.owner(phone.openid)
    bot.client.hset(owner.key("s", owner.tag), "d", b"broken")
    for asked in (phone.openid, receipt):
        page = anna.send("resident", asked=asked).text
        assert "cannot be opened" in page
        assert receipt in page
        assert "卡丢了" in page, "the resident's own words"
    assert written(bot)[0][2] == owner.tag


def test_staff_see_where_a_resident_stood_and_the_last_receipt(bot: Bot) -> None:
    phone, receipt = report_loss(bot, at=weekday_at(1, 10))
    phone.say("附近网点")
    phone.say("人工")
    phone.tap("接通")
    assert phone.bubble.kind == "person"
    app = create_app(replace(bot, now=lambda: phone.at))
    page = re.sub(r"<[^>]+>|\s+", " ", Operator(app, "anna", "zh").send("resident", asked=phone.openid).text)
    page = " ".join(page.split())
    assert "停在 找工作人员" in page
    assert "还没办完的 附近网点 · 您在哪里" in page
    assert "人工接待到" in page
    assert page.index(f"受理号：{receipt}") < page.index("最近的对话"), "told at the top"


def test_nothing_personal_travels_in_an_address_or_a_log(
    bot: Bot, anna: Operator, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    phone, receipt = report_loss(bot)
    with caplog.at_level(logging.DEBUG):
        answer = anna.send("resident", asked=phone.openid)
        assert answer.request.query_string == b""
        assert anna.client.get(f"/console/resident?asked={receipt}").text.count(receipt) == 0
    assert phone.openid not in caplog.text + capsys.readouterr().err
    assert phone.openid.encode() not in b"".join(bot.client.lrange("console:audit", 0, -1))


def test_whoever_may_only_read_may_look(bot: Bot) -> None:
    phone, _ = report_loss(bot)
    page = Operator(create_app(bot), "bo").send("resident", asked=phone.openid).text
    assert "Lost card" in page


@pytest.mark.parametrize("asked", ["o-nobody", "20269999", "<script>", "：；", "0" * 64])
def test_who_is_not_known_is_a_sentence(anna: Operator, asked: str) -> None:
    page = anna.send("resident", asked=asked).text
    assert "Nothing is kept" in page
    assert asked not in page.replace("0" * 64, "") or asked.isdigit()


# --- findings ------------------------------------------------------------------------------------
def test_a_failing_check_is_shown_with_its_line(make_bot: Callable[..., Bot], root: Path) -> None:
    anna = Operator(create_app(make_bot(root, console_users=USERS)))
    assert "Good:" in anna.see("findings")
    flow = root / "flows" / "report_loss.yaml"
    flow.write_text(flow.read_text().replace("next: {found: state,", "next: {found: nowhere,"))
    page = anna.see("findings")
    assert re.search(r"flows/report_loss\.yaml:\d+:\d+", page)
    assert "There is no step “nowhere”" in page
    assert "没有“nowhere”" in anna.see("findings?lang=zh") or "nowhere" in anna.see("findings?lang=zh")
    assert "个错误" in anna.see("findings")


# --- the overview --------------------------------------------------------------------------------
def test_the_overview_names_what_needs_attention(make_bot: Callable[..., Bot], root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bureau:
        port = bureau.getsockname()[1]
        given = {
            "push": "yes",
            "card": f"http://clerk:secret@127.0.0.1:{port}/api",
            "real_name": "http://127.0.0.1:1",
        }
        bot = make_bot(root, console_users=USERS, **given)
        anna = Operator(connected(bot, root, FakeMenu()))
        page = anna.see()
    assert "127.0.0.1 takes connections" in page
    assert "No connection to 127.0.0.1" in page
    assert "498,796 left today" in page
    assert "Renewed by itself in 90 min" in page
    assert "secret" not in page
    bot.client.zadd("sb:{s3}:due", {"t:made-up": 1_000_000_000})
    bot.client.set("sb:{s5}:rev", "0123456789ab")
    page = anna.see()
    assert "The oldest job has waited" in page
    assert "2 revisions are served" in page
    assert "4 of these need attention" in page


def test_scripts_of_the_console_declare_no_name_twice() -> None:
    """Any two may stand on one page, where the second would not run at all."""
    declared = [
        name
        for script in sorted((ROOT / "bot/console/static").glob("*.js"))
        for name in re.findall(
            r"^(?:const|let|var|class|(?:async )?function)\s+(\w+)", script.read_text("utf-8"), re.MULTILINE
        )
        if "import " not in script.read_text("utf-8")  # a module keeps its names to itself
    ]
    assert len(declared) > 10
    assert [name for name in set(declared) if declared.count(name) > 1] == []
