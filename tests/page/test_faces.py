"""A face check on the real-name service's page: it comes back signed, and counts as a submit or not."""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from phone import Phone

from bot.app import Bot, create_app
from bot.page.faces import BACK, EACH, LASTS, FaceCheck, Faces
from bot.ports import Request, Result, Unknown
from bot.settings import face_key
from bot.turn.callbacks import FRESH, sign

from .browser import Page, photo
from .test_page import FORMAL, URL, at_id_number, signed_in

ASKED, GO, OFFER = "到核对页面上刷脸", "去核对人脸", "点这里核对人脸"


@pytest.fixture
def bot(make_bot: Callable[..., Bot]) -> Bot:
    return make_bot(page="link", public_url=URL, face_check="page")


@pytest.fixture
def app(bot: Bot) -> Flask:
    return create_app(bot)


@pytest.fixture
def chat(app: Flask, bot: Bot) -> Phone:
    return Phone(app.test_client(), bot)


def at_the_face(screen: Page, chat: Phone) -> Page:
    signed_in(screen, chat).press(FORMAL).press("丢了").press("同意刷脸")
    assert ASKED in screen
    return screen


@pytest.fixture
def screen(app: Flask, chat: Phone) -> Page:
    return at_the_face(Page(app).open(at_id_number(chat)), chat)


def left(screen: Page) -> str:
    """The state with which the resident was sent to the service."""
    screen.press(GO)
    where = screen.response.headers["Refresh"].partition("url=")[2]
    assert where in screen.html.replace("&amp;", "&"), "also for browsers that do not go by themselves"
    parts = urlsplit(where)
    assert parts.path == "/phone/face"
    assert parse_qs(parts.query).keys() == {"state"}, "nothing personal in an address"
    return parse_qs(parts.query)["state"][0]


def answered(bot: Bot, state: str, result: str = "match", at: int = 0, **changed: str) -> dict[str, str]:
    stamp = str(at or bot.now())
    signature = sign(face_key(bot.settings), stamp, state, BACK, result.encode())
    return {"state": state, "result": result, "at": stamp, "signature": signature, **changed}


def come_back(screen: Page, sent: dict[str, str]) -> Page:
    return screen.shown(screen.client.get(BACK, query_string=sent, follow_redirects=True))


def test_what_comes_back_is_the_answer_in_the_same_session(screen: Page, chat: Phone, bot: Bot) -> None:
    come_back(screen, answered(bot, left(screen)))
    assert "已核对是您本人" in screen
    assert "请核对" in screen
    assert "受理号" in screen.press("确认停用")
    assert "受理号" in chat.say("好了吗")


def test_the_chat_leads_there_and_takes_no_picture(chat: Phone, app: Flask, bot: Bot) -> None:
    chat.say("登录")
    chat.sign_in()
    chat.say("卡丢了")
    chat.choose("正式挂失")
    chat.tap("丢了")
    chat.tap("同意刷脸")
    assert ASKED in chat.bubble
    assert OFFER in chat.bubble.links
    assert "拍一张" not in chat.bubble
    assert OFFER in chat.image().links, "it is asked again, with the link"
    assert ASKED in chat.bubble
    screen = Page(app).open(chat.bubble.links[OFFER])
    assert "已核对是您本人" in come_back(screen, answered(bot, left(screen)))
    assert "已核对" not in chat.say("谢谢")


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("mismatch", "还没有核对上"),
        ("unreadable", "看不清脸"),
        ("locked", "先不刷脸了"),
        ("unavailable", "连不上刷脸系统"),
        ("cancelled", "这次没有核对"),
    ],
)
def test_what_else_it_may_say(screen: Page, bot: Bot, result: str, words: str) -> None:
    come_back(screen, answered(bot, left(screen), result))
    assert words in screen
    assert "已核对是您本人" not in screen
    if result in ("mismatch", "unreadable", "cancelled"):
        assert "已核对是您本人" in come_back(screen, answered(bot, left(screen)))


def test_who_wants_none_has_the_other_way(screen: Page) -> None:
    assert "不刷脸" in screen.press("我不想刷脸")


# --- nothing is done ---
def stands(screen: Page, chat: Phone, bot: Bot) -> tuple[object, ...]:
    session = bot.store.begin(bot.store.owner(chat.openid), "-").session
    assert session is not None
    return session.frames, session.calls


def forged(bot: Bot, state: str) -> list[dict[str, str]]:
    now = int(bot.now())
    good = answered(bot, state)
    other = sign("another-key-of-the-bureau", str(now), state, BACK, b"match")
    elsewhere = sign(face_key(bot.settings), str(now), state, "/callbacks/real_name", b"match")
    return [
        {},
        {**good, "result": "unreadable"},
        {**good, "at": str(now - 1)},
        {**good, "state": "0" * 32},
        {**good, "signature": good["signature"][:-1]},
        {**good, "signature": ""},
        {**good, "signature": "签名"},
        {**good, "signature": other},
        {**good, "signature": elsewhere},
        answered(bot, state, at=now - FRESH - 1),
        answered(bot, state, at=now + FRESH + 1),
        answered(bot, state, "done"),
        answered(bot, state, "match\n"),
        answered(bot, state + "\n"),
        answered(bot, "../" + state),
    ]


def test_what_the_service_did_not_sign_just_now_is_nothing(screen: Page, chat: Phone, bot: Bot) -> None:
    state = left(screen)
    before = stands(screen, chat, bot)
    for sent in forged(bot, state):
        assert come_back(screen, sent).status == 403, sent
        assert "没有收下" in screen
        assert stands(screen, chat, bot) == before
    assert ASKED in screen.get(), "and the question is where it was"
    assert "已核对是您本人" in come_back(screen, answered(bot, state)), "the true one still counts"


def test_it_counts_once(screen: Page, chat: Phone, bot: Bot) -> None:
    sent = answered(bot, left(screen), "mismatch")
    assert "还没有核对上" in come_back(screen, sent)
    before = stands(screen, chat, bot)
    for _ in range(3):
        assert come_back(screen, sent).status == 200
        assert stands(screen, chat, bot) == before, "a mismatch sent again costs no second try"


def test_a_state_that_nobody_began_is_nothing(screen: Page, chat: Phone, bot: Bot) -> None:
    before = stands(screen, chat, bot)
    assert "没有算数" in come_back(screen, answered(bot, "f" * 32))
    assert stands(screen, chat, bot) == before


def test_in_another_browser_it_is_nothing(screen: Page, chat: Phone, app: Flask, bot: Bot) -> None:
    """Neither without a visit nor in somebody else's."""
    sent = answered(bot, left(screen))
    before = stands(screen, chat, bot)
    assert "已核对是您本人" not in come_back(Page(app), sent)
    other = Phone(app.test_client(), bot, "李小芳")
    theirs = at_the_face(Page(app).open(at_id_number(other)), other)
    assert come_back(theirs, sent).status == 403
    assert stands(screen, chat, bot) == before
    assert ASKED in theirs.get()
    assert "已核对是您本人" in come_back(screen, sent)


def test_one_question_s_answer_is_none_to_another(screen: Page, chat: Phone, bot: Bot) -> None:
    """The chat went on meanwhile."""
    sent = answered(bot, left(screen))
    chat.say("不办了")
    before = stands(screen, chat, bot)
    come_back(screen, sent)
    assert "已核对是您本人" not in screen
    assert stands(screen, chat, bot) == before


def test_it_must_come_back_in_time(screen: Page, chat: Phone, bot: Bot) -> None:
    state = left(screen)
    for key in bot.client.scan_iter("page:face:*"):
        assert 0 < bot.client.ttl(key) <= LASTS
        bot.client.delete(key)
    before = stands(screen, chat, bot)
    assert "没有算数" in come_back(screen, answered(bot, state))
    assert stands(screen, chat, bot) == before
    assert "已核对是您本人" in come_back(screen, answered(bot, left(screen)))


def test_who_has_left_the_page_does_not_come_back_to_it(screen: Page, chat: Phone, bot: Bot) -> None:
    sent = answered(bot, left(screen))
    screen.get().press("退出这个页面")
    before = stands(screen, chat, bot)
    assert "已核对是您本人" not in come_back(screen, sent)
    assert stands(screen, chat, bot) == before


def test_no_picture_and_no_word_passes_for_a_face(screen: Page, chat: Phone, bot: Bot) -> None:
    """Also where the form of another question is sent."""
    form = screen.form(GO)
    before = stands(screen, chat, bot)
    proof = f"face-match-{'0' * 32}-{'x' * 22}"
    for more in ({"picture": "m-1"}, {"text": proof}, {"f.selfie": proof}):
        screen.post("/card", {**form.fields, "nonce": f"{len(str(more)):032x}", **more})
        assert "已核对是您本人" not in screen
    data = {**form.fields, "nonce": "e" * 32, "picture": (io.BytesIO(photo()), "a.jpg")}
    screen.shown(screen.client.post("/card", data=data, follow_redirects=True))
    assert "已核对是您本人" not in screen
    assert stands(screen, chat, bot)[1] == before[1]
    chat.image(proof)
    assert ASKED in chat.bubble


def test_a_check_begins_only_at_its_question_and_not_too_often(screen: Page, bot: Bot) -> None:
    form = screen.form(GO)
    refused = screen.client.post("/card/face", data={**form.fields, "token": "x"})
    assert refused.status_code == 403
    assert "没有算数" in screen.post("/card/face", {**form.fields, "mark": "0" * 16})
    for _ in range(EACH):
        left(screen.get())
    assert "太勤" in screen.get().press(GO)
    assert screen.client.get("/card/face").status_code == 303, "nowhere to go"


class Leads:
    """The real-name service: it says where to."""

    def __init__(self, address: str) -> None:
        self.address = address

    def perform(self, request: Request) -> Result:
        return Result("begun", {"address": self.address})

    def find(self, action: str, key: str) -> Result | None:
        return None


@pytest.mark.parametrize(
    "address",
    [
        "http://face.example.gov.cn/",
        "javascript:alert(1)",
        "//face.example",
        "/phone/face",
        "https://",
        "https://a b",
        "https://a\r\nSet-Cookie: x",
        "https://127.0.0.1@face.example",
        "https://[",
        "http://127.0.0.1:1/",
        "",
    ],
)
def test_only_a_safe_address_is_led_to(bot: Bot, address: str) -> None:
    owner, check = bot.store.owner("oNobody"), FaceCheck("oNobody", "a-browser", "0" * 16, {})

    def faces(address: str) -> Faces:
        return Faces(bot.client, bot.store.seal, Leads(address), "a key", "http://127.0.0.1", bot.now)

    with pytest.raises(Unknown):
        faces(address).begin(owner, check)
    good = "https://face.example.gov.cn/check?ticket=1;2"
    assert faces(good).begin(owner, check) == good
