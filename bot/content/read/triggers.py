"""What residents may say for a flow or a page: whole phrases, and what the guesser learns from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from bot.content.read.source import Loc
from bot.content.read.words import normal
from bot.engine import flow as f
from bot.engine.content import Page
from bot.reading.guess import GAP, Known

Phrase = tuple[str, f.Target, str, Loc]
"""What a resident may say, as written; what it begins; the file and place where it stands."""


def phrases_of(
    languages: Mapping[str, f.Language],
    flows: Mapping[str, f.Flow],
    pages: Mapping[str, Page],
    off: Collection[str],
) -> Iterator[Phrase]:
    """Yields every phrase of every language, titles first. What is switched off (`off`) begins by none."""
    for code, lang in languages.items():
        for name, words in lang.flows.items():
            if name in flows and name not in off and not flows[name].by_time:
                yield from _phrases(words, f.Target(flow=name), f"messages/{code}/{name}.yaml", ())
        for name, words in lang.pages.items():
            meant = f.Target(page=name)
            if name in pages and meant.name not in off:
                yield from _phrases(words, meant, f"messages/{code}/pages.yaml", (name,))


def _phrases(words: f.FlowWords, meant: f.Target, file: str, loc: Loc) -> list[Phrase]:
    said = [(word, meant, file, (*loc, "words", i)) for i, word in enumerate(words.words)]
    return [(words.title, meant, file, (*loc, "title")), *said]


def known_of(
    languages: Mapping[str, f.Language],
    flows: Mapping[str, f.Flow],
    pages: Mapping[str, Page],
    phrases: Iterable[Phrase],
    off: Collection[str],
) -> Known:
    """Returns what the guesser learns from."""
    return Known(
        tuple((said, meant.name) for said, meant, _, _ in phrases),
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


def triggers_of(phrases: Iterable[Phrase]) -> dict[str, f.Target]:
    """Returns every whole phrase with what it begins; the first one counts."""
    found: dict[str, f.Target] = {}
    for said, meant, _, _ in phrases:
        if GAP not in said:
            found.setdefault(normal(said), meant)
    found.pop("", None)
    return found
