"""What is switched off, now or later: by the bureau's plan, or because it is down."""

from __future__ import annotations

from flask import abort, g
from flask.typing import ResponseReturnValue

from bot.actions import switches
from bot.console.naming import Naming
from bot.console.views import Views, field, when
from bot.engine.events import Maintenance
from bot.store.switches import BadPlan, plan


def add_to(views: Views) -> None:
    store = views.bot.store.switches

    def show(status: int = 200, wrong: str = "", given: dict[str, str] | None = None) -> ResponseReturnValue:
        now = int(views.now())
        rows = [(row, row.covers(now)) for row in store.all()]
        whole = [name for name, actions in switches().items() if actions != (name,)]
        return views.show(
            "maintenance.html", status, "maintenance", rows=rows, wrong=wrong, given=given or {},
            whole=whole, single=[name for name in switches() if name not in whole],
            names=Naming(views.bot.turns.content(""), g.language),
        )  # fmt: skip

    @views.blueprint.get("/maintenance")
    def maintenance() -> ResponseReturnValue:
        return show()

    @views.blueprint.post("/maintenance/off")
    def switch_off() -> ResponseReturnValue:
        given = {name: field(name) for name in ("service", "since", "until")}
        try:
            planned = plan(**given, now=int(views.now()))
        except BadPlan as e:
            return show(422, e.why, given)
        with views.change("switch_off", _about(planned)):
            store.off(planned)
        return views.done("maintenance", "off")

    @views.blueprint.post("/maintenance/on")
    def switch_on() -> ResponseReturnValue:
        chosen = field("service"), field("since")
        row = next((row for row in store.all() if (row.service, str(row.since)) == chosen), None)
        if row is None:
            abort(404)
        with views.change("switch_on", _about(row)):
            store.on(row)
        return views.done("maintenance", "on")


def _about(row: Maintenance) -> str:
    return f"{row.service} {when(row.since)} – {when(row.until) if row.until else '?'}"
