"""Commands about the content: check, policy, calendar, schema, graph, new, actions. Imports on use."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.errors import lang
from bot.content.read.files import is_city

if TYPE_CHECKING:
    from bot.engine.content import Content


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".")
@lang("Language of the findings.")
@click.option("--format", "how", type=click.Choice(["text", "json", "github"]), default="text")
@click.option(
    "--today", type=click.DateTime(["%Y-%m-%d"]), help="As if it were this day (policy that is old)."
)
def check(directory: Path, lang: str, how: str, today: object) -> None:
    """Check flows/, messages/ and config/; 1 where residents could not be served."""
    import time
    from datetime import datetime

    from bot.content import report
    from bot.content.load import load
    from bot.engine.scope import china_time

    now = int(time.time())  # wall clock: policy values expire by today
    day = (today if isinstance(today, datetime) else china_time(now)).date()
    loaded = load(directory, today=day)
    for line in report.lines(loaded.findings, how, lang):
        click.echo(line)
    if loaded.content is None:
        if how == "json":
            sys.exit(1)
        raise click.ClickException(report.summary(loaded, lang))
    if how != "json":
        click.echo(report.summary(loaded, lang))


@click.command()
@click.argument("names", nargs=-1, metavar="[ACTION]...")
def actions(names: tuple[str, ...]) -> None:
    """What a flow can call: arguments, outcomes, and the values that it has afterwards.

    ? after what may be missing, ! after an argument that names what is changed.
    """
    from bot.actions import ACTIONS

    for name in names:
        known("action", name, ACTIONS)
    for name in names or ACTIONS:
        action = ACTIONS[name]
        arguments = (
            f"{argument}{'!' if argument == action.subject else '' if required else '?'}"
            for argument, required in action.arguments.items()
        )
        click.echo(f"{name}\n  arguments: {' '.join(arguments)}\n  outcomes: {' '.join(action.outcomes)}")
        for field, kind in action.fields.items():
            of = f": {' '.join(kind.of)}" if kind.of else ""
            click.echo(f"  .{field}{'' if kind.sure else '?'}  {kind.kind}{of}")


@click.command()
@lang("Language of the words between.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="As if it were this day.")
def policy(lang: str, today: object) -> None:
    """Show the values of config/policy.yaml: what holds today, and what comes on which day."""
    import time
    from datetime import datetime

    from bot.content import report
    from bot.engine.scope import midnight

    now = int(time.time())  # wall clock: a value may hold from a day on
    at = midnight(f"{today:%Y-%m-%d}") if isinstance(today, datetime) else now
    for line in report.policy(sound(), at, lang):
        click.echo(line)


@click.command()
@click.argument("year", type=click.IntRange(2004, 2099))
def calendar(year: int) -> None:
    """Write a year's public holidays and worked weekends into config/calendar.yaml.

    They come from the package chinesecalendar, which knows a year from its State Council notice on.
    """
    from bot.content import calendar_fill as fill
    from bot.content.read.calendar_file import FILE

    try:
        found = fill.announced(year)
        added = fill.add(here(), found)
    except ImportError as e:
        raise click.ClickException("This needs a package: pip install 'shebao[calendar]'") from e
    except fill.UnknownYear as e:
        raise click.ClickException(
            f"{fill.PACKAGE} does not know {year}: pip install -U {fill.PACKAGE}, or write the year into "
            f"{FILE} by hand, as the years above it. The notice comes out in the autumn before."
        ) from e
    except fill.Differs as e:
        raise click.ClickException(
            f"{FILE} has {year} already, and {fill.PACKAGE} says otherwise of {e}. Look into the notice."
        ) from e
    if not added:
        click.echo(f"{FILE} has {year} already, just as {fill.PACKAGE} does.")
        return
    click.echo(f"{FILE}: {year}, {len(found.days)} days off, {len(found.workdays)} weekend days worked.")
    click.echo("Compare it with the State Council's notice; then: shebao check && shebao publish")


@click.command()
@click.option("--check", "only", is_flag=True, help="Write nothing; 1 if the files are not up to date.")
def schema(only: bool) -> None:
    """Write the JSON Schemas that editors complete and check with, to docs/schemas/."""
    import json

    from bot.content import schema as made

    root = here()
    if only:
        for name, wanted in made.schemas().items():
            path = root / made.FOLDER / f"{name}.json"
            text = json.dumps(wanted, ensure_ascii=False, indent=1) + "\n"
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                raise click.ClickException(f"{path.relative_to(root)} is not up to date: run `shebao schema`")
        return
    for path in made.write(root):
        click.echo(path.relative_to(root))


@click.command()
@click.argument("flow", default="")
@click.option("--format", "how", type=click.Choice(["mermaid", "svg"]), default="mermaid")
@lang("Language of the wording.", "zh-CN")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="A file, instead of the terminal."
)
def graph(flow: str, how: str, lang: str, out: Path | None) -> None:
    """Draw one flow with its wording, or how all flows lead to each other."""
    from bot.content.drawing import graph as drawing
    from bot.content.drawing.svg import svg

    content = sound()
    if flow in content.off:
        raise click.ClickException(f"“{flow}” is switched off (`enabled: no`)")
    known("flow", flow, content.flows)
    made = drawing.of_flow(content, flow, lang) if flow else drawing.of_all(content, lang)
    made = drawing.worded(made, lang)
    text = svg(made) if how == "svg" else drawing.mermaid(made)
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        click.echo(out)


@click.group()
def new() -> None:
    """Make something to start from."""


@new.command("flow")
@click.argument("name")
@click.option("--title", default="", help="Its Chinese name, as residents read it.")
def new_flow(name: str, title: str) -> None:
    """A flow, its wording in both languages and a replay that passes."""
    from bot.content import scaffold

    root = here()
    try:
        paths = scaffold.new_flow(root, name, title)
    except scaffold.Taken as e:
        raise click.ClickException(str(e)) from e
    for path in paths:
        click.echo(path.relative_to(root))
    click.echo(f"Now: shebao check && shebao replay tests/replays/{name}.yaml && shebao chat")


# --- shared --------------------------------------------------------------------------------------
def here() -> Path:
    """Returns the project's directory, in which every command is run."""
    root = Path.cwd()
    if not (root / "flows").is_dir() and not is_city(root):
        raise click.ClickException(f"{root} has no flows/: run this in the project's directory")
    return root


def known(what: str, name: str, all_: Collection[str]) -> None:
    """Ends the command where there is none of this name; "" asks for none."""
    from bot.content.read.source import nearest

    if name and name not in all_:
        close = nearest(name, all_)
        hint = f" Did you mean “{close}”?" if close else f" There are: {', '.join(sorted(all_))}."
        raise click.ClickException(f"There is no {what} “{name}”.{hint}")


def sound() -> Content:
    """Returns the content of this directory; ends the command where it has errors."""
    from bot.content.load import load

    content = load(here()).content
    if content is None:
        raise click.ClickException("The content has errors: see `shebao check`")
    return content
