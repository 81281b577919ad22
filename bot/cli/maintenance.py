"""`shebao maintenance`: switches services off and on, at once or for a planned time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bot.cli.audited import BY, audited
from bot.cli.errors import SPEAKS, Commands, language, refusal, said
from bot.cli.wiring import make_bot
from bot.engine.scope import china_time

if TYPE_CHECKING:
    from bot.engine.events import Maintenance


@click.group(cls=Commands, invoke_without_command=True)
@SPEAKS
@click.pass_context
def maintenance(context: click.Context) -> None:
    """What is switched off, now or later; `off` and `on` change it."""
    if context.invoked_subcommand is None:
        bot = make_bot()
        rows = bot.store.switches.all()
        for row in rows:
            click.echo(_line(row, bot.store.now()))
        if not rows:
            click.echo(said("maintenance_none"))


@maintenance.command()
@click.argument("service")
@click.option("--from", "since", default="", help="China's time, 2026-11-27 22:00 (default: now).")
@click.option("--until", default="", help="The same (default: nobody knows).")
@SPEAKS
@BY
def off(service: str, since: str, until: str, by: str) -> None:
    """Switch a service off, for all processes at once; residents are told before they are asked for
    anything."""
    from bot.actions import switches
    from bot.store.switches import BadPlan, plan

    bot = make_bot()
    try:
        planned = plan(service, since, until, bot.store.now())
    except BadPlan as e:
        known = ", ".join(switches())
        raise refusal(f"maintenance_{e.why}", service=service, known=known) from e
    with audited(bot, "switch_off", _about(planned), by):
        bot.store.switches.off(planned)
    click.echo(_line(planned, bot.store.now()))


@maintenance.command()
@click.argument("service")
@SPEAKS
@BY
def on(service: str, by: str) -> None:
    """Switch a service on again, and give up what is planned for it."""
    bot = make_bot()
    rows = [row for row in bot.store.switches.all() if row.service == service]
    if not rows:
        raise refusal("maintenance_is_on", service=service)
    for row in rows:
        with audited(bot, "switch_on", _about(row), by):
            bot.store.switches.on(row)
    click.echo(said("maintenance_on", service=service))


def _line(row: Maintenance, now: int) -> str:
    from bot.account.doctor_store import planned

    what = planned(row)(language())
    return said("maintenance_off" if row.covers(now) else "maintenance_planned", what=what)


def _about(row: Maintenance) -> str:
    until = f"{china_time(row.until):%Y-%m-%d %H:%M}" if row.until else "?"
    return f"{row.service} {china_time(row.since):%Y-%m-%d %H:%M} – {until}"
