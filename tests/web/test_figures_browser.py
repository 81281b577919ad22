"""The pages of figures in Debian's chromium: drawn, chosen by clicking, fit for a screen reader; `make
screenshots` writes them down."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

pytest.importorskip("playwright", reason="no pytest-playwright here: it is in requirements-dev.txt")
from playwright.sync_api import Page, expect

from bot.app import Bot, create_app
from web.operator import PASSWORD, USERS
from web.seeded import OLDER, seed
from web.test_browser import no_serious_issue

pytestmark = pytest.mark.slow
DIRECTORY = os.environ.get("SHEBAO_SCREENSHOTS", "")
PAGES = {
    "flows": "flows?flow=report_loss",
    "funnels": "funnels?days=30",
    "funnel": "funnels?days=30&flow=sign_in",
    "questions": "questions",
}
Open = Callable[..., Page]


@pytest.fixture
def address(make_bot: Callable[..., Bot]) -> Iterator[str]:
    """A console with a month of made-up residents behind it."""
    bot = make_bot(console_users=USERS)
    seed(bot)
    server = make_server("127.0.0.1", 0, create_app(bot), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/console"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def signed_in(new_context: Callable[..., Any], address: str) -> Iterator[Open]:
    """`signed_in(width, scheme, language)`: a browser behind the door; anything it complains of while the
    server is up fails."""
    wrong: list[str] = []

    def enter(width: int = 1440, scheme: str = "light", language: str = "en") -> Page:
        page: Page = new_context(
            color_scheme=scheme, viewport={"width": width, "height": 900}, base_url=f"{address}/"
        ).new_page()
        page.on("pageerror", lambda e: wrong.append(str(e)))
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.goto(f"sign-in?lang={language}")
        page.locator("[name=name]").fill("anna")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=password]").press("Enter")
        page.wait_for_url(address)
        return page

    yield enter
    assert not wrong


def go(page: Page, where: str) -> None:
    page.goto(where)
    page.wait_for_selector("html[data-ready]")


def test_the_graph_is_drawn_with_the_counts_of_its_table(signed_in: Open) -> None:
    page = signed_in()
    go(page, "flows?flow=report_loss")
    drawn = page.get_by_role("img", name="Graph of Lost card")
    expect(drawn).to_be_visible()
    cells = page.locator(
        "#ways tr", has_text=re.compile(r"temporary\s*confirmation · Block the card")
    ).locator("td")
    expect(drawn.locator("text", has_text=cells.nth(3).inner_text().strip()).first).to_be_visible()
    assert page.locator(".graph .node").count() > 15
    box = page.locator("#node-kind").bounding_box()
    assert box
    words = page.locator("#node-kind text").evaluate_all(
        "all => all.map(t => t.getBoundingClientRect().width)"
    )
    assert max(words) < box["width"], "the words stay inside their box"


def test_an_operator_looks_for_where_residents_leave_by_clicking(signed_in: Open) -> None:
    page = signed_in()
    page.get_by_role("link", name="Funnels").click()
    page.wait_for_selector("html[data-ready]")
    assert page.locator("figure canvas").count() == 2, "each flow, and each day"
    page.get_by_role("link", name="Sign in", exact=True).click()
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("#steps")).to_contain_text("no answer in time")
    expect(page.get_by_label("From", exact=True)).to_be_hidden()
    page.get_by_label("Period").select_option("30")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**days=30*")
    page.get_by_label("Revision").select_option(OLDER)
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**revision=0a1b2c3d4e5f*")
    expect(page.get_by_label("Revision")).to_have_value(OLDER)
    expect(page.locator("main")).to_contain_text("Flows and steps are those served now")
    page.get_by_role("link", name="See its graph").click()
    page.wait_for_url("**/flows?*")
    expect(page.get_by_label("Flow", exact=True)).to_have_value("sign_in")
    expect(page.get_by_label("Period")).to_have_value("30")


def test_two_dates_are_asked_for_when_they_are_wanted(signed_in: Open) -> None:
    page = signed_in(360)
    go(page, "questions")
    page.get_by_label("Period").select_option("dates")
    page.get_by_label("From", exact=True).fill("2020-01-01")
    page.get_by_label("To", exact=True).fill("2020-01-02")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).to_contain_text("400 days")
    expect(page.get_by_label("From", exact=True)).to_be_visible()


@pytest.mark.parametrize(("width", "scheme", "language"), [(1440, "dark", "zh"), (360, "light", "en")])
def test_axe_finds_no_serious_issue_and_nothing_is_cut_off(
    signed_in: Open, width: int, scheme: str, language: str
) -> None:
    page = signed_in(width, scheme, language)
    for where in PAGES.values():
        go(page, where)
        no_serious_issue(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.skipif(not DIRECTORY, reason="SHEBAO_SCREENSHOTS names no directory: make screenshots")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_shoot_figures(signed_in: Open, width: int, scheme: str, language: str) -> None:
    page = signed_in(width, scheme, language)
    for name, where in PAGES.items():
        go(page, where)
        page.wait_for_timeout(250)
        path = Path(DIRECTORY) / f"console-{name}-{width}-{scheme}-{language}.png"
        page.screenshot(path=path, full_page=True)
