"""What commands build when they run: the service of this directory, from the environment. Imports on use."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.content import here
from bot.cli.errors import language

if TYPE_CHECKING:
    from bot.account.asked import Account
    from bot.account.checks import Diagnostics
    from bot.account.live_menu import Published
    from bot.app import Bot
    from bot.settings import Settings


def make_bot() -> Bot:
    """Returns the service; a test brings its own."""
    return wired().bot()


def wired() -> Wiring:
    return click.get_current_context().find_object(Wiring) or Wiring()


def development(root: Path) -> tuple[dict[str, str], bool]:
    """Returns the environment of `shebao run` in this directory, with its store; and whether the store is
    ours until the command ends, not that of a running service."""
    from bot.cli import dev
    from bot.kit.embedded import InUse

    env, _, valkey = dev.development(root, os.environ)
    if valkey is None:
        return env, False
    try:
        env["SHEBAO_REDIS_URL"] = valkey.start().url
    except InUse as e:
        return {**env, "SHEBAO_REDIS_URL": e.url}, False
    click.get_current_context().call_on_close(valkey.stop)
    return env, True


def settings_of(root: Path, env: Mapping[str, str]) -> Settings:
    """Raises ClickException, in the language of the command."""
    from bot.content.read import settings_file

    try:
        return settings_file.load(root, env)
    except settings_file.BadSettings as e:
        raise click.ClickException(e.text_in(language())) from e


def built(
    root: Path,
    env: Mapping[str, str],
    changed: Callable[[Settings], Settings] = lambda s: s,
    now: Callable[[], int] | None = None,
) -> Bot:
    """Raises ClickException."""
    from bot.app import create_bot, wall_clock

    try:
        return create_bot(root, changed(settings_of(root, env)), now or wall_clock)
    except ValueError as e:  # an unusable setting
        raise click.ClickException(str(e)) from e


def _service() -> Bot:
    from bot import logs

    logs.configure("ERROR")  # a command reports by itself
    return built(here(), _env())


def _live_menu() -> Account | None:
    from bot.account import diagnostics

    return diagnostics.live_menu(settings_of(here(), _env()))


def _published_menu() -> Published:
    from bot.account import diagnostics

    return diagnostics.published_menu(settings_of(here(), _env()))


def _diagnostics() -> Diagnostics:
    from bot import logs
    from bot.account import diagnostics

    logs.configure("ERROR")  # every cause is a finding already
    return diagnostics.of_directory(here(), _env())


def _env() -> Mapping[str, str]:
    """Returns the environment; without keys, that of `shebao run` in this directory, with its store."""
    root = here()
    if "SHEBAO_SEAL_KEYS" in os.environ or not (root / "var" / "demo.env").exists():
        return os.environ
    return development(root)[0]


@dataclass(frozen=True)
class Wiring:
    """The group's `obj` where a test brings its own. Each is called once, when a command needs it.

    `menu` returns None if no account is set.

    Raises:
        ClickException, ValueError, StoreAway: unusable settings; Redis is away.
    """

    bot: Callable[[], Bot] = _service
    menu: Callable[[], Account | None] = _live_menu
    published: Callable[[], Published] = _published_menu
    diagnostics: Callable[[], Diagnostics] = _diagnostics
