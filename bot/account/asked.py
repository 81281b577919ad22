"""Calls to WeChat for `shebao menu` and `shebao doctor`: menu, token, time and seats.

The menu's calls are those of WeChat's "custom menu" pages: get_current_selfmenu_info also shows a menu made
in the console, menu/get does not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from bot.account.live_menu import Refused
from bot.wechat.answers import WeChatError
from bot.wechat.client import Client

T = TypeVar("T")

_BUSY = -1  # WeChat: "system busy, try again later"
_TRIES = 3


class Account:
    """Calls WeChat over the client. `within`: seconds for one call without its retries.

    Raises:
        Refused: from all calls, with WeChat's errcode.
        Unknown: WeChat gave no errcode.
    """

    def __init__(self, client: Client, within: float = 10.0, pause: float = 0.5) -> None:
        self._client, self._within, self._pause = client, within, pause

    def current(self) -> Mapping[str, Any]:
        """Calls get_current_selfmenu_info."""
        return self._asked(lambda: self._client.current_menu(self._within))

    def conditional(self) -> Sequence[Mapping[str, Any]]:
        """Calls menu/get, the only call that shows conditional menus; those made in the console too."""
        return self._asked(lambda: self._client.conditional_menus(self._within))

    def create(self, menu: bytes) -> None:
        """Calls menu/create with exactly these bytes. Sending the same menu again changes nothing."""
        self._asked(lambda: self._client.create_menu(menu, self._within))

    def token(self) -> None:
        """Fetches a new token from WeChat: a cached one proves neither the secret nor the allow-list."""
        self._asked(lambda: self._client.check_token(self._within))

    def seats(self) -> int:
        """Returns the number of customer-service seats of the account."""
        return self._asked(lambda: self._client.seats(self._within))

    def _asked(self, call: Callable[[], T]) -> T:
        for tried in range(1, _TRIES + 1):
            try:
                return call()
            except WeChatError as e:
                if not e.code:
                    raise
                if e.code != _BUSY or tried == _TRIES:
                    raise Refused(e.code, e.address) from e
            time.sleep(self._pause)
        raise AssertionError("the last try answers or raises")
