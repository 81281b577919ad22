"""`shebao menu | doctor`: the commands that call the account. Imports on use."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from bot.cli.content import here
from bot.cli.errors import SPEAKS, Commands, language, refusal, said
from bot.cli.wiring import wired

if TYPE_CHECKING:
    from bot.account.asked import Account
    from bot.content.read.menu import Button


@click.group(cls=Commands)
def menu() -> None:
    """The menu in WeChat: show what is there, what would change, publish."""


@menu.command()
@SPEAKS
def show() -> None:
    """The menu as WeChat shows it now."""
    from bot.account.live_menu import live_buttons, plan, rules

    api = _live()
    live, on = live_buttons(api)
    others = rules(api)
    for line in plan((), live).lines:
        click.echo(line.replace("  - ", "", 1))
    if not live or not on:
        click.echo(said("off" if live else "none"))
    _conditional(others)


@menu.command()
@SPEAKS
def diff() -> None:
    """What `menu publish` would change; 1 where it would change something."""
    from bot.account.live_menu import live_buttons, plan, rules

    wanted, api = _wanted(), _live()
    live, on = live_buttons(api)
    others = rules(api)
    made = plan(wanted, live)
    for line in made.lines:
        click.echo(line)
    if live and not on:
        click.echo(said("off"))
    elif not made.changes:
        click.echo(said("same"))
    _conditional(others)
    sys.exit(1 if made.changes or not on else 0)


@menu.command()
@click.option("--dry-run", is_flag=True, help="Only print the exact JSON.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@SPEAKS
def publish(dry_run: bool, yes: bool) -> None:
    """Put the menu of what is served into WeChat, and look whether it is there."""
    from bot.account import live_menu

    wanted = _wanted(dry_run)
    if dry_run:
        click.echo(live_menu.printed(wanted))
        return
    api = _live()
    live, on = live_menu.live_buttons(api)
    made = live_menu.plan(wanted, live)
    for line in made.lines:
        click.echo(line)
    if not made.changes and on:
        click.echo(said("nothing"))
        return
    if not yes:
        click.confirm(said("ask"), abort=True)
    if not live_menu.publish(wanted, api):
        raise refusal("other")
    click.echo(said("done"))


@click.command()
@SPEAKS
def doctor() -> None:
    """Look at keys, encryption, Redis, WeChat's API, clock, menu and address; 1 where something is wrong."""
    from bot.account.doctor import BAD, WARN, examine

    results = []
    for result in examine(wired().diagnostics()):
        click.echo(result.line_in(language()))
        results.append(result)
    bad, warnings = (sum(result.state == state for result in results) for state in (BAD, WARN))
    if bad:
        raise refusal("wrong", bad=bad, all=len(results))
    click.echo(said("good", all=len(results), warnings=warnings))


def _conditional(others: list[str]) -> None:
    if others:
        click.echo(said("conditional", size=len(others)))
        for rule in others:
            click.echo(f"    {rule}")


def _wanted(dry_run: bool = False) -> tuple[Button, ...]:
    """Returns the menu that residents are served, whatever the directory holds, and prints remarks about it.
    A dry run works without settings."""
    from bot.content.load import load
    from bot.store.records import StoreAway
    from bot.store.revisions import NoRevision

    try:
        found = wired().published()
    except (ValueError, click.ClickException, StoreAway, NoRevision) as e:
        if not dry_run and isinstance(e, ValueError):
            raise click.ClickException(str(e)) from e
        if not dry_run:
            raise
        click.echo(said("unset", why=str(e).partition("\n")[0]), err=True)
        found = None
    loaded = load(here())
    if found is None or not found.revision:
        if found is not None:
            click.echo(said("directory"), err=dry_run)
        if loaded.content is None:
            raise refusal("errors")
        return loaded.menu
    click.echo(said("revision", revision=found.revision), err=dry_run)
    if loaded.content is not None and loaded.menu != found.buttons:
        click.echo(said("unpublished"), err=dry_run)
    return found.buttons


def _live() -> Account:
    try:
        api = wired().menu()
    except ValueError as e:
        raise click.ClickException(str(e)) from e
    if api is None:
        raise refusal("account")
    return api
