"""A conversation on the phone becomes a replay file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from bot.app import Bot, create_app
from bot.kit.replay.run import Options, one
from bot.kit.replay.stage import scenery
from web.test_phone import Tab

PERSON = ("张三", "660101198001010018")


@pytest.fixture
def made(make_bot: Callable[..., Bot]) -> Bot:
    return make_bot(phone="yes", recording="yes", push="yes")


@pytest.fixture
def tab(made: Bot) -> Tab:
    return Tab(create_app(made).test_client())


def said(tab: Tab, text: str, tap: str = "") -> str:
    (exchange,) = tab.send(kind="text", text=text, tap=tap)
    return str(exchange["answer"])


def tapped(tab: Tab, answer: str, label: str) -> str:
    """A tap on an answer that this bubble offered."""
    for words, tap, shown in re.findall(r"msgmenucontent=([^&]*)&msgmenuid=([^\"]*)\">([^<]*)<", answer):
        if label in shown:
            return said(tab, words, tap)
    raise AssertionError(f"“{label}” is not in {answer}")


def to_receipt(tab: Tab) -> str:
    tapped(tab, said(tab, "卡丢了"), "同意")
    said(tab, PERSON[1])
    asked = re.search(r"(\d) (\d) (\d) (\d)", said(tab, PERSON[0]))
    assert asked
    return tapped(tab, tapped(tab, said(tab, "".join(asked.groups())), "先停用"), "确认停用")


def saved(tab: Tab) -> Any:
    response = tab.post("replay")
    assert response.status_code == 200, response.text
    return response.json


def plays(text: str, folder: Path) -> str:
    """ "" where it is green on the shipped content."""
    path = folder / "found.yaml"
    path.write_text(text, encoding="utf-8")
    return one(path, Options(ROOT), scenery(ROOT)).text


@pytest.mark.slow
def test_a_whole_conversation_is_green_at_once_and_nobodys(tab: Tab, tmp_path: Path) -> None:
    """With a repetition, two at once and half an hour of silence in it."""
    assert "已停用" in to_receipt(tab)
    tab.post("again")
    tab.send(kind="text", text="帮助", twice=True)
    said(tab, "卡丢了")
    tab.post("time", who=[0], seconds=1830)
    said(tab, "继续")
    found = saved(tab)
    assert found["differs"] == ""
    assert found["name"] == "卡丢了.yaml"
    assert found["turns"] >= 11
    assert "redeliver: last" in found["text"]
    assert plays(found["text"], tmp_path) == ""
    for real in (*PERSON, "oPhone"):
        assert real not in found["text"]


@pytest.mark.slow
def test_the_bureaus_decision_is_told_and_saved(tab: Tab, tmp_path: Path) -> None:
    """Tapped on the phone: what came of the application arrives by itself, and stands in the file."""
    apply(tab)
    answer = tab.post("bureau", who=0, state="rejected").json
    if answer["waits"]:  # it is night
        tab.post("time", who=[0], seconds=12 * 3600)
    assert answer["known"]
    assert "没有通过" in said(tab, "你好") + str(tab.post("late", who=[0], revision="").json)
    assert tab.post("bureau", who=0, state="posted").status_code == 409, "nothing is open any more"
    found = saved(tab)
    assert "bureau:" in found["text"]
    assert found["differs"] == ""
    assert plays(found["text"], tmp_path) == ""


def apply(tab: Tab) -> None:
    """张三's card is damaged."""
    answer = tapped(tab, said(tab, "补卡"), "同意")
    said(tab, PERSON[1])
    asked = re.search(r"(\d) (\d) (\d) (\d)", said(tab, PERSON[0]))
    assert asked
    answer = tapped(tab, said(tab, "".join(asked.groups())), "坏了")
    answer = tapped(tab, tapped(tab, answer, "同意"), "同意")
    for _ in range(3):
        picture(tab)
    said(tab, "长期有效")
    said(tab, "13800138000")
    answer = picture(tab)
    tapped(tab, answer, "寄到家里")
    assert "待缴费" in tapped(tab, said(tab, "平安区和平路12号3单元501"), "确认提交")


def picture(tab: Tab) -> str:
    (exchange,) = tab.send(kind="image", media="a-made-up-media-id")
    return str(exchange["answer"])


@pytest.mark.slow
def test_one_begun_in_mid_flow(made: Bot, tab: Tab, tmp_path: Path) -> None:
    """What was said before the phone was opened is where the file begins."""
    said(tab, "卡丢了")
    made.client.delete(*made.client.keys("sb:*:tape:*"))  # as a day later
    said(tab, "同意")
    said(tab, PERSON[1])
    found = saved(tab)
    assert found["differs"] == ""
    assert "session:" in found["text"]
    assert PERSON[1] not in found["text"]
    assert plays(found["text"], tmp_path) == ""


def test_nothing_said_nothing_saved(tab: Tab) -> None:
    assert tab.post("replay").status_code == 409


def test_no_button_where_nothing_is_recorded(made: Bot, make_bot: Callable[..., Bot]) -> None:
    assert 'data-do="replay"' in Tab(create_app(made).test_client()).html
    silent = create_app(make_bot(phone="yes")).test_client()
    assert 'data-do="replay"' not in Tab(silent).html
