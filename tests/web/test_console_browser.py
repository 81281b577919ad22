"""An operator clicks: the console in Debian's chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

pytest.importorskip("playwright", reason="no pytest-playwright here: it is in requirements-dev.txt")
from playwright.sync_api import Page, expect

from bot.app import Bot
from bot.console.totp import STEP, code_at
from bot.console.visits import FRESH
from web.operator import HASH, PASSWORD, USERS
from web.test_browser import no_serious_issue
from web.town import FakeMenu, connected, copied, dead_letter, report_loss

pytestmark = pytest.mark.slow
PAGES = (
    "",
    "/jobs",
    "/maintenance",
    "/resident",
    "/findings",
    "/drafts",
    "/drafts/phrase",
    "/revisions",
    "/revisions/compare",
    "/menu",
    "/audit",
)


@pytest.fixture
def quiet(page: Page) -> Page:
    """Any error or refused resource fails the test."""
    wrong: list[str] = []
    page.on("pageerror", lambda e: wrong.append(str(e)))
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" and "403" not in m.text else None)
    page.context.wrong = wrong  # type: ignore[attr-defined]
    return page


def signed_in(page: Page, address: str, name: str = "anna", language: str = "zh") -> Page:
    page.goto(f"{address}/console/sign-in?lang={language}")
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("概况" if language == "zh" else "Overview")
    return page


def test_sign_in_is_refused_and_then_granted_by_keyboard_alone(
    quiet: Page, console_bot: Bot, serve_app: Callable[..., str]
) -> None:
    address = serve_app(connected(console_bot, ROOT, FakeMenu()))
    quiet.goto(f"{address}/console?lang=zh")
    expect(quiet.locator("#name")).to_be_focused()
    quiet.keyboard.type("anna")
    quiet.keyboard.press("Tab")
    quiet.keyboard.type("wrong password")
    quiet.keyboard.press("Enter")
    expect(quiet.get_by_role("alert")).to_contain_text("账号或密码不对")
    no_serious_issue(quiet)
    signed_in(quiet, address)
    quiet.keyboard.press("Tab")
    expect(quiet.get_by_role("link", name="跳到正文")).to_be_focused()
    quiet.get_by_role("link", name="操作记录").first.click()
    expect(quiet.locator("tbody tr")).to_have_count(2)
    quiet.get_by_role("button", name="退出").first.click()
    expect(quiet.locator("h1")).to_have_text("登录控制台")
    quiet.go_back()
    expect(quiet.locator("h1")).to_have_text("登录控制台")
    assert quiet.context.wrong == []  # type: ignore[attr-defined]


def test_a_code_is_asked_for_at_the_door_and_again_before_publishing(
    quiet: Page, make_bot: Callable[..., Bot], serve_app: Callable[..., str], tmp_path: Path
) -> None:
    root, secret = copied(tmp_path), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    bot = make_bot(root, console_users=(f"anna:publish:{HASH}:{secret}",))
    address = serve_app(connected(bot, root, FakeMenu()))
    quiet.goto(f"{address}/console/sign-in?lang=zh")
    quiet.get_by_label("账号").fill("anna")
    quiet.get_by_label("密码").fill(PASSWORD)
    quiet.get_by_label("动态码").fill(code_at(secret, bot.now() // STEP))
    quiet.keyboard.press("Enter")
    expect(quiet.locator("h1")).to_have_text("概况")
    quiet.goto(f"{address}/console/revisions/compare")
    bot.now.at += FRESH + STEP  # type: ignore[attr-defined]
    quiet.get_by_label("说明").fill("第一次")
    quiet.get_by_role("button", name="发布", exact=True).click()
    expect(quiet.locator("h1")).to_have_text("请再确认一次是您本人")
    no_serious_issue(quiet)
    assert bot.revisions.current() == ""
    expect(quiet.get_by_label("密码")).to_be_focused()
    quiet.keyboard.type(PASSWORD)
    quiet.get_by_label("动态码").fill(code_at(secret, bot.now() // STEP))
    quiet.keyboard.press("Enter")
    expect(quiet.locator("tbody tr").first).to_contain_text("第一次")
    assert bot.revisions.current()


def test_somebody_on_duty_goes_from_a_list_to_a_conversation(
    quiet: Page, console_bot: Bot, serve_app: Callable[..., str]
) -> None:
    phone, _ = report_loss(console_bot)
    page = signed_in(quiet, serve_app(connected(console_bot, ROOT, FakeMenu())))
    page.get_by_role("link", name="办理结果").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="下载CSV").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert text.splitlines()[0] == '"时间","要办的事","结果","居民"'
    assert "卡丢了" in text.splitlines()[1]
    in_csv = "said => words(Object.assign(document.createElement('td'), {textContent: said}))"
    for sign in "=+-@＝＋－＠":
        assert page.evaluate(in_csv, f"{sign}A1") == f"'{sign}A1", "a spreadsheet would run it"
    assert page.evaluate(in_csv, "-1,200") == "-1200"
    page.get_by_role("button", name="看对话").click()
    expect(page.locator(".bubble.theirs").first).to_contain_text("卡丢了")
    expect(page.locator(".bubble.ours").last).to_contain_text("受理号")
    no_serious_issue(page)
    assert phone.openid not in page.content()
    page.get_by_role("button", name="退出所有设备").first.click()
    expect(page.locator("h1")).to_have_text("登录控制台")
    assert page.context.wrong == []  # type: ignore[attr-defined]


def test_publish_and_roll_back(
    quiet: Page, make_bot: Callable[..., Bot], serve_app: Callable[..., str], tmp_path: Path
) -> None:
    """A sentence is changed, previewed, published; the resident hears it; then the old one again."""
    root = copied(tmp_path)
    bot = make_bot(root, console_users=USERS)
    page = signed_in(quiet, serve_app(connected(bot, root, FakeMenu())))
    page.get_by_role("link", name="版本").first.click()
    page.get_by_role("link", name="预览第一次发布").click()
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已发布")
    first = bot.revisions.current()
    path = root / "messages" / "zh-CN" / "report_loss.yaml"
    path.write_text(path.read_text().replace("卡是怎么没的？", "卡是丢了，还是被偷了？"))
    page.get_by_role("link", name="版本").first.click()
    page.get_by_role("link", name="预览改动").click()
    expect(page.locator(".plus")).to_have_text(["+ 卡是丢了，还是被偷了？"])
    expect(page.locator(".minus")).to_have_text(["- 卡是怎么没的？"])
    page.get_by_label("说明").fill("问得清楚些")
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("tbody tr").first).to_contain_text("问得清楚些")
    assert bot.revisions.current() != first
    page.get_by_role("link", name="看看退回会变什么").last.click()
    page.get_by_role("button", name="退回到这一版").click()
    expect(page.get_by_role("status")).to_contain_text("已退回")
    assert bot.revisions.current() == first
    page.get_by_role("link", name="操作记录").first.click()
    expect(page.locator("tbody tr").first).to_contain_text("退回内容")
    assert page.context.wrong == []  # type: ignore[attr-defined]


def test_a_failing_check_is_shown_and_cannot_be_published(
    quiet: Page, make_bot: Callable[..., Bot], serve_app: Callable[..., str], tmp_path: Path
) -> None:
    root = copied(tmp_path)
    page = signed_in(quiet, serve_app(connected(make_bot(root, console_users=USERS), root, FakeMenu())))
    flow = root / "flows" / "report_loss.yaml"
    flow.write_text(flow.read_text().replace("next: {found: state,", "next: {found: nowhere,"))
    page.get_by_role("link", name="检查").first.click()
    expect(page.get_by_role("alert")).to_contain_text("个错误")
    expect(page.locator("tbody tr").first).to_contain_text("flows/report_loss.yaml:")
    no_serious_issue(page)
    page.get_by_role("link", name="版本").first.click()
    page.get_by_role("link", name="预览改动").click()
    expect(page.get_by_role("alert")).to_contain_text("不能发布")
    expect(page.get_by_role("button", name="发布", exact=True)).to_have_count(0)


def test_a_dead_letter_is_tried_again_and_the_resident_is_told(
    quiet: Page, console_bot: Bot, serve_app: Callable[..., str]
) -> None:
    dead_letter(console_bot)
    page = signed_in(quiet, serve_app(connected(console_bot, ROOT, FakeMenu()), console_bot.worker()))
    page.get_by_role("link", name="任务").first.click()
    expect(page.locator("tbody tr")).to_contain_text("ZeroDivisionError")
    page.get_by_text("按经办结果了结").click()
    no_serious_issue(page)
    page.get_by_role("button", name="再试一次").click()
    expect(page.get_by_role("status")).to_contain_text("再试一次")
    expect(page.locator(".empty")).to_have_text("没有卡住的事。")
    assert console_bot.store.jobs.dead() == []


def test_a_resident_is_looked_up_and_the_menu_published(
    quiet: Page, console_bot: Bot, serve_app: Callable[..., str]
) -> None:
    phone, receipt = report_loss(console_bot)
    menu = FakeMenu()
    page = signed_in(quiet, serve_app(connected(console_bot, ROOT, menu)))
    page.get_by_role("link", name="查居民").first.click()
    page.get_by_label("受理号、openid或居民代号").fill(receipt)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="受理凭据")).to_be_visible()
    assert receipt not in page.url
    assert phone.person.id_number not in page.content()
    no_serious_issue(page)
    page.get_by_role("link", name="菜单").first.click()
    page.get_by_role("button", name="发布菜单").click()
    expect(page.get_by_role("status").first).to_contain_text("已发布")
    assert len(menu.sent) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_no_serious_issue_and_nothing_hangs_out(
    new_context: Callable[..., Any], console_bot: Bot, serve_app: Callable[..., str],
    language: str, scheme: str, width: int,
) -> None:  # fmt: skip
    dead_letter(console_bot)
    context = new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    address = serve_app(connected(console_bot, ROOT, FakeMenu()))
    page = signed_in(context.new_page(), address, language=language)
    for path in PAGES:
        page.goto(f"{address}/console{path}")
        no_serious_issue(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    if width == 360:
        page.locator("summary").first.click()
        no_serious_issue(page)
        page.get_by_role("link", name="概况" if language == "zh" else "Overview").click()
        expect(page.locator("h1")).to_have_text("概况" if language == "zh" else "Overview")
