"""What is said, in each language: texts with their variants, and the words of flows, pages and slots.

`bot.content.read` builds these; `bot.engine.wording` makes sentences of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.engine.next import Cond
from bot.reading.clean import normal


@dataclass(frozen=True)
class Place:
    """A `{path}` in a text."""

    path: str


@dataclass(frozen=True)
class Variant:
    when: Cond
    parts: tuple[str | Place, ...]


@dataclass(frozen=True)
class Text:
    variants: tuple[Variant, ...]
    agreed: Text | None = None
    refused: Text | None = None
    version: str = ""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # other words for an answer

    @property
    def labels(self) -> dict[str, Text]:
        """Returns the labels that agree and refuse, as far as it has them."""
        if self.agreed is None and self.refused is None:
            return {}
        both = (("agreed", self.agreed), ("refused", self.refused))
        return {name: label for name, label in both if label is not None}


At = tuple[str | int, ...]
"""Where a text stands below its flow or slot, in the file and in the objects here alike."""


@dataclass(frozen=True)
class SlotWords:
    label: str = ""
    also: tuple[str, ...] = ()  # other names for it
    ask: Text | None = None
    values: Mapping[str, Text] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # other words for a value: `spoken`
    again: tuple[Text, ...] = ()
    help: Text | None = None
    why: Text | None = None
    line: Text | None = None

    def each(self) -> Iterator[tuple[At, Text]]:
        """Yields its texts with their places below the slot."""
        for part in ("ask", "help", "why", "line"):
            if (text := getattr(self, part)) is not None:
                yield (part,), text
        for value, text in self.values.items():
            yield ("values", value), text
        for n, text in enumerate(self.again):
            yield ("again", n), text


@dataclass(frozen=True)
class FlowWords:
    title: str
    words: tuple[str, ...] = ()
    things: tuple[str, ...] = ()  # of a page: words for what other authorities handle, which the page names
    slots: Mapping[str, SlotWords] = field(default_factory=dict)
    texts: Mapping[str, Text] = field(default_factory=dict)

    def each(self) -> Iterator[tuple[At, Text]]:
        """Yields its texts and those of its slots, with their places below the flow."""
        for name, text in self.texts.items():
            yield ("texts", name), text
        for name, slot in self.slots.items():
            yield from ((("slots", name, *at), text) for at, text in slot.each())


@dataclass(frozen=True)
class Language:
    """All texts of one language. `common` holds the engine's own texts, by name."""

    code: str
    flows: Mapping[str, FlowWords]
    pages: Mapping[str, FlowWords]  # a page's text is texts["text"]
    common: Mapping[str, Text]
    codes: Mapping[str, Mapping[str, str]]  # "refusal" or "card.state" -> code -> words
    dates: str = "{y}年{m}月{d}日（周{w}）"
    weekdays: tuple[str, ...] = ("一", "二", "三", "四", "五", "六", "日")
    own: tuple[str, ...] = ()  # words for what we handle, whatever else is named beside it
    about: tuple[str, ...] = ()  # words by which a message is likely about us
    on_page: Mapping[str, str] = field(default_factory=dict)  # what the chat says: what its page says instead

    @cached_property
    def decisions(self) -> Mapping[str, set[str]]:
        """Returns the normal words on the buttons of each yes or no, with the flows that have it."""
        found: dict[str, set[str]] = {}
        for name, words in self.flows.items():
            for text in words.texts.values():
                for variant in (v for label in text.labels.values() for v in label.variants):
                    found.setdefault(normal("".join(map(str, variant.parts))), set()).add(name)
        return found
