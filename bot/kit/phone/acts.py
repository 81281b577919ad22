"""Turns what the page sends into WeChat's message types and their fields."""

from __future__ import annotations

import math
from typing import Any

from flask import abort
from werkzeug.exceptions import BadRequest

from bot.engine import events as e
from bot.kit.phone.wire import Json
from bot.kit.wechat import message, message_of


def body_of(asked: Json, openid: str, at: int) -> bytes:
    """Returns the body that WeChat would push. Aborts with 400."""

    def text(name: str) -> str:
        value = asked.get(name, "")
        return value[: e.MOST_READ] if isinstance(value, str) else ""

    def degrees(name: str, limit: int) -> float:
        value: Any = asked.get(name)
        if not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > limit:
            abort(400, f"{name} is no place")
        return value

    event: e.Event
    match asked.get("kind"):
        case "text":
            event = e.TextReceived(at, text=text("text"), tap=text("tap"))
        case "image":
            event = e.ImageReceived(at, media_id=text("media"))
        case "voice":
            event = e.VoiceReceived(at, text=text("text"))
        case "location":
            event = e.LocationReceived(
                at, lat=degrees("lat", 90), lon=degrees("lon", 180), label=text("label")
            )
        case "CLICK" | "VIEW" | "subscribe" | "unsubscribe" as name:
            return message("event", openid, at, {"Event": name, "EventKey": text("key")})
        case _:
            raise BadRequest("no such message")
    return message_of(event, openid)
