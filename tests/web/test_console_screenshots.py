"""`make screenshots`: every page of the console at both widths, in both looks and languages."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="no pytest-playwright here: it is in requirements-dev.txt")
from playwright.sync_api import Page

from bot.app import Bot
from bot.content.read.files import collect
from bot.content.read.menu import Button
from bot.store.switches import plan
from web.operator import USERS
from web.test_console_browser import signed_in
from web.town import FakeMenu, connected, copied, dead_letter, report_loss

DIRECTORY = os.environ.get("SHEBAO_SCREENSHOTS", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DIRECTORY, reason="SHEBAO_SCREENSHOTS names no directory: make screenshots"),
]
LIVE = (Button("卡丢了", key="CARD_LOSS"), Button("网点", url="https://city.example/outlets"))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(360, 740), (1440, 900)], ids=["360", "1440"])
def test_shoot(
    new_context: Callable[..., Any], make_bot: Callable[..., Bot], serve_app: Callable[..., str],
    tmp_path: Path, language: str, scheme: str, size: tuple[int, int],
) -> None:  # fmt: skip
    root, width = copied(tmp_path), size[0]
    bot = make_bot(root, console_users=USERS, push="yes")
    _, receipt = report_loss(bot)
    dead_letter(bot)
    dead_letter(bot, "没办成", "KeyError")
    address = serve_app(connected(bot, root, FakeMenu(LIVE)))
    context = new_context(color_scheme=scheme, viewport={"width": width, "height": size[1]})
    page: Page = context.new_page()

    def shoot(name: str, path: str | None = None) -> None:
        if path is not None:
            page.goto(f"{address}/console{path}")
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(
            path=Path(DIRECTORY) / f"console-{name}-{width}-{scheme}-{language}.png", full_page=True
        )

    shoot("sign-in", f"/sign-in?lang={language}")
    signed_in(page, address, language=language)
    bot.revisions.publish(collect(root), "anna", "第一次发布" if language == "zh" else "The first one")
    shoot("overview", "")
    if width == 360:
        page.locator("summary").first.click()
        shoot("pages")
    bot.store.switches.off(plan("photos", "", "2199-01-02 06:00", int(bot.now())))
    shoot("maintenance", "/maintenance")
    shoot("jobs", "/jobs")
    page.locator(".more summary").first.click()
    shoot("jobs-end")
    shoot("resident-empty", "/resident")
    page.locator("#asked").fill(receipt)
    page.keyboard.press("Enter")
    page.locator(".turns").wait_for()
    shoot("resident")
    shoot("menu", "/menu")
    words = root / "messages" / "zh-CN" / "report_loss.yaml"
    words.write_text(words.read_text().replace("卡是怎么没的？", "卡是丢了，还是被偷了？"))
    shoot("compare", "/revisions/compare")
    shoot("findings-none", "/findings")
    bot.revisions.publish(collect(root), "anna", "问得清楚些" if language == "zh" else "A clearer question")
    shoot("revisions", "/revisions")
    flow = root / "flows" / "report_loss.yaml"
    flow.write_text(flow.read_text().replace("next: {found: state,", "next: {found: nowhere,"))
    shoot("findings", "/findings")
    shoot("audit", "/audit")
    shoot("trouble", "/revisions/compare?new=000000000000")
