"""The console's pages: what they show, what they change, what they keep to themselves."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT
from flask import Flask

from bot.app import Bot, create_app
from bot.web.console.audit import Audit
from web.operator import USERS, Operator
from web.town import FakeMenu, connected, copied, dead_letter, report_loss


@pytest.fixture
def bot(make_bot: Callable[..., Bot]) -> Bot:
    return make_bot(console_users=USERS)


@pytest.fixture
def anna(bot: Bot) -> Operator:
    return Operator(create_app(bot))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copied(tmp_path)


def written(bot: Bot) -> list[tuple[str, str, str, str]]:
    """The audit log, newest first, sign-ins left out."""
    entries = Audit(bot.client, bot.store.seal).entries()
    return [(e.who, e.what, e.about, e.result) for e in entries if e.what != "sign_in"]


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
    assert "the resident is told" in answer.text
    assert bot.store.jobs.dead() == []
    assert written(bot) == [("anna", "drop", f"{id_} card.report_loss: unavailable", "done")]
    assert anna.send("jobs/drop", id=id_, outcome="unavailable", asked="yes").status_code == 404


def test_a_letter_that_no_key_opens_can_only_be_removed(bot: Bot, make_bot: Callable[..., Bot]) -> None:
    id_ = dead_letter(bot)
    other = make_bot(console_users=USERS, seal_keys=("ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=",))
    anna = Operator(create_app(other))
    assert "cannot be opened" in anna.see("jobs")
    assert "Removed" in anna.send("jobs/drop", id=id_).text
    assert other.store.jobs.dead() == []


# --- residents -----------------------------------------------------------------------------------
def test_a_resident_is_found_by_openid_and_by_receipt_number(bot: Bot, anna: Operator) -> None:
    """Masked; neither openid nor number nor words stand in the page, and the look is recorded."""
    phone, receipt = report_loss(bot)
    assert receipt
    tag = bot.store.owner(phone.openid).tag
    for asked in (phone.openid, receipt):
        page = anna.send("resident", "resident", asked=asked).text
        assert tag in page
        assert "report_loss." in page
        assert "Wrote" in page
        assert "sign_in.id_number" in page
        for secret in (phone.openid, phone.person.id_number, phone.person.name):
            assert secret not in page
    assert "card.report_loss" in page
    assert "&#34;signature&#34;" in page
    assert written(bot) == [("anna", "look", tag, "done")] * 2


def test_nothing_personal_travels_in_an_address_or_a_log(
    bot: Bot, anna: Operator, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    phone, receipt = report_loss(bot)
    with caplog.at_level(logging.DEBUG):
        answer = anna.send("resident", "resident", asked=phone.openid)
        assert answer.request.query_string == b""
        assert anna.client.get(f"/console/resident?asked={receipt}").text.count(receipt) == 0
    assert phone.openid not in caplog.text + capsys.readouterr().err
    assert phone.openid.encode() not in b"".join(bot.client.lrange("console:audit", 0, -1))


def test_whoever_may_only_read_may_look(bot: Bot) -> None:
    phone, _ = report_loss(bot)
    page = Operator(create_app(bot), "bo").send("resident", "resident", asked=phone.openid).text
    assert "report_loss." in page


@pytest.mark.parametrize("asked", ["o-nobody", "20269999", "<script>", "：；", "0" * 64])
def test_who_is_not_known_is_a_sentence(anna: Operator, asked: str) -> None:
    page = anna.send("resident", "resident", asked=asked).text
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


# --- revisions -----------------------------------------------------------------------------------
def edited(root: Path, after: str, before: str = "卡是怎么没的？") -> None:
    path = root / "messages" / "zh-CN" / "report_loss.yaml"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(base|draft)" value="(\w*)">', page))


def test_publish_what_was_previewed_and_go_back(make_bot: Callable[..., Bot], root: Path) -> None:
    bot = make_bot(root, console_users=USERS)
    anna = Operator(create_app(bot))
    first = bot.content.revision
    page = anna.see("revisions/compare")
    assert hidden(page) == {"base": "", "draft": first}
    assert "Published" in anna.send("revisions/publish", note="the first", **hidden(page)).text
    edited(root, "卡是丢了，还是被偷了？")
    page = anna.see("revisions/compare")
    assert "- 卡是怎么没的？" in page
    assert "+ 卡是丢了，还是被偷了？" in page
    assert bot.content.revision == first, "a preview publishes nothing"
    anna.send("revisions/publish", **hidden(page))
    second = bot.content.revision
    assert second != first
    assert bot.revisions.current() == second
    page = anna.see(f"revisions/compare?old={second}&new={first}")
    assert "+ 卡是怎么没的？" in page
    assert "Served again" in anna.send("revisions/rollback", **hidden(page)).text
    assert bot.revisions.current() == first
    page = anna.see("revisions")
    assert "the first" in page
    assert page.count("<td") == 3 * 6
    assert written(bot) == [
        ("anna", "rollback", first, "done"),
        ("anna", "publish", second, "done"),
        ("anna", "publish", first, "done"),
    ]


def test_only_what_was_seen_is_published(make_bot: Callable[..., Bot], root: Path) -> None:
    """Not what was saved after the preview, and not on top of what somebody else published meanwhile."""
    bot = make_bot(root, console_users=USERS)
    anna = Operator(create_app(bot))
    seen = hidden(anna.see("revisions/compare"))
    edited(root, "卡是丢了，还是被偷了？")
    assert anna.send("revisions/publish", **seen).status_code == 409
    seen = hidden(anna.see("revisions/compare"))
    edited(root, "卡是怎么没的？", "卡是丢了，还是被偷了？")
    other = Operator(create_app(bot))
    other.send("revisions/publish", **hidden(other.see("revisions/compare")))
    edited(root, "卡是丢了，还是被偷了？")
    answer = anna.send("revisions/publish", **seen)
    assert answer.status_code == 409
    assert "changed it meanwhile" in answer.text
    assert len(bot.revisions.store.history()) == 1
    assert written(bot)[0][3] == "failed: Moved"


def test_broken_content_is_not_published_and_says_where(make_bot: Callable[..., Bot], root: Path) -> None:
    bot = make_bot(root, console_users=USERS)
    anna = Operator(create_app(bot))
    edited(root, "{nothing.there}卡是怎么没的？")
    page = anna.see("revisions/compare")
    assert "messages/zh-CN/report_loss.yaml:" in page
    assert not hidden(page)
    assert "errors" in anna.see()
    from bot.content.files import collect, identity

    forced = {"base": "", "draft": identity(collect(root))}
    assert anna.send("revisions/publish", **forced).status_code == 422
    assert bot.revisions.current() == ""


def test_no_revision_but_a_published_one_is_served_again(anna: Operator, bot: Bot) -> None:
    assert anna.send("revisions/rollback", draft="000000000000", base="").status_code == 404
    assert anna.client.get("/console/revisions/compare?new=000000000000").status_code == 404
    assert anna.client.get("/console/revisions/compare?old=../../etc&new=directory").status_code == 404
    assert bot.revisions.current() == ""


# --- the menu ------------------------------------------------------------------------------------
def test_the_menu_is_compared_and_published(bot: Bot) -> None:
    menu = FakeMenu()
    app: Flask = connected(bot, ROOT, menu)
    anna = Operator(app)
    page = anna.see("menu")
    assert "differs" in page
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    assert "exactly this menu" in anna.send("menu/publish", seen=seen[1]).text
    assert len(menu.sent) == 1
    assert "is that of the content" in anna.see("menu")
    assert written(bot) == [("anna", "menu", bot.content.revision, "done")]
    menu.live = {"button": []}
    assert anna.send("menu/publish", seen=seen[1].replace(seen[1][0], "x")).status_code == 409
    assert len(menu.sent) == 1


def test_wechats_refusal_of_the_menu_is_told(bot: Bot) -> None:
    menu = FakeMenu()
    anna = Operator(connected(bot, ROOT, menu))
    menu.refuses = 48001
    assert "may not use" in anna.see("menu")
    assert "did not take it" in anna.send("menu/publish", seen="x").text
    assert menu.sent == []


def test_without_an_app_secret_the_menu_is_only_shown(anna: Operator) -> None:
    page = anna.see("menu")
    assert "SHEBAO_WECHAT_APP_SECRET is not set" in page
    assert "卡丢了" in page
    assert anna.send("menu/publish", seen="x").status_code == 404


# --- the overview --------------------------------------------------------------------------------
def test_the_overview_names_what_needs_attention(make_bot: Callable[..., Bot], root: Path) -> None:
    bot = make_bot(root, console_users=USERS, push="yes", card="https://clerk:secret@bureau.example/api")
    anna = Operator(connected(bot, root, FakeMenu()))
    page = anna.see()
    assert "498,796 left today" in page
    assert "Renewed by itself in 90 min" in page
    assert "bureau.example" in page
    assert "secret@" not in page
    bot.client.zadd("sb:{s3}:due", {"t:made-up": 1_000_000_000})
    bot.client.set("sb:{s5}:rev", "0123456789ab")
    page = anna.see()
    assert "The oldest job has waited" in page
    assert "2 revisions are served" in page
    assert "2 of these need attention" in page
