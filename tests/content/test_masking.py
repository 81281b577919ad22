"""What of a resident's free words may be kept, and what never is. Every name and number is invented."""

from __future__ import annotations

import pytest

from bot.content.masking import HIDDEN, LONGEST, masked

PERSONAL = (
    ("我叫欧阳测试娜，卡丢了", "欧阳测试"),
    ("姓名：测试丰 怎么查", "测试丰"),
    ("我是张测试想问退休", "张测试"),
    ("我老公李测的卡在哪", "李测"),
    ("王测试的社保断了怎么办", "王测试"),
    ("请找陈先生", "陈先生"),
    ("身份证110101198001010010能办吗", "1101"),
    ("身份证 110101 19800101 001X 能办吗", "1101"),
    ("电话138-0013-8123打不通", "8123"),
    ("电话一三八零零一三八一二三打不通", "三八零"),
    ("社保号AB1234567查不到", "1234567"),
    ("住样例路77号9单元1203室怎么领", "77"),
    ("发到 test.person@example.com 可以吗", "test.person"),
    ("看 https://example.com/u/12 对吗", "example"),
    ("微信号wx_made_up99加我", "made_up"),
    ("My name is Quentin Testington where is it", "Quentin"),
    ("I am Quentin Testington, help please", "Testington"),
)


@pytest.mark.parametrize(("text", "secret"), PERSONAL)
def test_what_tells_who_it_is_is_hidden(text: str, secret: str) -> None:
    kept = masked(text)
    assert secret not in kept
    assert HIDDEN in kept, "the question itself is still of use"


@pytest.mark.parametrize(
    "text",
    ["养老金怎么算", "15天内能到吗？", "高龄补贴", "余额", "我是外地人怎么办", "Can I use it in Macau?"],
)
def test_a_question_is_kept_as_it_was(text: str) -> None:
    assert masked(text) == text.replace("？", "?")


@pytest.mark.parametrize(
    "text",
    [
        "张测试",
        "帮阿卜杜拉·测试提查一下",
        "李测",
        "13800138123",
        "110101198001010010",
        "660101",
        "？",
        "",
        "a",
        "\u202e\u0000",
        "好" * (LONGEST + 1),
    ],
)
def test_what_is_only_personal_or_no_question_is_not_kept(text: str) -> None:
    assert masked(text) == ""


def test_width_and_spaces_make_no_difference() -> None:
    assert masked(" Ｃａｎ　I\n use it ") == "Can I use it"
