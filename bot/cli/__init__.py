"""The `shebao` command. Imports what a command needs when it runs, so that each starts at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.actions import discover
from bot.cli import account, ask, city, console, content, maintenance, publishing, recordings, replay, serving
from bot.cli import store as commands
from bot.cli.errors import Commands, language

if TYPE_CHECKING:
    from bot.account.asked import Account
    from bot.account.checks import Diagnostics
    from bot.account.live_menu import Published
    from bot.app import Bot
    from bot.cli.chat import Chat
    from bot.settings import Settings


def _version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    """Say which version this is, and of which commit."""
    if asked:
        from bot.release import release

        click.echo(f"shebao {release()}")
        context.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help=_version.__doc__
)
@click.pass_context
def main(context: click.Context) -> None:
    """社保: a WeChat official account for the social security card."""
    discover()
    if context.obj is None:  # a test brings its own
        context.obj = account.Wiring(menu=_live_menu, published=_published_menu, diagnostics=_diagnostics)


@main.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port on 127.0.0.1."
)
def run(port: int) -> None:
    """Everything on this machine: embedded Valkey, webhook, worker."""
    root = content.here()
    _checked(root)
    from bot.cli import dev

    sys.exit(dev.run(root, port, click.echo))


@main.command()
@click.option("--as", "person", default="", help="A name of config/stub.yaml, or its number.")
@click.option(
    "--record",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What is said becomes this replay file, with invented values.",
)
def chat(person: str, file: Path | None) -> None:
    """Be a resident, in the terminal. Uses the running service's store, or its own."""
    from dataclasses import replace

    from bot import logs
    from bot.cli.chat import Chat, Clock
    from bot.cli.watcher import publish_directory

    logs.configure("ERROR")
    root = content.here()
    if file is not None and file.exists():
        raise click.UsageError(f"{file} is there already: name another file")
    env, own = _development(root)
    if own:
        _checked(root)
        publish_directory(root, env["SHEBAO_REDIS_URL"])
    clock = Clock()
    env |= {"SHEBAO_RECORDING": "yes"} if file is not None else {}
    bot = _bot(root, env, lambda found: replace(found, per_minute=100_000), clock)
    beside = "" if own else env["SHEBAO_REDIS_URL"]
    with Chat(bot, root, click.echo, clock, beside, file) as talk:
        if not talk.begin(person):
            sys.exit(1)
        _converse(talk)
        with recordings.told():
            green = talk.recorded()
        if not green:
            sys.exit(1)


def _converse(talk: Chat) -> None:
    """Echoes the lines of a pipe; in a terminal, shows late replies above the prompt."""
    if not sys.stdin.isatty():
        for raw in sys.stdin.buffer:
            line = raw.decode(errors="replace").rstrip("\r\n")
            click.echo(f"> {line}")
            if not talk.line(line):
                break
        talk.last_call()
        return
    from prompt_toolkit import PromptSession
    from prompt_toolkit.patch_stdout import patch_stdout

    session: PromptSession[str] = PromptSession()
    with patch_stdout():
        while True:
            try:
                if not talk.line(session.prompt(lambda: f"{talk.person.name}> ")):
                    break
            except (EOFError, KeyboardInterrupt):
                break


@main.command("new-key")
def new_key() -> None:
    """A key for SHEBAO_SEAL_KEYS (put it first; the old ones still open) or SHEBAO_TAG_KEY."""
    from bot.store.seal import new_key as make

    click.echo(make())


def _live_menu() -> Account | None:
    from bot.account import diagnostics

    return diagnostics.live_menu(_settings(content.here(), _env()))


def _published_menu() -> Published:
    from bot.account import diagnostics

    return diagnostics.published_menu(_settings(content.here(), _env()))


def _settings(root: Path, env: Mapping[str, str]) -> Settings:
    """Loads the settings.

    Raises:
        ValueError: in the language of the command.
    """
    from bot.content.read import settings_file

    try:
        return settings_file.load(root, env)
    except settings_file.BadSettings as e:
        raise ValueError(e.text_in(language())) from e


def _diagnostics() -> Diagnostics:
    from bot import logs
    from bot.account import diagnostics

    logs.configure("ERROR")  # every cause is a finding already
    return diagnostics.of_directory(content.here(), _env())


def _checked(root: Path) -> None:
    from bot.content.load import load
    from bot.content.messages import ENGLISH
    from bot.content.report import summary

    loaded = load(root)
    if loaded.content is None:
        for finding in loaded.findings:
            click.echo(str(finding), err=True)
        raise click.ClickException(summary(loaded, ENGLISH))


def _bot(
    root: Path,
    env: Mapping[str, str],
    changed: Callable[[Settings], Settings] = lambda s: s,
    now: Callable[[], int] | None = None,
) -> Bot:
    from bot.app import create_bot, wall_clock

    try:
        return create_bot(root, changed(_usable(root, env)), now or wall_clock)
    except ValueError as e:  # an unusable setting
        raise click.ClickException(str(e)) from e


def _usable(root: Path, env: Mapping[str, str]) -> Settings:
    try:
        return _settings(root, env)
    except ValueError as e:
        raise click.ClickException(str(e)) from e


def _env() -> Mapping[str, str]:
    """Returns the environment; without keys, that of `shebao run` in this directory, with its store."""
    root = content.here()
    if "SHEBAO_SEAL_KEYS" in os.environ or not (root / "var" / "demo.env").exists():
        return os.environ
    return _development(root)[0]


def _development(root: Path) -> tuple[dict[str, str], bool]:
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


def _service() -> Bot:
    from bot import logs

    logs.configure("ERROR")  # a command reports by itself
    return _bot(content.here(), _env())


for command in (
    *(content.check, content.policy, content.calendar, content.schema, content.graph, content.actions),
    *(account.menu, account.doctor, city.init, city.outlets, content.new, ask.ask),
    *(replay.replay, replay.fuzz, replay.mutants),
):
    main.add_command(command)
commands.add_to(main, _service)
maintenance.add_to(main, _service)
console.add_to(main, _service)
serving.add_to(main, lambda: _usable(content.here(), os.environ), lambda: _bot(content.here(), os.environ))
publishing.add_to(main, _service)
recordings.add_to(main, _service, content.here)
