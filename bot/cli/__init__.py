"""The `shebao` command. Imports what a command needs when it runs, so that each starts at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.actions import discover
from bot.cli import (
    account,
    ask,
    city,
    console,
    content,
    maintenance,
    publishing,
    recordings,
    replay,
    serving,
    store,
)
from bot.cli.errors import Commands
from bot.cli.wiring import built, development

if TYPE_CHECKING:
    from bot.cli.chat import Chat


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
def main() -> None:
    """社保: a WeChat official account for the social security card."""
    discover()


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
    env, own = development(root)
    if own:
        _checked(root)
        publish_directory(root, env["SHEBAO_REDIS_URL"])
    clock = Clock()
    env |= {"SHEBAO_RECORDING": "yes"} if file is not None else {}
    bot = built(root, env, lambda found: replace(found, per_minute=100_000), clock)
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


def _checked(root: Path) -> None:
    from bot.content.load import load
    from bot.content.messages import ENGLISH
    from bot.content.report import summary

    loaded = load(root)
    if loaded.content is None:
        for finding in loaded.findings:
            click.echo(str(finding), err=True)
        raise click.ClickException(summary(loaded, ENGLISH))


for command in (
    *(content.check, content.policy, content.calendar, content.schema, content.graph, content.actions),
    *(account.menu, account.doctor, city.init, city.outlets, content.new, ask.ask),
    *(replay.replay, replay.fuzz, replay.mutants, recordings.record, serving.web, serving.worker),
    *(publishing.publish, publishing.revisions, publishing.diff, publishing.export, publishing.rollback),
    *(store.jobs, store.forget, store.held, store.reset, store.store, store.evidence, store.evidence_check),
    *(store.reconcile_, store.quota, maintenance.maintenance, console.console_user, console.console_sign_out),
):
    main.add_command(command)
