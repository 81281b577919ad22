"""What residents may say for a flow or a page: whole phrases, and what the guesser learns from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from bot.content.read.words import normal
from bot.engine import flow as f
from bot.engine.content import Page
from bot.reading.guess import GAP, Known


def phrases_of(
    languages: Mapping[str, f.Language], flows: Mapping[str, Any], pages: Mapping[str, Any]
) -> Iterator[tuple[str, f.Target]]:
    """Yields every phrase and title, as written, with its target."""
    for lang in languages.values():
        for name, words in lang.flows.items():
            if name in flows and not flows[name].by_time:
                yield from ((phrase, f.Target(flow=name)) for phrase in (words.title, *words.words))
        for name, words in lang.pages.items():
            if name in pages:
                yield from ((phrase, f.Target(page=name)) for phrase in (words.title, *words.words))


def known_of(
    languages: Mapping[str, f.Language],
    flows: Mapping[str, f.Flow],
    pages: Mapping[str, Page],
    phrases: Iterable[tuple[str, f.Target]],
    off: Collection[str],
) -> Known:
    """Returns what the guesser learns from."""
    return Known(
        tuple((phrase, meant.name) for phrase, meant in phrases),
        tuple(
            (thing, f.Target(page=name).name)
            for lang in languages.values()
            for name, words in lang.pages.items()
            for thing in words.things
            if name in pages and f.Target(page=name).name not in off
        ),
        tuple(word for lang in languages.values() for word in lang.own),
        tuple(word for lang in languages.values() for word in lang.about),
        frozenset(name for name, flow in flows.items() if flow.changes),
        frozenset(f.Target(page=name).name for name, page in pages.items() if page.courtesy),
    )


def triggers_of(phrases: Iterable[tuple[str, f.Target]]) -> dict[str, f.Target]:
    """Returns every whole phrase with what it begins; the first one counts."""
    found: dict[str, f.Target] = {}
    for phrase, meant in phrases:
        if GAP not in phrase:
            found.setdefault(normal(phrase), meant)
    found.pop("", None)
    return found
