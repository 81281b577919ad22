"""`shebao console-user | console-sign-out`: who may use the console in the browser."""

from __future__ import annotations

import click

from bot.cli.audited import BY, audited
from bot.cli.errors import SPEAKS, refusal, said
from bot.cli.wiring import make_bot
from bot.settings import CONSOLE_ROLES, CONSOLE_USER


@click.command("console-user")
@click.argument("name")
@click.option("--role", type=click.Choice(CONSOLE_ROLES), default="look", show_default=True)
@click.option(
    "--code/--no-code",
    default=None,
    help="With a second factor, or without (default: with one where the role changes anything).",
)
@click.password_option(help="Asked for where it is not given; better not given.")
@SPEAKS
def console_user(name: str, role: str, code: bool | None, password: str) -> None:
    """An account for SHEBAO_CONSOLE_USERS: the line alone is printed to standard output.

    Asks for the password and keeps only a hash. The address of the second factor goes to standard error:
    an authenticator app takes it, or the key in it.
    """
    from bot.console.accounts import hashed
    from bot.console.passwords import SHORTEST, is_common
    from bot.console.roles import CHANGES, ROLES
    from bot.console.totp import new_secret, otpauth

    if len(password) < SHORTEST:
        raise refusal("password_short", count=SHORTEST)
    if is_common(password, name):
        raise refusal("password_common")
    with_code = bool(ROLES[role] & CHANGES) if code is None else code
    secret = new_secret() if with_code else ""
    made = ":".join(filter(None, (name, role, hashed(password), secret)))
    if not CONSOLE_USER.fullmatch(made):
        raise refusal("account_name")
    if secret:
        click.echo(said("second_factor", address=otpauth(name, secret), key=secret), err=True)
    click.echo(made)


@click.command("console-sign-out")
@click.argument("name")
@SPEAKS
@BY
def console_sign_out(name: str, by: str) -> None:
    """End every visit of an account, in every browser, at once."""
    from bot.console.visits import Rounds

    bot = make_bot()
    if name not in {user.partition(":")[0] for user in bot.settings.console_users}:
        raise refusal("no_account", name=name)
    with audited(bot, "sign_out_everywhere", name, by):
        Rounds(bot.client, bot.store.seal).end(name)
    click.echo(said("signed_out", name=name))
