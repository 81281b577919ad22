"""What `shebao menu` and `shebao doctor` ask of WeChat: the menu, a token, the time, the seats.

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
    """Calls to WeChat over the client. `within`: seconds for one call, its retries apart.

    All raise Refused with WeChat's errcode, and Unknown where there was none.
    """

    def __init__(self, client: Client, within: float = 10.0, pause: float = 0.5) -> None:
        self._client, self._within, self._pause = client, within, pause

    def current(self) -> Mapping[str, Any]:
        """get_current_selfmenu_info."""
        return self._asked(lambda: self._client.current_menu(self._within))

    def conditional(self) -> Sequence[Mapping[str, Any]]:
        """menu/get, which alone shows conditional menus; those made in the console too."""
        return self._asked(lambda: self._client.conditional_menus(self._within))

    def create(self, menu: bytes) -> None:
        """menu/create with exactly these bytes. Sending the same menu again changes nothing."""
        self._asked(lambda: self._client.create_menu(menu, self._within))

    def token(self) -> None:
        """Fetch a token from WeChat now: one that is kept says nothing of the secret and the allow-list."""
        self._asked(lambda: self._client.check_token(self._within))

    def seats(self) -> int:
        """How many customer-service seats the account has."""
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
