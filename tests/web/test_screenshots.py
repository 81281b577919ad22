"""`make screenshots`: every state of the page at both widths, in both looks and languages."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="no pytest-playwright here: it is in requirements-dev.txt")
from playwright.sync_api import Page, expect

from web.test_browser import Hand, last, opened, to_receipt
from web.town import copied

DIRECTORY = os.environ.get("SHEBAO_SCREENSHOTS", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DIRECTORY, reason="SHEBAO_SCREENSHOTS names no directory: make screenshots"),
]


def save(root: Path, name: str, old: str, new: str) -> None:
    """An operator's edit in config/."""
    path = root / "config" / name
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(360, 740), (1440, 900)], ids=["360", "1440"])
def test_shoot(
    new_context: Callable[..., Any],
    serve: Callable[..., str],
    language: str,
    scheme: str,
    size: tuple[int, int],
    tmp_path: Path,
) -> None:
    width, height = size
    copied(tmp_path)
    context = new_context(
        color_scheme=scheme, viewport={"width": width, "height": height}, device_scale_factor=1
    )
    page: Page = opened(
        context.new_page(), serve(tmp_path, code="picture" if language == "en" else "text"), language
    )

    def shoot(name: str) -> None:
        page.wait_for_timeout(250)
        page.screenshot(path=Path(DIRECTORY) / f"phone-{name}-{width}-{scheme}-{language}.png")

    shoot("start")
    if language == "zh":
        to_receipt(Hand(page))
    else:
        page.locator("#start button").click()
        expect(last(page)).to_contain_text("社保卡")
        page.locator(".say").fill("English")
        page.keyboard.press("Enter")
        expect(last(page)).to_contain_text("in English")
        page.locator(".say").fill("lost my card")
        page.keyboard.press("Enter")
        expect(last(page)).to_contain_text("I agree")
        page.locator(".say").fill("I agree")
        page.keyboard.press("Enter")
        expect(last(page)).to_contain_text("ID number")
        page.locator("[data-quick=my_id]").click()
        expect(last(page)).to_contain_text("name")
        page.locator("[data-quick=my_name]").click()
        expect(page.locator(".them img.picture")).to_be_visible()
    shoot("talk")
    page.locator(".menu-button").first.click()
    shoot("menu")
    page.keyboard.press("Escape")
    if width > 900:
        page.locator(".person", has_text="孙临时").click()
        page.locator("#exchanges summary").first.click()
        page.locator(".phone.current .tools").click()
        shoot("two")
        page.locator(".phone.current .add").click()
        page.locator(".phone.current [data-do=place]").click()
        shoot("place")
        page.keyboard.press("Escape")
        save(tmp_path, "menu.yaml", "卡找到了", "找到了卡")
        expect(page.locator("#saved.waits")).to_be_visible()
        shoot("saved")
        return
    page.locator("#show-wire").click()
    page.locator("#exchanges summary").first.click()
    shoot("wire")
    page.locator("#show-people").click()
    shoot("people")
    page.locator("#people .panel-close").click()
    page.locator(".add").click()
    page.locator("[data-do=voice]").click()
    shoot("voice")
    page.keyboard.press("Escape")
    page.locator(".tools").click()
    shoot("tools")
    page.keyboard.press("Escape")
    save(tmp_path, "menu.yaml", "flow: report_loss", "flow: nowhere")
    expect(page.locator("#saved.bad")).to_be_visible()
    shoot("saved")
