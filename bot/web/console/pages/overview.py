"""Whether everything works: the store, the worker, the services, WeChat."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from bot.web.console.desk import Desk
from bot.web.console.health import examine


def add_to(desk: Desk) -> None:
    @desk.room.get("")
    def overview() -> ResponseReturnValue:
        return desk.show("overview.html", signs=examine(desk), at=desk.now())
