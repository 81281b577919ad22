"""What the page says a resident did, as WeChat's message types and their fields."""

from __future__ import annotations

import math
from typing import Any

from flask import abort
from werkzeug.exceptions import BadRequest

from bot.engine.events import MOST_READ
from bot.kit.phone.wire import Json


def fields_of(asked: Json) -> tuple[str, dict[str, str]]:
    """MsgType and its fields. Aborts with 400."""

    def text(name: str) -> str:
        value = asked.get(name, "")
        return value[:MOST_READ] if isinstance(value, str) else ""

    def degrees(name: str, limit: int) -> str:
        value: Any = asked.get(name)
        if not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > limit:
            abort(400, f"{name} is no place")
        return f"{value:.6f}"

    match asked.get("kind"):
        case "text":
            tap = {"bizmsgmenuid": text("tap")} if asked.get("tap") else {}
            return "text", {"Content": text("text"), **tap}
        case "image":
            name = text("media")
            return "image", {"PicUrl": f"http://mmbiz.qpic.cn/{name}", "MediaId": name}
        case "voice":
            return "voice", {"MediaId": "phone-voice", "Format": "amr", "Recognition": text("text")}
        case "location":
            place = {"Location_X": degrees("lat", 90), "Location_Y": degrees("lon", 180), "Scale": "15"}
            return "location", {**place, "Label": text("label")}
        case "CLICK" | "VIEW" | "subscribe" | "unsubscribe" as event:
            return "event", {"Event": event, "EventKey": text("key")}
        case _:
            raise BadRequest("no such message")
