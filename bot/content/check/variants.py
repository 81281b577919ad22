"""Takes a text apart: its variants with their places in the file, their sentences, the paths they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.content.read.source import Loc, Source
from bot.engine import flow as f


def variants(made: f.Text, source: Source, loc: Loc) -> Iterator[tuple[f.Variant, Loc]]:
    """Yields the variants of a text with the place of each one's sentence."""
    if (*loc, "text") in source.values and (*loc, "if") not in source.keys:
        loc = (*loc, "text")
    single = (*loc, 0) not in source.values
    for i, variant in enumerate(made.variants):
        here = loc if single else (*loc, i)
        yield variant, (*here, "text") if (*here, "text") in source.values else here


def labels(made: f.Text, loc: Loc) -> list[tuple[f.Text, Loc]]:
    """Returns the labels that agree and refuse, if the text has them."""
    return [(label, (*loc, name)) for name, label in made.labels.items()]


def parts(made: f.Text, loc: Loc) -> list[tuple[f.Text, Loc]]:
    """Returns the text itself, and its labels."""
    return [(made, loc), *labels(made, loc)]


def sentence(variant: f.Variant, value: Callable[[str], str] = lambda path: "") -> str:
    """Returns its words, with `value` of each path between them."""
    return "".join(part if isinstance(part, str) else value(part.path) for part in variant.parts)


def paths(variant: f.Variant) -> list[str]:
    return [part.path for part in variant.parts if isinstance(part, f.Place)]
