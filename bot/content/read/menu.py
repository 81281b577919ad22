"""WeChat's menu: checks its limits before it is sent, and writes its JSON.

Source of the limits: WeChat's "custom menu" page. Sizes are UTF-8 bytes; of a name, WeChat shows 4 Chinese
characters at the top and 8 below, whatever fits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
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
    many = [Finding((), "too_many", {"name": "", "size": len(menu), "limit": _TOP})]
    found = [x for index, button in enumerate(menu) for x in _check(button, (index,))]
    return (many if len(menu) > _TOP else []) + found


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
        more = {"url": button.url, "appid": button.appid, "pagepath": button.pagepath}
        return {"type": "miniprogram", "name": button.name, **more}
    if button.url:
        return {"type": "view", "name": button.name, "url": button.url}
    return {"type": "click", "name": button.name, "key": button.key}


def _check(button: Button, path: tuple[int, ...]) -> Iterator[Finding]:
    rules = _list_rules(button, len(path) == 1) if button.sub else _action_rules(button)
    for code, about in (*_name_rules(button, len(path) == 1), *rules):
        yield Finding(path, code, {"name": button.name, **about})
    for index, sub in enumerate(button.sub):
        yield from _check(sub, (*path, index))


Broken = Iterator[tuple[str, dict[str, int]]]
"""The code of each rule that is broken, and its values."""


def _name_rules(button: Button, top: bool) -> Broken:
    limit = TOP_NAME if top else SUB_NAME
    if not button.name.strip():
        yield "no_name", {}
    elif (size := _size(button.name)) > limit:
        yield "long_name", {"size": size, "limit": limit}


def _list_rules(button: Button, top: bool) -> Broken:
    if not top:
        yield "too_deep", {}
    if len(button.sub) > _SUB:
        yield "too_many", {"size": len(button.sub), "limit": _SUB}
    if button.key or button.url or button.appid or button.pagepath:
        yield "action_and_list", {}


def _action_rules(button: Button) -> Broken:
    mini = bool(button.appid or button.pagepath)
    if not button.key and not button.url and not mini:
        yield "no_action", {}
    if button.key and (button.url or mini):
        yield "two_actions", {}
    if mini and not (button.appid and button.pagepath and button.url):
        yield "mini_program", {}
    for code, part, limit in (("long_key", button.key, _KEY), ("long_url", button.url, _URL)):
        if (size := _size(part)) > limit:
            yield code, {"size": size, "limit": limit}
    if button.url and not _WEB.fullmatch(button.url):
        yield "odd_url", {}


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
