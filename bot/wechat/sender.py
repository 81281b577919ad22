"""Implements `bot.ports.Sender` over WeChat's API: the meaning of each errcode for a push or a notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from bot.content.read.notices import filled
from bot.engine.effects import Reply
from bot.engine.scope import china_time
from bot.ports import Notice, Pushed, Unknown
from bot.wechat.answers import WeChatError
from bot.wechat.client import Client
from bot.wechat.outbound import text_body

log = structlog.get_logger()

MEANS: Mapping[int, Pushed] = {
    45015: "held",  # no message from the resident for 48 hours
    45047: "held",  # no message left
    43004: "unreachable",  # does not follow us
    43019: "unreachable",  # blocked us
    40003: "unreachable",  # no such openid
    -1: "later",  # WeChat is busy
    45011: "later",  # too many a minute
    45009: "spent",  # the day's quota of this interface
    43101: "held",  # has not subscribed to this message
    40001: "later",  # the token, after one renewal
    40014: "later",
    42001: "later",
    0: "later",  # no answer, or one that is not WeChat's: it may have been sent
}
"""Any other errcode means our configuration or permissions are wrong."""
PATHS = {"template": "message/template/send", "subscription": "message/subscribe/bizsend"}


@dataclass(frozen=True)
class Template:
    """A template chosen in WeChat's console. `kind`: of PATHS. `fields`: text of each field; {matter}, {line}
    and {time} are filled in."""

    kind: str
    id: str
    fields: Mapping[str, str]

    def filled(self, notice: Notice) -> dict[str, str]:
        china = china_time(notice.at)
        values = {
            "matter": notice.matter,
            "line": notice.line,
            "time": f"{china.year}年{china.month}月{china.day}日 {china:%H:%M}",
        }
        return {name: filled(name, words, values) for name, words in self.fields.items()}


class WeChatSender:
    """An unverified account has no such messages: leave `push` and `notify` off there."""

    def __init__(self, client: Client, template: Template | None = None) -> None:
        self._client, self._template = client, template

    def notify(self, openid: str, notice: Notice, within: float) -> Pushed:
        template = self._template
        if template is None:
            return "held"
        path, fields = PATHS[template.kind], template.filled(notice)
        return self._judged(lambda: self._client.send_notice(path, openid, template.id, fields, within))

    def push(self, openid: str, account: str, reply: Reply, within: float) -> Pushed:
        text = text_body(reply)
        if not text:
            return "sent"  # nothing to say
        return self._judged(lambda: self._client.send_text(openid, text, within))

    def _judged(self, send: Callable[[], None]) -> Pushed:
        try:
            send()
        except WeChatError as e:
            means = MEANS.get(e.code, "broken")
            if means == "broken":
                log.error("pushes are refused", call=e.call, errcode=e.code, field=e.field, alert=True)
            return means
        except Unknown:  # no token in time
            return "later"
        return "sent"
