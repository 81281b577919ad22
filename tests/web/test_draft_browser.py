"""What stands beside a draft, as an operator meets it: looked at, tried in WeChat, taken out and in again."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="no pytest-playwright here: it is in requirements-dev.txt")
from moment import NOW
from phone import Phone
from playwright.sync_api import Page, expect
from store.servers import PATIENCE, until

from bot.app import Bot, create_app
from bot.store.drafts import Drafts, drafted
from web.operator import USERS
from web.test_browser import no_serious_issue
from web.test_console_browser import signed_in
from web.town import copied

pytestmark = pytest.mark.slow
WORDS, OLD, NEW = "messages/zh-CN/sign_in.yaml", "先核对您是本人", "先让我们看看您是不是本人"
CONSENT = "about: 先核对\nturns:\n  - say: 挂失\n    at: sign_in.consent\n"


def test_a_draft_is_looked_at_tried_taken_out_and_brought_in_again(
    page: Page, make_bot: Callable[..., Bot], serve_app: Callable[..., str], tmp_path: Path
) -> None:
    root = copied(tmp_path / "content")
    (root / "tests/replays").mkdir(parents=True)
    (root / "tests/replays/consent.yaml").write_text(CONSENT)
    bot = make_bot(root, console_users=USERS)
    app = create_app(bot)
    served = bot.revisions.now.files
    drafts = Drafts(bot.client, bot.store.seal)
    changed = served[WORDS].decode().replace(OLD, NEW).encode()
    drafts.keep(drafted("ed", NOW, served, {**served, WORDS: changed}))
    signed_in(page, serve_app(app), "ed")

    page.get_by_role("link", name="草稿").first.click()
    page.get_by_role("link", name="看看会改变什么").click()
    page.get_by_role("button", name="放一遍回放").click()
    before, after = page.locator(".sides .chat").first, page.locator(".sides .chat").last
    expect(before.locator(".bubble")).to_contain_text(OLD)
    expect(after.locator(".bubble")).to_contain_text(NEW)
    expect(page.locator("summary", has_text="sign_in")).to_be_visible()
    assert _box(before)["y"] == _box(after)["y"]
    assert _box(before)["x"] < _box(after)["x"]
    no_serious_issue(page)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert _box(before)["y"] < _box(after)["y"], "one below the other where there is no room"

    # on one's own WeChat
    page.get_by_role("link", name="在自己的微信上试").click()
    expect(page.get_by_text("没有人在试用")).to_be_visible()
    for _ in range(60):  # where it is busy, the page says so
        with page.expect_navigation():
            page.get_by_role("button", name="拿一个口令").click()
        if page.locator("#word").count():
            break
        time.sleep(1)
    word = page.locator("#word").inner_text()
    assert re.fullmatch(r"试用\d{8}", word)
    no_serious_issue(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    phone = Phone(app.test_client(), bot)
    assert phone.say(word).text.startswith("【试用】试用开始")
    assert until(lambda: NEW in phone.say("挂失").text, PATIENCE), "it is being prepared first"
    page.get_by_role("link", name="回到草稿").click()
    page.get_by_role("link", name="在自己的微信上试").click()
    page.get_by_role("button", name="结束试用").click()
    expect(page.get_by_role("status").first).to_contain_text("试用结束了")
    assert "控制台" in phone.say("挂失").text

    # out, and in again
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("link", name="回到草稿").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载（zip）").click()
    zip_file = tmp_path / "draft.zip"
    download.value.save_as(zip_file)
    with page.expect_navigation():
        page.get_by_role("button", name="丢掉").click()
    assert drafts.all() == []
    for file, says in ((root / WORDS, "不是zip文件"), (zip_file, "已做成草稿")):
        page.get_by_role("link", name="草稿").first.click()
        page.get_by_label("zip文件").set_input_files(file)
        page.get_by_role("button", name="传上来").click()
        expect(page.locator("main")).to_contain_text(says)
        no_serious_issue(page)
    page.get_by_role("link", name="看看会改变什么").click()
    expect(page.locator(".plus")).to_contain_text([NEW])
    assert [draft.files for draft in drafts.all()] == [{WORDS: (served[WORDS], changed)}]


def _box(part: Any) -> dict[str, float]:
    found: dict[str, float] = part.bounding_box()
    return found
