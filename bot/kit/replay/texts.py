"""Finds every text of a content with its place in the files, and replaces parts of content."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass, replace
from typing import Any

from bot.content.read.source import Loc
from bot.engine.content import Content
from bot.engine.flow import Language, Text, Variant

_VALUE = ".*?"
_NUMBER = re.compile(r"\.\d+$")


@dataclass(frozen=True)
class Written:
    """A text of the content. `path`: attributes, keys and indexes to it. `kind`: text, try (`again`) or
    page."""

    text: Text
    path: Loc
    file: str
    loc: Loc
    name: str
    kind: str = "text"

    def variants(self) -> Iterator[tuple[int, Variant, Loc, str]]:
        """Yields number, sentence, place in the file and name of each; a single one has those of the text."""
        many = len(self.text.variants) > 1
        for n, variant in enumerate(self.text.variants):
            loc, name = ((*self.loc, n), f"{self.name}.{n + 1}") if many else (self.loc, self.name)
            yield n, variant, loc, name


def every(content: Content) -> Iterator[Written]:
    """Yields texts in content order; `agreed` and `refused` come after their text."""
    for code, lang in content.languages.items():
        for one in _language(lang, ("languages", code), f"messages/{code}"):
            yield one
            for label, text in one.text.labels.items():
                path, loc = (*one.path, label), (*one.loc, label)
                yield Written(text, path, one.file, loc, f"{one.name}.{label}")


def _language(lang: Language, base: Loc, folder: str) -> Iterator[Written]:
    for name, text in lang.common.items():
        yield Written(text, (*base, "common", name), f"{folder}/common.yaml", (name,), f"common.{name}")
    for name, words in lang.pages.items():
        path: Loc = (*base, "pages", name, "texts", "text")
        file, at = f"{folder}/pages.yaml", (name, "text")
        yield Written(words.texts["text"], path, file, at, f"page.{name}", "page")
    for name, words in lang.flows.items():
        for loc, text in words.each():
            path, nth = (*base, "flows", name, *loc), loc[-1]
            named = ".".join([name, *map(str, loc[1:-1]), str(nth + 1 if isinstance(nth, int) else nth)])
            kind = "try" if isinstance(nth, int) else "text"
            yield Written(text, path, f"{folder}/{name}.yaml", loc, named, kind)


def numbered(content: Content, language: str, name: str, words: str) -> str:
    """Returns a text's id, with the number of the variant or try found in `words` if there are several."""
    named = _variants(content, language, name)
    if len(named) < 2:
        return name
    stands = [(id_, shape) for id_, shape in named if re.search(f"(?:^|\n){shape}(?:\n|$)", words, re.S)]
    return max(stands, key=lambda found: len(found[1].replace(_VALUE, "")))[0] if stands else name


def whole_text(name: str) -> str:
    """Returns the id of a text without the number of its variant."""
    return _NUMBER.sub("", name)


def shape(content: Content, language: str, name: str) -> str:
    """Returns a regular expression for a text or one of its variants; "" if there is no such text."""
    whole = whole_text(name)
    found = _variants(content, language, whole)
    return "|".join(shape for id_, shape in found if name in (id_, whole))


def _variants(content: Content, language: str, name: str) -> list[tuple[str, str]]:
    """Returns the id of each variant, with a regular expression for its words."""
    lang = content.languages[language]
    room, _, rest = name.partition(".")
    slot, _, part = rest.partition(".")
    found: Text | tuple[Text, ...] | None
    if room == "common":
        found = lang.common.get(rest)
    elif room == "page":
        found = lang.pages[rest].texts["text"] if rest in lang.pages else None
    elif room not in lang.flows:
        found = None
    elif rest in lang.flows[room].texts:
        found = lang.flows[room].texts[rest]
    else:
        found = getattr(lang.flows[room].slots.get(slot), part or "ask", None)
    texts = (found,) if isinstance(found, Text) else found or ()
    # a slice of the parts: iterating watched parts would record them as said
    shapes = ["".join(re.escape(p) if isinstance(p, str) else _VALUE for p in v.parts[:]).strip()
              for text in texts for v in text.variants]  # fmt: skip
    return [(f"{name}.{n}" if len(shapes) > 1 else name, shape) for n, shape in enumerate(shapes, 1)]


def put(thing: Any, path: Loc, value: Any) -> Any:
    """Returns a copy with `value` at `path` (attributes, keys, indexes)."""
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
