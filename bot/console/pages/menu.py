"""The menu in WeChat: what is there, what would change, and publishing it."""

from __future__ import annotations

from hashlib import sha256

from flask import abort, g
from flask.typing import ResponseReturnValue

from bot.account.asked import Account
from bot.account.live_menu import MenuChanges, Refused, live_buttons, plan, publish, rules
from bot.console.audit import FAILED
from bot.console.views import Views, field
from bot.content.read.menu import Button
from bot.ports import Unknown
from bot.web.words import LANGUAGES


def add_to(views: Views) -> None:
    revisions = views.bot.revisions

    def wanted() -> tuple[Button, ...]:
        """That of the revision being served."""
        revisions.content(revisions.current())
        return revisions.now.loaded.menu

    @views.blueprint.get("/menu")
    def menu() -> ResponseReturnValue:
        buttons = wanted()
        shown, on, trouble, others = plan(buttons, []), True, "", []
        here = views.directory.loaded()
        if views.wechat is not None:
            try:
                shown, on = _seen(buttons, views.wechat.menu)
                others = rules(views.wechat.menu)
            except Refused as e:
                trouble = e.remedy(LANGUAGES[g.language])
            except Unknown:
                trouble = "away"
        return views.show(
            "menu.html", buttons=buttons, lines=[_line(line) for line in shown.lines], on=on,
            changes=shown.changes, trouble=trouble, connected=views.wechat is not None, seen=_mark(shown),
            revision=revisions.now.content.revision, others=others,
            unpublished=here.content is not None and here.menu != buttons,
        )  # fmt: skip

    @views.blueprint.post("/menu/publish")
    def publish_menu() -> ResponseReturnValue:
        if views.wechat is None:
            abort(404)
        buttons, api = wanted(), views.wechat.menu
        try:
            shown, _ = _seen(buttons, api)
            if _mark(shown) != field("seen"):
                abort(409, "moved")
            with views.change("menu", revisions.now.content.revision) as result:
                same = publish(buttons, api)
                if not same:
                    result(FAILED)
        except (Refused, Unknown):  # the page says why; the log has it
            return views.done("menu", "refused")
        return views.done("menu", "publish" if same else "differs")


def _seen(buttons: tuple[Button, ...], api: Account) -> tuple[MenuChanges, bool]:
    """Raises Refused, Unknown."""
    live, on = live_buttons(api)
    return plan(buttons, live), on


def _mark(shown: MenuChanges) -> str:
    """Returns what was previewed, to know it again."""
    return sha256("\n".join(shown.lines).encode()).hexdigest()[:16]


def _line(line: str) -> tuple[str, str]:
    """Its sign (plus, minus or same), and the rest."""
    sign = {"+": "plus", "-": "minus"}.get(line[2:3], "same")
    return sign, line[2:]
