"""The calls the page makes, without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import AES_KEY, ROOT
from flask.testing import FlaskClient

from bot.app import Bot, create_app
from bot.cli.watcher import Watcher
from bot.content.read.files import collect
from bot.engine.effects import Reply
from bot.kit.phone import phone
from bot.kit.phone.watch import Watch
from bot.ports import Request
from web.conftest import phone_app
from web.town import copied

PNG = b"\x89PNG\r\n\x1a\n" + b"made up"


class Tab:
    """A browser's tab as far as the server can tell."""

    def __init__(self, client: FlaskClient, tab: str = "abcdefg1") -> None:
        self.client, self.tab = client, tab
        self.html = client.get("/phone?lang=zh").text
        found = re.search(r'name="phone-token" content="([0-9a-f]+)"', self.html)
        assert found
        self.token = found[1]

    def post(self, path: str, **asked: Any) -> Any:
        return self.client.post(
            f"/phone/{path}",
            json={"tab": self.tab, "who": 0} | asked,
            headers={"X-Phone-Token": self.token},
        )

    def send(self, **asked: Any) -> Any:
        response = self.post("send", **asked)
        assert response.status_code == 200, response.text
        return response.json["exchanges"]


@pytest.fixture
def tab(bot: Bot) -> Tab:
    return Tab(phone_app(bot).test_client())


def test_a_message_travels_signed_and_encrypted(tab: Tab) -> None:
    """Plain, sent, status, answer and time are all there; the answer's taps are parts, not markup."""
    (exchange,) = tab.send(kind="subscribe")
    assert exchange["status"] == 200
    assert "<Event><![CDATA[subscribe]]></Event>" in exchange["plain"]
    assert "<Encrypt>" in exchange["sent"]
    assert "subscribe" not in exchange["sent"]
    assert "<Encrypt>" in exchange["body"]
    assert "<Content>" in exchange["answer"]
    assert "msg_signature=" in exchange["line"]
    taps = [part for part in exchange["shown"]["parts"] if "tap" in part]
    assert taps
    assert "<a" not in "".join(part.get("text", "") for part in exchange["shown"]["parts"])


def test_the_browser_never_sees_a_secret(tab: Tab, bot: Bot) -> None:
    """Neither token nor key stands in the page or in what travelled."""
    said = tab.html + str(tab.send(kind="subscribe")) + str(tab.send(kind="text", text="卡丢了"))
    for secret in (bot.settings.wechat_token, AES_KEY, bot.settings.tag_key, *bot.settings.seal_keys):
        assert secret not in said


def test_the_mode_is_chosen_and_a_refusal_shown(tab: Tab) -> None:
    """An account in safe mode refuses a plain body, as it would WeChat's."""
    (plain,) = tab.send(kind="text", text="卡丢了", mode="plain")
    assert plain["shown"] == {"kind": "refused", "status": 403}
    assert tab.send(kind="text", text="卡丢了", mode="compatible")[0]["shown"]["kind"] == "text"
    assert tab.send(kind="text", text="卡丢了", mode="safe")[0]["shown"]["kind"] == "text"


def test_delivered_again_the_answer_is_the_same(tab: Tab) -> None:
    (first,) = tab.send(kind="text", text="卡丢了")
    (again,) = tab.post("again").json["exchanges"]
    assert again["plain"] == first["plain"]
    assert again["shown"] == first["shown"]
    assert again["line"] != first["line"]


def test_delivered_twice_at_once_it_is_one_message(tab: Tab) -> None:
    one, two = tab.send(kind="text", text="卡丢了", twice=True)
    assert one["plain"] == two["plain"]
    assert one["shown"] == two["shown"]


def test_nothing_can_be_delivered_again_before_the_first(tab: Tab) -> None:
    assert tab.post("again").status_code == 409


def test_tabs_have_residents_of_their_own(bot: Bot) -> None:
    """Who follows in one tab is unknown in another, so a new tab begins at the beginning."""
    app = phone_app(bot)
    one, two = Tab(app.test_client(), "abcdefg1"), Tab(app.test_client(), "abcdefg2")
    (first,), (second,) = one.send(kind="text", text="卡丢了"), two.send(kind="text", text="卡丢了")
    openid = re.compile(r"<FromUserName><!\[CDATA\[(\w{28})\]\]>")
    assert openid.findall(first["plain"]) != openid.findall(second["plain"])


@pytest.mark.parametrize("header", ["", "0" * 64])
def test_no_change_without_the_pages_token(tab: Tab, header: str) -> None:
    given = {"X-Phone-Token": header} if header else {}
    answer = tab.client.post(
        "/phone/send", json={"tab": tab.tab, "who": 0, "kind": "subscribe"}, headers=given
    )
    assert answer.status_code == 403


def test_another_hosts_name_is_refused(tab: Tab) -> None:
    """A name that points to 127.0.0.1 may not read the page (DNS rebinding)."""
    assert tab.client.get("/phone", base_url="http://evil.example").status_code == 403
    assert tab.client.get("/phone", base_url="http://localhost:8000").status_code == 200
    assert tab.client.get("/phone", base_url="http://[::1]:8000").status_code == 200


@pytest.mark.parametrize("path", ["/phone", "/phone/static/phone.js", "/phone/media/none"])
def test_every_answer_forbids_what_is_inline_or_from_elsewhere(tab: Tab, path: str) -> None:
    policy = tab.client.get(path).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_page_has_nothing_inline(tab: Tab) -> None:
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=", tab.html)
    assert "://" not in tab.html


@pytest.mark.parametrize(
    "asked",
    [
        {"who": 10_000},
        {"who": "0"},
        {"who": True, "tab": "?"},
        {"tab": "x"},
        {"kind": "bomb"},
        {"kind": "location", "lat": 91, "lon": 0},
    ],
)
def test_nonsense_is_refused(tab: Tab, asked: dict[str, Any]) -> None:
    assert tab.post("send", **({"kind": "subscribe"} | asked)).status_code == 400


def test_a_picture_is_kept_and_sent(tab: Tab) -> None:
    """Upload, send, see again; what is no picture is refused."""
    kept = tab.client.post("/phone/media", data=PNG, headers={"X-Phone-Token": tab.token})
    media = kept.json["media"]
    assert tab.client.get(f"/phone/media/{media}").data == PNG
    (sent,) = tab.send(kind="image", media=media)
    assert f"<MediaId><![CDATA[{media}]]></MediaId>" in sent["plain"]
    refused = tab.client.post("/phone/media", data=b"<svg/>", headers={"X-Phone-Token": tab.token})
    assert refused.status_code == 415
    assert tab.client.get("/phone/media/phone-0000000000000000").status_code == 404


def test_half_an_hour_later_a_flow_has_ended(tab: Tab) -> None:
    """Timers run by the world's clock; an account that does not push tells it with the next answer."""
    tab.send(kind="text", text="卡丢了")
    assert tab.post("time", who=[0], seconds=1800).json == {"ahead": 1800}
    answer = tab.post("late", who=[0]).json
    assert answer["late"] == {}
    assert answer["ahead"] == 1800
    (told,) = tab.send(kind="text", text="你好")
    assert "停在这里" in str(told)


def test_what_comes_after_wechats_window_waits_until_the_resident_writes(
    make_bot: Callable[..., Bot],
) -> None:
    """A tap of the menu allows messages for a minute; a reminder ten minutes later is not among them."""
    tab = Tab(create_app(make_bot(phone="yes", push="yes")).test_client())
    tab.send(kind="CLICK", key="CARD_LOSS")
    assert tab.post("time", who=[0], seconds=1800).status_code == 200
    assert tab.post("late", who=[0]).json["late"] == {}
    (told,) = tab.send(kind="text", text="你好")
    assert "停在这里" in str(told)
    assert "办到一半" not in str(told), "a reminder is only ever pushed"


def test_a_reminder_comes_before_what_it_was_for(make_bot: Callable[..., Bot]) -> None:
    """Half an hour in one leap: what would have been pushed in between is pushed in between."""
    bot = make_bot(phone="yes", push="yes")
    tab = Tab(create_app(bot).test_client())
    tab.send(kind="text", text="卡丢了")
    assert tab.post("time", who=[0], seconds=1800).status_code == 200
    reminder, end = tab.post("late", who=[0]).json["late"]["0"]
    assert "办到一半" in str(reminder)
    assert "停在这里" in str(end)


def test_the_clock_is_the_whole_worlds(make_bot: Callable[..., Bot]) -> None:
    """Messages, the stub bureau and every tab go by it; starting over brings it back."""
    bot = make_bot(phone="yes")
    app = phone_app(bot)
    tab, other = Tab(app.test_client()), Tab(app.test_client(), "abcdefg2")
    day = 86_400

    def sent_at(whose: Tab) -> int:
        (exchange,) = whose.send(kind="text", text="卡丢了")
        found = re.search(r"<CreateTime>(\d+)<", exchange["plain"])
        assert found
        return int(found[1])

    def until() -> date:
        """When a card works again that the stub bureau says is reported lost for five days from its today."""
        asked = Request("card.find", {"id_number": "660102197908080016"}, "", "", 1.0)
        return date.fromisoformat(bot.services["card"].perform(asked).value["until"])

    before, lapses = sent_at(tab), until()
    tab.post("time", who=[0], seconds=8 * day)
    assert sent_at(other) >= before + 8 * day
    assert until() >= lapses + timedelta(8)
    assert tab.post("restart").status_code == 200
    assert tab.post("late", who=[]).json["ahead"] == 0


def test_what_waits_comes_sooner_with_the_clock(bot: Bot) -> None:
    """Also for residents of other tabs: their timers are due in the store."""
    app = phone_app(bot)
    Tab(app.test_client(), "abcdefg2").send(kind="text", text="卡丢了")
    assert list(bot.store.due()) == []
    assert Tab(phone_app(bot).test_client()).post("time", who=[], seconds=3600).status_code == 200
    assert [member[:2] for _, member in bot.store.due()] == ["t:"]


@pytest.mark.parametrize("seconds", [0, -1, 401 * 86_400, "9", None])
def test_the_clock_goes_forward_and_not_for_ever(tab: Tab, seconds: object) -> None:
    assert tab.post("time", who=[], seconds=seconds).status_code == 400
    assert tab.post("late", who=[]).json["ahead"] == 0


def test_what_was_pushed_arrives_a_bubble_each(bot: Bot) -> None:
    """The page shows what the stub sender sent and leaves the outbox alone."""
    asked: list[str] = []

    def take(openid: str) -> list[Reply]:
        asked.append(openid)
        return [Reply(text="办好了。"), Reply(text="再见。")]

    app = create_app(bot)
    app.register_blueprint(phone(bot, ROOT, take, bot.pushes().run, bot.services["card"]))
    told = Tab(app.test_client()).post("late", who=[3]).json["late"]["3"]
    assert [each["parts"] for each in told] == [[{"text": "办好了。"}], [{"text": "再见。"}]]
    assert len(asked) == 1
    assert len(asked[0]) == 28


@pytest.mark.slow
def test_what_is_saved_is_said(make_bot: Callable[..., Bot], tmp_path: Path) -> None:
    """Refused with file, line and remedy; told as served once it is, with its parts; put back, also that."""
    copied(tmp_path)
    bot = make_bot(tmp_path)
    tab = Tab(phone_app(bot, tmp_path).test_client())
    watcher = Watcher(tmp_path, bot.revisions, lambda _: None)
    flow = tmp_path / "flows" / "report_loss.yaml"
    menu = tmp_path / "config" / "menu.yaml"
    kept = flow.read_text()
    first = tab.post("late", who=[]).json["content"]["revision"]

    def late() -> Any:
        watcher.look()
        return tab.post("late", who=[], revision=first).json

    assert late()["saved"] == {"state": "", "again": []}
    assert late()["content"] is None
    flow.write_text(kept.replace("next: {found: state,", "next: {found: nowhere,"))
    bad = late()
    assert bad["saved"]["state"] == "refused"
    assert bad["saved"]["findings"][0]["where"].startswith("flows/report_loss.yaml:")
    assert "nowhere" in bad["saved"]["findings"][0]["en"]
    assert bad["content"] is None
    flow.write_text(kept)
    assert late()["saved"] == {"state": "", "again": []}
    flow.write_text(f"# a remark\n{kept}")
    remark = late()["saved"]
    assert (remark["state"], remark["changes"]) == ("served", [])
    menu.write_text(menu.read_text().replace("挂失停用", "我要挂失"))
    good = late()
    assert good["saved"]["state"] == "served"
    assert {"file": "config/menu.yaml", "what": "added"}.items() <= good["saved"]["changes"][-1].items()
    assert good["content"]["menu"][0]["sub"][0]["name"] == "我要挂失"
    assert good["content"]["revision"] == good["saved"]["revision"] != first


@pytest.mark.slow
def test_what_nobody_publishes_is_said(make_bot: Callable[..., Bot], tmp_path: Path) -> None:
    """Where `make run` serves somebody's own store, a save waits for `shebao publish`."""
    copied(tmp_path)
    revisions = make_bot(tmp_path).revisions
    now = [0.0]
    watch = Watch(tmp_path, revisions, "zh-CN", lambda: now[0])
    policy = tmp_path / "config" / "policy.yaml"
    policy.write_text(policy.read_text().replace('value: "7"', 'value: "10"', 1))
    assert watch.look()["state"] == ""
    now[0] += 5
    waiting = watch.look()
    assert waiting["state"] == "waiting"
    assert [change["what"] for change in waiting["changes"]] == ["changed"]
    revisions.publish(collect(tmp_path), "somebody")
    assert watch.look()["state"] == "served"


def test_what_is_only_read_at_the_start_is_named(make_bot: Callable[..., Bot], tmp_path: Path) -> None:
    copied(tmp_path)
    watch = Watch(tmp_path, make_bot(tmp_path).revisions, "zh-CN")
    stub = tmp_path / "config" / "stub.yaml"
    stub.write_text(stub.read_text() + "# a remark\n")
    assert watch.look() == {"state": "", "again": ["config/stub.yaml"]}


def test_words_stay_words(tab: Tab) -> None:
    """What is typed cannot end its CDATA or become another field."""
    (sent,) = tab.send(kind="text", text="]]></Content><Content>x\x00")
    assert sent["status"] == 200
    assert "<Content>x" not in sent["plain"].replace("]]]]><![CDATA[></Content><Content>x", "")


def test_start_all_over(tab: Tab, make_phone: Callable[..., Any]) -> None:
    assert tab.post("restart").status_code == 200


def test_what_is_vendored_has_its_licence() -> None:
    weui = ROOT / "bot" / "kit" / "phone" / "static" / "weui"
    assert "WeUI v2.6.26" in (weui / "weui.min.css").read_text()[:100]
    assert "MIT License" in (weui / "LICENSE.txt").read_text()
    assert (ROOT / "tests" / "web" / "vendor" / "LICENSE.axe-core.txt").is_file()
