"""The resident's page in a real browser: what stays of it, and what a killed process does."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from page.browser import LINK, SEVEN_DAYS, photo
from phone import Phone
from web.conftest import BROWSER_SECONDS, CHROMIUM, FLAGS

from bot.engine import form
from bot.page.pictures import redrawn
from processes.kit import Service, until
from processes.test_privacy import everything, files, leaks

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no chromium here"),
]
ADDRESS, MOBILE = "清风市平安区样例路7077号9单元1203", "13800138123"
BESIDE = "taken-by-one-residents-phone"
"""What a camera writes into its pictures."""


@contextmanager
def browsing(profile: Path) -> Iterator[Any]:
    """A page of a browser that keeps what browsers keep, on this disk."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        context = driver.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=list(FLAGS), viewport={"width": 390, "height": 760},
            locale="zh-CN", timeout=BROWSER_SECONDS * 1000,
        )  # fmt: skip
        page = context.pages[0]
        page.set_default_timeout(BROWSER_SECONDS * 1000)
        yield page
        context.close()


def press(page: Any, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def at_the_form(page: Any, phone: Phone, words: str = "卡丢了") -> None:
    """From the chat, by its link, to the first question for personal data."""
    phone.say(words)
    phone.tap("同意，继续")
    page.goto(phone.bubble.links[LINK])
    press(page, "打开办事页面")


def sign_in(page: Any, phone: Phone, service: Service) -> None:
    page.get_by_label("证件号码").fill(phone.person.id_number)
    page.get_by_label("姓名").fill(phone.person.name)
    code(page, phone, service)


def code(page: Any, phone: Phone, service: Service) -> None:
    page.get_by_label("核对数字").or_(page.get_by_label("4个数字")).first.wait_for()
    store = service.store()
    session = store.begin(store.owner(phone.openid), "").session
    assert session
    page.locator("[name='f.code']").or_(page.locator("#field")).fill(form.code(session))
    press(page, "提交")


def new_card(page: Any, picture: Path) -> None:
    """Whatever is asked for, until there is a receipt."""
    for _ in range(15):
        if page.get_by_text("受理号").count():
            return
        submit = page.get_by_role("button", name="提交", exact=True)
        if not submit.count():
            press(page, page.locator("form.options button, button[name=tap]").first.inner_text())
            continue
        home = page.get_by_label("寄到家里")
        if home.count():
            home.first.check()
        for picker in page.locator("input[type=file]").all():
            picker.set_input_files(picture)
        for field in page.locator("textarea, .question input[type=text], .question input[type=tel]").all():
            name = field.get_attribute("name") or ""
            known = {"f.mobile": MOBILE, "f.valid_to": "2036-05-20"}
            parts = {"region": ADDRESS[:6], "street": ADDRESS[6:10], "number": ADDRESS[10:]}
            known |= {f"f.address.{part}": said for part, said in parts.items()}
            if field.is_visible():
                field.fill(known.get(name, ADDRESS))
        with page.expect_navigation():
            submit.click()
    raise AssertionError(page.locator("main").inner_text())


def test_nothing_personal_of_a_whole_matter_stays(service: Service, tmp_path: Path) -> None:
    """Not in the chat, the logs and the store, nor in what the browser keeps of it on its disk."""
    service.env = {"SHEBAO_PER_MINUTE": "1000", "SHEBAO_LOG_LEVEL": "DEBUG"}
    phone = service.start().phone("吴正式")
    picture, profile = tmp_path / "photo.jpg", tmp_path / "profile"
    picture.write_bytes(photo(size=(640, 480), comment=BESIDE.encode()))
    said: list[str] = []
    with browsing(profile) as page:
        at_the_form(page, phone, "补卡")
        said.append(phone.bubble.text)
        addresses = [page.url]
        page.on("framenavigated", lambda frame: addresses.append(frame.url))
        sign_in(page, phone, service)
        new_card(page, picture)
        assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
        press(page, "退出这个页面")
        page.go_back()
        page.go_back()
        secrets = {phone.person.id_number, phone.person.name, ADDRESS, "样例路7077号", MOBILE, BESIDE}
        assert not [word for word in secrets if word in page.content()]
    said += [phone.say(words).text for words in ("谢谢", "补卡进度", "我的信息", "再说一遍")]
    assert any("受理号" in text for text in said)
    client = service.redis()
    client.config_set("rdbcompression", "no")
    client.save()
    keys = list(everything(client))
    assert service.end() == 0

    kept = list(files(profile))
    seen = [
        *keys, *files(service.root / "var", service.out, service.err), *kept,
        ("the chat", "\n".join(said).encode()), ("addresses", "\n".join(addresses).encode()),
    ]  # fmt: skip
    assert leaks(seen, secrets) == []
    drawn = redrawn(picture.read_bytes())[300:360]
    assert not [where for where, hay in seen if drawn in hay]
    assert len({urlsplit(address).path for address in addresses}) <= 3
    assert any("/card" in str(data) for name, data in kept if name.endswith("History"))


def kill(service: Service) -> None:
    os.kill(service.pids()["web"], signal.SIGKILL)


def test_killed_between_filling_in_and_submitting(service: Service, tmp_path: Path) -> None:
    """It is as if nothing had been: what was typed travels, and is read once."""
    phone = service.start().phone()
    with browsing(tmp_path / "profile") as page:
        at_the_form(page, phone)
        page.get_by_label("证件号码").fill(phone.person.id_number)
        page.get_by_label("姓名").fill(phone.person.name)
        kill(service)
        code(page, phone, service)
        press(page, SEVEN_DAYS)
        kill(service)
        page.get_by_role("button", name="确认停用", exact=True).dblclick()  # the second ends the first's way
        page.get_by_text("受理号").wait_for()
    assert len(service.operations()) == 1
    assert "受理号" in phone.say("谢谢")


def test_killed_while_the_bureau_takes_its_time(service: Service, tmp_path: Path) -> None:
    """Whoever then reloads sends the same once more; what comes of it is shown by itself, once, and told in
    the chat."""
    phone = service.start().phone("慢先生")
    with browsing(tmp_path / "profile") as page:
        at_the_form(page, phone)
        sign_in(page, phone, service)
        press(page, SEVEN_DAYS)
        page.get_by_role("button", name="确认停用", exact=True).click(no_wait_after=True)
        store = service.store()
        owner = store.owner(phone.openid)
        assert until(lambda: store.jobs_of(owner)[0])
        kill(service)
        assert until(lambda: service.health() == 200)
        for _ in range(30):
            if page.locator("[data-waits]").or_(page.get_by_text("受理号")).count():
                break
            time.sleep(1)
            with suppress(Exception):  # the browser's own page of an error
                page.reload()
        page.get_by_text("受理号").wait_for()
        assert page.get_by_text("受理号").count() == 1
    assert len(service.operations()) == 1
    assert "受理号" in phone.say("谢谢")
