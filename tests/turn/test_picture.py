"""The random code as a picture: drawn, uploaded as temporary media, the same for a repeated delivery."""

from collections.abc import Callable
from xml.etree import ElementTree

import responses
from phone import Phone

from bot.app import Bot, create_app

API = "https://wechat.invalid"


@responses.activate
def test_the_code_is_shown_as_an_uploaded_picture(make_bot: Callable[..., Bot]) -> None:
    bot = make_bot(code="picture", wechat_api=API, wechat_app_secret="made-up")
    responses.post(f"{API}/cgi-bin/stable_token", json={"access_token": "t", "expires_in": 7200})
    uploads = responses.post(f"{API}/cgi-bin/media/upload", json={"media_id": "pic-1"})
    phone = Phone(create_app(bot).test_client(), bot)
    phone.tap("电子社保卡")
    phone.say("同意")
    phone.say(phone.person.id_number)
    first = phone.say(phone.person.name)
    assert first.kind == "image"
    assert ElementTree.fromstring(first.xml).findtext("Image/MediaId") == "pic-1"  # noqa: S314
    assert phone.again().xml == first.xml
    assert uploads.call_count == 1


@responses.activate
def test_the_code_is_text_where_the_upload_fails(make_bot: Callable[..., Bot]) -> None:
    bot = make_bot(code="picture", wechat_api=API, wechat_app_secret="made-up")
    responses.post(f"{API}/cgi-bin/stable_token", json={"errcode": 40164, "errmsg": "ip"})
    phone = Phone(create_app(bot).test_client(), bot)
    phone.tap("电子社保卡")
    assert "已核对" in phone.sign_in()
