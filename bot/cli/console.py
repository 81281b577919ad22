"""`shebao console-user | console-sign-out`: who may use the console in the browser.

`add_to(main, make_bot)` puts them under the command; `make_bot()` builds the service from the environment.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from bot.cli.audited import BY, audited
from bot.settings import CONSOLE_ROLES, CONSOLE_USER

if TYPE_CHECKING:
    from bot.app import Bot


def add_to(main: click.Group, make_bot: Callable[[], Bot]) -> None:
    """The commands under `main`."""

    @main.command("console-user")
    @click.argument("name")
    @click.option("--role", type=click.Choice(CONSOLE_ROLES), default="look", show_default=True)
    @click.option(
        "--code/--no-code",
        default=None,
        help="With a second factor, or without (default: with one where the role changes anything).",
    )
    @click.password_option(help="Asked for where it is not given; better not given.")
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
            raise click.ClickException(f"a password needs {SHORTEST} characters")
        if is_common(password, name):
            raise click.ClickException(
                "this password is one of the first that anybody tries: "
                "take, for example, four words that have nothing to do with each other"
            )
        with_code = bool(ROLES[role] & CHANGES) if code is None else code
        secret = new_secret() if with_code else ""
        made = ":".join(filter(None, (name, role, hashed(password), secret)))
        if not CONSOLE_USER.fullmatch(made):
            raise click.ClickException("a name has 1 to 32 small letters, digits, dots, - or _")
        if secret:
            click.echo("Second factor, for the authenticator app of this person and nobody else:", err=True)
            click.echo(f"  {otpauth(name, secret)}", err=True)
            click.echo(f"  or typed in: key {secret}, by time, 6 digits, 30 seconds", err=True)
            click.echo("The line for SHEBAO_CONSOLE_USERS, which holds that key too:", err=True)
        click.echo(made)

    @main.command("console-sign-out")
    @click.argument("name")
    @BY
    def console_sign_out(name: str, by: str) -> None:
        """End every visit of an account, in every browser, at once."""
        from bot.console.visits import Rounds

        bot = make_bot()
        if name not in {user.partition(":")[0] for user in bot.settings.console_users}:
            raise click.ClickException(f"{name} is not in SHEBAO_CONSOLE_USERS")
        with audited(bot, "sign_out_everywhere", name, by):
            Rounds(bot.client, bot.store.seal).end(name)
        click.echo(f"{name} is signed out everywhere")
