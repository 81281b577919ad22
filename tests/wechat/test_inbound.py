"""From body to event: every kind the service knows, and tolerance for the rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.events import (
    MOST_READ,
    AuthorizationRevoked,
    Event,
    Ignored,
    ImageReceived,
    LocationReceived,
    MenuClicked,
    OtherReceived,
    PersonLeft,
    Scanned,
    Subscribed,
    TextReceived,
    Unsubscribed,
    VoiceReceived,
)
from bot.wechat import xml
from bot.wechat.crypto import Refused
from bot.wechat.inbound import Delivery, parse

from .kit import ACCOUNT, NOW, RESIDENT, message


def _parse(body: bytes) -> tuple[Delivery, Event]:
    return parse(body, seed=7, now=NOW + 5)


def _event(kind: str = "event", **fields: object) -> Event:
    return _parse(message(kind, **fields))[1]


@pytest.mark.parametrize(
    ("kind", "fields", "event"),
    [
        ("text", {"Content": "挂失"}, TextReceived(NOW, 7, text="挂失")),
        ("TEXT", {"Content": " 挂失\n"}, TextReceived(NOW, 7, text="挂失")),
        ("text", {"Content": ""}, TextReceived(NOW, 7)),
        ("text", {"Content": "   "}, TextReceived(NOW, 7)),
        ("text", {}, TextReceived(NOW, 7)),
        (
            "text",
            {"Content": "是", "bizmsgmenuid": "f.3.yes"},
            TextReceived(NOW, 7, text="是", tap="f.3.yes"),
        ),
        ("image", {"MediaId": "m1", "PicUrl": "https://pic.example/1"}, ImageReceived(NOW, 7, media_id="m1")),
        ("image", {}, OtherReceived(NOW, 7, kind="image")),
        ("voice", {"MediaId": "m1", "Recognition": "查进度"}, VoiceReceived(NOW, 7, text="查进度")),
        ("voice", {"MediaId": "m1"}, VoiceReceived(NOW, 7)),
        (
            "location",
            {"Location_X": "23.1", "Location_Y": "113.3", "Label": "某路"},
            LocationReceived(NOW, 7, 23.1, 113.3, "某路"),
        ),
        ("location", {"Location_X": "nan", "Location_Y": "113.3"}, OtherReceived(NOW, 7, kind="location")),
        ("location", {"Location_X": "91", "Location_Y": "113.3"}, OtherReceived(NOW, 7, kind="location")),
        ("location", {}, OtherReceived(NOW, 7, kind="location")),
        ("video", {"MediaId": "m1"}, OtherReceived(NOW, 7, kind="video")),
        ("shortvideo", {"MediaId": "m1"}, OtherReceived(NOW, 7, kind="shortvideo")),
        ("link", {"Url": "https://a.example"}, OtherReceived(NOW, 7, kind="link")),
        ("file", {"FileKey": "k"}, OtherReceived(NOW, 7, kind="file")),
        ("something new", {}, OtherReceived(NOW, 7, kind="odd")),
    ],
)
def test_messages(kind: str, fields: dict[str, object], event: Event) -> None:
    delivery, parsed = _parse(message(kind, **fields))
    assert parsed == event
    assert delivery.is_message
    assert (delivery.openid, delivery.account, delivery.at) == (RESIDENT, ACCOUNT, NOW)


@pytest.mark.parametrize(
    ("fields", "event"),
    [
        ({"Event": "CLICK", "EventKey": "flow.report_loss"}, MenuClicked(NOW, 7, key="flow.report_loss")),
        ({"Event": "click", "EventKey": "K"}, MenuClicked(NOW, 7, key="K")),
        ({"Event": "subscribe", "EventKey": ""}, Subscribed(NOW, 7)),
        ({"Event": "subscribe"}, Subscribed(NOW, 7)),
        ({"Event": "subscribe", "EventKey": "qrscene_desk3"}, Subscribed(NOW, 7, scene="desk3")),
        ({"Event": "subscribe", "EventKey": "last_trade_no_1"}, Subscribed(NOW, 7)),
        ({"Event": "SCAN", "EventKey": "desk3"}, Scanned(NOW, 7, scene="desk3")),
        ({"Event": "unsubscribe"}, Unsubscribed(NOW, 7)),
        ({"Event": "user_authorization_revoke"}, AuthorizationRevoked(NOW, 7)),
        ({"Event": "user_authorization_cancellation"}, AuthorizationRevoked(NOW, 7)),
        ({"Event": "kf_close_session", "KfAccount": "a@gh"}, PersonLeft(NOW, 7)),
        ({"Event": "LOCATION", "Latitude": "23"}, Ignored(NOW, 7, name="location")),
        ({"Event": "location_select"}, Ignored(NOW, 7, name="location_select")),
        ({"Event": "VIEW", "EventKey": "https://a.example"}, Ignored(NOW, 7, name="view")),
        ({"Event": "TEMPLATESENDJOBFINISH", "MsgID": "x"}, Ignored(NOW, 7, name="templatesendjobfinish")),
        ({"Event": "user_info_modified"}, Ignored(NOW, 7, name="user_info_modified")),
        ({"Event": "<b>new</b>"}, Ignored(NOW, 7, name="odd")),
        ({}, Ignored(NOW, 7, name="odd")),
    ],
)
def test_events(fields: dict[str, object], event: Event) -> None:
    delivery, parsed = _parse(message("Event", **fields))
    assert parsed == event
    assert not delivery.is_message
    assert delivery.openid == RESIDENT


def test_a_message_is_known_by_user_and_msg_id() -> None:
    """MsgId alone has collided between users."""
    keys = [
        _parse(message(Content="a", **fields))[0].key
        for fields in ({}, {"FromUserName": "oOther"}, {"MsgId": 8}, {"MsgId": None}, {"MsgId": 0})
    ]
    assert keys[0] == f"{RESIDENT}:7000000000000001"
    assert len(set(keys)) == 5


def test_a_repeated_delivery_has_the_same_key_even_without_a_msg_id() -> None:
    bodies = [
        message(Content="a", MsgId=None),
        message(Content="a", MsgId=None),
        message(Content="b", MsgId=None),
    ]
    first, again, other = (_parse(body)[0].key for body in bodies)
    assert first == again != other


def test_an_event_is_known_by_user_time_event_and_its_key() -> None:
    """wechatpy reports MsgId 0 for every event."""
    base: dict[str, object] = {"Event": "CLICK", "EventKey": "a"}
    keys = [
        _parse(message("event", **{**base, **changed}))[0].key
        for changed in (
            {},
            {"EventKey": "b"},
            {"Event": "SCAN"},
            {"CreateTime": NOW + 1},
            {"FromUserName": "o2"},
        )
    ]
    assert len(set(keys)) == 5
    assert _parse(message("event", **base))[0].key == keys[0]


def test_authorization_events_name_the_person_in_openid() -> None:
    body = message("event", Event="user_authorization_revoke", FromUserName="oOther", OpenID=RESIDENT)
    delivery, _ = _parse(body)
    assert delivery.openid == RESIDENT
    assert delivery.key.startswith(RESIDENT)
    other = _parse(message("event", Event="CLICK", EventKey="a", OpenID="oOther"))[0]
    assert other.openid == RESIDENT


@pytest.mark.parametrize(
    "body",
    [
        b"<xml><action>CheckContainerPath</action></xml>",
        b"<xml/>",
        b"<xml>text</xml>",
        b"<xml><InfoType>authorized</InfoType><CreateTime>1</CreateTime></xml>",
        message("event", Event="CLICK", EventKey="a", FromUserName=None),
        message("text", Content="a", FromUserName=None),
    ],
)
def test_a_body_that_names_nobody_is_ignored(body: bytes) -> None:
    delivery, event = _parse(body)
    assert isinstance(event, Ignored)
    assert delivery.openid == ""


@pytest.mark.parametrize("body", [b'{"MsgType":"text"}', b"[1]", b'\xef\xbb\xbf {"MsgType":"event"}', b"{"])
def test_json_push_is_ignored_and_says_so(body: bytes) -> None:
    delivery, event = _parse(body)
    assert (delivery.kind, event) == ("json", Ignored(NOW + 5, 7, name="json"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"not xml",
        b"<xml><a></xml>",
        b"<xml><FromUserName>a</FromUserName>",
        b"\x00" * 100,
        message(MsgId="12x"),
        message(MsgId="-1"),
        message(MsgId="9" * 21),
        message(CreateTime="yesterday"),
        message(CreateTime="1e9"),
        message(CreateTime="9" * 5000),
        message(FromUserName="o" * 65),
        message(FromUserName="a b"),
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><FromUserName>&a;</FromUserName></xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
        b"<xml><FromUserName>&nbsp;</FromUserName></xml>",
        b"<xml>" + b"<a>" * 20 + b"</a>" * 20 + b"</xml>",
        b"<xml>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</xml>",
        b"<xml>" + b"<a/>" * 100_000 + b"</xml>",
    ],
)
def test_what_no_wechat_server_sends_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        _parse(body)
    assert refused.value.status == 400
    assert "passwd" not in refused.value.reason


def test_control_characters_are_dropped() -> None:
    """WeChat forwards them raw, also written as references, and no XML parser takes them."""
    assert _event("text", Content="a\x1d\x00\x0bb\ufffe") == TextReceived(NOW, 7, text="ab")
    for reference in (
        b"&#29;",
        b"&#x1D;",
        b"&#x1d;",
        b"&#0;",
        b"&#xD800;",
        b"&#x110000;",
        b"&#0000000000029;",
    ):
        body = message("text").replace(b"</xml>", b"<Content>a" + reference + b"b</Content></xml>")
        assert _parse(body)[1] == TextReceived(NOW, 7, text="ab")
    body = message("text").replace(b"</xml>", b"<Content>&#x4f60;&#22909;&lt;</Content></xml>")
    assert _parse(body)[1] == TextReceived(NOW, 7, text="你好<")


def test_a_reference_a_resident_typed_stays_as_typed() -> None:
    assert _event("text", Content="&#29; &lt;") == TextReceived(NOW, 7, text="&#29; &lt;")


def test_sections_that_stay_open_are_read_once() -> None:
    """To read the rest of the body for each of them would hold the process for
    seconds, before the signature is checked."""
    sections = "<![CDATA[" * 7000
    assert [found.span() for found in xml.REFERENCE.finditer(sections)] == [(0, len(sections))]
    with pytest.raises(Refused):
        xml.fields(f"<xml><A>&#{sections}</A></xml>".encode())


def test_the_first_of_a_repeated_field_counts() -> None:
    body = message("text", Content="one").replace(b"</xml>", b"<Content>two</Content><MsgId>x</MsgId></xml>")
    assert _parse(body)[1] == TextReceived(NOW, 7, text="one")


def test_a_field_inside_another_does_not_count() -> None:
    nested = b"<Info><Content>inner</Content><FromUserName>oOther</FromUserName></Info></xml>"
    delivery, event = _parse(message("text").replace(b"</xml>", nested))
    assert (delivery.openid, event) == (RESIDENT, TextReceived(NOW, 7))


def test_any_declared_encoding_and_broken_utf_8_are_read_as_utf_8() -> None:
    body = b"\xef\xbb\xbf\n<?xml version='1.0' encoding='gbk'?>" + message("text", Content="你好")
    assert _parse(body)[1] == TextReceived(NOW, 7, text="你好")
    broken = message("text", Content="ab").replace(b"ab", b"a\xe4\xbdb")
    assert _parse(broken)[1] == TextReceived(NOW, 7, text="a\ufffdb")


def test_a_text_is_cut_and_a_missing_time_is_now() -> None:
    event = _event("text", Content="字" * 5000, CreateTime=None)
    assert event == TextReceived(NOW + 5, 7, text="字" * MOST_READ)


def test_a_kind_in_a_log_holds_no_words_of_anyone() -> None:
    delivery, event = _parse(message("110101 张三", Content="a"))
    assert (delivery.kind, event) == ("odd", OtherReceived(NOW, 7, kind="odd"))
    assert _parse(message("event", Event="张三"))[0].kind == "event:odd"


_fields = st.dictionaries(
    st.sampled_from(
        ["FromUserName", "CreateTime", "MsgId", "Content", "Event", "EventKey", "Location_X", "OpenID"]
    ),
    st.text(max_size=40) | st.none(),
)


def _event_or_refusal(body: bytes) -> None:
    try:
        delivery, event = _parse(body)
    except Refused:
        return
    assert delivery.openid or isinstance(event, Ignored)


@given(st.sampled_from(["text", "event", "location", "image", ""]) | st.text(max_size=9), _fields)
def test_any_fields_give_an_event_or_a_refusal(kind: str, fields: dict[str, object]) -> None:
    body = "".join(f"<{k}>{v}</{k}>" for k, v in {"MsgType": kind, **fields}.items() if v is not None)
    _event_or_refusal(f"<xml>{body}</xml>".encode("utf-8", "surrogatepass"))


_PIECES = (
    *("<xml>", "</xml>", "<A>", "</A>", "<a>", "</a>", "<Ab1>", "</Ab1>", "<a/>", "<A >", "<a b='c'>"),
    *("<![CDATA[", "]]>", "]]", "]", ">", "&lt;", "&#29;", "&", "<", "<!--x-->", "<!DOCTYPE a>", "<?x?>"),
    *("你好", "x", " ", "\n", "\r\n", "\x1d", "\u3000", "\ufeff", "\u2028"),
)


def _read(read: Callable[[], dict[str, str]]) -> dict[str, str] | int:
    try:
        return read()
    except Refused as refused:
        return refused.status


@given(st.lists(st.sampled_from(_PIECES) | st.sampled_from(("<A>", "</A>", "<![CDATA[", "]]>")), max_size=12))
def test_a_body_of_plain_fields_is_read_as_any_other(pieces: list[str]) -> None:
    for body in ("".join(pieces), f"<xml>{''.join(pieces)}</xml>", f"<xml><A>{''.join(pieces)}</A></xml>"):
        text = xml.without_illegal(body.encode().decode("utf-8-sig")).strip()
        assert _read(partial(xml.fields, body.encode())) == _read(partial(xml.parsed, text))


@given(st.binary(max_size=300))
def test_any_bytes_give_an_event_or_a_refusal(body: bytes) -> None:
    _event_or_refusal(body)
