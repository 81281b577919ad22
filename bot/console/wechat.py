"""What the pages ask of WeChat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.account.asked import Account
from bot.wechat.client import Client
from bot.wechat.quota import Quota, quota
from bot.wechat.spent import Spent

WITHIN = 3.0
"""Seconds for a call: somebody waits for the page."""


@dataclass(frozen=True)
class WeChat:
    """`quota`: of pushes; raises Unknown. `token_left`: seconds until the kept access token is renewed, None
    where none is kept; raises RedisError."""

    menu: Account
    quota: Callable[[], Quota]
    token_left: Callable[[], int | None]
    spent: Callable[[], Mapping[str, int]]
    again: Callable[[], None]


def over(client: Client, spent: Spent) -> WeChat:
    return WeChat(
        *(Account(client, WITHIN), lambda: quota(client, WITHIN), client.token_left, spent.all, spent.again)
    )
