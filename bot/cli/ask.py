"""`shebao ask`: shows how free words are understood, and how well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.content import sound

if TYPE_CHECKING:
    from bot.reading.evaluate import Figures, Row
    from bot.reading.guess import Guess

CONFUSED = 20
"""Lines of the confusion list."""


@click.command()
@click.argument("text", default="")
@click.option(
    "--evaluate",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Tab-separated lines: intent, message, targets that are right, the best first; `none` for none.",
)
@click.option("--cross-validate", is_flag=True, help="Guess each message without having learnt it.")
def ask(text: str, file: Path | None, cross_validate: bool) -> None:
    """What a message with nothing open leads to, layer by layer; or how well a file of them is understood."""
    from bot.content.understanding import understood, word
    from bot.reading.clean import Said
    from bot.reading.evaluate import NoTable, cross_validated, evaluate, read
    from bot.reading.explain import explain
    from bot.reading.guess import Guesser

    content = sound()
    if file is None:
        if not text:
            raise click.UsageError("Give a message, or --evaluate FILE")
        message = Said(text)
        _print("word", word(content, message.normal))
        for layer, found in explain(content.guesser, message):
            _print(layer, found)
        return
    try:
        rows = read(file.read_text("utf-8"))
    except (NoTable, UnicodeDecodeError) as e:
        raise click.ClickException(f"{file}: {e}") from e
    known = content.guesser.known
    guesses: Iterable[tuple[Row, Guess]] = ((row, content.guesser.guess(Said(row.said))) for row in rows)
    if cross_validate:
        guesses = cross_validated(
            rows, known.phrases, lambda phrases: Guesser(replace(known, phrases=tuple(phrases)))
        )
    whole, by = evaluate(((row, understood(content, row, guess)) for row, guess in guesses), known.changing)
    _show(whole, by)


def _print(layer: str, found: str) -> None:
    click.echo(f"{layer:9}{found or '-'}")


def _show(whole: Figures, by: dict[str, Figures]) -> None:
    click.echo(f"{'':24}{'rows':>6}{'top-1':>8}{'top-3':>8}{'at once':>9}{'wrongly':>9}")
    for name, figures in (("all", whole), *sorted(by.items())):
        shares = (figures.first, figures.among, figures.at_once, figures.at_once_wrong)
        first, among, once, wrong = (f"{figures.share(n):.1f}%" for n in shares)
        click.echo(f"{name:24}{figures.rows:>6}{first:>8}{among:>8}{once:>9}{wrong:>9}")
    click.echo(f"\nwrongly at once into a change: {len(whole.changing)}")
    for said in whole.changing:
        click.echo(f"  {said}")
    click.echo("\nright -> first instead")
    for (right, named), often in whole.confused.most_common(CONFUSED):
        click.echo(f"  {right} -> {named}: {often}")
    if whole.missed:
        click.echo("\nnot among the suggestions")
    for row, guess in whole.missed:
        click.echo(f"  {row.said}: {row.right[0]} -> {' '.join(guess.names) or '-'}")
