"""Computes how long a text can become: characters in the usual case, bytes in the worst case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.content.check.variants import sentence
from bot.content.check.walk import deepest_first, forward
from bot.engine import flow as f
from bot.engine.content import Content
from bot.engine.scope import EXAMPLE
from bot.engine.wording import dated
from bot.reading.patterns import LONGEST as LONGEST_PATTERN
from bot.reading.places import LONGEST

LIMIT = 2048  # bytes of a reply
SHORT = 300  # bytes of a short text
LINK = 115  # bytes of a tap link around its label
ENTRIES = 3  # shown entries of a list
_USUAL = {
    "name": 3,
    "id_number": 18,
    "mobile": 11,
    "address": 10,
    "image": 3,
    "date": 15,
    "time": 5,
    "code": 4,
    "place": 6,
}
_TEXT = 8  # characters of a bureau's field, usually
_TEXT_MOST = 20
_HOURS = 28  # characters of opening hours


class Lengths:
    """Lengths for one flow (or none: pages, engine texts) in one language."""

    def __init__(self, content: Content, language: f.Language, flow: f.Flow | None) -> None:
        self.content, self.language, self.flow = content, language, flow
        self.date = dated("2026-12-30", language)

    def usual(self, variant: f.Variant) -> str:
        """Returns the sentence with sample values; a list's entries are left out."""
        return sentence(variant, lambda path: self._stand_in(path, most=False))

    def most(self, made: f.Text) -> int:
        """Returns the bytes of the longest variant."""
        longest = (sentence(v, lambda path: self._stand_in(path, most=True)) for v in made.variants)
        return max(len(words.encode()) for words in longest)

    def _stand_in(self, path: str, most: bool) -> str:
        head, _, rest = path.partition(".")
        if head == "policy":
            return self.content.policy_value(rest) or ""
        if head == "hours":
            return "字" * _HOURS
        flow = self.flow
        if flow is None or head not in flow.slots:
            flow, (head, _, rest) = self.content.flows.get(head), rest.partition(".")
        if flow is None or head not in flow.slots:
            return "字" * (20 if most else 4)
        slot = flow.slots[head]
        words = self.language.flows.get(flow.name)
        return self._of_slot(slot, rest, words.slots.get(head) if words else None, most)

    def _of_slot(self, slot: f.Slot, part: str, words: f.SlotWords | None, most: bool) -> str:
        if part == EXAMPLE and slot.example:
            return slot.example
        if part:
            spec = slot.fields.get(part, f.Field())
            if spec.kind == "date":
                return self.date
            if spec.kind == "hours":
                return "字" * _HOURS
            if spec.of:
                codes = self.language.codes.get(f"{slot.name}.{part}") or self.language.codes.get(part) or {}
                shown = [codes.get(value, value) for value in spec.of]
                return max(shown, key=len) if most else sorted(shown, key=len)[len(shown) // 2]
            return "字" * (_USUAL.get(spec.pii, _TEXT_MOST if most else _TEXT))
        if slot.type == "list":
            if not most or words is None or words.line is None:
                return ""
            return "字" * (ENTRIES * (self.most(words.line) // 3 + 1))
        if slot.type == "choice" and words is not None and words.values:
            shown = [self.usual(v) for label in words.values.values() for v in label.variants]
            return max(shown, key=len) if most else sorted(shown, key=len)[len(shown) // 2]
        if slot.type == "date":
            return self.date
        if slot.type == "address" and most:  # whole in a summary
            return "字" * LONGEST
        if slot.type == "pattern":
            return "0" * LONGEST_PATTERN if most else slot.example
        if slot.type == "text":
            return "字" * (slot.max if most and slot.max else 10)
        return "字" * _USUAL.get(slot.type, 12)


def longest_turns(flow: f.Flow, words: f.FlowWords, lengths: Lengths) -> Iterator[tuple[f.Step, int]]:
    """Yields the `say` steps from which one reply can become longest, with its bytes, links included."""
    sizes: dict[str, int] = {}
    for step in flow.steps.values():
        if step.asks or step.text:
            for name in deepest_first(step.id, lambda name: _following(flow, name), sizes):
                after = max((sizes.get(one, 0) for one in _following(flow, name)), default=0)
                sizes[name] = _step(flow.steps[name], words, lengths) + after
            yield step, sizes[step.id]


def _following(flow: f.Flow, name: str) -> list[str]:
    """Returns the steps whose texts are sent in the same turn."""
    return [] if flow.steps[name].waits else forward(flow, name)


def _step(step: f.Step, words: f.FlowWords, lengths: Lengths) -> int:
    text = words.texts.get(step.text)
    size = lengths.most(text) + 1 if text else 0
    labels = text.labels.values() if text else ()
    size += sum(lengths.most(label) * 2 + LINK for label in labels)
    fits = tappable(step.offer, lengths.language)
    size += sum(_link(target, lengths.language) for target in step.offer[:fits])
    own = words.slots.get(step.slot)
    if own is not None:
        size += lengths.most(own.ask) + 1 if own.ask else 0
        size += sum(lengths.most(label) * 2 + LINK for label in own.values.values())
    return size


def tappable(offer: Sequence[f.Target], language: f.Language) -> int:
    """Returns how many of the follow-ups have room for their links below a short text."""
    room = LIMIT - SHORT
    for count, target in enumerate(offer):
        room -= _link(target, language)
        if room < 0:
            return count
    return len(offer)


def _link(target: f.Target, language: f.Language) -> int:
    found = (language.pages if target.page else language.flows).get(target.page or target.flow)
    return (len(found.title.encode()) * 2 if found else 0) + LINK
