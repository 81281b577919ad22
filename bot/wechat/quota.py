"""Reads how often one of WeChat's interfaces may still be called today.

Source: WeChat's page "query API call quota" (openapi/quota/get).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.wechat.answers import WeChatError
from bot.wechat.client import Client

PUSHES = "/cgi-bin/message/custom/send"
"""Customer-service messages."""
_CALL = "openapi/quota/get"


@dataclass(frozen=True)
class Quota:
    """The calls allowed per day, and today's use."""

    limit: int
    used: int
    left: int


def quota(client: Client, within: float) -> Quota:
    """Returns the quota of PUSHES. `within`: seconds. Raises Unknown; WeChatError with WeChat's errcode."""
    body = client.call(_CALL, "POST", f"/cgi-bin/{_CALL}", within, {}, json={"cgi_path": PUSHES})
    try:
        found = json.loads(body)["quota"]
        return Quota(*(int(found[name]) for name in ("daily_limit", "used", "remain")))
    except (ValueError, RecursionError, KeyError, TypeError):
        raise WeChatError(_CALL, "answer without a quota") from None
