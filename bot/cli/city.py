"""`shebao init`, and a city against the release it rests on. Imports on use."""

from __future__ import annotations

import time
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.content import here
from bot.cli.errors import lang
from bot.content.messages import Messages
from bot.content.read.files import content_of, is_city, replace_file

if TYPE_CHECKING:
    from bot.content.read.splicing import Piece


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--city", required=True, help="Its name, as residents read it: 泉城市.")
@lang("Language of the output.")
def init(directory: Path, city: str, lang: str) -> None:
    """Make a city's own directory: it holds what differs, and takes all else from this release."""
    from bot.content.read.city import Taken, start
    from bot.engine.scope import china_time

    say, name = Messages("commands", lang), city.strip()
    if not name or not name.isprintable():
        raise click.ClickException(say("city_name"))
    try:
        now = int(time.time())  # wall clock: the day on which the rules were begun
        made = start(directory, name, china_time(now).date())
    except Taken as e:
        raise click.ClickException(say("city_taken", directory=directory)) from e
    except OSError as e:
        raise click.ClickException(say("city_unmade", directory=directory, why=e.strerror)) from e
    for file in made:
        click.echo(directory / file)
    click.echo(say("city_made", directory=directory))


@click.group()
def outlets() -> None:
    """The city's outlets."""


@outlets.command("import")
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@lang("Language of the findings.")
def import_outlets(table: Path, lang: str) -> None:
    """Write config/outlets.yaml from a CSV table; 1 where a cell is wrong, told by row and column."""
    from bot.content.read.outlets_csv import IDLE, read, text

    say, root = Messages("commands", lang), here()
    source, found = read(table.name, content_of(table))
    for finding in sorted(source.findings):
        click.echo(finding.line_in(lang))
    if wrong := sum(finding.code != IDLE for finding in source.findings):
        raise click.ClickException(say("outlets_wrong", count=wrong))
    try:
        replace_file(root / "config/outlets.yaml", text(found).encode())
    except OSError as e:
        raise click.ClickException(say("outlets_kept", why=e.strerror)) from e
    click.echo(say("outlets_made", count=len(found)))


def note_release(root: Path, say: Messages, accept: bool = False) -> None:
    """Writes into a city's directory on what of the release each of its pieces rests."""
    if is_city(root):
        from bot.content.read.city import note

        try:
            note(root, accept)
        except OSError as e:
            raise click.ClickException(say("not_noted", why=e.strerror)) from e


def _apart(piece: Piece) -> Iterator[str]:
    """Yields the lines in which the city (+) and the release (-) differ, and those beside them."""
    base, own = ([f" {line}" for line in text.splitlines()] for text in (piece.base, piece.own))
    for line in [*unified_diff(base, own, lineterm="", n=2)][2:]:
        yield "…" if line.startswith("@@") else line


def against_release(root: Path, say: Messages, accept: bool) -> None:
    """Prints what a city has instead of the release. 1 where the release has changed some of it too."""
    from bot.content.read import city

    if not is_city(root):
        raise click.ClickException(say("no_city"))
    found = city.compare(root)
    both = [one for one in found if one.how in ("piece_conflict", "piece_gone")]
    for one in found:
        click.echo(f"  {one.piece.name}  {say(one.how)}")
        for line in _apart(one.piece) if one in both else ():
            click.echo(f"      {line}")
    if examples := city.invented(root):
        click.echo(say("invented", count=len(examples), names=", ".join(examples)))
    if accept:
        note_release(root, say, accept)
    elif both:
        raise click.ClickException(say("conflicts", count=len(both)))
    click.echo(say("pieces", count=len(found)))
