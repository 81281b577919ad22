"""Whether everything works: the store, the worker, the services, WeChat."""

from __future__ import annotations

from flask import abort
from flask.typing import ResponseReturnValue

from bot.console.desk import Desk
from bot.console.health import examine


def add_to(desk: Desk) -> None:
    @desk.room.get("")
    def overview() -> ResponseReturnValue:
        return desk.show("overview.html", signs=examine(desk), at=desk.now())

    @desk.room.post("/quota/again")
    def call_again() -> ResponseReturnValue:
        """The quotas were reset in WeChat's console."""
        if desk.wechat is None:
            abort(404)
        with desk.change("quota", ", ".join(desk.wechat.spent())):
            desk.wechat.again()
        return desk.done("overview", "again")
