"""A menu that WeChat would refuse is found out before it is sent; one it takes is sent exactly."""

from __future__ import annotations

import json

import pytest

from bot.content.read.menu import Button, check_menu, to_json, to_wechat

GOOD = (
    Button(
        "卡丢了", sub=(Button("挂失停用", key="flow.report_loss"), Button("卡找到了", key="flow.cancel_loss"))
    ),
    Button("网站", url="https://a.example/"),
    Button("办事", url="https://a.example/", appid="wx1", pagepath="pages/a"),
)


def test_a_good_menu_and_its_json() -> None:
    assert check_menu(GOOD) == []
    assert to_wechat(GOOD) == {
        "button": [
            {
                "name": "卡丢了",
                "sub_button": [
                    {"type": "click", "name": "挂失停用", "key": "flow.report_loss"},
                    {"type": "click", "name": "卡找到了", "key": "flow.cancel_loss"},
                ],
            },
            {"type": "view", "name": "网站", "url": "https://a.example/"},
            {
                "type": "miniprogram",
                "name": "办事",
                "url": "https://a.example/",
                "appid": "wx1",
                "pagepath": "pages/a",
            },
        ]
    }


def test_the_json_is_raw_utf_8() -> None:
    r"""WeChat refuses `\u` escapes (40033)."""
    assert "卡丢了".encode() in to_json(GOOD)
    assert json.loads(to_json(GOOD)) == to_wechat(GOOD)


LEAF = Button("a", key="k")


@pytest.mark.parametrize(
    ("menu", "path", "code"),
    [
        ((), (), "empty"),
        ((LEAF,) * 4, (), "too_many"),
        ((Button("a", sub=(LEAF,) * 6),), (0,), "too_many"),
        ((LEAF, Button("a", sub=(LEAF, Button("b", sub=(LEAF,))))), (1, 1), "too_deep"),
        ((Button("a", key="k", sub=(LEAF,)),), (0,), "action_and_list"),
        ((Button("a", url="https://a.example", sub=(LEAF,)),), (0,), "action_and_list"),
        ((Button(" ", key="k"),), (0,), "no_name"),
        ((Button("六个汉字太长", key="k"),), (0,), "long_name"),
        ((Button("a", sub=(Button("字" * 21, key="k"),)),), (0, 0), "long_name"),
        ((Button("a"),), (0,), "no_action"),
        ((Button("a", key="k", url="https://a.example"),), (0,), "two_actions"),
        ((Button("a", key="k" * 129),), (0,), "long_key"),
        ((Button("a", url="https://a.example/" + "x" * 1024),), (0,), "long_url"),
        ((Button("a", url="a.example"),), (0,), "odd_url"),
        ((Button("a", appid="wx1", pagepath="p"),), (0,), "mini_program"),
        ((Button("a", appid="wx1", url="https://a.example"),), (0,), "mini_program"),
    ],
)
def test_each_limit(menu: tuple[Button, ...], path: tuple[int, ...], code: str) -> None:
    (finding,) = check_menu(menu)
    assert (finding.path, finding.code) == (path, code)
    assert finding.sentence.endswith(".")


def test_what_just_fits() -> None:
    fits = Button(
        "字字字字字x",
        sub=(
            Button("字" * 20, key="k" * 128),
            Button("a", url="https://a.example/" + "x" * 1006),
            *[LEAF] * 3,
        ),
    )
    assert check_menu((fits,) * 3) == []


def test_every_finding_is_told_at_once() -> None:
    menu = (Button("", key="k"), Button("a"), Button("六个汉字太长", sub=(Button("b"),)))
    assert [(f.path, f.code) for f in check_menu(menu)] == [
        ((0,), "no_name"),
        ((1,), "no_action"),
        ((2,), "long_name"),
        ((2, 0), "no_action"),
    ]
