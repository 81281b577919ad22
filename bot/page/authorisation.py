"""WeChat's page authorisation (snsapi_base): tells the openid of whoever opens the page in WeChat.

https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

import redis
import structlog

from bot.ports import Unknown
from bot.store.connect import answering, take
from bot.store.records import StoreAway, looks_like_openid
from bot.store.seal import Seal

log = structlog.get_logger()

AUTHORISE = "https://open.weixin.qq.com/connect/oauth2/authorize"
WITHIN = 3.0
"""Seconds for WeChat's answer."""
LASTS = 600
"""Seconds that a code is remembered; WeChat takes it for five minutes."""
_CODE = re.compile(r"[A-Za-z0-9_-]{8,128}", re.ASCII)


class Authorisation:
    """`openid_of`: asks WeChat whom a code belongs to, within seconds; raises Unknown."""

    def __init__(
        self,
        client: redis.Redis,
        seal: Seal,
        app_id: str,
        origin: str,
        openid_of: Callable[[str, float], str],
    ) -> None:
        self._client, self._seal, self._app_id, self._origin = client, seal, app_id, origin
        self._openid_of = openid_of

    def address(self, state: str) -> str:
        """Returns where the browser is sent; it comes back with `state` and a code."""
        asked = {
            "appid": self._app_id,
            "redirect_uri": f"{self._origin}/card/back",
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
        }
        return f"{AUTHORISE}?{urlencode(asked)}#wechat_redirect"

    def openid(self, code: str) -> str | None:
        """Returns whom a code belongs to; "" if it is none, None if it was used before.

        Raises:
            StoreAway: the store, or WeChat, does not answer.
        """
        if not _CODE.fullmatch(code):
            return ""
        with answering():
            if not take(self._client, f"page:code:{self._seal.tag(f'page code {code}')}", LASTS):
                return None
        try:
            openid = self._openid_of(code, WITHIN)
        except Unknown as e:
            if getattr(e, "code", 0):  # 40029, 40163: WeChat does not know it, or has told once
                return ""
            raise StoreAway("WeChat does not answer") from e
        return openid if looks_like_openid(openid) else ""
