"""`bot.ports.Sender` over WeChat's customer-service messages: what each errcode means for a push."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from bot.engine.effects import Reply
from bot.ports import Pushed, Unknown
from bot.wechat.client import Client, WeChatError
from bot.wechat.outbound import text_body

log = structlog.get_logger()

MEANS: Mapping[int, Pushed] = {
    45015: "held",  # nothing heard from the resident for 48 hours
    45047: "held",  # no message left
    43004: "unreachable",  # does not follow us
    43019: "unreachable",  # blocked us
    40003: "unreachable",  # no such openid
    -1: "later",  # WeChat is busy
    45011: "later",  # too many a minute
    40001: "later",  # the token, after one renewal
    40014: "later",
    42001: "later",
    0: "later",  # no answer, or one that is not WeChat's: it may have been sent
}
"""Any other errcode is our configuration, our permission or our quota (45009)."""


class WeChatSender:
    """An account that is not verified has no such messages: leave `push` off there."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def push(self, openid: str, account: str, reply: Reply, within: float) -> Pushed:
        text = text_body(reply)
        if not text:
            return "sent"  # nothing to say
        try:
            self._client.send_text(openid, text, within)
        except WeChatError as e:
            means = MEANS.get(e.code, "broken")
            if means == "broken":
                log.error("pushes are refused", errcode=e.code, alert=True)
            return means
        except Unknown:  # no token in time
            return "later"
        return "sent"
