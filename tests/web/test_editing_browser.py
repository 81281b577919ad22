"""Somebody who never opens a terminal changes a sentence, from finding it to taking it back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="no pytest-playwright here: it is in requirements-dev.txt")
from phone import Phone
from playwright.sync_api import Page, expect

from bot.app import Bot, create_app
from bot.content.read.files import collect, identity
from web.operator import USERS
from web.test_browser import no_serious_issue
from web.test_console_browser import signed_in
from web.town import FakeMenu, connected, copied

pytestmark = pytest.mark.slow
OLD, NEW = "卡是怎么没的？", "您的卡是丢了，还是被偷了？"


def test_a_sentence_is_changed_mended_tried_reviewed_published_and_taken_back(
    new_context: Callable[..., Any],
    make_bot: Callable[..., Bot],
    serve_app: Callable[..., str],
    tmp_path: Path,
) -> None:
    root = copied(tmp_path)
    bot = make_bot(root, console_users=USERS, review="yes")
    address = serve_app(connected(bot, root, FakeMenu()))
    ed, anna = (_somebody(new_context, address, name) for name in ("ed", "anna"))
    _publish_what_is_there(anna)
    first = bot.revisions.current()
    resident, other = _in_mid_flow(bot), _in_mid_flow(bot, "李小芳")

    # finds it by what residents read, makes a mistake, sees it, mends it
    ed.get_by_role("link", name="改内容").first.click()
    ed.get_by_label("居民看到的几个字").fill("怎么没的")
    ed.keyboard.press("Enter")
    with ed.expect_navigation():  # its script is to hear what is typed
        ed.get_by_role("row").filter(has_text=OLD).get_by_role("link", name="改").click()
    box = ed.get_by_label("居民看到的话")
    expect(box).to_have_value(OLD)
    box.fill("您的{card.colour}卡是丢了，还是被偷了？")
    expect(ed.locator(".finding")).to_contain_text("colour")
    expect(ed.locator("#phone")).to_contain_text("先改好问题")
    no_serious_issue(ed)
    with ed.expect_navigation():
        ed.get_by_role("button", name="存进草稿").click()
    expect(box).to_have_value("您的{card.colour}卡是丢了，还是被偷了？")
    expect(ed.locator(".finding")).to_contain_text("colour")
    box.fill(NEW)
    expect(ed.locator("#found")).to_contain_text("没有发现问题")

    # tries it, before it is even saved
    ed.get_by_role("button", name="开始对话").click()
    for words in ("我要正式挂失", "我同意", "660101198001010018", "张三"):
        _say(ed, words)
    _say(ed, _code(ed))
    _say(ed, "2")
    expect(ed.locator("#phone .chat")).to_contain_text(NEW)
    no_serious_issue(ed)
    assert bot.content.revision == first
    ed.get_by_role("button", name="存进草稿").click()
    expect(ed.get_by_role("status").first).to_contain_text("已存进草稿")
    expect(ed.locator(".plus")).to_have_text([f"+ {NEW}"])
    expect(ed.get_by_role("button", name="审核通过")).to_have_count(0)
    draft = ed.url.partition("?")[0]

    # a colleague reviews it, and publishes
    anna.goto(draft)
    anna.get_by_role("link", name="预览并发布").click()
    expect(anna.locator("#replays")).to_contain_text("还没有别的同事审核")
    expect(anna.get_by_role("button", name="发布", exact=True)).to_have_count(0)
    anna.get_by_role("link", name="看草稿").click()
    anna.get_by_role("button", name="审核通过").click()
    expect(anna.get_by_role("status").first).to_contain_text("已审核通过")
    anna.get_by_role("link", name="预览并发布").click()
    anna.get_by_role("button", name="发布", exact=True).click()
    expect(anna.get_by_role("status").first).to_contain_text("已发布")
    assert identity(collect(root)) == bot.revisions.current() != first

    # residents in mid-flow go on
    resident.choose("正式挂失")
    assert NEW in resident.bubble

    # and back
    anna.get_by_role("link", name="看看退回会变什么").last.click()
    anna.get_by_role("button", name="退回到这一版").click()
    expect(anna.get_by_role("status").first).to_contain_text("已退回")
    assert identity(collect(root)) == bot.revisions.current() == first, "the directory goes with it"
    other.choose("正式挂失")
    assert OLD in other.bubble
    for page in (ed, anna):
        assert page.context.wrong == []  # type: ignore[attr-defined]


def _somebody(new_context: Callable[..., Any], address: str, name: str) -> Page:
    page: Page = new_context().new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda e: wrong.append(str(e)))
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" and " 422" not in m.text else None)
    page.context.wrong = wrong  # type: ignore[attr-defined]
    return signed_in(page, address, name)


def _publish_what_is_there(page: Page) -> None:
    page.get_by_role("link", name="版本").first.click()
    page.get_by_role("link", name="预览第一次发布").click()
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已发布")


def _in_mid_flow(bot: Bot, person: str = "张三") -> Phone:
    phone = Phone(create_app(bot).test_client(), bot, person)
    phone.event("subscribe")
    phone.say("卡丢了")
    phone.sign_in()
    return phone


def _say(page: Page, words: str) -> None:
    bubbles = page.locator("#phone .bubble.theirs")
    before = bubbles.count()
    page.get_by_label("居民发的话").fill(words)
    page.keyboard.press("Enter")
    expect(bubbles).to_have_count(before + 1)


def _code(page: Page) -> str:
    return "".join(c for c in page.locator("#phone .bubble.ours").last.inner_text() if c.isdigit())[-4:]


FLOW = "flows/report_loss.yaml"


def test_a_flow_is_broken_completed_mended_tried_reviewed_and_published(
    new_context: Callable[..., Any],
    make_bot: Callable[..., Bot],
    serve_app: Callable[..., str],
    tmp_path: Path,
) -> None:
    root = copied(tmp_path)
    bot = make_bot(root, console_users=USERS, review="yes")
    address = serve_app(connected(bot, root, FakeMenu()))
    ed, anna = (_somebody(new_context, address, name) for name in ("ed", "anna"))
    _publish_what_is_there(anna)
    ed.get_by_role("link", name="改内容").first.click()
    ed.get_by_text("整个文件（会写YAML的话）").click()
    ed.get_by_role("link", name="report_loss.yaml").first.click()
    editor = ed.get_by_role("textbox", name="整个文件（YAML）")
    expect(editor).to_be_visible()
    expect(ed.locator("#drawing .node-collect")).not_to_have_count(0)
    nodes = ed.locator("#drawing .node")
    drawn = nodes.count()

    # breaks it: an action that is none, told at its line while it is typed
    line = _line(editor, "action: card.find")
    line.click()
    ed.keyboard.press("End")
    for _ in "find":
        ed.keyboard.press("Backspace")
    ed.keyboard.type("fnd")
    ed.keyboard.press("Escape")
    expect(ed.locator(".finding").first).to_contain_text("card.fnd")
    number = str((root / FLOW).read_text("utf-8").split("\n").index("    action: card.find") + 1)
    expect(ed.locator(".finding a").first).to_have_text(f"第{number}行")
    expect(editor.locator(".cm-lintRange-error").first).to_have_text("card.fnd")
    expect(ed.locator("#phone")).to_contain_text("先改好问题")
    no_serious_issue(ed)

    # goes there from the finding, and mends it with what is offered
    ed.locator(".finding a").first.click()
    ed.keyboard.press("End")
    for _ in "fnd":
        ed.keyboard.press("Backspace")
    ed.keyboard.press("Control+Space")
    offered = ed.get_by_role("option", name="card.find")
    expect(offered).to_be_visible()
    ed.keyboard.type("fin")
    expect(ed.get_by_role("option")).to_have_count(1)
    ed.wait_for_function("document.querySelector('[role=option][aria-selected]')")
    ed.wait_for_timeout(200)  # the editor takes no key just after it has opened the list
    ed.keyboard.press("Enter")
    expect(_line(editor, "action: card.find")).to_have_count(1)
    expect(ed.locator("#found")).to_contain_text("没有发现问题")

    # a step less: seen in the graph, and on the phone
    text = (root / FLOW).read_text("utf-8").replace("need: face_check ", "say: already ")
    elsewhere = "{on: card.state, temporary_loss: no_face, else: check}"
    editor.click()
    ed.keyboard.press("Control+a")
    _paste(editor, text.replace("{met: check, unmet: no_face}", elsewhere))
    expect(ed.locator("#drawing .node-need")).to_have_count(0)
    expect(ed.locator("#found")).to_contain_text("没有发现问题")
    expect(nodes).to_have_count(drawn)
    ed.get_by_role("button", name="开始对话").click()
    for words in ("我要正式挂失", "我同意", "660101198001010018", "张三"):
        _say(ed, words)
    _say(ed, _code(ed))
    _say(ed, "2")
    _say(ed, "1")
    expect(ed.locator("#phone .chat")).to_contain_text("请核对")
    no_serious_issue(ed)

    # reviewed, published
    ed.get_by_role("button", name="存进草稿").click()
    expect(ed.get_by_role("status").first).to_contain_text("已存进草稿")
    anna.goto(ed.url.partition("?")[0])
    anna.get_by_role("button", name="审核通过").click()
    expect(anna.get_by_role("status").first).to_contain_text("已审核通过")
    anna.get_by_role("link", name="预览并发布").click()
    with anna.expect_navigation():
        anna.get_by_role("button", name="发布", exact=True).click()
    anna.get_by_label("仍要发布").or_(anna.get_by_role("status").first).first.wait_for()
    assert "say: already" in (root / FLOW).read_text("utf-8").split("no_face:")[0]
    for page in (ed, anna):
        assert page.context.wrong == []  # type: ignore[attr-defined]


def _line(editor: Any, words: str) -> Any:
    return editor.locator(".cm-line").filter(has_text=words)


def _paste(editor: Any, words: str) -> None:
    """Typed at once, chromium would style it inline by itself, which the page's policy refuses."""
    editor.evaluate(
        """(node, words) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", words);
          node.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        words,
    )


def test_a_new_flow_is_made_from_a_template_and_tried(
    new_context: Callable[..., Any],
    make_bot: Callable[..., Bot],
    serve_app: Callable[..., str],
    tmp_path: Path,
) -> None:
    root = copied(tmp_path)
    bot = make_bot(root, console_users=USERS)
    ed = _somebody(new_context, serve_app(connected(bot, root, FakeMenu())), "ed")
    ed.get_by_role("link", name="改内容").first.click()
    ed.locator("#new summary").click()
    ed.get_by_label("名称，居民看到的").fill("转移社保关系")
    ed.get_by_label("英文代号").fill("report_loss")
    ed.get_by_role("button", name="新建一项业务").click()
    expect(ed.get_by_role("alert")).to_contain_text("已经有叫这个代号的了")
    no_serious_issue(ed)
    ed.get_by_label("英文代号").fill("transfer")
    ed.get_by_role("button", name="新建一项业务").click()
    expect(ed.get_by_role("heading", name="flows/transfer.yaml")).to_be_visible()
    expect(ed.locator("#found")).to_contain_text("没有发现问题")
    ed.get_by_role("button", name="开始对话").click()
    _say(ed, "我要转移社保关系")
    expect(ed.locator("#phone .chat")).to_contain_text("您要办哪一样？")
