"""Checks a flow's texts in one language: complete, all used, and every `{path}` given where it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.content.check.facts import Facts
from bot.content.check.names import Names, slot_at
from bot.content.check.path_analysis import Ways
from bot.content.check.variants import parts, paths, variants
from bot.content.read.source import Loc, Source, nearest
from bot.content.steps import kind_of
from bot.engine import flow as f

_BRACKETS = re.compile(r"[（【《〈<\[(]\s*([a-z][a-z0-9_]*)\s*[）】》〉>\])]")
_DOTTED = re.compile(r"(?<![\w.（【《〈<\[(])([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)", re.ASCII)
TROUBLE = frozenset({"down", "not_sure", "slow"})  # about a call, with what is given at that step
OWN_TEXTS = TROUBLE | {
    *("cancel_leave", "cancel_restore", "cancel_which", "consent_withdrawn", "exhausted", "stopped"),
    *("stopped_done", "stopped_lost", "unfinished", "meanwhile"),
}
"""A flow's own text of these names replaces the engine's; the engine has no
`unfinished` and no `meanwhile`."""


class FlowTexts:
    def __init__(self, names: Names, ways: Ways, language: f.Language, source: Source) -> None:
        self.names, self.ways, self.language, self.source = names, ways, language, source
        self.flow = names.flow
        self.words = language.flows[names.flow.name]

    def check(self) -> None:
        used = own_texts(self.flow) & set(self.words.texts)
        actions = [facts for s in self.flow.steps.values() if s.action for facts in self.ways.at[s.id]]
        for name in used:
            ways = actions if name in TROUBLE else []  # the others may come at any step
            self._said(self.words.texts[name], ("texts", name), ways or [{}])
        for step in self.flow.steps.values():
            used |= self._step(step)
        for name, facts in self.ways.saying:
            if name in self.words.texts:
                self._said(self.words.texts[name], ("texts", name), [facts])
        said = {step.text for step in self.flow.steps.values()} | {name for name, _ in self.ways.saying}
        wanted = said - {*self.words.texts}
        for name, made in self.words.texts.items():
            self._paths(made, ("texts", name))
            if name not in used and not nearest(name, wanted):  # else one is the other, misspelt
                self.source.warn(("texts", name), "unused-text", key=True, name=name)
        for name, slot in self.words.slots.items():
            self._slot(name, slot)

    def _step(self, step: f.Step) -> set[str]:
        said = [step.text] if step.text else []
        again = [rule.say for rule, _ in step.next.leaves() if isinstance(rule, f.Again)]
        for name in (*said, *again):
            if name not in self.words.texts:
                self.source.error(
                    ("texts",), "missing-text", key=True, name=name, step=step.id, known=self.words.texts
                )
        kind_of(step).words(self, step)
        return {*said, *again}

    def said(self, step: f.Step) -> f.Text | None:
        """Returns a step's own text after checking that its values are given there; None if it is missing."""
        made = self.words.texts.get(step.text)
        if made is not None:
            self._said(made, ("texts", step.text), self.ways.at[step.id])
        return made

    def asks(self, step: f.Step, words: f.SlotWords, code: bool) -> None:
        """Checks a slot's texts where the step asks for it."""
        for part, at in self._asked(words, ("slots", step.slot)):
            self._said(part, at, self.ways.at[step.id], code=code)

    def _asked(self, words: f.SlotWords, loc: Loc) -> Iterator[tuple[f.Text, Loc]]:
        """Yields what is said at the question; `line` stands in other texts."""
        yield from ((part, (*loc, *at)) for at, part in words.each() if at != ("line",))

    def _slot(self, name: str, words: f.SlotWords) -> None:
        loc: Loc = ("slots", name)
        slot = self.flow.slots.get(name)
        if slot is None:
            self.source.error(loc, "unknown-slot", key=True, name=name, known=self.flow.slots)
            return
        if not any(s.slot == name for s in self.flow.steps.values()):
            if words.ask is not None:
                self.source.warn((*loc, "ask"), "unused-words", key=True, name=name)
            for part, at in self._asked(words, loc):
                self._paths(part, at)
        known = (*slot.values, *slot.or_)
        for key, own in (("values", words.values), ("words", words.words)) if known else ():
            for value in own:
                self.source.one_of((*loc, key, value), value, known, key=True)
        if words.line is not None:
            if slot.type != "list" and not slot.entries_of:
                self.source.warn((*loc, "line"), "line-idle", key=True, name=name)
            self._said(words.line, (*loc, "line"), [self.ways.reading.saved({}, slot)])

    # --- placeholders ---
    def _bare(self, variant: f.Variant, loc: Loc) -> None:
        """Reports a name of this flow that stands there without braces, or in brackets of another kind."""
        slots = self.flow.slots
        for part in variant.parts:
            if not isinstance(part, str):
                continue
            for found in _BRACKETS.finditer(part):
                round_ = found[0][0] in "(（"  # in an English sentence these may hold a word
                if found[1] in slots and not (round_ and part.isascii()):
                    known = (f"{{{found[1]}}}",)
                    self.source.error(loc, "brace", near=found[0], name=found[0], known=known)
            for found in _DOTTED.finditer(part):
                if found[1] in slots and found[2] in slots[found[1]].fields:
                    self.source.warn(loc, "stand-in", near=found[0], name=found[0])

    def _paths(self, made: f.Text, loc: Loc, code: bool = False) -> None:
        """Checks that every path of a text leads somewhere."""
        for text, at in parts(made, loc):
            for variant, here in variants(text, self.source, at):
                for path in paths(variant):
                    if path and not (path == "code" and code):
                        self.names.path(path, here, source=self.source, near=f"{{{path}}}")
                self._bare(variant, here)
                self.names.condition(variant.when, (*here[:-1], "if"), self.source)

    def _said(self, made: f.Text, loc: Loc, ways: list[Facts], code: bool = False) -> None:
        """Checks for each of the facts that a variant fits, and that each of its values is given."""
        if code or loc[0] != "texts":
            self._paths(made, loc, code)
        for text, at in parts(made, loc):
            if all(not v.when for v in text.variants) and not any(paths(v) for v in text.variants):
                continue
            read = [p for v in text.variants for p in (*paths(v), *(q for t in v.when for q in t.paths))]
            heads = {path.partition(".")[0] for path in read}
            heads |= {h.partition(".")[2] for h in heads}
            for facts in _apart(ways, heads | {self.flow.name}):
                self._with(text, at, facts, code)

    def _with(self, text: f.Text, loc: Loc, facts: Facts, code: bool) -> None:
        reading, left = self.ways.reading, [facts]
        for variant, here in variants(text, self.source, loc):
            held = [one for before in left if (one := reading.holding(before, variant.when)) is not None]
            for path in paths(variant):
                if path == "code" and code:
                    continue
                if any(not reading.given(one, path) for one in held) and self._exists(path):
                    self.source.error(here, "maybe-empty", near=f"{{{path}}}", name=path)
            left = [failed for one in left for failed in reading.failing(one, variant.when)]
        if left:
            self.source.error(loc, "no-variant", key=True)

    def _exists(self, path: str) -> bool:
        """Checks whether the path is valid at all: an invalid one is another finding."""
        slot, part = slot_at(path, self.flow, self.names.content)
        return slot is not None and (not part or part in slot.fields or slot.type == "place")


def _apart(ways: list[Facts], heads: set[str]) -> list[Facts]:
    """Reduces the facts to these names, each combination once."""
    found: dict[Any, Facts] = {}
    for facts in ways:
        near = {p: v for p, v in facts.items() if p.partition(".")[0] in heads}
        found.setdefault(frozenset(near.items()), near)
    return list(found.values())


def own_texts(flow: f.Flow) -> set[str]:
    """Returns the engine texts that this flow can replace, besides those of its steps."""
    actions = [step for step in flow.steps.values() if step.action]
    away = any(isinstance(rule, f.ServiceDown) for step in actions for rule, _ in step.next.leaves())
    changes = any(step.once for step in actions)
    asks = any(step.asks for step in flow.steps.values())
    waits = not flow.by_time and bool(asks or actions or flow.requires)
    found = {
        **{"slow": actions, "not_sure": changes, "down": away},
        **dict.fromkeys(("stopped", "consent_withdrawn", "meanwhile"), waits),
        "exhausted": waits and (asks or flow.requires),
        **dict.fromkeys(("unfinished", "stopped_done"), waits and changes),
        **dict.fromkeys(("cancel_which", "cancel_restore", "cancel_leave", "stopped_lost"), flow.undo),
    }
    said = {step.text for step in flow.steps.values()}
    return {name for name, may in found.items() if may and (name in TROUBLE or name not in said)}
