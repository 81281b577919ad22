"""`shebao publish | revisions | diff | rollback`: publish content, compare it and take it back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from bot.cli.audited import BY, audited, login
from bot.cli.city import against_release, note_release
from bot.cli.content import here
from bot.cli.errors import lang as speaks
from bot.cli.wiring import make_bot
from bot.content.messages import Messages
from bot.engine.scope import china_time

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.content.changes import Change
    from bot.content.read.files import Files
    from bot.content.verdict import Verdict
    from bot.turn.revisions import Preview

SHOWN = 20
"""The most failures that are printed; of the rest, the number."""
LANG = speaks("Language of the output.")
NOTE = click.option("--note", default="", help="Why, for the history.")
YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command()
@LANG
@BY
@NOTE
@YES
@click.option("--skip-replays", is_flag=True, help="Do not play the replays against it.")
def publish(lang: str, by: str, note: str, yes: bool, skip_replays: bool) -> None:
    """Serve this directory's content: check, show what changes for whom, ask, publish."""
    from bot.content.read.files import collect
    from bot.store.revisions import TAKEN_BACK
    from bot.turn.revisions import preview

    say, bot = Messages("publishing", lang), make_bot()
    files = collect(Path.cwd())
    shown = preview(bot.revisions, bot.store, files)
    if shown.base == shown.revision and _mixed(bot) is None:
        click.echo(say("same"))
        return
    _print(shown, say)
    if bot.revisions.store.past().state(shown.revision) == TAKEN_BACK:
        click.echo(say("was_taken_back", revision=shown.revision))
    failed = 0 if skip_replays else _replayed(bot, files, say)
    if failed and yes:
        raise click.ClickException(say("despite"))
    question = say("ask_failed" if failed else "ask", revision=shown.revision, count=failed)
    if not yes:
        click.confirm(question, abort=True)
    with audited(bot, "publish", shown.revision, by):
        entry = bot.revisions.publish(files, by or login(), note, shown.base)
    click.echo(say("done", revision=entry.revision))
    _menu(shown, say)
    note_release(Path.cwd(), say)


@click.command()
@LANG
def revisions(lang: str) -> None:
    """What was published, newest first; * is served now, x was taken back."""
    from bot.store.revisions import NOW, TAKEN_BACK

    say, bot = Messages("publishing", lang), make_bot()
    mixed, now = _mixed(bot), bot.revisions.current()
    for entry, state in bot.revisions.store.past().rows:
        at = f"{china_time(entry.at):%Y-%m-%d %H:%M}" if entry.at else f"{'-':16}"
        mark = {NOW: "*", TAKEN_BACK: "x"}.get(state, " ")
        taken = f"[{say('taken_back')}]" if state == TAKEN_BACK else ""
        about = f"{entry.what:8}  {'  '.join(filter(None, (entry.by, entry.note, taken)))}".rstrip()
        click.echo(f"{mark} {entry.revision}  {at}  {about}")
    if now == "":
        click.echo(say("none"))
    if mixed is not None:
        raise click.ClickException(say("mixed", found=mixed))


@click.command()
@click.argument("before", default="now")
@click.argument("after", default=".")
@click.option("--accept", is_flag=True, help="With shipped: note that all the city has is right.")
@LANG
def diff(before: str, after: str, accept: bool, lang: str) -> None:
    """What differs between two revisions: their hashes, `now` (what is served), `.` (this directory).

    `diff shipped`: what a city has instead of the release, and where the release has changed it too.
    """
    from bot.content.changes import changes

    if before == "shipped":
        against_release(Path.cwd(), Messages("publishing", lang), accept)
        return
    say, bot = Messages("publishing", lang), make_bot()
    old, new = (_files(bot, name, say) for name in (before, after))
    if after == "." or before == ".":
        bot.revisions.draft(old if before == "." else new)
    found = changes(old, new)
    _print_changes(found, say)
    if not found:
        click.echo(say("same"))


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("what", default="now")
@LANG
def export(file: Path, what: str, lang: str) -> None:
    """Write content as a zip: `now` (what is served), a revision's hash, `.` (this directory)."""
    from bot.content.read.files import own, replace_file
    from bot.content.read.zipped import pack

    say = Messages("publishing", lang)
    found = own(here()) if what == "." else _files(make_bot(), what, say)
    replace_file(file, pack(found))
    click.echo(str(file))


@click.command()
@click.argument("revision", default="")
@LANG
@BY
@NOTE
@YES
def rollback(revision: str, lang: str, by: str, note: str, yes: bool) -> None:
    """Serve an earlier revision again (default: what was served before)."""
    from bot.content.read.source import BrokenContent
    from bot.turn.revisions import preview

    say, bot = Messages("publishing", lang), make_bot()
    found = _revision(bot, revision, say) if revision else bot.revisions.store.past().before
    if not found:
        raise click.ClickException(say("no_earlier"))
    try:
        shown = preview(bot.revisions, bot.store, bot.revisions.store.files(found))
    except BrokenContent as e:
        why = e.text_in(lang)
        raise click.ClickException(say("unfit", revision=found, why=why)) from e
    _print(shown, say)
    if not yes:
        click.confirm(say("ask_back", revision=found), abort=True)
    with audited(bot, "rollback", found, by):
        bot.revisions.rollback(found, by or login(), note, shown.base)
    click.echo(say("done", revision=found))
    _menu(shown, say)


# --- showing -------------------------------------------------------------------------------------
def _print(shown: Preview, say: Messages) -> None:
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


def _menu(shown: Preview, say: Messages) -> None:
    if any(change.file == "config/menu.yaml" for change in shown.changes):
        click.echo(say("menu"))


def _print_changes(found: Sequence[Change], say: Messages) -> None:
    for change in found:
        click.echo(f"  {change.file}  {change.name}  {say(change.what)}")
        for mark, text in (("-", change.before), ("+", change.after)):
            for line in text.splitlines():
                click.echo(f"      {mark} {line}")


def _replayed(bot: Bot, new: Files, say: Messages) -> int:
    """Prints what the replays show of the change; returns how many it breaks."""
    from bot import logs
    from bot.content.verdict import contents
    from bot.kit.replay.gate import verdict

    logs.configure("CRITICAL")
    root = Path.cwd()
    with contents(root, bot.revisions.now.files, new) as (before, after):
        found = verdict(root, before, after, bot.settings.language)
    if found.cannot:
        click.echo(say("cannot", why=found.cannot))
        return 1
    if not found.played:
        click.echo(say("no_replays"))
        return 0
    _print_bubbles(found, say)
    for code, failed in (("already", found.already), ("failed", found.broken)):
        if failed:
            click.echo(say(code, count=len(failed)))
            for one in failed[:SHOWN]:
                click.echo(f"  {one.place}  {one.why}")
            _more(len(failed), say)
    return len(found.broken)


def _print_bubbles(found: Verdict, say: Messages) -> None:
    from bot.kit.replay.report import side_by_side

    click.echo(say("replays", played=found.played, count=found.differ))
    width, heads = max(20, (get_terminal_size().columns - 7) // 2), (say("before"), say("after"))
    for one in found.bubbles[:SHOWN]:
        click.echo(f"  [{say('in', count=len(one.replays), name=one.replays[0])}]")
        click.echo("\n".join(side_by_side(one.before, one.after, width, heads)))
    _more(found.differ, say)


def _more(count: int, say: Messages) -> None:
    if count > SHOWN:
        click.echo(say("more", count=count - SHOWN))


# --- which ---------------------------------------------------------------------------------------
def _files(bot: Bot, name: str, say: Messages) -> Files:
    from bot.content.read.files import collect

    if name == ".":
        return collect(Path.cwd())
    if name == "now":
        return bot.revisions.now.files
    return bot.revisions.store.files(_revision(bot, name, say))


def _revision(bot: Bot, name: str, say: Messages) -> str:
    known = dict.fromkeys(e.revision for e in bot.revisions.store.history() if e.revision.startswith(name))
    if len(known) != 1:
        code = "several" if known else "unknown"
        raise click.ClickException(say(code, name=name, found=", ".join(known)))
    return next(iter(known))


def _mixed(bot: Bot) -> str | None:
    found = set(bot.revisions.store.pointers().values())
    return ", ".join(sorted(name or "-" for name in found)) if len(found) > 1 else None
