"""config/menu.yaml: reads the buttons, and the target of each key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from bot.content.messages import phrase
from bot.content.read import models as m
from bot.content.read.menu import Button, check_menu
from bot.content.read.source import Loc, Source
from bot.content.read.validation import model
from bot.engine import flow as f

_PART = {"long_name": "name", "no_name": "name", "long_url": "url", "odd_url": "url", "too_many": "buttons"}


class MenuFile:
    """Keys come from the flows and pages; the keys these name themselves work too."""

    def __init__(
        self,
        source: Source,
        starts: Mapping[str, m.StartModel],
        page_keys: Mapping[str, list[str]],
        broken: Collection[str] = (),
    ) -> None:
        """`broken`: flows whose file has errors of its own."""
        self.source, self.starts, self.page_keys, self.broken = source, starts, page_keys, broken
        self.keys = {key: f.Target(flow=n) for n, s in starts.items() for key in (*s.menu, f"flow.{n}")}
        self.keys |= {key: f.Target(page=n) for n, ks in page_keys.items() for key in (*ks, f"page.{n}")}
        self.named: set[str] = set()  # flows and page.x that a button leads to
        self._ordered: dict[str, f.Target] = {}

    def read(self) -> tuple[tuple[Button, ...], dict[str, f.Target]]:
        """Returns the buttons, and every event key with its target, those of the menu first."""
        source = self.source
        if source.data is not None and not isinstance(source.data, list):
            source.error((), "shape", wanted=phrase("buttons"))
        rows = source.data if isinstance(source.data, list) else []
        buttons = []
        for index, raw in enumerate(rows):
            top = model(source, m.MenuModel, raw, (index,))
            if top is not None:
                button = self._button(top, (index,), bool(top.buttons))
                subs = [self._button(b, (index, "buttons", n)) for n, b in enumerate(top.buttons)]
                buttons.append(replace(button, sub=tuple(subs)))
        unread = any(x.code in ("syntax", "unreadable", "encoding") for x in source.findings)
        if len(buttons) == len(rows) and not unread:
            self._limits(tuple(buttons))
        return tuple(buttons), self._ordered | self.keys

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
        opens_url = button.url and not button.appid  # a mini program has a url for old phones
        if sum(map(bool, (button.flow, button.page, opens_url, button.appid))) != 1 and not opens_list:
            source.error(loc, "menu-button", name=button.name)
        if button.flow and button.flow not in {*self.starts, *self.broken}:
            source.error((*loc, "flow"), "unknown-flow", name=button.flow, known=self.starts)
        if button.page and button.page not in self.page_keys:
            source.error((*loc, "page"), "unknown-page", name=button.page, known=self.page_keys)
        key = self._key(button, loc) if button.flow or button.page else ""
        return Button(button.name, key, button.url, button.appid, button.pagepath)

    def _key(self, button: m.ButtonModel, loc: Loc) -> str:
        """Returns the flow's or page's first own key, else one made of its name."""
        named = button.flow or f"page.{button.page}"
        if named in self.named:
            self.source.warn((*loc, "flow" if button.flow else "page"), "button-twice", name=named)
        self.named.add(named)
        start = self.starts.get(button.flow)
        own = start.menu if start else self.page_keys.get(button.page)
        key = own[0] if own else f"flow.{button.flow}" if button.flow else named
        if key in self.keys:
            self._ordered[key] = self.keys[key]
        return key
