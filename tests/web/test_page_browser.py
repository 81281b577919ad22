"""The page in a real browser: a loss is reported by touch, with and without scripts, small and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from page.browser import LINK, SEVEN_DAYS
from phone import Phone

from bot.app import Bot, create_app
from web.conftest import BROWSER_SECONDS, phone_app
from web.test_browser import no_serious_issue

pytestmark = pytest.mark.slow
FIRST_VIEW = 60_000
"""Bytes of everything that the first screen loads."""


@pytest.fixture
def served(make_bot: Callable[..., Bot], serve_app: Callable[..., str]) -> tuple[Bot, Phone, str]:
    """The service, somebody who chats with it, and its address."""
    bot = make_bot(page="link", public_url="http://127.0.0.1/wechat", code="picture")
    app = create_app(bot)
    return bot, Phone(app.test_client(), bot), serve_app(app)


def opened(phone: Phone, address: str) -> str:
    """The link as the resident taps it, on the port that the test's server has."""
    phone.say("卡丢了")
    phone.tap("同意，继续")
    return address + phone.bubble.links[LINK].removeprefix("http://127.0.0.1")


def press(page: Any, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("scripts", [True, False])
def test_a_loss_is_reported_by_touch(
    served: tuple[Bot, Phone, str], browser: Any, tmp_path: Path, width: int, look: str, scripts: bool
) -> None:
    """Nothing is wider than the screen or breaks the rules of the page; nothing stays in the browser."""
    bot, phone, address = served
    context = browser.new_context(
        viewport={"width": width, "height": 640},
        color_scheme=look,
        java_script_enabled=scripts,
        locale="zh-CN",
    )
    page = context.new_page()
    page.set_default_timeout(BROWSER_SECONDS * 1000)
    wrong: list[str] = []
    loaded: list[int] = []
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda answer: loaded.append(len(answer.body()) if answer.ok else 0))
    shots = iter(range(99))

    def look_at() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width if scripts else True
        if scripts:
            no_serious_issue(page)
        page.screenshot(path=tmp_path / f"{next(shots)}.png", full_page=True)

    page.goto(opened(phone, address))
    look_at()
    press(page, "打开办事页面")
    look_at()
    if scripts:
        page.wait_for_load_state()
        assert 0 < sum(loaded) < FIRST_VIEW
    page.get_by_label("证件号码").fill(phone.person.id_number[:-1])
    page.get_by_label("姓名").fill(phone.person.name)
    press(page, "提交")
    look_at()
    page.get_by_label("证件号码").fill(phone.person.id_number)
    page.get_by_label("姓名").fill(phone.person.name)
    press(page, "提交")
    page.get_by_label("核对数字").wait_for()
    look_at()
    code = bot.store.begin(bot.store.owner(phone.openid), "-").session
    assert code
    page.get_by_label("核对数字").fill(code.frames[-1].code)
    press(page, "提交")
    press(page, SEVEN_DAYS)
    look_at()
    press(page, "确认停用")
    page.get_by_text("【已停用】").wait_for()
    look_at()
    page.reload()
    page.go_back()
    page.get_by_text("【已停用】").wait_for()
    if scripts:
        assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    assert phone.person.id_number not in page.url
    assert not wrong
    context.close()


def test_on_the_phone_a_link_opens_inside_it(
    make_bot: Callable[..., Bot], serve_app: Callable[..., str], browser: Any, tmp_path: Path
) -> None:
    """From the chat to the page and back to the chat, which goes on where the page stood."""
    bot = make_bot(page="link", public_url="http://127.0.0.1/wechat", phone="yes")
    address = serve_app(phone_app(bot), bot.worker())
    page = browser.new_page(viewport={"width": 390, "height": 760}, locale="zh-CN")
    page.set_default_timeout(BROWSER_SECONDS * 1000)
    page.goto(f"{address}/phone?lang=zh")
    page.locator(".weui-btn_primary").click()
    chat = page.locator(".phone")
    for words in ("卡丢了", "同意"):
        chat.locator(".say").fill(words)
        chat.get_by_role("button", name="发送").click()
        chat.locator(".me", has_text=words).last.wait_for()
    chat.get_by_role("button", name=LINK).click()
    inside = chat.frame_locator("iframe")
    inside.get_by_role("button", name="打开办事页面").click()
    inside.get_by_label("证件号码").fill("660101198001010018")
    page.screenshot(path=tmp_path / "inside.png")
    inside.get_by_label("姓名").fill("张三")
    inside.get_by_role("button", name="提交").click()
    inside.get_by_text("4个数字").wait_for()
    chat.get_by_role("button", name="关上网页，回到聊天").click()
    chat.locator(".say").fill("再说一遍")
    chat.get_by_role("button", name="发送").click()
    chat.get_by_text("4个数字").last.wait_for()
    assert "660101198001010018" not in chat.locator(".log").inner_text()
