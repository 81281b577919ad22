"""Every text of a content, with its place in the files, and another one put where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass, replace
from typing import Any

from bot.content.source import Loc
from bot.engine.flow import Content, FlowWords, Language, Text, Variant


@dataclass(frozen=True)
class Written:
    """`path`: attributes, keys and indexes from the content on. `kind`: text, try (an `again`) or page."""

    text: Text
    path: Loc
    file: str
    loc: Loc
    name: str
    kind: str = "text"

    def variants(self) -> Iterator[tuple[int, Variant, Loc, str]]:
        """Number, sentence, place in the file and name of each; a single one has those of the text."""
        many = len(self.text.variants) > 1
        for n, variant in enumerate(self.text.variants):
            yield (
                n,
                variant,
                (*self.loc, n) if many else self.loc,
                f"{self.name}.{n + 1}" if many else self.name,
            )


def every(content: Content) -> Iterator[Written]:
    """In the content's order; what agrees and refuses comes after its text."""
    for code, lang in content.languages.items():
        for one in _language(lang, ("languages", code), f"messages/{code}"):
            yield one
            for label in ("agreed", "refused"):
                text = getattr(one.text, label)
                if text is not None:
                    yield Written(
                        text, (*one.path, label), one.file, (*one.loc, label), f"{one.name}.{label}"
                    )


def _language(lang: Language, base: Loc, folder: str) -> Iterator[Written]:
    for name, text in lang.common.items():
        yield Written(text, (*base, "common", name), f"{folder}/common.yaml", (name,), f"common.{name}")
    for name, words in lang.pages.items():
        path: Loc = (*base, "pages", name, "texts", "text")
        file, loc = f"{folder}/pages.yaml", (name, "text")
        yield Written(words.texts["text"], path, file, loc, f"page.{name}", "page")
    for name, words in lang.flows.items():
        yield from _flow(words, (*base, "flows", name), f"{folder}/{name}.yaml", name)


def _flow(words: FlowWords, base: Loc, file: str, flow: str) -> Iterator[Written]:
    for key, text in words.texts.items():
        yield Written(text, (*base, "texts", key), file, ("texts", key), f"{flow}.{key}")
    for key, slot in words.slots.items():
        loc: Loc = ("slots", key)
        for part in ("ask", "help", "line"):
            if (found := getattr(slot, part)) is not None:
                yield Written(found, (*base, *loc, part), file, (*loc, part), f"{flow}.{key}.{part}")
        for value, text in slot.values.items():
            at = (*loc, "values", value)
            yield Written(text, (*base, *at), file, at, f"{flow}.{key}.values.{value}")
        for n, text in enumerate(slot.again):
            at = (*loc, "again", n)
            yield Written(text, (*base, *at), file, at, f"{flow}.{key}.again.{n + 1}", "try")


def put(thing: Any, path: Loc, value: Any) -> Any:
    """The same thing with `value` at `path` (attributes, keys, indexes)."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if is_dataclass(thing) and not isinstance(thing, type):
        return replace(thing, **{str(head): put(getattr(thing, str(head)), rest, value)})
    if isinstance(thing, Mapping):
        return {**thing, head: put(thing.get(head), rest, value)}
    made = list(thing)
    made[int(head)] = put(made[int(head)], rest, value)
    return tuple(made)
