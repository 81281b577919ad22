"""`shebao record`: makes replay files from the running service, for one resident and a time, or from XML."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.audited import BY, audited
from bot.cli.content import here
from bot.cli.errors import SPEAKS, refusal, said
from bot.cli.wiring import make_bot

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.store.records import ResidentKey

LONGEST = 60
"""The most minutes that a recording may last."""
DIFFERS = 1


@click.command()
@click.option("--openid", default="", help="Whom to record; they must know of it.")
@click.option("--tag", default="", help="The same, by the tag that the log shows.")
@click.option("--minutes", type=click.IntRange(1, LONGEST), default=20, show_default=True)
@click.option(
    "--finish", is_flag=True, help="End the recording and write it, with invented values, to --out."
)
@click.option("--discard", is_flag=True, help="End it and write nothing.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The replay file.")
@click.option(
    "--from-xml",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Instead: a directory of recorded bodies, one message in each *.xml.",
)
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="Where those replays go.")
@click.option("--aes-key", default="", envvar="SHEBAO_RECORDED_AES_KEY", help="Of encrypted bodies.")
@click.option("--app-id", default="", help="Of encrypted bodies.")
@SPEAKS
@BY
def record(
    openid: str,
    tag: str,
    minutes: int,
    finish: bool,
    discard: bool,
    out: Path | None,
    folder: Path | None,
    into: Path | None,
    aes_key: str,
    app_id: str,
    by: str,
) -> None:
    """Record a resident of the running service, or import XML bodies, as replay files.

    Names, numbers, phones, openids, addresses and media are replaced before anything is written.
    """
    if folder is not None:
        if into is None:
            raise click.UsageError(said("record_into"))
        with told():
            _imported(folder, into, aes_key, app_id, here())
        return
    if bool(openid) == bool(tag):
        raise click.UsageError(said("record_whom"))
    if finish and out is None:
        raise click.UsageError(said("record_out"))
    if out is not None and out.exists():
        raise click.UsageError(said("record_there", file=out))
    bot = make_bot()
    if bot.settings.recording != "yes":
        raise refusal("record_disabled")
    with told():
        owner = _owner(bot, openid, tag)
        with audited(bot, "recorded" if finish or discard else "record", owner.tag, by):
            good = _live(bot, owner, minutes, discard, out if finish else None)
    if not good:
        sys.exit(DIFFERS)


@contextmanager
def told() -> Iterator[None]:
    """Reports a recording of another version, or an invalid table, which are no bugs of ours."""
    try:
        yield
    except ValueError as e:
        raise click.ClickException(str(e)) from e


def _owner(bot: Bot, openid: str, tag: str) -> ResidentKey:
    """Returns the resident; one who never wrote may be recorded too, under a possible openid.

    Raises:
        UsageError.
    """
    from bot.store.recordings import Recordings
    from bot.store.records import looks_like_openid

    recordings = Recordings(bot.store)
    owner = bot.store.owner(openid) if openid else recordings.known_as(tag)
    if owner is None:
        raise refusal("record_tag", tag=tag)
    if recordings.known_as(owner.tag) is None:
        if not looks_like_openid(openid):
            raise click.UsageError(said("record_openid"))
        click.echo(said("record_unknown"))
    return owner


def _live(bot: Bot, owner: ResidentKey, minutes: int, discard: bool, out: Path | None) -> bool:
    """False where what was recorded is not green. `out`: ends the recording and takes it."""
    from bot.store.recordings import Recordings

    recordings = Recordings(bot.store)
    if discard:
        recordings.drop(owner)
        click.echo(said("record_discarded"))
    elif out is not None:
        recordings.stop(owner)
        return write(bot, owner, out, click.echo)
    else:
        recordings.start(owner, minutes * 60)
        click.echo(said("recording", tag=owner.tag, minutes=minutes))
    return True


def write(bot: Bot, owner: ResidentKey, out: Path, say: Callable[[str], None]) -> bool:
    """Writes and deletes the recording of this resident. False if its replay fails.

    Raises:
        StoreAway, SealError: the recording cannot be read.
        ValueError: recorded by another version.
        CannotPlay: the content cannot be played.
    """
    from bot.kit.replay.live import recorded
    from bot.kit.replay.stage import scenery
    from bot.store.recordings import Recordings
    from bot.turn import recording_events

    recordings = Recordings(bot.store)
    items = [recording_events.read(raw) for raw in recordings.items(owner)]
    if not any(item.kind == recording_events.HEARD for item in items):
        say(said("record_empty"))
        return False
    stage = scenery(bot.root, bot.settings.language)
    recorder = recorded(items, stage, owner.openid, bot.settings.push == "yes")
    differs = recorder.write(out, bot.root)
    recordings.drop(owner)
    for note in recorder.notes:
        say(said("note", what=note))
    say(differs or said("recorded", file=out, turns=len(recorder.turns)))
    return not differs


def _imported(folder: Path, into: Path, aes_key: str, app_id: str, root: Path) -> None:
    from bot import logs
    from bot.kit.replay.rawxml import Skipped, imported
    from bot.kit.replay.stage import scenery

    logs.configure("CRITICAL")
    made = bad = green = 0
    for one in imported(folder, scenery(root), aes_key, app_id):
        if isinstance(one, Skipped):
            click.echo(said("not_taken", file=one.file, why=one.why))
            continue
        name, recorder = one
        path = into / f"{name}.yaml"
        if path.exists():
            click.echo(said("import_there", file=path))
            bad += 1
            continue
        differs = recorder.write(path, root)
        made, bad, green = made + 1, bad + bool(differs), green + (not differs)
        if differs:
            click.echo(differs)
    click.echo(said("imported", count=made, folder=into, green=green))
    if bad:
        sys.exit(DIFFERS)
