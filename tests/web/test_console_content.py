"""Publishing content and the menu in the console."""

from __future__ import annotations

import re
import resource
import shutil
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import ROOT
from flask import Flask
from store.servers import PATIENCE
from wechat.wechat_api import serving

from bot.app import Bot, create_app
from bot.console.apart import RUNNING
from bot.wechat.quota import PUSHES
from web.operator import USERS, Operator, written
from web.town import FakeMenu, connected, copied


@pytest.fixture
def bot(console_bot: Bot) -> Bot:
    return console_bot


@pytest.fixture
def anna(console_app: Flask) -> Operator:
    return Operator(console_app)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copied(tmp_path)


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
    assert anna.client.get(f"/console/revisions/compare?old={second}:model").status_code == 404
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


@pytest.mark.slow
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
    from bot.content.read.files import collect, identity

    forced = {"base": "", "draft": identity(collect(root))}
    assert anna.send("revisions/publish", **forced).status_code == 422
    assert bot.revisions.current() == ""


def test_no_revision_but_a_published_one_is_served_again(anna: Operator, bot: Bot) -> None:
    assert anna.send("revisions/rollback", draft="000000000000", base="").status_code == 404
    assert anna.client.get("/console/revisions/compare?new=000000000000").status_code == 404
    assert anna.client.get("/console/revisions/compare?old=../../etc&new=directory").status_code == 404
    assert bot.revisions.current() == ""


# --- the replays before a publish ----------------------------------------------------------------
ASKED = "要先核对您是本人"
NEVER = "turns:\n  - tap: 挂失停用\n    expect: ~从来没有这句话\n"


@pytest.fixture
def replayed(root: Path) -> Path:
    folder = root / "tests/replays"
    folder.mkdir(parents=True)
    (folder / "consent.yaml").write_text(f"turns:\n  - tap: 挂失停用\n    expect: ~{ASKED}\n")
    return root


def played(anna: Operator) -> str:
    """The preview, once the replays were played."""
    until = time.monotonic() + 3 * PATIENCE  # playing or comparing may take as long
    while "being played" in (page := anna.see("revisions/compare")):
        assert time.monotonic() < until
        time.sleep(0.2)
    return page


def reworded(root: Path) -> None:
    path = root / "messages/zh-CN/sign_in.yaml"
    path.write_text(path.read_text().replace(ASKED, "请先核对您是本人"))


@pytest.mark.slow
def test_the_console_plays_the_replays_that_the_command_plays(
    make_bot: Callable[..., Bot], replayed: Path
) -> None:
    """What it breaks is published only by whoever ticked that they know, and the history says so."""
    bot = make_bot(replayed, console_users=USERS)
    anna = Operator(create_app(bot))
    reworded(replayed)
    forced = hidden(anna.see("revisions/compare"))
    anna.send("revisions/publish", **forced, note="politer")
    page = played(anna)
    assert bot.revisions.current() == "", "nothing is published by itself"
    assert "Of 1 replays, 1 held before and do not hold" in page
    assert "tests/replays/consent.yaml:3" in page
    assert 'name="despite"' in page
    anna.send("revisions/publish", **forced)
    assert bot.revisions.current() == ""
    anna.send("revisions/publish", **forced, note="politer", despite="yes")
    assert bot.revisions.current() == forced["draft"]
    assert "[replays did not hold] politer" in anna.see("revisions")


@pytest.mark.slow
def test_what_did_not_hold_before_stops_nothing_in_the_console(
    make_bot: Callable[..., Bot], replayed: Path
) -> None:
    (replayed / "tests/replays/never.yaml").write_text(NEVER)
    bot = make_bot(replayed, console_users=USERS)
    anna = Operator(create_app(bot))
    edited(replayed, "卡是丢了，还是被偷了？")
    forced = hidden(anna.see("revisions/compare"))
    anna.send("revisions/publish", **forced)
    if bot.revisions.current() == "":  # it took longer than a request waits
        page = played(anna)
        assert "1 replays did not hold before either" in page
        assert "tests/replays/never.yaml:3" in page
        assert 'name="despite"' not in page
        anna.send("revisions/publish", **forced)
    assert bot.revisions.current() == forced["draft"]


def of_children() -> float:
    """CPU seconds of the processes that this one has started and seen the end of."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


@pytest.mark.slow
def test_no_web_process_is_held_up_by_replays(make_bot: Callable[..., Bot], replayed: Path) -> None:
    for path in sorted((ROOT / "tests/replays").glob("*.yaml"))[:200]:
        shutil.copy(path, replayed / "tests/replays")
    bot = make_bot(replayed, console_users=USERS)
    anna = Operator(create_app(bot))
    edited(replayed, "卡是丢了，还是被偷了？")
    forced, token = hidden(anna.see("revisions/compare")), anna.token()
    apart, spent = of_children(), time.thread_time()
    answer = anna.client.post("/console/revisions/publish", data={"token": token, **forced})
    spent = time.thread_time() - spent
    assert answer.status_code == 303
    assert "replays, " in played(anna)
    assert spent < of_children() - apart, "its thread only waits for a process that loads the same, and plays"
    (verdict,) = bot.client.keys("console:gate:*")
    bot.client.set(verdict, RUNNING)  # another process plays them, for as long as this test wants
    answer = anna.client.post("/console/revisions/publish", data={"token": token, **forced, "despite": "yes"})
    assert answer.status_code == 303
    assert "being played" in anna.see("revisions/compare")
    assert bot.revisions.current() == "", "nothing is published before they were played"
    (replayed / "tests/replays/consent.yaml").write_text(NEVER)
    assert "replays are played first" in anna.see("revisions/compare").replace("(tests/replays) ", "")


@pytest.mark.slow
def test_what_was_taken_back_is_marked_and_one_row_is_served_now(
    make_bot: Callable[..., Bot], root: Path
) -> None:
    bot = make_bot(root, console_users=USERS)
    anna = Operator(create_app(bot))
    texts = ["卡是怎么没的？", "卡是丢了，还是被偷了？", "卡怎么不见了？"]
    for before, after in pairwise(["", *texts]):
        edited(root, after, before or after)
        anna.send("revisions/publish", **hidden(anna.see("revisions/compare")))
    third, second = (entry.revision for entry in bot.revisions.store.history()[:2])
    page = anna.see(f"revisions/compare?old={third}&new={second}")
    anna.send("revisions/rollback", **hidden(page))
    page = anna.see("revisions")
    assert page.count("served now</span>") == 1
    assert page.count("taken back</span>") == 1
    assert f"{third} (taken back)" in page
    assert "was published before and taken back" in anna.see(f"revisions/compare?old={second}&new={third}")


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


@pytest.mark.slow
def test_the_menu_page_tells_of_what_is_not_published_and_of_conditional_menus(
    make_bot: Callable[..., Bot], root: Path
) -> None:
    bot, menu = make_bot(root, console_users=USERS), FakeMenu()
    anna = Operator(connected(bot, root, menu))
    page = anna.see("menu")
    assert "another one" not in page
    assert "conditional" not in page
    path = root / "config/menu.yaml"
    path.write_text(path.read_text().replace("卡丢了", "丢卡了"))
    menu.others = [{"menuid": 7, "matchrule": {"tag_id": "2"}}]
    page = anna.see("menu")
    assert "in the content directory is another one" in page
    assert "1 conditional menus (7: tag_id 2)" in page
    assert "丢卡了" not in page, "what is served is shown"


def test_wechats_refusal_of_the_menu_is_told(bot: Bot) -> None:
    menu = FakeMenu()
    anna = Operator(connected(bot, ROOT, menu))
    menu.refuses = 48001
    assert "may not use" in anna.see("menu")
    assert "did not take it" in anna.send("menu/publish", seen="x").text
    assert menu.sent == []


@pytest.mark.slow
def test_over_wechats_own_wire(make_bot: Callable[..., Bot]) -> None:
    """As create_app wires it: the menu, the token and the quota of a WeChat that answers over HTTP."""
    with serving() as api:
        api.quotas[PUSHES] = {"daily_limit": 1000, "used": 950, "remain": 50}
        given = {"wechat_app_id": "wx1", "wechat_app_secret": "app-secret", "wechat_api": api.url}
        anna = Operator(create_app(make_bot(console_users=USERS, push="yes", **given)))
        seen = re.search(r'name="seen" value="(\w+)"', anna.see("menu"))
        assert seen
        assert "exactly this menu" in anna.send("menu/publish", seen=seen[1]).text
        assert len(api.menus) == 1
        page = anna.see()
        assert "50 left today" in page
        assert "Renewed by itself in 11" in page
        api.always = 45009
        assert "quota cannot be seen" in anna.see()
        assert "reading quotas (openapi/quota/get)" in anna.see(), "found out just now"
        anna.send("quota/again")
        api.always = 48001
        assert "quota cannot be seen" in anna.see()
        assert "公众号没有这个接口的权限" in anna.see("menu?lang=zh")


def test_a_spent_quota_is_shown_and_called_again_after_a_reset(bot: Bot) -> None:
    menu = FakeMenu()
    app = connected(bot, ROOT, menu)
    anna, bo = Operator(app), Operator(app, "bo")
    assert "Spent for today" not in anna.see()
    menu.spent["message/custom/send"] = 1_800_028_800
    page = anna.see()
    assert "customer-service messages (late results, reminders) (message/custom/send)" in page
    assert "not called before 2027-01-16 00:00 (China time)" in page
    assert (
        "客服消息（迟到的结果、提醒）（message/custom/send）；北京时间2027-01-16"
        in Operator(app, "bo", "zh").see()
    )
    assert "It was reset" not in bo.see(), "who only reads"
    assert bo.send("quota/again").status_code == 403
    assert menu.spent
    assert "called again from now on" in anna.send("quota/again").text
    assert menu.spent == {}
    assert written(bot)[0] == ("anna", "quota", "message/custom/send", "done")


def test_without_an_app_secret_the_menu_is_only_shown(anna: Operator) -> None:
    page = anna.see("menu")
    assert "SHEBAO_WECHAT_APP_SECRET is not set" in page
    assert "卡丢了" in page
    assert anna.send("menu/publish", seen="x").status_code == 404
    assert anna.send("quota/again").status_code == 404
