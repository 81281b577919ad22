"""`shebao publish | revisions | diff | rollback`: what residents are served, and taking it back.

`add_to(main, make_bot)` puts them under the command; `make_bot()` builds the service from the environment.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands import answering
from bot.content.commands import LANGUAGES
from bot.content.sayings import Sayings
from bot.content.sayings_publishing import PUBLISHING
from bot.engine.scope import china_time

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.content.changes import Change
    from bot.content.files import Files
    from bot.replay.compare import Compared
    from bot.revisions import Preview

SHOWN = 20
"""Bubbles and failures that are printed; of the rest, the number."""
REPLAYS = Path("tests/replays")
LANG = click.option("--lang", type=click.Choice(LANGUAGES), default="en", help="Language of the output.")
BY = click.option("--by", default="", help="Who does it, for the history (default: your login name).")
NOTE = click.option("--note", default="", help="Why, for the history.")
YES = click.option("--yes", is_flag=True, help="Do not ask.")


def add_to(main: click.Group, make_bot: Callable[[], Bot]) -> None:
    """The commands under `main`."""

    @main.command()
    @LANG
    @BY
    @NOTE
    @YES
    @click.option("--skip-replays", is_flag=True, help="Do not play the replays against it.")
    def publish(lang: str, by: str, note: str, yes: bool, skip_replays: bool) -> None:
        """Serve this directory's content: check, show what changes for whom, ask, publish."""
        from bot.content.files import collect
        from bot.revisions import preview

        say, bot = Sayings(PUBLISHING, lang), make_bot()
        files = collect(Path.cwd())
        with _answering(say):
            shown = preview(bot.revisions, bot.store, files)
            if shown.base == shown.revision and _mixed(bot) is None:
                click.echo(say("same"))
                return
            _print(shown, say)
            failed = 0 if skip_replays else _replayed(bot.revisions.now.files, files, say)
            if failed and yes:
                raise click.ClickException(say("despite"))
            question = say("ask_failed" if failed else "ask", revision=shown.revision, count=failed)
            if not yes:
                click.confirm(question, abort=True)
            entry = bot.revisions.publish(files, by or _login(), note, shown.base)
        click.echo(say("done", revision=entry.revision))
        _menu(shown, say)

    @main.command()
    @LANG
    def revisions(lang: str) -> None:
        """What was published, newest first; * is served now."""
        say, bot = Sayings(PUBLISHING, lang), make_bot()
        with _answering(say):
            mixed, now = _mixed(bot), bot.revisions.current()
            for entry in bot.revisions.store.history():
                at = f"{china_time(entry.at):%Y-%m-%d %H:%M}"
                mark, now = ("*", "-") if entry.revision == now else (" ", now)
                click.echo(
                    f"{mark} {entry.revision}  {at}  {entry.what:8}  {entry.by}  {entry.note}".rstrip()
                )
        if now == "":
            click.echo(say("none"))
        if mixed is not None:
            raise click.ClickException(say("mixed", found=mixed))

    @main.command()
    @click.argument("before", default="now")
    @click.argument("after", default=".")
    @LANG
    def diff(before: str, after: str, lang: str) -> None:
        """What differs between two revisions: their hashes, `now` (what is served), `.` (this directory)."""
        from bot.content.changes import changes

        say, bot = Sayings(PUBLISHING, lang), make_bot()
        with _answering(say):
            old, new = (_files(bot, name, say) for name in (before, after))
            if after == "." or before == ".":
                bot.revisions.draft(old if before == "." else new)
        found = changes(old, new)
        _print_changes(found, say)
        if not found:
            click.echo(say("same"))

    @main.command()
    @click.argument("revision", default="")
    @LANG
    @BY
    @NOTE
    @YES
    def rollback(revision: str, lang: str, by: str, note: str, yes: bool) -> None:
        """Serve an earlier revision again (default: the one before)."""
        from bot.revisions import preview

        say, bot = Sayings(PUBLISHING, lang), make_bot()
        with _answering(say):
            found = _revision(bot, revision, say) if revision else _before(bot, say)
            shown = preview(bot.revisions, bot.store, bot.revisions.store.files(found))
            _print(shown, say)
            if not yes:
                click.confirm(say("ask_back", revision=found), abort=True)
            bot.revisions.rollback(found, by or _login(), note, shown.base)
        click.echo(say("done", revision=found))
        _menu(shown, say)


# --- showing -------------------------------------------------------------------------------------
def _print(shown: Preview, say: Sayings) -> None:
    if not shown.base:
        click.echo(say("first", revision=shown.revision))
    if shown.changes:
        click.echo(say("changes", base=shown.base))
        _print_changes(shown.changes, say)
    if there := [(step, count) for step, count in shown.stand if count]:
        click.echo(say("stand"))
        for step, count in there:
            click.echo(f"  {count:5}  {step.flow}.{step.step}: {say(step.fate, to=step.to)}")
    if empty := [f"{step.flow}.{step.step}" for step, count in shown.stand if not count]:
        click.echo(say("nobody", steps=", ".join(empty)))


def _menu(shown: Preview, say: Sayings) -> None:
    if any(change.file == "config/menu.yaml" for change in shown.changes):
        click.echo(say("menu"))


def _print_changes(found: Sequence[Change], say: Sayings) -> None:
    for change in found:
        click.echo(f"  {change.file}  {change.name}  {say(change.what)}")
        for mark, text in (("-", change.before), ("+", change.after)):
            for line in text.splitlines():
                click.echo(f"      {mark} {line}")


def _replayed(old: Files, new: Files, say: Sayings) -> int:
    """Prints the bubbles that differ, side by side; answers how many replays do not hold."""
    from bot import logs
    from bot.content.files import unpacked
    from bot.replay.compare import compare
    from bot.replay.run import files
    from bot.replay.stage import scenery

    if not REPLAYS.is_dir():
        click.echo(say("no_replays"))
        return 0
    logs.configure("CRITICAL")
    root = Path.cwd()
    with unpacked({**_beside(root), **old}) as before, unpacked({**_beside(root), **new}) as after:
        compared = compare(files([root / REPLAYS]), root, scenery(before), scenery(after))
    _print_bubbles(compared, say)
    if compared.failed:
        click.echo(say("failed", count=len(compared.failed)))
        for failure in compared.failed[:SHOWN]:
            click.echo(f"  {failure.path.relative_to(root)}:{failure.line}")
        _more(len(compared.failed), say)
    return len(compared.failed)


def _print_bubbles(compared: Compared, say: Sayings) -> None:
    from rich.console import Console
    from rich.table import Table

    found = sorted(compared.bubbles.items(), key=lambda item: -len(item[1]))
    click.echo(say("replays", played=compared.played, count=len(found)))
    table = Table(show_lines=True, expand=True)
    for name in ("before", "after"):
        table.add_column(say(name), overflow="fold")
    for (before, after), paths in found[:SHOWN]:
        table.add_row(before, f"{after}\n[{say('in', count=len(paths), name=paths[0].name)}]")
    if found:
        Console(markup=False, highlight=False).print(table)
    _more(len(found), say)


def _more(count: int, say: Sayings) -> None:
    if count > SHOWN:
        click.echo(say("more", count=count - SHOWN))


def _beside(root: Path) -> dict[str, bytes]:
    """The people the stubs know: no part of a revision, but replays are about them."""
    name = "config/stub.yaml"
    return {name: (root / name).read_bytes()} if (root / name).is_file() else {}


# --- which ---------------------------------------------------------------------------------------
def _files(bot: Bot, name: str, say: Sayings) -> Files:
    from bot.content.files import collect

    if name == ".":
        return collect(Path.cwd())
    if name == "now":
        return bot.revisions.now.files
    return bot.revisions.store.files(_revision(bot, name, say))


def _revision(bot: Bot, name: str, say: Sayings) -> str:
    known = dict.fromkeys(e.revision for e in bot.revisions.store.history() if e.revision.startswith(name))
    if len(known) != 1:
        code = "several" if known else "unknown"
        raise click.ClickException(say(code, name=name, found=", ".join(known)))
    return next(iter(known))


def _before(bot: Bot, say: Sayings) -> str:
    """The last other one that was published, not rolled back to: so that two rollbacks go back two."""
    now, history = bot.revisions.current(), bot.revisions.store.history()
    published = list(dict.fromkeys(e.revision for e in history if e.what == "publish"))
    rest = published[published.index(now) + 1 :] if now in published else published
    if not rest:
        raise click.ClickException(say("no_earlier"))
    return rest[0]


def _mixed(bot: Bot) -> str | None:
    found = set(bot.revisions.store.pointers().values())
    return ", ".join(sorted(name or "-" for name in found)) if len(found) > 1 else None


def _login() -> str:
    with suppress(OSError, KeyError):  # a container's user may have no name
        return getpass.getuser()
    return "?"


class _answering(answering):
    """What stands in the way, as a sentence."""

    def __init__(self, say: Sayings) -> None:
        self._say = say

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from bot.revisions import BrokenContent, Moved
        from bot.store.revisions import NoRevision

        if isinstance(error, Moved):
            raise click.ClickException(self._say("moved")) from error
        if isinstance(error, BrokenContent):
            raise click.ClickException(error.text_in(self._say.language)) from error
        if isinstance(error, NoRevision):
            raise click.ClickException(str(error)) from error
        super().__exit__(kind, error, trace)
