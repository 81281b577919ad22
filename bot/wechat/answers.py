"""WeChat's answers: its errors, and the values in a body."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Any

from bot.ports import Unknown


class WeChatError(Unknown):
    """A call to WeChat failed. `code`: WeChat's errcode, 0 if it gave none (the call may have been taken).

    The text names the call and the code only: WeChat's errmsg and requests' texts hold tokens and addresses.
    `address`: with 40164, our address as WeChat saw it, which belongs on its allow-list. `field`: with 47003,
    the template field that WeChat refuses.
    """

    def __init__(self, call: str, what: str, code: int = 0, address: str = "", field: str = "") -> None:
        super().__init__(f"WeChat {call}: {what}")
        self.call, self.code, self.address, self.field = call, code, address, field


def errcode(body: bytes) -> int:
    """Returns WeChat's errcode; 0 if the body is no error."""
    if not body.lstrip().startswith(b"{"):
        return 0
    try:
        code = json.loads(body).get("errcode", 0)
    except (ValueError, RecursionError):
        return 0
    return code if isinstance(code, int) else 0


def address(body: bytes) -> str:
    """Reads our address from "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist"; "" if
    absent."""
    found = re.search(rb"invalid ip ([0-9a-fA-F.:]{3,45})", body)
    try:
        return str(ipaddress.ip_address(found[1].decode())) if found else ""
    except ValueError:
        return ""


def field(body: bytes) -> str:
    """Reads the field from "argument invalid! data.thing3.value invalid"; "" if absent."""
    found = re.search(rb"data\.([a-z_]{1,20}[0-9]{0,3})\.value", body)
    return found[1].decode() if found else ""


def json_of(call: str, body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise WeChatError(call, "answer is not JSON")
    return found


def text_of(found: dict[str, Any], name: str, call: str) -> str:
    text = found.get(name)
    if not isinstance(text, str) or not text:
        raise WeChatError(call, f"answer without {name}")
    return text
