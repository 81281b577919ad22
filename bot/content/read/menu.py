"""WeChat's menu: checks its limits before it is sent, and writes its JSON.

Source of the limits: WeChat's "custom menu" page. Sizes are UTF-8 bytes; of a name, WeChat shows 4 Chinese
characters at the top and 8 below, whatever fits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.content.messages import ENGLISH, message

_TOP, _SUB = 3, 5
TOP_NAME, SUB_NAME = 16, 60
TOP_SHOWN, SUB_SHOWN = 4, 8  # Chinese characters
_KEY, _URL = 128, 1024
_WEB = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][!-z|~]*)?")


@dataclass(frozen=True)
class Button:
    """One button. `key` makes it a click, `url` a view, `appid` with `pagepath` and `url` a mini program.

    `url` is then what old phones open. With `sub` it opens a list and does nothing else.
    """

    name: str
    key: str = ""
    url: str = ""
    appid: str = ""
    pagepath: str = ""
    sub: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Finding:
    """`path`: indexes from the top, () for the menu itself. `code`: the rule. `about`: its values."""

    path: tuple[int, ...]
    code: str
    about: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        """What is wrong and what to do."""
        return message("findings", f"menu-{self.code}", ENGLISH, self.about)


def check_menu(menu: Sequence[Button]) -> list[Finding]:
    """Returns every limit the menu breaks, in the menu's order; empty if WeChat accepts it."""
    if not menu:
        return [Finding((), "empty", {})]
    found = []
    if len(menu) > _TOP:
        found.append(Finding((), "too_many", {"name": "", "size": len(menu), "limit": _TOP}))
    for index, button in enumerate(menu):
        found += _check(button, (index,))
    return found


def to_wechat(menu: Sequence[Button]) -> dict[str, Any]:
    """Returns the object for menu/create."""
    return {"button": [_button(button) for button in menu]}


def to_json(menu: Sequence[Button]) -> bytes:
    """Returns the JSON as sent: raw UTF-8, because WeChat refuses `\\u` escapes in names (40033)."""
    return json.dumps(to_wechat(menu), ensure_ascii=False).encode()


def _button(button: Button) -> dict[str, Any]:
    if button.sub:
        return {"name": button.name, "sub_button": [_button(sub) for sub in button.sub]}
    if button.appid:
        return {
            "type": "miniprogram",
            "name": button.name,
            "url": button.url,
            "appid": button.appid,
            "pagepath": button.pagepath,
        }
    if button.url:
        return {"type": "view", "name": button.name, "url": button.url}
    return {"type": "click", "name": button.name, "key": button.key}


def _check(button: Button, path: tuple[int, ...]) -> list[Finding]:
    found: list[tuple[str, dict[str, Any]]] = []
    top = len(path) == 1
    limit = TOP_NAME if top else SUB_NAME
    if not button.name.strip():
        found.append(("no_name", {}))
    elif _size(button.name) > limit:
        found.append(("long_name", {"size": _size(button.name), "limit": limit}))
    if button.sub:
        found += _check_list(button, top)
    else:
        found += _check_action(button)
    findings = [Finding(path, code, {"name": button.name, **about}) for code, about in found]
    for index, sub in enumerate(button.sub):
        findings += _check(sub, (*path, index))
    return findings


def _check_list(button: Button, top: bool) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    if not top:
        found.append(("too_deep", {}))
    if len(button.sub) > _SUB:
        found.append(("too_many", {"size": len(button.sub), "limit": _SUB}))
    if button.key or button.url or button.appid or button.pagepath:
        found.append(("action_and_list", {}))
    return found


def _check_action(button: Button) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    mini = bool(button.appid or button.pagepath)
    if not button.key and not button.url and not mini:
        found.append(("no_action", {}))
    if button.key and (button.url or mini):
        found.append(("two_actions", {}))
    if mini and not (button.appid and button.pagepath and button.url):
        found.append(("mini_program", {}))
    if _size(button.key) > _KEY:
        found.append(("long_key", {"size": _size(button.key), "limit": _KEY}))
    if _size(button.url) > _URL:
        found.append(("long_url", {"size": _size(button.url), "limit": _URL}))
    if button.url and not _WEB.fullmatch(button.url):
        found.append(("odd_url", {}))
    return found


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
