"""`make drill`: the whole drill, with its figures; 1 when any that must be zero is not."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from drill.drill import drill, met_the_delays, seed_of_today


@click.command()
@click.option("--turns", default=10_000, show_default=True)
@click.option(
    "--seed", type=int, default=None, help="To repeat what was seen; drawn and printed if left out."
)
@click.option("--every", default=3.0, show_default=True, help="Seconds between two kills; 0 for none.")
@click.option("--build", default="", help="Broken on purpose: see entry.py.")
@click.option("--failover", is_flag=True, help="Sentinels, and a primary that falls silent.")
@click.option("--strangers", is_flag=True, help="Others guess at the residents' names.")
@click.option("--plan", "plans", multiple=True, help="Only this goes wrong; again for more: see chaos.py.")
@click.option("--keep", type=click.Path(path_type=Path), default=None, help="Keep logs and data here.")
def main(
    turns: int,
    seed: int | None,
    every: float,
    build: str,
    failover: bool,
    strangers: bool,
    plans: tuple[str, ...],
    keep: Path | None,
) -> None:
    seed = seed_of_today() if seed is None else seed
    click.echo(f"seed {seed}")
    figures = drill(
        *(turns, seed, build, every),
        folder=keep,
        failover=failover,
        strangers=strangers,
        plans=plans,
        say=click.echo,
        enough=met_the_delays if strangers else lambda _: True,
    )
    for line in figures.lines():
        click.echo(line)
    sys.exit(0 if figures.good else 1)


main()
