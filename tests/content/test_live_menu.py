"""The menu: a plan before anything is changed, a look afterwards, WeChat's refusals in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from click.testing import CliRunner

from bot.content.commands import Wiring, menu
from bot.content.live_menu import NO_MENU, REMEDIES, Refused
from bot.content.load import load
from bot.content.menu import to_wechat

from .kit import ROOT

SHIPPED = load(ROOT).menu


class FakeAccount:
    """WeChat's menu, in the form of get_current_selfmenu_info."""

    def __init__(
        self, buttons: list[dict[str, Any]] | None = None, refuses: int = 0, forgets: bool = False
    ) -> None:
        self.buttons, self.refuses, self.forgets = buttons, refuses, forgets
        self.sent: list[bytes] = []

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

    def create(self, sent: bytes) -> None:
        self.sent.append(sent)
        if not self.forgets:
            self.buttons = json.loads(sent)["button"]


def run(account: FakeAccount | None, *words: str, answer: str = "") -> Any:
    wiring = Wiring(menu=(lambda: account) if account else None)
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


@pytest.mark.parametrize("code", [40164, 48001, 45009])
def test_a_refusal_says_what_to_do(code: int) -> None:
    made = run(FakeAccount(refuses=code), "show")
    assert made.exit_code == 1
    assert REMEDIES[code] in made.output


def test_a_dry_run_prints_the_exact_json_and_asks_nobody() -> None:
    made = run(None, "publish", "--dry-run")
    assert json.loads(made.output) == to_wechat(SHIPPED)


def test_show() -> None:
    assert "no menu" in run(FakeAccount(), "show").output
    assert "挂失停用" in run(FakeAccount(to_wechat(SHIPPED)["button"]), "show").output
    assert run(None, "show").exit_code == 1
