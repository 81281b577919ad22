"""The page: the same conversation as the chat, submitted as deliveries, each for the question it showed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from conversations.kit import weekday_at
from flask import Flask, g
from moment import Clock
from phone import Phone
from web.town import copied
from werkzeug.test import EnvironBuilder

from bot.app import Bot, create_app
from bot.page.rendering import Rendering

from .browser import ADDRESS, LINK, SEVEN_DAYS, Page, photo

URL = "http://127.0.0.1/wechat"


@pytest.fixture
def bot(make_bot: Callable[..., Bot]) -> Bot:
    return make_bot(page="link", public_url=URL)


@pytest.fixture
def app(bot: Bot) -> Flask:
    return create_app(bot)


@pytest.fixture
def chat(app: Flask, bot: Bot) -> Phone:
    return Phone(app.test_client(), bot)


def at_id_number(chat: Phone) -> str:
    """The chat asks for the ID number, with a link to the page."""
    chat.say("卡丢了")
    chat.tap("同意，继续")
    return chat.bubble.links[LINK]


@pytest.fixture
def screen(app: Flask, chat: Phone) -> Page:
    return Page(app).open(at_id_number(chat))


def signed_in(screen: Page, chat: Phone) -> Page:
    return screen.fill(chat.person.id_number, chat.person.name, screen.code)


def test_from_the_link_to_the_receipt(screen: Page, chat: Phone, bot: Bot) -> None:
    """Three fields and a few taps, nothing of it in the chat; the chat keeps the receipt too."""
    assert "证件号码" in screen
    assert "姓名" in screen
    screen.fill(chat.person.id_number, chat.person.name, screen.code)
    assert "已核对是您本人" in screen
    screen.press("先停用7天，找到了还能恢复（不用刷脸）")
    assert "请核对" in screen
    screen.press("确认停用")
    assert "【已停用】" in screen
    assert screen.taps == 4  # the one that opens it among them
    assert "这个链接能办的已经到这里" in screen
    assert "【已停用】" in screen.get()
    assert "【已停用】" in chat.say("谢谢")


EXPRESS = "寄到家里（邮费12元）"
FORMAL = "正式挂失，补新卡选这个（要刷脸，不会自动恢复）"


def jobs(bot: Bot, chat: Phone) -> list[str]:
    """What the bureau was asked to change, as evidence has it."""
    return [receipt for receipt, _ in bot.store.holdings(bot.store.owner(chat.openid)).receipts]


# --- deliveries ---
def test_looking_steps_nothing(screen: Page, chat: Phone, bot: Bot) -> None:
    """However often it is reloaded: the session is the same, the code stands."""
    before, code = bot.store.begin(bot.store.owner(chat.openid), "-"), screen.code
    for _ in range(3):
        assert screen.get().code == code
    assert bot.store.begin(bot.store.owner(chat.openid), "-").version == before.version


def test_a_double_tap_is_one_delivery(screen: Page, chat: Phone, app: Flask, bot: Bot) -> None:
    """The confirm sent twice at once, and once more by going back: one report, one receipt."""
    signed_in(screen, chat).press(SEVEN_DAYS)
    form = screen.form("确认停用")
    data = dict([*form.fields.items(), form.buttons["确认停用"]])
    cookie = screen.cookie

    def send(_: int) -> int:
        other = app.test_client()
        other.set_cookie(*cookie)
        return other.post("/card", data=data).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(send, range(4))) == {303}
    assert "【已停用】" in screen.get()
    assert screen.post("/card", data).status == 200
    assert len(jobs(bot, chat)) == 1


def test_an_answer_that_nobody_saw_is_told_in_the_chat(screen: Page, chat: Phone) -> None:
    """The receipt is held until the browser is known to have it: a look by a machine is none."""
    signed_in(screen, chat).press(SEVEN_DAYS)
    form = screen.form("确认停用")
    sent = screen.client.post("/card", data=dict([*form.fields.items(), form.buttons["确认停用"]]))
    assert sent.status_code == 303
    assert screen.client.head("/card").status_code == 200
    assert "【已停用】" in chat.say("谢谢")


def test_the_page_opens_no_push_window(screen: Page, chat: Phone, bot: Bot) -> None:
    """WeChat counts its own messages only."""
    owner = bot.store.owner(chat.openid)
    before = bot.client.ttl(owner.key("n", owner.tag)), bot.client.hgetall(owner.key("n", owner.tag))
    bot.client.delete(owner.key("n", owner.tag))
    screen.fill(chat.person.id_number)
    assert before[1]
    assert not bot.client.exists(owner.key("n", owner.tag))


def test_too_many_submits_are_refused_as_in_the_chat(make_bot: Callable[..., Bot]) -> None:
    bot = make_bot(page="link", public_url=URL, per_minute=3)
    app = create_app(bot)
    chat = Phone(app.test_client(), bot)
    screen = Page(app).open(at_id_number(chat))
    screen.fill("1").fill("2")
    assert "有点快" in screen


# --- marks ---
def test_the_old_button_does_not_do_what_the_chat_has_chosen_meanwhile(
    screen: Page, chat: Phone, bot: Bot
) -> None:
    """Seven days stood on the page; the chat went back. Nothing is done; it is asked as it is now."""
    signed_in(screen, chat).press(SEVEN_DAYS)
    old = screen.form("确认停用")
    chat.say("返回")
    screen.send(old, "确认停用")
    assert not jobs(bot, chat)
    assert "没有算数" in screen
    assert "卡要怎么停" in screen
    screen.press(FORMAL)
    screen.send(old, "确认停用")
    assert not jobs(bot, chat)


def test_an_old_tap_in_the_chat_agrees_to_no_other_summary(
    make_phone: Callable[..., Phone], bot: Bot
) -> None:
    """The same step of the same run, and another summary."""
    chat = make_phone()
    chat.say("卡丢了")
    chat.sign_in()
    chat.choose("7天")
    label = next(label for label in chat.bubble.answers if label == "确认停用")
    old = chat.bubble.answers[label]
    chat.say("返回")
    chat.choose("正式")
    for _ in range(6):
        if "请核对" in chat.bubble:
            break
        chat.image() if "照片" in chat.bubble or "刷脸" in chat.bubble else chat.say("1")
    new = chat.bubble.answers.get(label, "")
    chat.say(label, old)
    assert "不是现在这一步" in chat.bubble
    assert not jobs(bot, chat)
    assert new != old


@pytest.mark.parametrize("words", ["我的信息", "卡的状态", "删除我的信息", "English", "人工"])
def test_a_field_is_an_answer_and_nothing_else(screen: Page, chat: Phone, words: str) -> None:
    """Words that begin a flow in the chat, or tell what is held, do neither from a link's page."""
    assert "18位" in screen.fill(words, words)
    assert chat.say("再说一遍").text.startswith("请回复您的18位证件号码")


def test_back_and_forth_between_chat_and_page(screen: Page, chat: Phone) -> None:
    """Each goes on where the other stood."""
    chat.say(chat.person.id_number)
    assert "18位" not in screen.get()
    screen.fill(chat.person.name, screen.code)
    chat.say("再说一遍")
    chat.choose("7天")
    assert "请核对" in screen.get()
    screen.press("确认停用")
    assert "【已停用】" in screen


def test_the_page_speaks_the_language_of_its_conversation(screen: Page, chat: Phone) -> None:
    """Whatever the phone's own is, also in what it says by itself."""
    form = screen.form("提交")
    chat.say("English")
    chat.say(chat.person.id_number)
    assert "did not count" in screen.send(form, "提交")
    assert "没有算数" not in screen


# --- who it is ---
def test_a_link_opens_once(app: Flask, chat: Phone) -> None:
    """Looking at it opens nothing; whoever comes second is told so kindly and sees nothing."""
    link = at_id_number(chat)
    scanner, owner, other = Page(app), Page(app), Page(app)
    for _ in range(3):
        assert scanner.get(link).status == 200
    assert "证件号码" in owner.open(link)
    assert "已经打开过一次" in other.open(link)
    assert "证件号码" not in other
    assert "请点聊天里最新的链接" in other.get()
    assert "证件号码" in owner.get()


def test_the_same_link_leads_back_to_its_own_visit(app: Flask, chat: Phone) -> None:
    """Tapped again in the chat, by the browser that it opened for, and by another one."""
    link = at_id_number(chat)
    owner = Page(app).open(link)
    assert owner.client.get(urlsplit(link).path).location == "/card"
    assert "已经打开过一次" in Page(app).get(link)


def test_whoever_lost_the_answer_to_the_button_enters_again(app: Flask, chat: Phone, clock: Clock) -> None:
    """The browser that pressed it, by the button or by the link, within two minutes; nobody else."""
    link = at_id_number(chat)
    browser = Page(app).get(link)
    form, before = browser.form("打开办事页面"), browser.cookie
    for _ in range(2):  # a double tap
        browser.client.set_cookie(*before)
        assert "证件号码" in browser.send(form, "打开办事页面")
    assert "证件号码" in browser.send(form, "打开办事页面"), (
        "the first answer's cookie has come, its page has not"
    )
    browser.client.set_cookie(*before)
    assert browser.client.get(urlsplit(link).path).location == "/card"
    assert "证件号码" in browser.get()
    assert "已经打开过一次" in Page(app).get(link)
    clock.at += 121
    browser.client.set_cookie(*before)
    assert "已经打开过一次" in browser.get(link)


def test_a_reload_of_a_refusal_is_no_riddle(app: Flask) -> None:
    """Nor is an address that leads nowhere."""
    for path in ("/card/in", "/card/out"):
        assert app.test_client().get(path).location == "/card"
    for answer in (app.test_client().get("/card/other"), app.test_client().post("/card/back")):
        assert answer.status_code == 404
        assert "请回到聊天里" in answer.text
        assert "Content-Security-Policy" in answer.headers


def test_a_link_expires(app: Flask, chat: Phone, bot: Bot) -> None:
    link = at_id_number(chat)
    for key in bot.client.scan_iter("page:link:*"):
        assert 0 < bot.client.ttl(key) <= 600
        bot.client.delete(key)
    assert "过期了" in Page(app).open(link)


@pytest.mark.parametrize("token", ["x", "A" * 22, "A" * 3000, "%00%0d%0aSet-Cookie", "../../console"])
def test_a_forged_link_is_none(app: Flask, token: str) -> None:
    screen = Page(app).get(f"/card/in/{token}")
    assert screen.status in (404, 410)
    assert "Set-Cookie" not in screen.response.headers


def test_a_link_whose_run_is_over_opens_nothing(app: Flask, chat: Phone) -> None:
    link = at_id_number(chat)
    chat.say("不办了")
    assert "已经办完，或者停下了" in Page(app).open(link)


def test_a_link_shows_its_own_run_alone(screen: Page, chat: Phone) -> None:
    """What the chat does next with another matter is not shown from a link, nor can it be begun."""
    signed_in(screen, chat)
    chat.say("不办了")
    chat.say("卡的状态")
    chat.sign_in()
    assert "1234" in chat.bubble
    assert "1234" not in screen.get()
    assert "不等于办成了" in screen
    assert "这个链接能办的已经到这里" not in screen
    assert screen.form("退出这个页面").fields.keys() == {"token"}


def test_whoever_wants_a_person_is_told_that_nothing_was_done(app: Flask, chat: Phone, clock: Clock) -> None:
    """The staff's question is the chat's; what the report's own flow says is said here."""
    clock.at = chat.at = weekday_at(1, 10)  # when the staff is there
    screen = Page(app).open(at_id_number(chat))
    screen.press("找工作人员")
    assert "还没有停" in screen
    assert "请回到聊天" in screen
    assert "这个链接能办的已经到这里" not in screen


def test_three_wrong_tries_are_told_as_such(screen: Page, chat: Phone) -> None:
    for _ in range(3):
        screen.fill("1", "张三")
    assert "还没有停" in screen
    assert "请回到聊天" in screen


def test_a_links_visit_ends_after_an_hour(screen: Page, chat: Phone, clock: Clock) -> None:
    """However often it is looked at."""
    for _ in range(6):
        clock.at += 599
        screen.get()
        assert "请点聊天里最新的链接" not in screen
    clock.at += 10
    assert "请点聊天里最新的链接" in screen.get()


def test_what_was_open_overnight_says_that_it_did_not_count(screen: Page, app: Flask, bot: Bot) -> None:
    """And leads to what is open now, or to how it is opened."""
    form = screen.form("提交")
    for key in bot.client.scan_iter("page:visit:*"):
        bot.client.delete(key)
    assert "刚才点的没有算数" in screen.send(form, "提交")
    assert 'href="/card"' in screen.html
    assert "请点聊天里最新的链接" in screen.get()


def test_no_server_writes_a_link_into_its_log(app: Flask, chat: Phone) -> None:
    """gunicorn's access log has PATH_INFO as it is after the answer."""
    path = urlsplit(at_id_number(chat)).path
    environ = EnvironBuilder(path).get_environ()
    body = b"".join(app(environ, lambda *_: None))
    assert path.rpartition("/")[2].encode() in body
    assert environ["PATH_INFO"] == "/card/in/"


def test_whoever_opens_a_link_is_warned(app: Flask, chat: Phone) -> None:
    """Of links that others send: what is filled in would be theirs."""
    screen = Page(app).get(at_id_number(chat))
    assert "别人发来的不要打开" in screen
    assert "只有您看得到" not in screen.text + chat.bubble.text


def test_a_sign_in_by_link_does_not_outlast_its_matter(screen: Page, chat: Phone) -> None:
    """Who sent the link to somebody else has nothing of theirs afterwards, nor beside it."""
    signed_in(screen, chat)
    chat.say("卡的状态")
    assert "18位" in chat.bubble
    chat.say("不办了")
    assert "卡要怎么停" in screen.get()
    screen.press(SEVEN_DAYS).press("确认停用")
    assert "【已停用】" in screen
    chat.say("卡的状态")
    assert "18位" in chat.bubble


def test_a_sign_in_in_the_chat_lasts(screen: Page, chat: Phone) -> None:
    """Also while a link's is open; and where a flow leads to another one, it is the same matter."""
    chat.say(chat.person.id_number)
    chat.say(chat.person.name)
    chat.say(chat.bubble.code)
    screen.get().press(SEVEN_DAYS).press("确认停用")
    chat.say("卡的状态")
    assert "1234" in chat.bubble


def test_what_others_rest_on_is_asked_for_in_the_chat(chat: Phone) -> None:
    """By link it would be forgotten as soon as it is said."""
    chat.say("登录")
    chat.tap("同意，继续")
    assert "18位" in chat.bubble
    assert LINK not in chat.bubble.links


def test_a_flow_that_leads_to_another_one_takes_the_sign_in_along(app: Flask, chat: Phone) -> None:
    chat.say("补卡")
    chat.tap("同意，继续")
    screen = signed_in(Page(app).open(chat.bubble.links[LINK]), chat)
    screen.press("丢了")
    chat.say("再说一遍")
    assert "卡要怎么停" in chat.bubble


def test_signing_out_in_the_chat_ends_the_page(screen: Page, chat: Phone) -> None:
    signed_in(screen, chat)
    chat.say("退出登录")
    assert "这一页已经关上了" in screen.get()
    assert "请点聊天里最新的链接" in screen.get()


def test_signing_out_ends_the_links_made_before(app: Flask, chat: Phone) -> None:
    """And leaves the matter itself: begun again, it is another one."""
    link = at_id_number(chat)
    chat.say("退出登录")
    chat.say("卡丢了")
    assert "这件事已经办完，或者停下了" in Page(app).open(link)


def test_deleting_all_data_ends_the_page(screen: Page, chat: Phone) -> None:
    chat.say("删除我的信息")
    chat.choose("删除")
    assert "这一页已经关上了" in screen.get()


def test_leaving_ends_the_visit_for_whoever_has_its_cookie(screen: Page, app: Flask) -> None:
    cookie = screen.cookie
    screen.press("退出这个页面")
    other = Page(app)
    other.client.set_cookie(*cookie)
    assert "请点聊天里最新的链接" in other.get()


def test_a_submit_needs_the_token_of_its_own_visit(screen: Page, chat: Phone, app: Flask, bot: Bot) -> None:
    """Without it, with another's, and without a nonce or mark of ours: nothing is done."""
    form = screen.form("提交")
    owner = bot.store.owner(chat.openid)
    before = bot.store.begin(owner, "-").version
    for changed in ({"token": ""}, {"token": "0" * 64}, {"nonce": "x"}, {"mark": "'"}, {"nonce": ""}):
        answer = screen.client.post("/card", data={**form.fields, "text": chat.person.id_number, **changed})
        assert answer.status_code == 403
    fields = {k: v for k, v in form.fields.items() if not k.startswith("f.")}
    for sent in (
        {"word": "result"},
        {"word": "forget"},
        {"begin": "CARD_LOSS"},
        {"tap": "1.-1.card_status"},
        {},
    ):
        assert "没有算数" in screen.post("/card", {**fields, **sent})
    assert bot.store.begin(owner, "-").version == before
    assert screen.client.post("/card", data={**form.fields, "text": "x" * 200_000}).status_code == 413


def test_what_is_no_form_of_ours_is_refused_in_words(screen: Page, app: Flask) -> None:
    """Two long texts are no photo that is too large; raw bytes in an address are nobody's fault of ours."""
    form = screen.form("提交")
    long = "字" * 1000
    answer = screen.client.post("/card", data={**form.fields, "f.name": long, "f.id_number": long})
    assert answer.status_code == 303
    for path in ("/card", "/card/back"):
        assert screen.client.get(path, environ_overrides={"QUERY_STRING": "state=\xff"}).status_code == 400


def test_leaving_takes_the_name_out_of_the_browser(make_bot: Callable[..., Bot]) -> None:
    bot = make_bot(page="link", public_url="https://card.example.gov.cn/wechat")
    app = create_app(bot)
    client, base = app.test_client(), "https://card.example.gov.cn"
    opened = client.get(at_id_number(Phone(app.test_client(), bot)), base_url=base)
    link = dict(re.findall(r'name="(\w+)" value="([^"]*)"', opened.text))
    entered = client.post("/card/in", data=link, base_url=base, follow_redirects=True)
    token = re.findall(r'name="token" value="([^"]+)"', entered.text)[-1]
    left = client.post("/card/out", data={"token": token}, base_url=base).headers["Set-Cookie"]
    assert left.startswith("__Host-shebao=;")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(left.split("; ")), "a browser takes no other for this name"


def test_cookie_and_headers(make_bot: Callable[..., Bot]) -> None:
    """Over https only the __Host- name; nothing is cached, framed, inline or told to others."""
    bot = make_bot(page="link", public_url="https://card.example.gov.cn/wechat")
    app = create_app(bot)
    chat = Phone(app.test_client(), bot)
    link = at_id_number(chat)
    assert link.startswith("https://card.example.gov.cn/card/in/")
    answer = app.test_client().get(link, base_url="https://card.example.gov.cn")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-shebao=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Frame-Options"] == "DENY"
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in answer.text
    assert "onclick" not in answer.text


def test_without_the_setting_nothing_of_it_is_seen(make_bot: Callable[..., Bot]) -> None:
    """An address alone, which `doctor` uses, offers residents no page."""
    bot = make_bot(public_url="https://card.example.gov.cn/wechat")
    app = create_app(bot)
    chat = Phone(app.test_client(), bot)
    chat.say("卡丢了")
    chat.tap("同意，继续")
    assert not chat.bubble.links
    assert "页面" not in chat.bubble
    assert app.test_client().get("/card").status_code == 404


def test_what_is_kept_is_sealed_and_nothing_personal_is_logged(
    screen: Page, chat: Phone, bot: Bot, capfd: pytest.CaptureFixture[str]
) -> None:
    signed_in(screen, chat)
    said = capfd.readouterr()
    for secret in (chat.person.id_number, chat.person.name, chat.openid):
        assert secret not in said.err + said.out
        shown = repr(secret.encode())[2:-1]
        assert not [held for held in everything(bot) if shown in held]


def everything(bot: Bot) -> Iterator[str]:
    """All keys and what they hold, as bytes are shown; not the stub bureau's, which knows its people."""
    read: dict[bytes, Callable[[bytes], object]] = {
        b"string": bot.client.get,
        b"hash": bot.client.hgetall,
        b"list": lambda key: bot.client.lrange(key, 0, -1),
        b"set": bot.client.smembers,
        b"zset": lambda key: bot.client.zrange(key, 0, -1),
    }
    for key in bot.client.scan_iter("*"):
        if not key.startswith(b"{bureau}"):
            yield repr((key, read[bot.client.type(key)](key)))


def test_wechats_file_is_served(make_bot: Callable[..., Bot]) -> None:
    app = create_app(make_bot(page_verify="abcDEF0123456789"))
    assert app.test_client().get("/MP_verify_abcDEF0123456789.txt").text == "abcDEF0123456789"


@pytest.mark.parametrize(
    ("value", "told"), [("page_only", "这一步请点开页面办"), ("chat_first", "请直接在这里回复")]
)
def test_the_city_decides_where_it_is_filled_in(
    make_bot: Callable[..., Bot], tmp_path: Path, value: str, told: str
) -> None:
    """page_only: what is typed in the chat is not taken, and costs no try."""
    root = copied(tmp_path)
    policy = root / "config/policy.yaml"
    policy.write_text(policy.read_text().replace("value: page_first", f"value: {value}"))
    bot = make_bot(root, page="link", public_url=URL)
    chat = Phone(create_app(bot).test_client(), bot)
    at_id_number(chat)
    assert told in chat.bubble
    chat.say(chat.person.id_number)
    assert ("姓名" in chat.bubble) == (value != "page_only")
    with create_app(bot).test_request_context():
        g.language = "zh"
        said = Rendering(bot, cast(Any, None)).words()["picture_NotAPicture"]
    assert ("回到聊天里发" in said) == (value != "page_only")


# --- forms ---
def test_one_bad_field_keeps_the_others(screen: Page, chat: Phone, bot: Bot) -> None:
    """Nothing is stored; what is wrong stands at its field, and what was typed survives a reload."""
    owner = bot.store.owner(chat.openid)
    screen.fill("660101198001010019", chat.person.name)
    assert "请对照证件" in screen
    assert screen.get().form("提交").fields["f.name"] == chat.person.name
    assert screen.form("提交").fields["f.id_number"] == "660101198001010019"
    session = bot.store.begin(owner, "-").session
    assert session
    assert session.frames[-1].answers == ()
    assert session.frames[-1].wrong == 1
    assert "卡要怎么停" in screen.fill(chat.person.id_number, chat.person.name, screen.code)
    assert chat.person.id_number not in screen.html


def test_a_further_answer_leaves_the_form_by_its_route(screen: Page) -> None:
    assert "用护照、通行证的" in screen.press("我没有18位号码")


def test_help_tells_of_every_field_without_leaving_the_form(screen: Page, chat: Phone) -> None:
    for words in ("印在身份证正面", "按证件上的写", "不是短信验证码"):
        assert words in screen
    assert "帮助" not in screen.labels
    assert "帮助" in signed_in(screen, chat).labels, "one question alone is helped as in the chat"


def test_a_photo_is_sent_once_however_often_the_rest_is_wrong(app: Flask, bot: Bot) -> None:
    """And an id that we never gave is no photo."""
    chat = Phone(app.test_client(), bot, "吴正式")
    chat.say("登录")
    chat.sign_in()
    chat.say("补卡")
    while not chat.bubble.links:
        chat.tap(next(iter(chat.bubble.answers)))
    screen = Page(app).open(chat.bubble.links[LINK])
    screen.picture(photo())  # the face
    owner = bot.store.owner(chat.openid)
    key = owner.key("pic", owner.tag)
    assert screen.form("提交").files == ["f.front", "f.back"]
    before = bot.client.hlen(key)

    def send(**sent: object) -> Page:
        data = {**screen.form("提交").fields, **{f"f.{name}": value for name, value in sent.items()}}
        return screen.shown(screen.client.post("/card", data=data, follow_redirects=True))

    assert "没有算数" in send(front="page-1-made-up", back="page-1-made-up")
    screen.get()
    send(front=(io.BytesIO(photo()), "a.jpg"), back=(io.BytesIO(b"none"), "b.jpg"))
    assert "打不开" in screen
    assert "照片已收到" in screen
    send(back=(io.BytesIO(photo()), "b.jpg"))
    assert "f.front" not in screen.html
    assert bot.client.hlen(key) == before + 2


def test_a_new_card_on_the_page_alone(app: Flask, bot: Bot) -> None:
    """From its first personal question to the receipt: six screens, photos and address and all."""
    chat = Phone(app.test_client(), bot, "吴正式")
    chat.say("登录")
    chat.sign_in()
    chat.say("补卡")
    while not chat.bubble.links:
        chat.tap(next(iter(chat.bubble.answers)))
    screen, screens = Page(app).open(chat.bubble.links[LINK]), 1
    while not jobs(bot, chat) and screens < 10:
        if "提交" not in screen.labels:
            screen.press(screen.labels[0])
        else:
            screen.picture(photo(), "2036-05-20", "13800138123", ADDRESS, tick=EXPRESS)
        screens += 1
    assert "受理号" in screen
    assert screens <= 7


def test_who_types_in_the_chat_is_told_how_to_delete_it(app: Flask, bot: Bot) -> None:
    """Once, with the first personal answer; not for what is filled in on the page."""
    chat = Phone(app.test_client(), bot)
    screen = Page(app).open(at_id_number(chat))
    chat.say(chat.person.id_number)
    assert "长按您刚发的那条" in chat.bubble
    assert "长按您刚发的那条" not in chat.say(chat.person.name)
    chat.say("返回")
    chat.say("返回")
    assert "长按" not in screen.get().fill(chat.person.id_number, chat.person.name, screen.code)


def test_nothing_entered_stands_readable_in_the_store(screen: Page, chat: Phone, bot: Bot) -> None:
    """Under no key and in no name of one, also after a form that was wrong."""
    screen.fill(chat.person.id_number, "")
    screen.fill(chat.person.id_number, "李四", screen.code)
    screen.fill(chat.person.id_number, chat.person.name)
    secrets = [word.encode() for word in (chat.person.id_number, chat.person.name, chat.openid)]
    for key in bot.client.scan_iter("*"):
        kept = key + (bot.client.dump(key) or b"")
        assert not any(secret in kept for secret in secrets)


def test_a_link_goes_on_where_its_own_matter_leads(app: Flask, chat: Phone) -> None:
    """A lost card is reported first: no dead end, and still no menu."""
    chat.say("补卡")
    chat.tap("同意，继续")
    screen = signed_in(Page(app).open(chat.bubble.links[LINK]), chat).press("丢了")
    assert "现在就去挂失" in screen
    assert "卡要怎么停" in screen
    screen.press(SEVEN_DAYS).press("确认停用")
    assert "【已停用】" in screen
    assert "这个链接能办的已经到这里" in screen


def test_a_link_does_not_go_on_with_what_the_chat_begins(app: Flask, chat: Phone) -> None:
    chat.say("补卡")
    chat.tap("同意，继续")
    screen = signed_in(Page(app).open(chat.bubble.links[LINK]), chat)
    chat.say("取消")
    chat.say("卡丢了")
    assert "18位" in chat.bubble
    assert "18位" not in screen.get()
    assert screen.labels == ["退出这个页面"]


def test_an_address_in_parts_is_what_the_chat_would_give(app: Flask, bot: Bot) -> None:
    """Region, street and number make one text; a part alone is asked for again, and stands there whole."""
    chat = Phone(app.test_client(), bot, "吴正式")
    chat.say("登录")
    chat.sign_in()
    chat.say("补卡")
    while not chat.bubble.links:
        chat.tap(next(iter(chat.bubble.answers)))
    screen = Page(app).open(chat.bubble.links[LINK])
    while "f.address.region" not in screen.form("提交").fields:
        screen.picture(photo())
    parts = {"f.address.region": "平安区 ", "f.address.street": "", "f.address.number": ""}
    typed = {"f.valid_to": "2036-05-20", "f.mobile": "13800138123", "o.delivery": EXPRESS}
    form = screen.form("提交")
    files = {"f.portrait": (io.BytesIO(photo()), "a.jpg")}
    kind = "multipart/form-data"
    sent = {**form.fields, **typed, **parts, **files}
    screen.shown(screen.client.post("/card", data=sent, follow_redirects=True, content_type=kind))
    assert "地址要写到门牌号" in screen
    assert ">平安区</textarea>" in screen.html
    screen.post("/card", {**screen.form("提交").fields, "f.address": "平安区和平路12号3单元501"})
    assert "平安区和平路12号3单元501" in screen


def test_the_first_screen_is_the_first_step(screen: Page, chat: Phone, clock: Clock) -> None:
    """Though the consent was given in the chat."""
    assert "第1步，共3步" in screen
    clock.at += 60
    assert "第2步，共3步" in signed_in(screen, chat)


def test_who_fetches_the_card_is_asked_where_on_the_same_screen(app: Flask, bot: Bot) -> None:
    """And fills in no address; one that was typed before is not looked at."""
    chat = Phone(app.test_client(), bot, "吴正式")
    chat.say("登录")
    chat.sign_in()
    chat.say("补卡")
    while not chat.bubble.links:
        chat.tap(next(iter(chat.bubble.answers)))
    screen = Page(app).open(chat.bubble.links[LINK])
    while "f.place" not in screen.form("提交").fields:
        screen.picture(photo())
    assert screen.html.index(EXPRESS) < screen.html.index("f.address.region")
    assert screen.html.index("自己到网点领") < screen.html.index('name="f.place"')
    form = screen.form("提交")
    typed = {"f.valid_to": "2036-05-20", "f.mobile": "13800138123", "f.address.region": "一"}
    files = {"f.portrait": (io.BytesIO(photo()), "a.jpg")}
    sent = {**form.fields, **typed, "o.delivery": "自己到网点领（不花邮费）", "f.place": "平安区", **files}
    kind = "multipart/form-data"
    screen.shown(screen.client.post("/card", data=sent, follow_redirects=True, content_type=kind))
    assert "到哪个网点领" in screen
