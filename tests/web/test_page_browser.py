"""The page in a real browser: a loss is reported by touch, with and without scripts, small and dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from page.browser import LINK, SEVEN_DAYS, photo
from phone import Phone

from bot.actions import BEGIN_FACE
from bot.app import Bot, create_app
from bot.engine import form
from bot.page.faces import BACK
from bot.page.rendering import HERE
from bot.ports import Request, Result, Service
from bot.settings import face_key
from bot.turn.callbacks import sign
from web.conftest import BROWSER_SECONDS, phone_app
from web.test_browser import last, no_serious_issue

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


def say(page: Any, words: str, answer: str) -> None:
    """In the chat on the phone's page; until this is answered with it."""
    page.locator(".phone .say").fill(words)
    page.locator(".phone").get_by_role("button", name="发送").click()
    last(page).filter(has_text=answer).wait_for()


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

    def copy(other: int = 0) -> None:
        session = bot.store.begin(bot.store.owner(phone.openid), "-").session
        assert session
        page.get_by_label("核对数字").fill(f"{(int(form.code(session)) + other) % 10000:04d}")

    page.get_by_label("证件号码").fill(phone.person.id_number[:-1])
    page.get_by_label("姓名").fill(phone.person.name)
    copy(other=1)
    press(page, "提交")
    look_at()
    page.get_by_text("数字不对").wait_for()
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    assert page.get_by_label("核对数字").input_value() == ""
    assert page.get_by_label("姓名").input_value() == phone.person.name
    page.get_by_label("证件号码").fill(phone.person.id_number)
    press(page, "看不清，换一组数字")
    assert page.get_by_label("证件号码").input_value() == phone.person.id_number
    look_at()
    copy()
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


def test_a_form_without_a_network_stays_as_it_was_filled_in(
    served: tuple[Bot, Phone, str], browser: Any
) -> None:
    _, phone, address = served
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(BROWSER_SECONDS * 1000)
    page.goto(opened(phone, address))
    press(page, "打开办事页面")
    page.get_by_label("姓名").fill("张三")
    page.get_by_label("证件号码").fill("1")
    page.get_by_label("核对数字").fill("1")
    context.set_offline(True)
    page.get_by_role("button", name="提交", exact=True).click()
    page.get_by_text("现在没有网络").wait_for()
    assert page.get_by_label("姓名").input_value() == "张三"
    context.set_offline(False)
    press(page, "提交")
    page.get_by_text("号码要有18位").wait_for()
    assert not page.get_by_text("现在没有网络").is_visible()
    context.close()


@pytest.mark.parametrize("upright", [True, False])
def test_a_photo_is_made_smaller_where_it_stays_upright(
    browser: Any, serve_app: Callable[..., str], upright: bool
) -> None:
    """Browsers before Chrome 81 draw it as it lies and forget which way is up: there the server turns it."""
    app = Flask("a-form", static_folder=HERE / "static")
    form = '<form><img><input type="file"><button class="main"></button></form>'
    form += '<script src="/static/page.js"></script>'
    app.add_url_rule("/", "show", lambda: form)
    page = browser.new_page()
    page.set_default_timeout(BROWSER_SECONDS * 1000)
    if not upright:
        page.add_init_script("CSS.supports = () => false")
    page.goto(serve_app(app))
    sent = photo(size=(2000, 1000))
    page.locator("input").set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": sent})
    page.locator("button:enabled").wait_for()
    name = "photo.jpg" if upright else "x.jpg"
    page.wait_for_function(f"document.querySelector('input').files[0].name == '{name}'")
    page.close()


def test_no_other_site_frames_the_page(
    served: tuple[Bot, Phone, str], browser: Any, serve_app: Callable[..., str]
) -> None:
    """Whoever lays something over it to have its buttons tapped gets an empty frame."""
    _, phone, address = served
    link = opened(phone, address)
    other = Flask("another-site")
    other.add_url_rule("/", "show", lambda: f'<iframe src="{link}" width="300" height="300"></iframe>')
    page = browser.new_page()
    page.set_default_timeout(BROWSER_SECONDS * 1000)
    with page.expect_console_message(lambda line: "frame" in line.text.lower()):
        page.goto(serve_app(other).replace("127.0.0.1", "localhost"))
    assert not page.frame_locator("iframe").get_by_role("button").count()
    page.goto(link)
    assert page.get_by_role("button").count()


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
    last(page).wait_for()
    chat = page.locator(".phone")
    say(page, "卡丢了", "您同意吗")
    say(page, "同意", "号码")
    chat.get_by_role("button", name=LINK).click()
    inside = chat.frame_locator("iframe")
    inside.get_by_role("button", name="打开办事页面").click()
    inside.get_by_label("证件号码").fill("660101198001010018")
    page.screenshot(path=tmp_path / "inside.png")
    inside.get_by_label("姓名").fill("张三")
    shown = re.findall(r"\d \d \d \d", inside.locator("main").inner_text())[-1]
    inside.get_by_label("4个数字").fill(shown.replace(" ", ""))
    inside.get_by_role("button", name="提交").click()
    inside.get_by_text("卡要怎么停").wait_for()
    chat.get_by_role("button", name="关上网页，回到聊天").click()
    say(page, "再说一遍", "卡要怎么停")
    assert "660101198001010018" not in chat.locator(".log").inner_text()


class Elsewhere:
    """The real-name service, whose face check is on another host."""

    def __init__(self, beyond: Service) -> None:
        self.beyond = beyond

    def perform(self, request: Request) -> Result:
        if request.action != BEGIN_FACE:
            return self.beyond.perform(request)
        return Result("begun", {"address": f"https://face.example/check?state={request.arguments['state']}"})

    def find(self, action: str, key: str) -> Result | None:
        return self.beyond.find(action, key)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_face_is_checked_on_another_host_and_comes_back(
    make_bot: Callable[..., Bot], serve_app: Callable[..., str], browser: Any, tmp_path: Path, scripts: bool
) -> None:
    """The page's policy lets its forms lead nowhere else, and the cookie comes along on the way back."""
    bot = make_bot(page="link", public_url="http://127.0.0.1/wechat", face_check="page")
    elsewhere = {**bot.services, "real_name": Elsewhere(bot.services["real_name"])}
    app = create_app(replace(bot, services=elsewhere))
    phone, address = Phone(app.test_client(), bot), serve_app(app)
    phone.say("登录")
    phone.sign_in()
    phone.say("卡丢了")
    phone.choose("正式挂失")
    phone.tap("丢了")
    phone.tap("同意刷脸")
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, java_script_enabled=scripts, locale="zh-CN"
    )
    page = context.new_page()
    page.set_default_timeout(BROWSER_SECONDS * 1000)
    wrong: list[str] = []
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)

    def compared(route: Any) -> None:
        state = route.request.url.partition("state=")[2]
        assert "referer" not in route.request.headers
        at = str(bot.now())
        signed = sign(face_key(bot.settings), at, state, BACK, b"match")
        back = f"{address}{BACK}?state={state}&result=match&at={at}&signature={signed}"
        route.fulfill(body=f'<meta charset="utf-8"><a href="{back}">是我</a>', content_type="text/html")

    page.route("https://face.example/**", compared)
    link = phone.bubble.links["点这里核对人脸"]
    page.goto(address + link.removeprefix("http://127.0.0.1"))
    press(page, "打开办事页面")
    page.screenshot(path=tmp_path / "question.png", full_page=True)
    if scripts:
        no_serious_issue(page)
    page.get_by_role("button", name="去核对人脸").click()
    page.wait_for_url("https://face.example/**")
    page.go_back()
    page.get_by_role("button", name="去核对人脸").click()
    page.wait_for_url("https://face.example/**")
    page.get_by_role("link", name="是我").click()
    page.get_by_text("已核对是您本人").wait_for()
    page.screenshot(path=tmp_path / "answered.png", full_page=True)
    assert page.url == f"{address}/card"
    press(page, "确认停用")
    page.get_by_text("受理号").first.wait_for()
    assert not wrong
    context.close()


def test_on_the_phone_a_pretended_face_check_opens_inside_it(
    make_bot: Callable[..., Bot], serve_app: Callable[..., str], browser: Any, tmp_path: Path
) -> None:
    ready: list[Any] = []
    address = serve_app(lambda environ, start: ready[0](environ, start))  # its port stands in the addresses
    ready.append(
        phone_app(make_bot(page="link", public_url=address + "/wechat", phone="yes", face_check="page"))
    )
    page = browser.new_page(viewport={"width": 390, "height": 760}, locale="zh-CN")
    page.set_default_timeout(BROWSER_SECONDS * 1000)
    page.goto(f"{address}/phone?lang=zh")
    page.locator(".weui-btn_primary").click()
    last(page).wait_for()
    chat = page.locator(".phone")
    say(page, "卡丢了", "您同意吗")
    say(page, "同意", "号码")
    say(page, "660101198001010018", "姓名")
    say(page, "张三", "4个数字")
    code = re.findall(r"\d \d \d \d", chat.locator(".log").inner_text())[-1]
    say(page, code.replace(" ", ""), "卡要怎么停")
    say(page, "2", "怎么没的")
    say(page, "丢了", "要核对您的脸")
    say(page, "同意刷脸", "点这里核对人脸")
    chat.get_by_role("button", name="点这里核对人脸").last.click()
    inside = chat.frame_locator("iframe")
    inside.get_by_role("button", name="打开办事页面").click()
    inside.get_by_role("button", name="去核对人脸").click()
    inside.get_by_role("link", name="没有对上").wait_for()
    page.screenshot(path=tmp_path / "pretended.png")
    inside.get_by_role("link", name="没有对上").click()
    inside.get_by_text("还没有核对上").wait_for()
    inside.get_by_role("button", name="去核对人脸").click()
    inside.get_by_role("link", name="是本人").click()
    inside.get_by_text("已核对是您本人").wait_for()
    page.screenshot(path=tmp_path / "inside.png")
