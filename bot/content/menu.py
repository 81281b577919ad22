"""WeChat's menu: its limits, checked before it is sent, and its JSON.

Source of the limits: WeChat's "custom menu" page. Sizes are UTF-8 bytes; of a name 4 Chinese characters are
shown at the top and 8 below, whatever fits.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_TOP, _SUB = 3, 5
_TOP_NAME, _SUB_NAME = 16, 60
_KEY, _URL = 128, 1024


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
    """`path`: indexes from the top, () for the menu itself. `code`: the rule. `sentence`: what to do."""

    path: tuple[int, ...]
    code: str
    sentence: str


def check_menu(menu: Sequence[Button]) -> list[Finding]:
    """Every limit the menu breaks, in the menu's order; empty if WeChat takes it."""
    if not menu:
        return [Finding((), "empty", "The menu has no button. Give it at least one.")]
    found = []
    if len(menu) > _TOP:
        sentence = f"The menu has {len(menu)} top buttons, WeChat takes {_TOP}. Put some below another."
        found.append(Finding((), "too_many", sentence))
    for index, button in enumerate(menu):
        found += _check(button, (index,))
    return found


def to_wechat(menu: Sequence[Button]) -> dict[str, Any]:
    """The object that menu/create takes."""
    return {"button": [_button(button) for button in menu]}


def to_json(menu: Sequence[Button]) -> bytes:
    """The same as sent: raw UTF-8, because WeChat refuses `\\u` escapes in names (40033)."""
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
    found: list[tuple[str, str]] = []
    called = f"Button '{button.name}'"
    top = len(path) == 1
    limit = _TOP_NAME if top else _SUB_NAME
    if not button.name.strip():
        found.append(("no_name", "A button has no name. Give it one."))
    elif _size(button.name) > limit:
        sentence = f"{called} has {_size(button.name)} bytes, WeChat takes {limit} here. Shorten the name."
        found.append(("long_name", sentence))
    if button.sub:
        found += _check_list(button, called, top)
    else:
        found += _check_action(button, called)
    findings = [Finding(path, code, sentence) for code, sentence in found]
    for index, sub in enumerate(button.sub):
        findings += _check(sub, (*path, index))
    return findings


def _check_list(button: Button, called: str, top: bool) -> list[tuple[str, str]]:
    found = []
    if not top:
        found.append(("too_deep", f"{called} is in a list and has one itself. WeChat takes two levels."))
    if len(button.sub) > _SUB:
        sentence = f"{called} has {len(button.sub)} buttons below, WeChat takes {_SUB}. Take some out."
        found.append(("too_many", sentence))
    if button.key or button.url or button.appid or button.pagepath:
        sentence = f"{called} has both an action and a list below. Keep one of the two."
        found.append(("action_and_list", sentence))
    return found


def _check_action(button: Button, called: str) -> list[tuple[str, str]]:
    found = []
    mini = bool(button.appid or button.pagepath)
    if not button.key and not button.url and not mini:
        found.append(("no_action", f"{called} does nothing. Give it a key, a url or a mini program."))
    if button.key and (button.url or mini):
        found.append(("two_actions", f"{called} has both a key and a url or mini program. Keep one of them."))
    if mini and not (button.appid and button.pagepath and button.url):
        sentence = f"{called} opens a mini program: it needs appid, pagepath and a url for old phones."
        found.append(("mini_program", sentence))
    if _size(button.key) > _KEY:
        found.append(("long_key", f"{called} has a key of {_size(button.key)} bytes, WeChat takes {_KEY}."))
    if _size(button.url) > _URL:
        found.append(("long_url", f"{called} has a url of {_size(button.url)} bytes, WeChat takes {_URL}."))
    if button.url and not button.url.startswith(("https://", "http://")):
        found.append(("odd_url", f"{called} has a url that begins neither with https:// nor with http://."))
    return found


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
