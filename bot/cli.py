"""The `shebao` command. Imports what a command needs when it runs, so that each starts at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """社保: a WeChat official account for the social security card."""


@main.command()
@click.option("--port", default=8000, show_default=True, help="Port on 127.0.0.1.")
def run(port: int) -> None:
    """Everything on this machine: embedded Valkey, webhook, worker."""
    from bot import dev
    from bot.store.embedded import CannotStart

    root = _root()
    _checked(root)
    try:
        sys.exit(dev.run(root, port, click.echo))
    except CannotStart as e:
        raise click.ClickException(str(e)) from e


@main.command()
def worker() -> None:
    """Take due jobs and timers until stopped. Several at once are safe."""
    import signal

    from bot import logs

    bot = _bot(_root(), dict(os.environ))
    logs.configure(bot.settings.log_level)
    running = bot.worker()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: running.stop())
    running.run()


@main.command()
@click.option("--as", "person", default="", help="A name of config/stub.yaml, or its number.")
def chat(person: str) -> None:
    """Be a resident, in the terminal. Uses the running service's store, or its own."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.patch_stdout import patch_stdout

    from bot import dev, logs
    from bot.chat import HELP, Chat
    from bot.store.embedded import CannotStart

    root = _root()
    env, _, valkey = dev.development(root, os.environ)
    if valkey is not None:
        try:
            valkey.start()
        except CannotStart:  # `shebao run` owns it: talk to that one
            env["SHEBAO_REDIS_URL"] = f"unix://{(root / 'var/valkey/socket').read_text()}"
            valkey = None
    try:
        bot = _bot(root, env)
        logs.configure("WARNING")
        talk = Chat(bot, root, click.echo)
        if person:
            talk.become(person)
        click.echo(HELP)
        if not sys.stdin.isatty():
            for line in sys.stdin:
                click.echo(f"> {line.rstrip()}")
                if not talk.line(line):
                    break
            return
        session: PromptSession[str] = PromptSession("> ")
        with patch_stdout():
            while talk.line(session.prompt()):
                pass
    except (EOFError, KeyboardInterrupt):
        pass
    finally:
        if valkey is not None:
            valkey.stop()


@main.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".")
def check(directory: Path) -> None:
    """Check flows/, messages/ and config/; 1 where residents could not be served."""
    from bot.content.load import load

    loaded = load(directory)
    for finding in loaded.findings:
        click.echo(str(finding))
    errors = sum(f.severity == "error" for f in loaded.findings)
    if loaded.content is None:
        raise click.ClickException(f"{errors} error(s); this content is not served")
    flows, pages = loaded.content.flows, loaded.content.pages
    steps = sum(len(f.steps) for f in flows.values())
    click.echo(
        f"Good: {len(flows)} flows, {steps} steps, {len(pages)} pages, revision {loaded.content.revision}"
    )


@main.command("new-key")
def new_key() -> None:
    """A key for SHEBAO_SEAL_KEYS (put it first; the old ones still open) or SHEBAO_TAG_KEY."""
    from bot.store.seal import new_key as make

    click.echo(make())


def _root() -> Path:
    root = Path.cwd()
    if not (root / "flows").is_dir():
        raise click.ClickException(f"{root} has no flows/: run this in the project's directory")
    return root


def _checked(root: Path) -> None:
    from bot.content.load import load

    loaded = load(root)
    if loaded.content is None:
        raise click.ClickException("\n" + "\n".join(str(f) for f in loaded.findings))


def _bot(root: Path, env: dict[str, str]):  # type: ignore[no-untyped-def]  # Bot is imported late
    from bot import settings
    from bot.app import BrokenContent, create_bot
    from bot.store.redis import ShardsDiffer, StoreAway

    try:
        return create_bot(root, settings.load(root, env))
    except StoreAway as e:
        raise click.ClickException(f"Redis does not answer ({e}); see SHEBAO_REDIS_URL") from e
    except (BrokenContent, ShardsDiffer, ValueError) as e:
        raise click.ClickException(str(e)) from e


if __name__ == "__main__":
    main()
