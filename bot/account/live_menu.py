"""The menu in WeChat: reads it, shows what would change, and publishes and verifies it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.content.errcodes import refusal
from bot.content.messages import ENGLISH
from bot.content.read.menu import Button, check_menu, to_json, to_wechat

if TYPE_CHECKING:
    from bot.account.asked import Account

NO_MENU = 46003


class Refused(Exception):
    """WeChat refused. `code`: its errcode. `address`: ours as WeChat saw it, if it tells (40164)."""

    def __init__(self, code: int, address: str = "") -> None:
        super().__init__(refusal(code, ENGLISH, address))
        self.code, self.address = code, address

    def remedy(self, language: str = ENGLISH) -> str:
        """Returns what it means and what to do."""
        return refusal(self.code, language, self.address)


@dataclass(frozen=True)
class Published:
    """The menu that residents are served. `revision`: "" while nothing was published and each process serves
    its directory."""

    revision: str
    buttons: tuple[Button, ...]


@dataclass(frozen=True)
class MenuChanges:
    """`lines`: the changes, one button per line: + - ~ or blank. `changes`: whether there are any."""

    lines: tuple[str, ...]
    changes: bool


def live_buttons(api: Account) -> tuple[list[dict[str, Any]], bool]:
    """Returns the live menu in the form of menu/create, and whether it is switched on."""
    try:
        found = api.current()
    except Refused as e:
        if e.code == NO_MENU:
            return [], False
        raise
    buttons = (found.get("selfmenu_info") or {}).get("button", [])
    return [_same_form(b) for b in buttons], bool(found.get("is_menu_open"))


def rules(api: Account) -> list[str]:
    """Returns for whom each conditional menu is, in WeChat's words: menuid and matchrule."""
    try:
        found = api.conditional()
    except Refused as e:
        if e.code == NO_MENU:
            return []
        raise
    return [f"{menu.get('menuid', '?')}: {_rule(menu.get('matchrule'))}" for menu in found]


def _rule(found: Any) -> str:
    held = found if isinstance(found, Mapping) else {}
    return ", ".join(f"{name} {value}" for name, value in held.items() if value not in ("", None)) or "?"


def plan(menu: tuple[Button, ...], live: list[dict[str, Any]]) -> MenuChanges:
    """Returns the difference, place by place."""
    old, new = _flat(live), _flat(to_wechat(menu)["button"])
    lines = []
    for path in dict.fromkeys([*new, *old]):
        before, after = old.get(path), new.get(path)
        indent = "  " * (len(path) - 1)
        if before == after:
            lines.append(f"    {indent}{_shown(after)}")
            continue
        if before is not None:
            lines.append(f"  - {indent}{_shown(before)}")
        if after is not None:
            lines.append(f"  + {indent}{_shown(after)}")
    return MenuChanges(tuple(lines), old != new)


def publish(menu: tuple[Button, ...], api: Account) -> bool:
    """Creates the menu and reads it back; True if WeChat now shows exactly this. ValueError: a bad menu."""
    wrong = check_menu(menu)
    if wrong:
        raise ValueError(" ".join(f.sentence for f in wrong))
    api.create(to_json(menu))
    live, _ = live_buttons(api)
    return not plan(menu, live).changes


def printed(menu: tuple[Button, ...]) -> str:
    """Returns the exact JSON that would be sent, indented for reading."""
    return json.dumps(to_wechat(menu), ensure_ascii=False, indent=2)


def _same_form(button: Mapping[str, Any]) -> dict[str, Any]:
    """get_current_selfmenu_info wraps lists in {list: […]} and adds fields; menu/create does not."""
    subs = button.get("sub_button")
    if isinstance(subs, dict):
        subs = subs.get("list", [])
    if subs:
        return {"name": button.get("name", ""), "sub_button": [_same_form(b) for b in subs]}
    kept = ("type", "name", "key", "url", "appid", "pagepath")
    return {k: button[k] for k in kept if button.get(k)}


def _flat(buttons: list[dict[str, Any]], path: tuple[int, ...] = ()) -> dict[tuple[int, ...], dict[str, Any]]:
    found: dict[tuple[int, ...], dict[str, Any]] = {}
    for i, button in enumerate(buttons):
        here = (*path, i)
        found[here] = {k: v for k, v in button.items() if k != "sub_button"}
        found |= _flat(button.get("sub_button", []), here)
    return found


def _shown(button: Mapping[str, Any] | None) -> str:
    if button is None:
        return ""
    leads = button.get("key") or button.get("pagepath") or button.get("url") or ""
    return f"{button.get('name', '')}" + (f"  → {leads}" if leads else "")
