"""A resident clicks: Debian's chromium on the phone's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

pytest.importorskip("playwright", reason="no pytest-playwright here: it is in requirements-dev.txt")
from playwright.sync_api import Locator, Page, expect

from bot.cli.watcher import publish_directory
from web.conftest import BROWSER_SECONDS
from web.town import copied

pytestmark = pytest.mark.slow
expect.set_options(timeout=BROWSER_SECONDS * 1000)
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
NOTES_TYPING = """() => {
    window.typed = 0;
    const look = () => { if (document.querySelector(".typing")?.checkVisibility()) window.typed += 1; };
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true, attributes: true});
}"""
SERIOUS = ("serious", "critical")


class Hand:
    """Everything a resident does is counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.done = page, 0

    def tap(self, what: Locator) -> None:
        self.done += 1
        what.click()

    def write(self, what: Locator, words: str) -> None:
        """Typed, and Enter: two actions."""
        self.done += 2
        what.fill(words)
        what.press("Enter")


@pytest.fixture
def watched(page: Page) -> Page:
    """Any error or refused resource fails the test."""
    wrong: list[str] = []
    page.on("pageerror", lambda e: wrong.append(str(e)))
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.context.wrong = wrong  # type: ignore[attr-defined]
    return page


def opened(page: Page, address: str, language: str = "zh") -> Page:
    page.goto(f"{address}?lang={language}")
    page.wait_for_selector("html[data-ready]")
    return page


def last(page: Page) -> Locator:
    """The account's last bubble on the phone in front; none while what was said last is unanswered."""
    return page.locator(".phone.current .row.them:not(.typing, :has(~ .row.me)) .bubble").last


def to_receipt(hand: Hand) -> None:
    """From the opened page to a card reported lost."""
    page = hand.page
    hand.tap(page.locator("#start button"))
    hand.tap(last(page).get_by_role("button", name="卡丢了"))
    hand.tap(last(page).get_by_role("button", name="同意，继续"))
    expect(last(page)).to_contain_text("号码")
    hand.tap(page.locator("[data-quick=my_id]"))
    expect(last(page)).to_contain_text("姓名")
    hand.tap(page.locator("[data-quick=my_name]"))
    expect(last(page)).to_contain_text("数字")
    code = re.search(r"\d \d \d \d", last(page).inner_text())
    assert code
    hand.write(page.locator(".say"), code[0].replace(" ", ""))
    hand.tap(last(page).get_by_role("button", name="先停用"))
    hand.tap(last(page).get_by_role("button", name="确认停用"))
    expect(last(page)).to_contain_text("【已停用】")


def no_serious_issue(page: Page) -> None:
    page.evaluate(AXE.read_text())  # by the protocol: the page's policy lets no foreign script in
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
    serious = [v for v in found if v["impact"] in SERIOUS]
    said = [f"{v['id']}: {[n['html'][:160] for n in v['nodes'][:3]]}" for v in serious]
    assert not said, "\n".join(said)


@pytest.mark.parametrize("size", [(360, 740), (1440, 900)])
def test_a_card_is_reported_lost_in_at_most_twelve_actions(
    watched: Page, serve: Callable[..., str], size: tuple[int, int]
) -> None:
    """Touching only the phone, choosing a person included; nothing is wrong in the console."""
    watched.set_viewport_size({"width": size[0], "height": size[1]})
    hand = Hand(opened(watched, serve()))
    to_receipt(hand)
    assert hand.done <= 12, hand.done
    assert watched.context.wrong == []  # type: ignore[attr-defined]


def test_the_menu_by_keyboard_alone(watched: Page, serve: Callable[..., str]) -> None:
    page = opened(watched, serve())
    page.locator("#start button").press("Enter")
    expect(last(page)).to_contain_text("社保卡服务")
    top = page.get_by_role("button", name="卡丢了", exact=True).last
    top.press("Enter")
    expect(top).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(top).to_have_attribute("aria-expanded", "false")
    expect(top).to_be_focused()
    top.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="挂失停用")).to_be_focused()
    page.keyboard.press("Enter")
    expect(last(page)).to_contain_text("您同意吗")
    expect(top).to_be_focused()


def test_two_residents_side_by_side(watched: Page, serve: Callable[..., str]) -> None:
    watched.set_viewport_size({"width": 1440, "height": 900})
    page = opened(watched, serve())
    page.locator(".person", has_text="张三").first.click()
    page.locator(".person", has_text="李小芳").click()
    expect(page.locator(".phone")).to_have_count(2)
    expect(page.locator(".phone").first).to_be_in_viewport(ratio=1)
    expect(page.locator(".phone").last).to_be_in_viewport(ratio=1)
    expect(last(page)).to_contain_text("社保卡服务")
    page.reload()
    expect(page.locator(".phone")).to_have_count(2)
    expect(page.locator(".phone").last.locator(".bubble")).to_have_count(1)


def test_a_slow_answer_shows_typing_and_its_result_arrives_by_itself(
    watched: Page, serve: Callable[..., str], tmp_path: Path
) -> None:
    """慢先生's report takes 6 s here: typing, then `slow`, then the receipt without another message."""
    copied(tmp_path)
    stub = tmp_path / "config" / "stub.yaml"
    stub.write_text(stub.read_text().replace('slow: "8"', 'slow: "6"'))
    page = opened(watched, serve(tmp_path))
    page.locator(".person", has_text="慢先生").click()
    hand = Hand(page)
    for name in ("卡丢了", "同意，继续"):
        hand.tap(last(page).get_by_role("button", name=name))
    expect(last(page)).to_contain_text("号码")
    hand.tap(page.locator("[data-quick=my_id]"))
    expect(last(page)).to_contain_text("姓名")
    hand.tap(page.locator("[data-quick=my_name]"))
    expect(last(page)).to_contain_text("数字")
    code = re.search(r"\d \d \d \d", last(page).inner_text())
    assert code
    page.evaluate(NOTES_TYPING)  # whoever looked would come too late where the browser is slow
    hand.write(page.locator(".say"), code[0].replace(" ", ""))
    hand.tap(last(page).get_by_role("button", name="先停用"))
    assert page.evaluate("typed") > 0
    expect(last(page).get_by_role("button", name="确认停用")).to_be_visible()  # the typing before it is over
    page.evaluate("typed = 0")
    hand.tap(last(page).get_by_role("button", name="确认停用"))
    expect(page.locator(".phone.current .bubble", has_text="正在办").first).to_be_visible()
    assert page.evaluate("typed") > 0
    expect(last(page)).to_contain_text("【已停用】")
    expect(page.locator(".note", has_text="自己到的").first).to_be_visible()


def test_everything_a_resident_can_send(watched: Page, serve: Callable[..., str]) -> None:
    page = opened(watched, serve())
    page.locator("#start button").click()
    expect(last(page)).to_contain_text("社保卡服务")

    def add(name: str) -> None:
        page.locator(".add").click()
        page.locator(".add-sheet").get_by_role("button", name=name).click()

    add("发示例照片")
    expect(page.locator(".me img.picture")).to_have_js_property("naturalWidth", 240)
    add("发位置")
    page.locator("#place-dialog").get_by_role("button", name="发送").click()
    expect(page.locator(".me").last).to_contain_text("和平路")
    add("发语音")
    page.locator("#voice-words").fill("附近网点")
    page.keyboard.press("Enter")
    expect(page.locator(".me").last).to_contain_text("附近网点")
    with page.expect_file_chooser() as chooser:
        add("选照片")
    chooser.value.set_files(ROOT / "bot/kit/phone/static/sample.png")
    expect(page.locator(".me img.picture")).to_have_count(2)


def test_a_bad_edit_is_shown_with_its_line(watched: Page, serve: Callable[..., str], tmp_path: Path) -> None:
    copied(tmp_path)
    page = opened(watched, serve(tmp_path))
    expect(page.locator("#saved")).to_be_empty()
    flow = tmp_path / "flows" / "report_loss.yaml"
    flow.write_text(flow.read_text().replace("next: {found: state,", "next: {found: nowhere,"))
    expect(page.locator("#saved.bad")).to_contain_text("flows/report_loss.yaml:")
    no_serious_issue(page)


def test_what_is_published_is_followed_without_a_reload(
    watched: Page, serve: Callable[..., str], tmp_path: Path, redis_url: str
) -> None:
    """The open page says which parts changed, and its menu is the new one."""
    copied(tmp_path)
    page = opened(watched, serve(tmp_path))
    page.locator("#start button").click()
    menu = tmp_path / "config" / "menu.yaml"
    menu.write_text(menu.read_text().replace("卡找到了", "卡又找到了"))
    expect(page.locator("#saved.waits")).to_contain_text("shebao publish")
    publish_directory(tmp_path, redis_url)
    expect(page.locator("#saved.good")).to_contain_text("config/menu.yaml")
    no_serious_issue(page)
    page.locator("#saved .panel-close").click()
    expect(page.locator("#saved")).to_be_empty()
    page.get_by_role("button", name="卡丢了", exact=True).last.click()
    page.get_by_role("button", name="卡又找到了").click()
    expect(last(page)).to_contain_text("核对")
    expect(page.locator("#saved")).to_be_empty()


def test_a_conversation_is_saved_as_a_replay(watched: Page, serve: Callable[..., str]) -> None:
    page = opened(watched, serve())
    page.locator("#start button").click()
    last(page).get_by_role("button", name="卡丢了").click()
    expect(last(page)).to_contain_text("您同意吗")
    page.locator(".tools").click()
    with page.expect_download() as download:
        page.locator(".tool-sheet").get_by_role("button", name="存成回放文件").click()
    assert download.value.suggested_filename == "卡丢了_挂失.yaml"
    assert "turns:" in download.value.path().read_text()
    expect(page.locator(".note", has_text="tests/replays")).to_be_visible()
    assert watched.context.wrong == []  # type: ignore[attr-defined]


def test_the_code_as_a_picture(watched: Page, serve: Callable[..., str]) -> None:
    page = opened(watched, serve(code="picture"))
    page.locator("#start button").click()
    for name in ("卡丢了", "同意，继续"):
        last(page).get_by_role("button", name=name).click()
    expect(last(page)).to_contain_text("号码")
    page.locator("[data-quick=my_id]").click()
    expect(last(page)).to_contain_text("姓名")
    page.locator("[data-quick=my_name]").click()
    expect(page.locator(".them img.picture")).to_have_js_property("naturalWidth", 720)


def test_again_twice_later_and_unfollow(watched: Page, serve: Callable[..., str]) -> None:
    watched.set_viewport_size({"width": 1440, "height": 900})
    page = opened(watched, serve())
    page.locator("#start button").click()
    last(page).get_by_role("button", name="卡丢了").click()
    expect(last(page)).to_contain_text("您同意吗")

    def tool(name: str) -> None:
        page.locator(".tools").click()
        page.locator(".tool-sheet").get_by_role("button", name=name).click()

    tool("再送一次")
    expect(page.locator(".note", has_text="没有办两遍")).to_be_visible()
    page.locator("#twice").check()
    last(page).get_by_role("button", name="同意，继续").click()
    expect(page.locator(".note", has_text="同时送了两次，回答一样")).to_be_visible()
    expect(page.locator("#exchanges li")).to_have_count(5)
    page.locator("#exchanges summary").first.click()
    expect(page.locator("#exchanges pre").first).to_contain_text("POST /wechat?signature=")
    page.locator("#twice").uncheck()
    tool("过30分钟")
    expect(page.locator(".note", has_text="过了30分钟")).to_be_visible()
    expect(page.locator(".note", has_text="自己到的").first).to_be_visible()
    tool("取消关注")
    expect(page.locator(".say")).to_be_disabled()
    tool("关注")
    expect(page.locator(".say")).to_be_enabled()
    page.get_by_role("button", name="全部重来").click()
    page.locator("#restart-dialog").get_by_role("button", name="全部重来").click()
    expect(page.locator(".phone")).to_have_count(0)
    expect(page.locator("#start")).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_no_serious_issue(
    new_context: Callable[..., Any], serve: Callable[..., str], language: str, scheme: str, width: int
) -> None:
    """At the beginning, in a conversation, with the menu open, and on the wire."""
    context = new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = opened(context.new_page(), serve(), language)
    no_serious_issue(page)
    page.locator("#start button").click()
    last(page).get_by_role("button", name="卡丢了").click()
    page.locator(".menu-button").first.click()
    no_serious_issue(page)
    page.locator(".tools").click()
    no_serious_issue(page)
    page.keyboard.press("Escape")
    if width < 900:
        page.locator("#show-wire").click()
    page.locator("#exchanges summary").first.click()
    no_serious_issue(page)


def test_nothing_hangs_out_of_a_narrow_window(watched: Page, serve: Callable[..., str]) -> None:
    watched.set_viewport_size({"width": 360, "height": 740})
    for language in ("zh", "en"):
        page = opened(watched, serve(), language)
        for button in ("#start button", "#show-wire", "#show-people"):
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            page.locator(button).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        expect(last(page)).to_be_attached()  # else what it keeps would be back after the next line
        page.evaluate("sessionStorage.clear()")
