"""The menu in WeChat: what is there, what would change, and publishing it."""

from __future__ import annotations

from hashlib import sha256

from flask import abort, g
from flask.typing import ResponseReturnValue

from bot.account.live_menu import LiveMenu, Plan, Refused, live_buttons, plan, publish, rules
from bot.console.audit import FAILED
from bot.console.desk import Desk, field
from bot.content.read.menu import Button
from bot.ports import Unknown
from bot.web.words import LANGUAGES


def add_to(desk: Desk) -> None:
    revisions = desk.bot.revisions

    def wanted() -> tuple[Button, ...]:
        """That of the revision being served."""
        revisions.content(revisions.current())
        return revisions.now.loaded.menu

    @desk.room.get("/menu")
    def menu() -> ResponseReturnValue:
        buttons = wanted()
        shown, on, trouble, others = plan(buttons, []), True, "", []
        here = desk.directory.loaded()
        if desk.wechat is not None:
            try:
                shown, on = _seen(buttons, desk.wechat.menu)
                others = rules(desk.wechat.menu)
            except Refused as e:
                trouble = e.remedy(LANGUAGES[g.language])
            except Unknown:
                trouble = "away"
        return desk.show(
            "menu.html", buttons=buttons, lines=[_line(line) for line in shown.lines], on=on,
            changes=shown.changes, trouble=trouble, connected=desk.wechat is not None, seen=_mark(shown),
            revision=revisions.now.content.revision, others=others,
            unpublished=here.content is not None and here.menu != buttons,
        )  # fmt: skip

    @desk.room.post("/menu/publish")
    def publish_menu() -> ResponseReturnValue:
        if desk.wechat is None:
            abort(404)
        buttons, api = wanted(), desk.wechat.menu
        try:
            shown, _ = _seen(buttons, api)
            if _mark(shown) != field("seen"):
                abort(409, "moved")
            with desk.change("menu", revisions.now.content.revision) as result:
                same = publish(buttons, api)
                if not same:
                    result(FAILED)
        except (Refused, Unknown):  # the page says why; the log has it
            return desk.done("menu", "refused")
        return desk.done("menu", "publish" if same else "differs")


def _seen(buttons: tuple[Button, ...], api: LiveMenu) -> tuple[Plan, bool]:
    """Raises Refused, Unknown."""
    live, on = live_buttons(api)
    return plan(buttons, live), on


def _mark(shown: Plan) -> str:
    """What was previewed, to know it again."""
    return sha256("\n".join(shown.lines).encode()).hexdigest()[:16]


def _line(line: str) -> tuple[str, str]:
    """Its sign (plus, minus or same), and the rest."""
    sign = {"+": "plus", "-": "minus"}.get(line[2:3], "same")
    return sign, line[2:]
