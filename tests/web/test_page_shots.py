"""Whole flows on the page in a real browser; `make screenshots` keeps what it sees of each screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from page.browser import ADDRESS, EXPRESS, photo
from page.test_authorisation import let_in
from page.test_page import FORMAL
from phone import Phone
from wechat.wechat_api import Api, serving

from bot.app import Bot, create_app
from bot.engine import form
from web.conftest import BROWSER_SECONDS
from web.test_browser import no_serious_issue
from web.town import copied

DIRECTORY = os.environ.get("SHEBAO_SCREENSHOTS", "")
WIDTHS = [320, 390, 1280] if DIRECTORY else [320]
LOOKS = ["light", "dark"] if DIRECTORY else ["light"]
pytestmark = pytest.mark.slow
SMALL = """() => {
    const small = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const within = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !within.checkVisibility()) continue;
        if (parseFloat(getComputedStyle(within).fontSize) < 18) small.push(walker.currentNode.data.trim());
    }
    return small;
}"""
CUT = """() => [...document.querySelectorAll("button, .pick, label, p, li")].filter(
    (it) => it.checkVisibility() && it.scrollWidth > it.clientWidth + 1).map((it) => it.textContent.trim())"""
FLOWS = {
    "formal": ("张三", "卡丢了（挂失）", (FORMAL, "丢了"), "【已停用】"),
    "new_card": ("张三", "补卡、换卡", ("坏了",), "受理号"),
    "e_card": ("张三", "电子社保卡", (), "【已领好】"),
    "family": ("张三", "给家里人办", ("未满16岁的孩子",), "接下来办的是"),
}


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as running:
        yield running


@pytest.fixture
def known(make_bot: Callable[..., Bot], api: Api) -> Bot:
    """Of an account that may ask WeChat who opens its page."""
    return make_bot(
        page="account",
        public_url="http://127.0.0.1/wechat",
        wechat_app_secret="app-secret",
        wechat_api=api.url,
        code="picture",
        per_minute=1000,
    )


class Eye:
    """Looks at a screen: all of it stands in the width, also with letters twice as large; nothing is small,
    cut off, or a serious issue to axe."""

    def __init__(self, page: Any, width: int, name: str, shots: Path) -> None:
        self.page, self.width, self.name, self.shots, self.seen = page, width, name, shots, 0

    def look(self) -> None:
        page = self.page
        no_serious_issue(page)
        assert page.evaluate(SMALL) == []
        self._stands("")
        page.evaluate("document.documentElement.style.fontSize = '225%'")
        self._stands("-200")
        page.evaluate("document.documentElement.style.fontSize = ''")
        self.seen += 1

    def _stands(self, how: str) -> None:
        page = self.page
        page.screenshot(
            path=self.shots / f"page-{self.name}-{self.seen:02}-{self.width}{how}.png", full_page=True
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= self.width
        assert page.evaluate(CUT) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("flow", FLOWS)
def test_shoot_a_flow_on_the_page(
    known: Bot,
    api: Api,
    serve_app: Callable[..., str],
    browser: Any,
    tmp_path: Path,
    flow: str,
    look: str,
    width: int,
) -> None:
    person, title, ways, end = FLOWS[flow]
    app = create_app(known)
    phone = Phone(app.test_client(), known, person)
    entered = let_in(app, api, phone.openid)
    address = serve_app(app)
    context = browser.new_context(viewport={"width": width, "height": 640}, color_scheme=look, locale="zh-CN")
    name, value = entered.cookie
    context.add_cookies([{"name": name, "value": value, "url": address}])
    page = context.new_page()
    page.set_default_timeout(BROWSER_SECONDS * 1000)
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(photo(size=(640, 480)))
    eye = Eye(page, width, f"{flow}-{look}", Path(DIRECTORY) if DIRECTORY else tmp_path)
    page.goto(f"{address}/card")
    eye.look()
    press(page, title)
    while end not in page.locator("main").inner_text():
        eye.look()
        assert eye.seen < 15
        fill_in(page, phone, known, picture, flow)
        press_on(page, ways)
    eye.look()
    assert "回复" not in page.locator("main").inner_text()
    context.close()


def press(page: Any, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def press_on(page: Any, ways: tuple[str, ...]) -> None:
    """The way that the flow is to take, else the first button of the question."""
    for way in ways:
        if page.get_by_role("button", name=way, exact=True).count():
            return press(page, way)
    with page.expect_navigation():
        page.locator("form.question button.main, form.options button").first.click()
    return None


def fill_in(page: Any, phone: Phone, bot: Bot, picture: Path, flow: str) -> None:
    session = bot.store.begin(bot.store.owner(phone.openid), "-").session
    assert session
    assert session.frames
    here = session.frames[-1]
    child = here.flow == "family"
    answers = {
        "f.id_number": "660103201806010012" if child else phone.person.id_number,
        "f.name": "张小宝" if child else phone.person.name,
        "f.valid_to": "2036-05-20",
        "f.mobile": "13800138123",
        "f.address.region": ADDRESS[:6],
        "f.address.street": ADDRESS[6:9],
        "f.address.number": ADDRESS[9:],
        "f.code": form.code(session),
        "text": here.code,
    }
    for picker in page.locator("input[type=file]").all():
        picker.set_input_files(picture)
    if page.locator("input[type=file]").count():
        page.locator(".preview").last.wait_for()
        page.wait_for_function("!document.querySelector('button.main').disabled")
    if (home := page.get_by_label(EXPRESS)).count():
        home.check()
    for field in page.locator("form.question input, form.question textarea").all():
        if (said := answers.get(field.get_attribute("name") or "")) is not None:
            field.fill(said)


def test_a_long_list_folds_and_is_searched(
    make_bot: Callable[..., Bot], api: Api, serve_app: Callable[..., str], browser: Any, tmp_path: Path
) -> None:
    """As one types; without scripts by a button. What is searched for stands in no address."""
    root = copied(tmp_path)
    stars = [f"s{n}" for n in range(1, 15)]
    for name, old, new in (
        ("flows/rate.yaml", "values: [s5, s4, s3, s2, s1]", f"values: [{', '.join(stars)}]"),
        *(
            (
                f"messages/{code}/rate.yaml",
                "values: {",
                "values: {" + "".join(f"s{n}: 窗口{n}号, " for n in range(6, 15)),
            )
            for code in ("zh-CN", "en")
        ),
    ):
        text = (root / name).read_text("utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new, 1), "utf-8")
    bot = make_bot(
        root,
        page="account",
        public_url="http://127.0.0.1/wechat",
        wechat_app_secret="app-secret",
        wechat_api=api.url,
    )
    app = create_app(bot)
    phone = Phone(app.test_client(), bot)
    phone.say("评价")
    name, value = let_in(app, api, phone.openid).cookie
    address = serve_app(app)
    for scripts in (True, False):
        context = browser.new_context(java_script_enabled=scripts, viewport={"width": 320, "height": 640})
        context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        page.set_default_timeout(BROWSER_SECONDS * 1000)
        page.goto(f"{address}/card")
        options = page.locator("form.options button:visible")
        assert options.count() == 9
        page.get_by_text("还有5个").click()
        assert options.count() == len(stars)
        page.get_by_label("找一找").fill("窗口13")
        if scripts:
            assert options.all_inner_texts() == ["窗口13号"]
            no_serious_issue(page)
        press(page, "找")
        assert options.all_inner_texts() == ["窗口13号"]
        assert page.url == f"{address}/card"
        page.get_by_label("找一找").fill("窗口99")
        press(page, "找")
        page.get_by_text("没有找到").wait_for()
        page.get_by_label("找一找").fill("")
        press(page, "找")
        assert options.count() == 9
        context.close()
