"""Replies: valid XML within 2048 bytes whatever the texts hold, and no link that is not ours."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.engine.effects import Option, Reply
from bot.wechat.outbound import LIMIT, NOTHING, render, text_body

from .kit import ACCOUNT, NOW, RESIDENT, read

LINK = re.compile(
    r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^"<>&]+)&msgmenuid=([^"<>&]+)">([^<>]+)</a>'
)


def _render(reply: Reply, **more: str) -> bytes:
    return render(reply, RESIDENT, ACCOUNT, NOW, **more)


def _options(count: int, label: str = "确认停用") -> tuple[Option, ...]:
    return tuple(Option(f"{label}{n}", f"loss.12.{n}", n) for n in range(1, count + 1))


def test_a_text() -> None:
    assert read(_render(Reply(text="卡已停用。"))) == {
        "ToUserName": RESIDENT,
        "FromUserName": ACCOUNT,
        "CreateTime": str(NOW),
        "MsgType": "text",
        "Content": "卡已停用。",
    }


def test_options_are_lines_to_tap_numbered_or_not() -> None:
    options = (
        Option("是", "f.1.yes", 1),
        Option("否", "f.1.no", 2),
        Option("返回", "back"),
        Option("其他", ""),
    )
    assert text_body(Reply(text="要停用吗？", lead="请选：", options=options)).split("\n") == [
        "要停用吗？",
        "请选：",
        '1. <a href="weixin://bizmsgmenu?msgmenucontent=是&msgmenuid=f.1.yes">是</a>',
        '2. <a href="weixin://bizmsgmenu?msgmenucontent=否&msgmenuid=f.1.no">否</a>',
        '<a href="weixin://bizmsgmenu?msgmenucontent=返回&msgmenuid=back">返回</a>',
        "其他",
    ]


def test_a_blank_line_parts_follow_ups_from_what_was_told() -> None:
    shown = (Option("同意", "3.ask.agreed"), Option("查进度", "3.-1.progress", lead="接下来可以："))
    body = text_body(Reply(text="同意吗？", lead="也可以点：", options=shown))
    assert body.startswith("同意吗？\n也可以点：\n<a ")
    assert "</a>\n\n接下来可以：\n<a " in body
    after = text_body(Reply(text="办好了。", lead="接下来可以：", options=(replace(shown[1], lead=""),)))
    assert after.startswith("办好了。\n\n接下来可以：\n")


def test_a_tap_says_the_label_with_spaces_that_look_like_its_own() -> None:
    """No ASCII space may stand in the link; the resident's own bubble should not show that."""
    body = text_body(Reply(text="Block it?", options=(Option("Not yet, 50% sure", "f.1.no"),)))
    found = LINK.search(body)
    assert found is not None
    assert found[1] == "Not\u00a0yet,\u00a050％\u00a0sure"
    assert found[3] == "Not yet, 50% sure"


def test_a_transfer_is_to_any_seat() -> None:
    plain = read(_render(Reply(kind="transfer")))
    assert plain["MsgType"] == "transfer_customer_service"
    assert "TransInfo" not in plain


def test_a_picture_stands_in_for_the_text() -> None:
    reply = Reply(text="请输入 123", picture="123")
    assert read(_render(reply, media_id="m1"))["Image"] == "m1"
    assert read(_render(reply))["Content"] == "请输入 123"


@pytest.mark.parametrize(
    "reply",
    [Reply(kind="none", text="x"), Reply(), Reply(text=" \n\x1d"), Reply(options=(Option("", "tap", 1),))],
)
def test_an_empty_content_is_never_sent(reply: Reply) -> None:
    assert _render(reply) == NOTHING == b"success"


def test_a_residents_own_words_cannot_become_markup() -> None:
    words = 'x]]></Content><MsgType>news</MsgType>&lt;a&gt;<a href="https://evil.example">点我</a>\x1d\ud800'
    fields = read(_render(Reply(text=words, lead=words, options=(Option(words, "tap", 1),))))
    assert fields["MsgType"] == "text"
    content = LINK.sub("", fields["Content"])
    assert "<" not in content
    assert "&lt;" not in content


def test_our_own_fields_cannot_break_the_xml() -> None:
    fields = read(render(Reply(text="a"), "o]]>x", "gh]]>\x00y", NOW))
    assert (fields["ToUserName"], fields["FromUserName"]) == ("o]]>x", "gh]]>y")


def test_emoji_and_rare_characters_are_kept() -> None:
    words = "𠮷😀👨‍👩‍👧 㐂"
    assert read(_render(Reply(text=words)))["Content"] == words


@pytest.mark.parametrize("character", "\"<>&#%=+?\\`'\n\r ")
def test_a_label_cannot_leave_its_link(character: str) -> None:
    body = text_body(Reply(text="t", options=(Option(f"前{character}后", "tap", 1),)))
    found = LINK.fullmatch(body.split("\n", 1)[1].removeprefix("1. "))
    assert found
    assert character not in found[1]
    assert "\n" not in found[3]


@pytest.mark.parametrize("tap", ["a&b", 'a"b', "a b", "a#b", "a%20b", "a\nb", "<"])
def test_a_tap_that_would_not_come_back_whole_is_no_link(tap: str) -> None:
    assert text_body(Reply(text="t", options=(Option("是", tap, 1),))) == "t\n1. 是"


def test_links_are_given_up_from_the_last_one_back() -> None:
    body = text_body(Reply(text="句子。" * 150, options=_options(9)))
    lines = body.split("\n")[1:]
    linked = [bool(LINK.search(line)) for line in lines]
    assert 0 < sum(linked) < 9
    assert linked == sorted(linked, reverse=True)
    assert lines[-1] == "9. 确认停用9"
    assert len(body.encode()) <= LIMIT
    assert "…" not in body


def test_before_that_a_tap_on_a_numbered_one_says_its_number() -> None:
    options = _options(9, "平安区社保卡服务中心，0.1公里，平安区和平路12号")
    body = text_body(Reply(text="句子。" * 60, options=options))
    found = LINK.findall(body)
    assert [said for said, _, _ in found] == [str(n) for n in range(1, 10)]
    assert [label for _, _, label in found] == [o.label for o in options]
    assert len(body.encode()) <= LIMIT


def test_then_the_text_is_cut_at_the_end_of_a_sentence() -> None:
    body = text_body(Reply(text="这是一句话。" * 300, lead="请选：", options=_options(3)))
    text, *rest = body.split("\n")
    assert text.endswith("。…")
    assert rest == ["请选：", "1. 确认停用1", "2. 确认停用2", "3. 确认停用3"]
    assert LIMIT - 30 < len(body.encode()) <= LIMIT


def test_a_text_without_sentences_is_cut_between_characters() -> None:
    for shift in range(4):
        body = text_body(Reply(text="a" * shift + "😀" * 1000))
        assert len(body.encode()) <= LIMIT
        assert set(body) <= {"a", "😀", "…"}


def test_then_the_labels_are_cut_and_each_is_still_there() -> None:
    options = _options(20, "很长的一个选项" * 30)
    body = text_body(Reply(text="先说这句。" * 50, lead="请选：", options=options))
    lines = body.split("请选：\n")[1].split("\n")
    assert [line.partition(". ")[0] for line in lines] == [str(n) for n in range(1, 21)]
    assert all("很长" in line and line.endswith("…") for line in lines)
    assert LIMIT - 200 < len(body.encode()) <= LIMIT


@given(
    st.text(max_size=900),
    st.lists(st.text("字a1", min_size=1, max_size=300), min_size=1, max_size=40),
    st.booleans(),
)
def test_no_offered_label_is_ever_lost(text: str, labels: list[str], numbered: bool) -> None:
    options = tuple(
        Option(f"{label}{n}", f"flow.12.{n}", n if numbered else 0) for n, label in enumerate(labels, 1)
    )
    body = text_body(Reply(text=text, lead="请选：", options=options))
    lines = LINK.sub(r"\3", body).split("请选：\n")[1].split("\n")
    assert len(lines) == len(options)
    for line, option in zip(lines, options, strict=True):
        shown = f"{option.number}. {option.label}" if numbered else option.label
        assert line == shown or (line.endswith("…") and shown.startswith(line[:-1]) and len(line) > 3)
    assert len(body.encode()) <= LIMIT


def test_options_beyond_any_bubble_leave_room_for_the_text() -> None:
    body = text_body(Reply(text="先说这句。" * 50, options=_options(200)))
    assert body.startswith("先说这句。")
    assert "1. 确认停用1" in body
    assert len(body.encode()) <= LIMIT


_words = st.text(max_size=60) | st.sampled_from(["]]>", "<a href=", "&#29;", "你好。" * 400, "😀" * 600])
_option = st.builds(
    Option, _words, st.sampled_from(["", "f.1.a", "x&y"]) | st.text(max_size=9), st.integers(0, 9)
)
_reply = st.builds(Reply, text=_words, lead=_words, options=st.lists(_option, max_size=20).map(tuple))


@given(_reply)
def test_any_reply_is_valid_bounded_and_holds_only_our_links(reply: Reply) -> None:
    body = _render(reply)
    if body == NOTHING:
        return
    content = read(body)["Content"]
    assert 0 < len(content.encode()) <= LIMIT
    assert "<" not in LINK.sub("", content)
    assert content == text_body(reply)
