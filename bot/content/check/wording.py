"""Checks the rules for residents' texts, as far as a program can; `sentences` has those of one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from bot.content.check.lengths import LIMIT, Lengths, longest_turns
from bot.content.check.sentences import DENIES, SECRET, VALUE, Judged, judged, script
from bot.content.check.variants import labels, parts, sentence, variants
from bot.content.messages import phrase
from bot.content.read.policy_file import NUMBERS
from bot.content.read.source import Loc, Source
from bot.engine import flow as f
from bot.engine.content import Content
from bot.reading.clean import normal

_NO_LABEL = frozenset({"取消", "是", "否", "好", "确定", "cancel", "yes", "no", "ok"})
_UNIT = re.compile(
    r"[个天日周月年次元岁张份人%]|小时|分"
    r"|\s*(?:working |calendar )?(?:day|week|month|year|hour|minute|time|yuan)s?\b"
)
_AMOUNT = re.compile(r"[¥￥$]?\s*[0-9０-９]")
_BARE = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:\s*[–—~～至到-]\s*[0-9]+)*")
"""A number, or from one to another."""


class Wording:
    def __init__(self, content: Content, language: f.Language, source: Source, flow: f.Flow | None) -> None:
        self.content, self.language, self.source, self.flow = content, language, source, flow
        self.lengths = Lengths(content, language, flow)

    # --- what is checked ---
    def flow_words(self, words: f.FlowWords) -> None:
        self.script(words.title, ("title",))
        for loc, made in words.each():
            self.text(made, loc)
        for name, slot in words.slots.items():
            self._slot(name, slot)
        if self.flow is None:
            return
        for step in self.flow.steps.values():
            summary = words.texts.get(step.text)
            if summary and step.decides and not summary.version:
                self._one_question(summary, ("texts", step.text))
        reported: set[str] = set()
        for step, size in longest_turns(self.flow, words, self.lengths):
            name = step.text or step.slot
            if size > LIMIT and name not in reported:
                reported.add(name)
                at: Loc = ("texts", name) if step.text else ("slots", name, "ask")
                self.source.warn(at, "long-turn", key=True, size=size, most=LIMIT, step=step.id)

    def _slot(self, name: str, slot: f.SlotWords) -> None:
        loc: Loc = ("slots", name)
        self.script(slot.label, (*loc, "label"))
        if SECRET.search(slot.label):
            self.source.error((*loc, "label"), "asks-secret")
        if slot.ask is not None:
            self._one_question(slot.ask, (*loc, "ask"))
            self._asks(slot.ask, (*loc, "ask"))
        for value, label in slot.values.items():
            self._label(label, (*loc, "values", value))

    def text(self, made: f.Text, loc: Loc) -> None:
        for label, at in labels(made, loc):
            self._label(label, at)
        for text, at in parts(made, loc):
            for variant, here in variants(text, self.source, at):
                self._variant(variant, here)
        size = self.lengths.most(made)
        if size > LIMIT:
            self.source.error(loc, "too-long", key=True, size=size, most=LIMIT)

    # --- the rules ---
    def _variant(self, variant: f.Variant, loc: Loc) -> None:
        words = self.lengths.usual(variant).strip()
        literal = sentence(variant, lambda path: VALUE)
        self._tell(judged(literal, words, self.language.code), loc)
        self._units(variant, loc)
        number = self.content.hotline.strip()
        written = rf"(?<![A-Za-z0-9./]){re.escape(number)}(?![A-Za-z0-9/]|\.[A-Za-z])"  # no web address
        there = number and number in literal and re.search(written, literal)
        if there and "hotline" in self.content.policy:
            self.source.warn(loc, "hotline", near=number, name=number)

    def _units(self, variant: f.Variant, loc: Loc) -> None:
        """Reports a policy value with a unit (3 days) before a text that names the unit itself."""
        for place, after in pairwise(variant.parts):
            if isinstance(place, f.Place) and isinstance(after, str) and _UNIT.match(after):
                head, _, name = place.path.partition(".")
                value = self.content.policy_value(name) if head == "policy" else None
                if value and name not in NUMBERS and _AMOUNT.match(value) and not _BARE.fullmatch(value):
                    wanted = phrase("bare-number")
                    self.source.error(loc, "policy-form", name=name, value=value, wanted=wanted)

    def script(self, literal: str, loc: Loc) -> None:
        self._tell(tuple(script(literal, self.language.code)), loc)

    def _tell(self, found: Iterable[Judged], loc: Loc) -> None:
        for severity, code, about in found:
            (self.source.error if severity == "error" else self.source.warn)(loc, code, **about)

    def _label(self, made: f.Text, loc: Loc) -> None:
        for variant, here in variants(made, self.source, loc):
            words = sentence(variant).strip()
            if normal(words) in _NO_LABEL or "取消" in words:
                self.source.error(here, "label-verb", name=words)

    def _one_question(self, made: f.Text, loc: Loc) -> None:
        for variant, here in variants(made, self.source, loc):
            if len(re.findall(r"[？?]", sentence(variant))) > 1:
                self.source.warn(here, "two-questions")

    def _asks(self, made: f.Text, loc: Loc) -> None:
        for variant, here in variants(made, self.source, loc):
            for said in re.split(r"[。！\n]", sentence(variant)):
                secret = SECRET.search(said)
                if secret and not DENIES.search(said):
                    self.source.error(here, "asks-secret", near=secret[0])


def failure_words(made: f.Text, source: Source, loc: Loc, chinese: bool, content: Content) -> None:
    """Checks the text for a failed service: not your fault, and what to do now."""
    fault = "不是您的问题" if chinese else "not your fault"
    for variant, here in variants(made, source, loc):
        words = sentence(variant, lambda path: content.hotline if path == "policy.hotline" else "")
        told = fault in words if chinese else re.search(r"not (?:on )?your", words)
        if content.hotline not in words or not told:
            source.warn(here, "failure-words", fault=fault)
