"""The menu: a plan before anything is changed, a look afterwards, WeChat's refusals in plain words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from click.testing import CliRunner
from loaded import shipped

from bot.account.live_menu import NO_MENU, Published, Refused
from bot.cli.account import menu
from bot.cli.wiring import Wiring
from bot.content.errcodes import refusal
from bot.content.messages import sentences
from bot.content.read.menu import Button, to_wechat

from .kit import ROOT

SHIPPED = shipped().menu
REFUSALS = sorted(int(code) for code in sentences("refusals") if code != "other")


class FakeAccount:
    """WeChat's menu, in the form of get_current_selfmenu_info."""

    def __init__(
        self, buttons: list[dict[str, Any]] | None = None, refuses: int = 0, forgets: bool = False
    ) -> None:
        self.buttons, self.refuses, self.forgets = buttons, refuses, forgets
        self.sent: list[bytes] = []
        self.others: list[dict[str, Any]] = []

    def current(self) -> Mapping[str, Any]:
        if self.refuses:
            raise Refused(self.refuses)
        if self.buttons is None:
            raise Refused(NO_MENU)
        wrapped = [
            {"name": b["name"], "sub_button": {"list": [{**s, "news_info": None} for s in b["sub_button"]]}}
            if "sub_button" in b
            else b
            for b in self.buttons
        ]
        return {"is_menu_open": 1, "selfmenu_info": {"button": wrapped}}

    def conditional(self) -> Sequence[Mapping[str, Any]]:
        if self.buttons is None:
            raise Refused(NO_MENU)
        return self.others

    def create(self, sent: bytes) -> None:
        self.sent.append(sent)
        if not self.forgets:
            self.buttons = json.loads(sent)["button"]


def run(
    account: FakeAccount | None,
    *words: str,
    answer: str = "",
    published: Callable[[], Published] = lambda: Published("", ()),
) -> Any:
    wiring = Wiring(menu=lambda: account, published=published)  # type: ignore[arg-type, return-value]
    return CliRunner().invoke(menu, words, obj=wiring, input=answer)


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_published_only_after_yes_and_read_back() -> None:
    account = FakeAccount()
    refused = run(account, "publish", answer="n\n")
    assert refused.exit_code == 1
    assert account.sent == []
    assert "+ 卡丢了" in refused.output
    made = run(account, "publish", answer="y\n")
    assert made.exit_code == 0, made.output
    assert json.loads(account.sent[0]) == to_wechat(SHIPPED)
    assert "\\u" not in account.sent[0].decode()
    again = run(account, "publish", "--yes")
    assert "Nothing to change." in again.output
    assert len(account.sent) == 1


def test_the_difference_names_each_button() -> None:
    live = to_wechat(SHIPPED)["button"]
    live[0]["sub_button"][0] = {"type": "click", "name": "旧名字", "key": "OLD"}
    made = run(FakeAccount(live), "diff")
    assert made.exit_code == 1
    assert "-   旧名字  → OLD" in made.output
    assert "+   挂失停用  → CARD_LOSS" in made.output
    assert run(FakeAccount(to_wechat(SHIPPED)["button"]), "diff").exit_code == 0


def test_a_menu_that_did_not_arrive_is_an_error() -> None:
    made = run(FakeAccount([], forgets=True), "publish", "--yes")
    assert made.exit_code == 1
    assert "another menu than was sent" in made.output


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_refusal_says_what_to_do(code: int, language: str) -> None:
    made = run(FakeAccount(refuses=code), "show", "--lang", language)
    assert made.exit_code == 1
    assert refusal(code, language) in made.output


def test_a_refusal_nobody_knows_names_its_code() -> None:
    assert "99999" in run(FakeAccount(refuses=99999), "show").output


def test_a_dry_run_prints_the_exact_json_and_asks_nobody() -> None:
    made = run(None, "publish", "--dry-run")
    assert json.loads(made.stdout) == to_wechat(SHIPPED)


OLDER = (Button("办卡", key="flow.reissue"),)


def unset() -> Published:
    raise ValueError("SHEBAO_SEAL_KEYS is missing")


def test_what_is_published_is_the_menu_of_the_served_revision() -> None:
    account = FakeAccount([])
    shown = run(account, "diff", published=lambda: Published("0a1b2c3d4e5f", OLDER))
    assert "The menu of revision 0a1b2c3d4e5f" in shown.output
    assert "config/menu.yaml here is another one" in shown.output
    assert "+ 办卡  → flow.reissue" in shown.output
    assert "卡丢了" not in shown.output
    run(account, "publish", "--yes", published=lambda: Published("0a1b2c3d4e5f", OLDER))
    assert json.loads(account.sent[0]) == to_wechat(OLDER)
    same = run(account, "diff", published=lambda: Published("0a1b2c3d4e5f", SHIPPED))
    assert "another one" not in same.output
    dry = run(None, "publish", "--dry-run", published=lambda: Published("0a1b2c3d4e5f", OLDER))
    assert json.loads(dry.stdout) == to_wechat(OLDER)
    assert "0a1b2c3d4e5f" in dry.stderr


def test_before_anything_is_published_the_directory_is_served_and_sent() -> None:
    account = FakeAccount([])
    made = run(account, "publish", "--yes", "--lang", "zh-CN", published=lambda: Published("", ()))
    assert "还没有发布过内容" in made.output
    assert json.loads(account.sent[0]) == to_wechat(SHIPPED)


def test_nothing_is_sent_where_nobody_can_tell_what_is_served() -> None:
    account = FakeAccount([])
    made = run(account, "publish", "--yes", published=unset)
    assert made.exit_code == 1
    assert "SHEBAO_SEAL_KEYS is missing" in made.output
    assert account.sent == []
    dry = run(None, "publish", "--dry-run", published=unset)
    assert json.loads(dry.stdout) == to_wechat(SHIPPED)
    assert "cannot be looked up (SHEBAO_SEAL_KEYS is missing)" in dry.stderr


def test_conditional_menus_are_told_with_whom_they_are_for() -> None:
    account = FakeAccount(to_wechat(SHIPPED)["button"])
    account.others = [{"button": [], "matchrule": {"tag_id": "2", "sex": ""}, "menuid": 208396993}, {}]
    for words in (("show",), ("diff",)):
        made = run(account, *words)
        assert made.exit_code == 0
        assert "2 conditional menus stand before it" in made.output
        assert "208396993: tag_id 2" in made.output
    assert "个性化菜单" in run(account, "show", "--lang", "zh-CN").output


def test_show() -> None:
    assert "no menu" in run(FakeAccount(), "show").output
    assert "挂失停用" in run(FakeAccount(to_wechat(SHIPPED)["button"]), "show").output
    none = run(None, "show")
    assert none.exit_code == 1
    assert "SHEBAO_WECHAT_APP_SECRET" in none.output


def test_what_is_said_in_chinese() -> None:
    account = FakeAccount()
    assert "没有菜单" in run(account, "show", "--lang", "zh-CN").output
    assert "发布这份菜单吗" in run(account, "publish", "--lang", "zh-CN", answer="n\n").output
    assert "已发布" in run(account, "publish", "--lang", "zh-CN", "--yes").output
    assert "没有要改的" in run(account, "diff", "--lang", "zh-CN").output
