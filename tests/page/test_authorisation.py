"""WeChat tells who opens the page: then it shows everything of theirs, from the menu on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from conversations.kit import weekday_at
from flask import Flask
from moment import Clock
from phone import Phone
from wechat.wechat_api import Api, serving

from bot.app import Bot, create_app

from .browser import LINK, SEVEN_DAYS, Page, new_card
from .test_page import FORMAL


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as running:
        yield running


@pytest.fixture
def bot(make_bot: Callable[..., Bot], api: Api) -> Bot:
    return make_bot(
        page="account",
        public_url="http://127.0.0.1/wechat",
        wechat_app_secret="app-secret",
        wechat_api=api.url,
    )


@pytest.fixture
def app(bot: Bot) -> Flask:
    return create_app(bot)


@pytest.fixture
def chat(app: Flask, bot: Bot) -> Phone:
    return Phone(app.test_client(), bot)


def sent_on(screen: Page) -> dict[str, str]:
    """What WeChat is asked when the page is opened without a visit."""
    answer = screen.client.get("/card")
    assert answer.status_code == 302
    parts = urlsplit(answer.location)
    assert (parts.netloc, parts.fragment) == ("open.weixin.qq.com", "wechat_redirect")
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


def come_back(screen: Page, code: str, state: str) -> Page:
    return screen.shown(
        screen.client.get("/card/back", query_string={"code": code, "state": state}, follow_redirects=True)
    )


def let_in(app: Flask, api: Api, openid: str, code: str = "a-code-of-wechat") -> Page:
    screen = Page(app)
    api.openids[code] = openid
    asked = sent_on(screen)
    assert asked["scope"] == "snsapi_base"
    assert asked["redirect_uri"] == "http://127.0.0.1/card/back"
    return come_back(screen, code, asked["state"])


def test_a_loss_is_three_taps_for_who_is_signed_in(app: Flask, api: Api, chat: Phone) -> None:
    chat.say("登录")
    chat.sign_in()
    screen = let_in(app, api, chat.openid)
    before = screen.taps
    screen.press("卡丢了（挂失）").press(SEVEN_DAYS).press("确认停用")
    assert "【已停用】" in screen
    assert screen.taps - before == 3


def test_from_the_menu_to_the_receipt_and_the_list_of_them(app: Flask, api: Api, chat: Phone) -> None:
    """Nothing was said in the chat before; the chat knows of it afterwards."""
    screen = let_in(app, api, chat.openid)
    assert "您想办什么" in screen
    screen.press("卡丢了（挂失）").press("同意，继续")
    screen.fill(chat.person.id_number, chat.person.name, screen.code)
    screen.press(SEVEN_DAYS).press("确认停用")
    assert "【已停用】" in screen
    number = screen.text.partition("受理号：")[2].split()[0]
    mine = screen.get().text.partition("我的办理")[2]
    assert number in mine
    assert "卡丢了（挂失）" in mine
    assert re.search(r"\d+月\d+日", mine)
    assert re.search(r"临时挂失（.*月.*日.*查到的）", mine)
    screen.press("现在怎样了：查卡的状态")
    assert "停用" in screen
    assert "停用" in chat.say("好了吗")


def test_the_menu_comes_first_and_the_rest_is_one_tap_away(app: Flask, api: Api, chat: Phone) -> None:
    """What the account's menu has, in its order."""
    screen = let_in(app, api, chat.openid)
    shown, _, beyond = screen.html.partition("<details>")
    titles = re.findall(r'name="begin"[^>]*>([^<]+)', shown)
    assert titles[:2] == ["卡丢了（挂失）", "卡找到了（解挂）"]
    assert len(titles) == 13
    assert "退出登录" in beyond
    assert "卡丢了（挂失）" not in beyond


def test_a_receipt_stands_on_the_page_and_in_the_chat_once_each(app: Flask, api: Api, chat: Phone) -> None:
    """What is done next comes from the page that told it."""
    screen = let_in(app, api, chat.openid)
    screen.press("卡丢了（挂失）").press("同意，继续")
    screen.fill(chat.person.id_number, chat.person.name, screen.code)
    screen.press(SEVEN_DAYS).press("确认停用")
    assert "受理号" in screen
    assert "受理号" not in screen.press("卡丢了（挂失）")
    assert "受理号" in chat.say("谢谢")
    assert "受理号" not in chat.say("谢谢")


def test_the_chat_leads_to_the_page_without_a_token(app: Flask, chat: Phone) -> None:
    chat.say("卡丢了")
    chat.tap("同意，继续")
    assert chat.bubble.links[LINK] == "http://127.0.0.1/card"


def test_everybody_sees_their_own(app: Flask, api: Api, chat: Phone) -> None:
    """A forwarded address shows whoever opens it what is theirs."""
    chat.say("卡丢了")
    chat.tap("同意，继续")
    assert "证件号码" in let_in(app, api, chat.openid)
    other = let_in(app, api, "oSomebodyElse000000000000000", "another-code")
    assert "证件号码" not in other
    assert "您想办什么" in other


def test_a_code_is_used_once(app: Flask, api: Api, chat: Phone) -> None:
    """Also where WeChat would still tell."""
    screen = let_in(app, api, chat.openid)
    assert screen.status == 200
    thief = Page(app)
    query = {"code": "a-code-of-wechat", "state": sent_on(thief)["state"]}
    assert thief.client.get("/card/back", query_string=query).location == "/card"
    assert sent_on(thief), "asked for a code of their own"


def test_coming_back_twice_lets_in_once(app: Flask, api: Api, chat: Phone) -> None:
    """WeChat's browser may ask twice: where the first answer has come, and where it was lost."""
    screen = Page(app)
    api.openids["a-code-of-wechat"] = chat.openid
    state = sent_on(screen)["state"]
    before = screen.cookie
    for _ in range(2):
        assert "您想办什么" in come_back(screen, "a-code-of-wechat", state)
    screen.client.set_cookie(*before)
    query = {"code": "a-code-of-wechat", "state": state}
    assert screen.client.get("/card/back", query_string=query).location == "/card"
    assert sent_on(screen)


def test_what_was_offered_before_the_chat_went_on_does_nothing_and_says_so(
    app: Flask, api: Api, chat: Phone
) -> None:
    chat.say("登录")
    chat.sign_in()
    screen = let_in(app, api, chat.openid)
    screen.press("卡丢了（挂失）").press(SEVEN_DAYS).press("确认停用")
    form = next(form for form in screen.forms if "tap" in dict(form.buttons.values()))
    chat.say("卡丢了要看病")
    label = next(label for label, (name, _) in form.buttons.items() if name == "tap")
    assert "没有算数" in screen.send(form, label)


def test_who_would_rather_go_on_than_wait_for_the_staff_has_a_button(
    app: Flask, api: Api, chat: Phone, clock: Clock
) -> None:
    clock.at = chat.at = weekday_at(1, 10)  # when the staff is there
    screen = let_in(app, api, chat.openid).press("卡丢了（挂失）")
    asked = screen.labels
    screen.press("找工作人员")
    screen.press(screen.labels[0])
    assert "请回到聊天" in screen
    screen.press("上一步")
    assert "请回到聊天" not in screen
    assert screen.labels == asked, screen.text


@pytest.mark.parametrize("code", ["", "x", "not-known-to-wechat", "a" * 300, "' OR 1=1 --"])
def test_a_forged_code_lets_nobody_in(app: Flask, code: str) -> None:
    screen = Page(app)
    assert come_back(screen, code, sent_on(screen)["state"]).status == 403


def test_the_state_belongs_to_the_browser(app: Flask, api: Api, chat: Phone) -> None:
    """Nobody is let into another's visit by an address that was made elsewhere."""
    api.openids["a-code-of-wechat"] = chat.openid
    attacker, victim = Page(app), Page(app)
    state = sent_on(attacker)["state"]
    assert come_back(victim, "a-code-of-wechat", state).status == 403
    sent_on(victim)
    assert come_back(victim, "a-code-of-wechat", state).status == 403
    assert come_back(victim, "a-code-of-wechat", "").status == 403


def test_wechat_away_is_said_kindly(app: Flask, api: Api, chat: Phone) -> None:
    api.odd = "reset"
    screen = let_in(app, api, chat.openid)
    assert screen.status == 503
    assert "连不上" in screen


def test_leaving_does_not_come_back_by_itself(app: Flask, api: Api, chat: Phone) -> None:
    screen = let_in(app, api, chat.openid).press("退出这个页面")
    assert "这一页已经关上了" in screen
    assert sent_on(screen)


def steps(screen: Page) -> tuple[int, int] | None:
    found = re.search(r"第(\d+)步，共(\d+)步", screen.text)
    return (int(found[1]), int(found[2])) if found else None


def test_it_says_how_far_it_is(app: Flask, api: Api, chat: Phone, clock: Clock) -> None:
    """From the consent on, which is asked for here; a way with more questions makes it more."""
    screen = let_in(app, api, chat.openid)
    screen.press("卡丢了（挂失）")
    assert steps(screen) == (1, 3)
    clock.at += 60
    assert steps(screen.press("同意，继续")) == (1, 3)
    assert steps(screen.fill("1", "2", "3")) == (1, 3)
    clock.at += 60
    assert steps(screen.fill(chat.person.id_number, chat.person.name, screen.code)) == (2, 3)
    assert steps(screen.press(SEVEN_DAYS)) == (3, 3)
    assert steps(screen.press("上一步")) == (2, 3)
    screen.press(FORMAL)
    assert steps(screen) == (3, 5)
    screen.press(screen.labels[0])
    assert steps(screen) == (4, 5)


def test_what_was_done_in_the_chat_takes_no_step(app: Flask, api: Api, chat: Phone, clock: Clock) -> None:
    chat.say("登录")
    chat.sign_in()
    clock.at += 60
    screen = let_in(app, api, chat.openid).press("卡丢了（挂失）")
    assert steps(screen) == (1, 2)


def test_an_application_stands_there_as_it_was_last_looked_at(app: Flask, api: Api, bot: Bot) -> None:
    """With the day, and one tap from how it stands now."""
    chat = Phone(app.test_client(), bot, "吴正式")
    screen = let_in(app, api, chat.openid).press("补卡、换卡")
    new_card(screen, chat.person)
    assert "还没缴费（" in screen.text.partition("我的办理")[2]


def test_from_the_opened_page_to_the_receipt_are_four_taps(app: Flask, api: Api, chat: Phone) -> None:
    """And three fields: what the consent leads to is filled in with it."""
    screen = let_in(app, api, chat.openid)
    before = screen.taps
    screen.press("卡丢了（挂失）")
    screen.fill(chat.person.id_number, chat.person.name, screen.code, label="同意，继续")
    screen.press(SEVEN_DAYS).press("确认停用")
    assert "【已停用】" in screen
    assert screen.taps - before == 4


def test_who_agrees_and_fills_in_nothing_is_asked_next(app: Flask, api: Api, chat: Phone) -> None:
    screen = let_in(app, api, chat.openid).press("卡丢了（挂失）").press("同意，继续")
    assert "这个号码" not in screen
    assert screen.form("提交").fields["f.name"] == ""


def test_a_slip_beside_a_consent_is_told_at_its_field(app: Flask, api: Api, chat: Phone) -> None:
    """It is agreed to all the same, and what was typed stands there."""
    screen = let_in(app, api, chat.openid).press("卡丢了（挂失）")
    screen.fill(chat.person.id_number[:-1], chat.person.name, label="同意，继续")
    assert "号码要有18位" in screen
    assert screen.form("提交").fields["f.name"] == chat.person.name


def test_a_refusal_keeps_nothing_that_was_filled_in(app: Flask, api: Api, bot: Bot, chat: Phone) -> None:
    screen = let_in(app, api, chat.openid).press("卡丢了（挂失）")
    screen.fill(chat.person.id_number, chat.person.name, label="不同意")
    assert "没有用您的姓名和号码" in screen
    session = bot.store.begin(bot.store.owner(chat.openid), "-").session
    assert session
    assert not session.frames
    assert not session.consents


def test_a_double_tap_on_a_consent_fills_it_in_once(app: Flask, api: Api, chat: Phone) -> None:
    """The second copy comes in between, or after it."""
    screen = let_in(app, api, chat.openid).press("卡丢了（挂失）")
    form = screen.form("同意，继续")
    name, value = form.buttons["同意，继续"]
    typed = {"f.id_number": chat.person.id_number, "f.name": chat.person.name, "f.code": screen.code}
    for _ in range(3):
        screen.post("/card", {**form.fields, **typed, name: value})
    assert "卡要怎么停" in screen


@pytest.mark.parametrize(
    ("person", "signed_in", "most"), [("张三", True, 6), ("吴正式", True, 5), ("张三", False, 7)]
)
def test_the_screens_of_a_new_card(
    app: Flask, api: Api, bot: Bot, person: str, signed_in: bool, most: int
) -> None:
    """With reason, photos, address and all; signing in takes one."""
    chat = Phone(app.test_client(), bot, person)
    if signed_in:
        chat.say("登录")
        chat.sign_in()
    screen = let_in(app, api, chat.openid).press("补卡、换卡")
    assert len(new_card(screen, chat.person)) <= most
    assert "受理号" in screen


def test_what_is_offered_after_a_receipt_stands_once(app: Flask, api: Api, chat: Phone) -> None:
    """And not once more in the menu below it; the receipts are one tap away."""
    chat.say("登录")
    chat.sign_in()
    screen = let_in(app, api, chat.openid).press("卡丢了（挂失）").press(SEVEN_DAYS).press("确认停用")
    shown = [label for label in screen.labels if "现在怎样了" not in label]
    assert len(shown) == len(set(shown))
    assert 'href="#mine"' in screen.html


def test_the_first_view_is_small(app: Flask, api: Api, chat: Phone) -> None:
    """With styles and script, as they are sent uncompressed."""
    screen = let_in(app, api, chat.openid)
    loaded = re.findall(r'(?:href|src)="(/card/static/[^"]+)"', screen.html)
    assert len(loaded) == 2
    sizes = [len(screen.client.get(address).data) for address in loaded]
    assert sum(sizes) + len(screen.html.encode()) < 60_000
