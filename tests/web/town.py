"""A service with something to look at: residents, a receipt, dead letters, revisions, a menu in WeChat."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conftest import ROOT
from flask import Flask
from phone import Phone

from bot.account.live_menu import Refused
from bot.app import Bot, create_app
from bot.console import WeChat, console
from bot.content.read.menu import Button, to_wechat
from bot.store.due import DEAD_AFTER
from bot.wechat.quota import Quota


class FakeMenu:
    """The menu in WeChat. `refuses`: an errcode it answers every call with. `spent`: quotas of the day."""

    def __init__(self, buttons: tuple[Button, ...] = ()) -> None:
        self.live: Mapping[str, Any] = to_wechat(buttons)
        self.sent: list[bytes] = []
        self.refuses = 0
        self.others: list[dict[str, Any]] = []
        self.spent: dict[str, int] = {}

    def current(self) -> Mapping[str, Any]:
        self._maybe_refuse()
        return {"is_menu_open": 1, "selfmenu_info": self.live}

    def conditional(self) -> Sequence[Mapping[str, Any]]:
        self._maybe_refuse()
        return self.others

    def create(self, menu: bytes) -> None:
        import json

        self._maybe_refuse()
        self.sent.append(menu)
        self.live = json.loads(menu)

    def _maybe_refuse(self) -> None:
        if self.refuses:
            raise Refused(self.refuses)


def copied(root: Path) -> Path:
    """Content of one's own, to be edited."""
    for folder in ("flows", "messages", "config"):
        shutil.copytree(ROOT / folder, root / folder)
    return root


def connected(bot: Bot, root: Path, menu: FakeMenu) -> Flask:
    """The account with its console, and WeChat played by `menu`."""
    wechat = WeChat(
        menu, lambda: Quota(500_000, 1204, 498_796), lambda: 5400, menu.spent.copy, menu.spent.clear
    )
    app = Flask("shebao", static_folder=None)
    app.register_blueprint(console(bot, root, wechat))
    return app


def report_loss(bot: Bot, person: str = "张三", at: int = 0) -> tuple[Phone, str]:
    """A resident who reported the card lost (at this second), and the receipt's number ("" for none)."""
    import re

    phone = Phone(create_app(bot).test_client(), bot, person)
    phone.at = at or phone.at
    phone.event("subscribe")
    phone.say("卡丢了")
    phone.sign_in()
    phone.choose("先停用")
    phone.tap("确认停用")
    found = re.search(r"受理号：?(\d+)", phone.bubble.text)
    return phone, found[1] if found else ""


def dead_letter(bot: Bot, person: str = "没回音", cause: str = "ZeroDivisionError") -> str:
    """A report whose answer was lost, and then stopped by a bug of ours; answers the letter's id."""
    before = {letter.member for letter in bot.store.jobs.dead()}
    phone, _ = report_loss(bot, person)
    owner = bot.store.owner(phone.openid)
    (member,) = [
        name.decode() for name in bot.client.zrange(owner.key("due"), 0, -1) if name.startswith(b"j:")
        and name.decode() not in before
    ]  # fmt: skip
    for _ in range(DEAD_AFTER):
        bot.client.zadd(owner.key("due"), {member: 0})
        bot.store.jobs.claim(owner.shard, member, lease=15)
        bot.store.jobs.failed(owner.shard, member, cause)
    return member.partition(":")[2]
