"""Pictures sent on the page: drawn anew, kept sealed, found by the calls that send them on."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conversations.kit import weekday_at, work
from flask import Flask, request
from moment import Clock
from phone import Phone
from PIL import Image
from web.town import copied

from bot.app import Bot, create_app
from bot.page import pictures
from bot.page.pictures import NotAPicture, PageMedia, Pictures, redrawn
from bot.ports import Unknown
from bot.store.records import CommitRequest, ResidentKey

from .browser import ADDRESS, EXPRESS, LINK, Page, photo

SECRET = b"taken at home"


def described(rotation: int = 1) -> bytes:
    """With what a phone writes beside a picture."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = rotation, SECRET.decode()
    return photo(exif=exif)


def test_only_the_picture_is_left_the_right_way_up() -> None:
    sent = described(rotation=6)
    assert SECRET in sent
    kept = redrawn(sent)
    assert SECRET not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (40, 60)
        assert not image.getexif()


def test_a_large_one_is_made_smaller() -> None:
    with Image.open(io.BytesIO(redrawn(photo(size=(4000, 1000))))) as image:
        assert image.size == (1600, 400)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\xff\xd8\xff",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        b"GIF89a" + b"\0" * 40,
        photo("PNG")[:60],
        photo("TIFF"),
        photo("PNG", (1, 1)) + b"",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
)
def test_what_is_no_photo_is_refused_or_drawn(sent: bytes) -> None:
    """Never anything but NotAPicture, and never the bytes that were sent."""
    try:
        assert redrawn(sent) != sent
    except NotAPicture:
        assert sent != photo("PNG", (1, 1))


def test_a_bomb_is_not_opened() -> None:
    """Its head promises more pixels than fit."""
    head = photo("PNG", (10, 10))
    grown = head[:16] + (60_000).to_bytes(4, "big") * 2 + head[24:]
    with pytest.raises(NotAPicture):
        redrawn(grown)


def test_one_that_costs_too_much_is_not_opened() -> None:
    """More scans than a camera makes, and more bytes than a form may hold of one."""
    sent, scan = photo(progressive=True), b"\xff\xda\x00\x08\x01\x01\x00\x01\x01\x00"
    assert redrawn(sent)
    with pytest.raises(NotAPicture):
        redrawn(sent[:-2] + scan * 40 + sent[-2:])
    with pytest.raises(NotAPicture):
        redrawn(photo() + b"\0" * pictures.MOST)


@pytest.mark.slow
def test_bytes_that_look_like_scans_are_no_scans() -> None:
    """A film behind a phone's picture, and what is packed in a PNG, hold any two bytes a hundred times."""
    film = b"\xff\xda" * 100
    assert redrawn(photo() + film)
    noise = Image.effect_noise((1200, 1200), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "PNG")
    assert redrawn(out.getvalue())
    exif = Image.Exif()
    exif[0x010E] = film.decode("latin-1")
    assert redrawn(photo(exif=exif))


def test_a_jpeg_of_nothing_but_segments_is_refused() -> None:
    with pytest.raises(NotAPicture):
        redrawn(photo()[:2] + b"\xff\xfe\x00\x02" * 600 + photo()[2:])


def test_bytes_that_only_fill_up_are_read_once() -> None:
    """The time of this thread alone: once takes a millisecond, again from each byte ten seconds."""
    before = time.thread_time()
    with pytest.raises(NotAPicture):
        redrawn(b"\xff\xd8" + b"\xff" * 64_000)
    assert time.thread_time() - before < 1


# --- kept ---
class Beyond:
    def fetch(self, media_id: str, within: float) -> bytes:
        return b"of the chat"

    def upload(self, image: bytes, within: float) -> str:
        return "up"


@pytest.fixture
def kept(bot: Bot) -> Pictures:
    return Pictures(bot.client, bot.store.seal)


@pytest.fixture
def owner(bot: Bot) -> ResidentKey:
    return bot.store.owner("o-made-up")


def test_it_is_sealed_and_found_by_its_media_id(kept: Pictures, owner: ResidentKey, bot: Bot) -> None:
    """Like one of the chat's; once a call has asked for it, it lives as long as WeChat keeps one."""
    media_id, media = kept.take(owner, photo()), PageMedia(kept, Beyond())
    assert media.fetch("of WeChat", 1) == b"of the chat"
    key = owner.key("pic", owner.tag)
    assert 0 < bot.client.ttl(key) <= pictures.LASTS
    assert media.fetch(media_id, 1)[:3] == b"\xff\xd8\xff"
    assert bot.client.ttl(key) > pictures.LASTS
    assert all(not value.startswith(b"\xff\xd8") for value in bot.client.hvals(key))
    with pytest.raises(Unknown):
        media.fetch(media_id[:-1] + ("0" if media_id[-1] != "0" else "1"), 1)


def test_another_one_ends_no_earlier_one_sooner(kept: Pictures, owner: ResidentKey, bot: Bot) -> None:
    """One is submitted, and its call may come days later."""
    kept.find(kept.take(owner, photo()))
    kept.take(owner, photo())
    assert bot.client.ttl(owner.key("pic", owner.tag)) > pictures.LASTS


def test_there_is_a_most_for_each_and_for_all(
    kept: Pictures, owner: ResidentKey, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "ALL", pictures.EACH + 1)
    for _ in range(pictures.EACH):
        kept.take(owner, photo())
    with pytest.raises(pictures.TooMany):
        kept.take(owner, photo())
    other = bot.store.owner("o-somebody-else")
    kept.take(other, photo())
    with pytest.raises(pictures.TooMany):
        kept.take(other, photo())
    kept.drop(owner)
    kept.take(other, photo())


def test_the_count_goes_with_what_is_counted(kept: Pictures, owner: ResidentKey, bot: Bot) -> None:
    """With all data of a resident; and what was submitted counts as long as it is kept."""
    kept.find(kept.take(owner, photo()))
    assert all(bot.client.ttl(key) > 0 for key in bot.client.keys("*:pic:*"))
    ends = [until for _, until in bot.client.zrange("page:pictures", 0, -1, withscores=True)]
    assert ends[0] - bot.client.time()[0] > pictures.LASTS
    snapshot = bot.store.begin(owner, "")
    refused = CommitRequest(b"of another turn", None, bot.now(), forget=True)
    assert bot.store.commit(owner, "", refused) == "conflict"
    assert bot.client.exists(owner.key("pic", owner.tag), "page:pictures") == 2, "nothing was deleted"
    bot.store.commit(owner, "", CommitRequest(snapshot.version, None, bot.now(), forget=True))
    assert not bot.client.exists(owner.key("pic", owner.tag), "page:pictures")


def test_they_go_with_all_data_though_they_cannot_be_counted(
    kept: Pictures, owner: ResidentKey, bot: Bot
) -> None:
    kept.take(owner, photo())
    bot.client.set("page:pictures", "no sorted set")
    request = CommitRequest(bot.store.begin(owner, "").version, None, bot.now(), forget=True)
    assert bot.store.commit(owner, "", request) == "done"
    assert not bot.client.exists(owner.key("pic", owner.tag))


def test_a_resident_cannot_keep_it_busy(kept: Pictures, owner: ResidentKey, bot: Bot) -> None:
    """What is refused counts too; others are not held up by it."""
    for _ in range(pictures.EACH):
        with pytest.raises(NotAPicture):
            kept.take(owner, b"none")
    with pytest.raises(pictures.TooMany):
        kept.take(owner, photo())
    kept.take(bot.store.owner("o-somebody-else"), photo())
    assert 0 < bot.client.ttl(f"page:tries:{owner.tag}") <= 60


def test_nobody_waits_for_the_pictures_of_others(
    kept: Pictures, owner: ResidentKey, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "PATIENCE", 0.01)
    with kept.drawing, pytest.raises(pictures.TooMany):
        kept.take(owner, photo())
    kept.take(owner, photo())


# --- on the page ---
@pytest.fixture
def app(make_bot: Callable[..., Bot]) -> tuple[Flask, Bot]:
    bot = make_bot(page="link", public_url="http://127.0.0.1/wechat")
    return create_app(bot), bot


def at_the_selfie(app: Flask, bot: Bot) -> tuple[Page, Phone]:
    """Signed in in the chat; a formal report asks for a face, which the page takes."""
    chat = Phone(app.test_client(), bot)
    chat.say("登录")
    chat.sign_in()
    chat.say("卡丢了")
    chat.choose("正式")
    for _ in range(9):
        if LINK in chat.bubble.links:
            break
        chat.tap(next(iter(chat.bubble.answers)))
    return Page(app).open(chat.bubble.links[LINK]), chat


def test_a_photo_is_sent_on_the_page(app: tuple[Flask, Bot]) -> None:
    """A broken one costs nothing but a sentence; a good one goes on; with all data deleted it is gone."""
    screen, chat = at_the_selfie(*app)
    bot, owner = app[1], app[1].store.owner(chat.openid)
    key = owner.key("pic", owner.tag)
    before = screen.text
    assert "这张照片打不开" in screen.picture(b"no picture")
    assert not bot.client.exists(key)
    screen.picture(photo())
    assert screen.text != before
    assert "打不开" not in screen
    assert bot.client.hlen(key) == 1
    chat.say("删除我的信息")
    chat.choose("删除")
    assert not bot.client.exists(key)


def test_pictures_go_when_the_matter_is_left(app: tuple[Flask, Bot]) -> None:
    screen, chat = at_the_selfie(*app)
    owner = app[1].store.owner(chat.openid)
    screen.picture(photo())
    chat.say("不办了")
    screen.get()
    assert not app[1].client.exists(owner.key("pic", owner.tag))


@pytest.mark.slow
def test_pictures_stay_for_whoever_goes_on_after_an_outage(
    make_bot: Callable[..., Bot], clock: Clock, tmp_path: Path
) -> None:
    """The page has said that all of it is kept. At night no staff takes over, so nothing is open."""
    root = copied(tmp_path)
    stub = root / "config" / "stub.yaml"
    person = "  - name: 吴正式\n"
    behaviour = '    behaviour: {card.apply: {fails: unavailable, times: "6"}}\n'
    people = stub.read_text("utf-8").replace(person, person + behaviour)
    stub.write_text(people, "utf-8")
    bot = make_bot(root, page="link", public_url="http://127.0.0.1/wechat")
    app = create_app(bot)
    chat = Phone(app.test_client(), bot, "吴正式")
    clock.at = chat.at = weekday_at(1, 22)
    chat.say("登录")
    chat.sign_in()
    chat.say("补卡")
    while not chat.bubble.links:
        chat.tap(next(iter(chat.bubble.answers)))
    screen = Page(app).open(chat.bubble.links[LINK])
    owner = bot.store.owner(chat.openid)
    while "data-waits" not in screen.html:
        if "提交" in screen.labels:
            screen.picture(photo(), "2036-05-20", "13800138123", ADDRESS, tick=EXPRESS)
        else:
            screen.press(screen.labels[0])
    while "data-waits" in screen.get().html:
        assert work(bot)
    assert "连不上" in screen
    assert bot.client.exists(owner.key("pic", owner.tag))
    chat.say("继续")
    while work(bot):
        pass
    assert "受理号" in chat.say("好了吗")


def test_only_a_field_for_photos_takes_one(app: tuple[Flask, Bot]) -> None:
    screen, chat = at_the_selfie(*app)
    data = {**screen.form("提交").fields, "other": (io.BytesIO(photo()), "photo.jpg")}
    screen.client.post("/card", data=data, content_type="multipart/form-data")
    owner = app[1].store.owner(chat.openid)
    assert not app[1].client.exists(owner.key("pic", owner.tag))


def test_no_photo_is_put_on_this_disk(app: tuple[Flask, Bot]) -> None:
    data = {"picture": (io.BytesIO(b"x" * 600_000), "photo.jpg")}
    with app[0].test_request_context("/card", method="POST", data=data):
        assert isinstance(request.files["picture"].stream, io.BytesIO)


def test_one_that_is_too_large_is_not_read(app: tuple[Flask, Bot]) -> None:
    screen, _ = at_the_selfie(*app)
    assert screen.picture(b"\xff\xd8\xff" + b"\0" * 2 * pictures.MOST).status == 413
    assert "太大了" in screen
