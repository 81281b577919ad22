"""config/menu.yaml: reads the buttons, and the target of each key."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from bot.content.messages import phrase
from bot.content.read import models as m
from bot.content.read.menu import SUB_NAME, SUB_SHOWN, TOP_NAME, TOP_SHOWN, Button, check_menu
from bot.content.read.source import Loc, Source
from bot.content.read.typo_checks import HAN
from bot.content.read.validation import model, unknown_flow, unknown_page
from bot.engine import flow as f

_EMOJI = re.compile("[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]")
_PART = {"long_name": "name", "no_name": "name", "long_url": "url", "odd_url": "url", "too_many": "buttons"}


class MenuFile:
    """Keys come from the flows and pages; the keys these name themselves work too."""

    def __init__(
        self,
        source: Source,
        starts: Mapping[str, m.StartModel],
        page_keys: Mapping[str, list[str]],
        broken: Collection[str] = (),
        pages_unread: bool = False,
        off: Collection[str] = (),
        by_time: Collection[str] = (),
    ) -> None:
        """`broken`: flows whose file has errors of its own. `pages_unread`: so has the one of the pages.
        `off`: flows, and pages as page.x, that are switched off: their buttons are left out.
        `by_time`: flows that only time begins."""
        self.source, self.starts, self.page_keys, self.broken = source, starts, page_keys, broken
        self.pages_unread, self.off, self.by_time = pages_unread, off, by_time
        self.keys = {key: f.Target(flow=n) for n, s in starts.items() for key in (*s.menu, f"flow.{n}")}
        self.keys |= {key: f.Target(page=n) for n, ks in page_keys.items() for key in (*ks, f"page.{n}")}
        self.keys = {key: target for key, target in self.keys.items() if target.name not in off}
        self.named: set[str] = set()  # flows and page.x that a button leads to
        self._ordered: dict[str, f.Target] = {}

    def read(self) -> tuple[tuple[Button, ...], dict[str, f.Target]]:
        """Returns the buttons, and every event key with its target, those of the menu first."""
        source = self.source
        if source.data is not None and not isinstance(source.data, list):
            source.error((), "shape", wanted=phrase("buttons"))
        rows = source.data if isinstance(source.data, list) else []
        buttons, shown = [], []
        for index, raw in enumerate(rows):
            top = model(source, m.MenuModel, raw, (index,))
            if top is not None:
                button = self._button(top, (index,), bool(top.buttons))
                self._alike(top, (index,))
                subs = [self._button(b, (index, "buttons", n)) for n, b in enumerate(top.buttons)]
                buttons.append(replace(button, sub=tuple(subs)))
                left = tuple(sub for b, sub in zip(top.buttons, subs, strict=True) if not self._off(b))
                if left or not (subs or self._off(top)):
                    shown.append(replace(button, sub=left))
        if len(buttons) == len(rows) and (rows or not source.findings):
            self._limits(tuple(buttons))
            if buttons and not shown:
                source.error((), "menu-empty")
        return tuple(shown), self._ordered | self.keys

    def _off(self, button: m.ButtonModel) -> bool:
        return button.flow in self.off or f"page.{button.page}" in self.off

    def _limits(self, buttons: tuple[Button, ...]) -> None:
        for finding in check_menu(buttons):
            loc: list[str | int] = []
            for depth, index in enumerate(finding.path):
                loc += [index] if depth == 0 else ["buttons", index]
            part = _PART.get(finding.code, "")
            if finding.code == "too_many":
                limit = int(finding.about["limit"])
                loc += [limit] if not finding.path else ["buttons", limit]
            elif part and (*loc, part) in self.source.values:
                loc.append(part)
            if finding.code == "no_action" and any(x.code == "menu-button" for x in self.source.findings):
                continue
            self.source.error(loc, f"menu-{finding.code}", **finding.about)

    def _button(self, button: m.ButtonModel, loc: Loc, opens_list: bool = False) -> Button:
        source = self.source
        if emoji := _EMOJI.search(button.name):
            source.error((*loc, "name"), "menu-emoji", near=emoji[0], name=button.name)
        elif button.name.strip():
            self._cut(button.name, loc)
        opens_url = button.url and not button.appid  # a mini program has a url for old phones
        if sum(map(bool, (button.flow, button.page, opens_url, button.appid))) != 1 and not opens_list:
            source.error(loc, "menu-button", name=button.name)
        flows = {*self.starts, *self.broken}
        if button.flow and button.flow not in flows:
            if button.flow in self.by_time:
                source.error((*loc, "flow"), "only-by-time", name=button.flow)
            else:
                unknown_flow(source, (*loc, "flow"), button.flow, self.starts, self.page_keys)
        if button.page and button.page not in self.page_keys and not self.pages_unread:
            unknown_page(source, (*loc, "page"), button.page, flows, self.page_keys)
        key = self._key(button, loc) if button.flow or button.page else ""
        return Button(button.name, key, button.url, button.appid, button.pagepath)

    def _alike(self, top: m.MenuModel, loc: Loc) -> None:
        """Reports two buttons of one list that residents cannot tell apart."""
        seen: set[str] = set()
        for n, button in enumerate(top.buttons):
            if button.name.strip() in seen:
                self.source.error((*loc, "buttons", n, "name"), "value-twice", name=button.name)
            seen.add(button.name.strip())

    def _cut(self, name: str, loc: Loc) -> None:
        """A name that WeChat takes and phones show a part of."""
        shown, taken = (SUB_SHOWN, SUB_NAME) if loc[1:] else (TOP_SHOWN, TOP_NAME)
        width = sum(2 if HAN.match(sign) else 1 for sign in name)
        if width > 2 * shown and len(name.encode()) <= taken:
            self.source.warn((*loc, "name"), "menu-cut", name=name, shown=shown)

    def _key(self, button: m.ButtonModel, loc: Loc) -> str:
        """Returns the flow's or page's first own key, else one made of its name."""
        named = button.flow or f"page.{button.page}"
        if named in self.named:
            self.source.warn((*loc, "flow" if button.flow else "page"), "button-twice", name=named)
        if named not in self.off:
            self.named.add(named)
        start = self.starts.get(button.flow)
        own = start.menu if start else self.page_keys.get(button.page)
        key = own[0] if own else f"flow.{button.flow}" if button.flow else named
        if key in self.keys:
            self._ordered[key] = self.keys[key]
        return key
