"""What flows, steps, answers, actions and outcomes are called in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from bot.console.views import said
from bot.content.drawing.figures import StepFigures
from bot.content.drawing.graph import wrapped
from bot.content.drawing.graph_words import action_in, way_in
from bot.engine.content import Content
from bot.engine.flow import PAGE, FlowWords, Language, SlotWords, Step, Text
from bot.web.words import LANGUAGES

LONGEST = 32
"""Half-width characters of a text that stand for its step."""


class Naming:
    def __init__(self, content: Content, language: str) -> None:
        self._content, self._words = content, language_of(content, language)
        self._said = said(language).figures

    def flow(self, name: str) -> str:
        words = self._words.flows.get(name)
        return words.title if words else name

    def target(self, name: str) -> str:
        """Of a flow or `page.x`; a name that is none as it is."""
        page = name.removeprefix(PAGE)
        words = self._words.pages.get(page) if name.startswith(PAGE) else self._words.flows.get(name)
        return words.title if words else name

    def step(self, figures: StepFigures) -> str:
        """Returns a question by its slot's label, anything else by its kind."""
        return self.step_of(figures.flow, figures.step, figures.kind)

    def step_of(self, flow: str, step: str, kind: str = "") -> str:
        """As `step`; what is none, such as an end or another flow, as it is."""
        if label := self._label(flow, step):
            return label
        found = self._step(flow, step)
        kind = kind or (found.kind if found else "")
        called = getattr(self._said, f"kind_{kind}", "")
        what = self._what(flow, found) if found else ""
        return f"{called} · {what or step}" if called else step

    def _what(self, flow: str, step: Step) -> str:
        """Returns what a step without a slot does, in words; "" where there are none."""
        if step.port:
            return action_in(step.port, self._words.code)
        if flows := [other for how, other in step.leads() if how != "offer"]:
            return self.flow(flows[0])
        text = (self._words.flows.get(flow) or FlowWords("")).texts.get(step.text)
        if text is None:
            return ""
        if text.agreed:
            return plain(text.agreed)
        first, *rest = wrapped(" ".join(plain(text).split()), LONGEST) or [""]
        return first.rstrip() + ("…" if rest else "")

    def way(self, flow: str, step: str, label: str) -> str:
        """Returns a value as residents read it, a choice's or one that is compared with; any other way as it
        is."""
        found = self._step(flow, step)
        path, sign, value = label.rpartition(" = ")
        if sign and "," not in label:
            return f"{path} = {' | '.join(self._code(path, one) for one in value.split(' | '))}"
        value = label.partition(", ")[0]
        named = self.answer(f"{flow}.{found.slot}", value) if found else value
        return f"{named} {label}" if named != value else label

    def _code(self, path: str, value: str) -> str:
        """Returns a value of a record's field, such as `card.state`."""
        codes = self._words.codes.get(path) or self._words.codes.get(path.rpartition(".")[2]) or {}
        return codes.get(value, value)

    def place(self, place: str) -> str:
        """`flow.step`: its flow, and what is asked there."""
        flow, _, name = place.partition(".")
        found = self._step(flow, name)
        what = self._label(flow, name) or getattr(self._said, f"kind_{found.kind}" if found else "", "")
        return " · ".join(filter(None, (self.flow(flow), what)))

    def slot(self, name: str) -> str:
        """`flow.slot`: its label."""
        return self._slot(name).label or name.partition(".")[2]

    def answer(self, slot: str, value: str) -> str:
        """Returns a value of `flow.slot` as residents read it; what is none, such as something masked, as it
        is."""
        words = self._slot(slot).values.get(value)
        return plain(words) if words else value

    def rated(self, slot: str, value: str) -> str:
        """Returns a value of any choice of the flow that `flow.slot` belongs to."""
        flow = self._words.flows.get(slot.partition(".")[0]) or FlowWords("")
        known = (words.values[value] for words in flow.slots.values() if value in words.values)
        found = next(known, None)
        return plain(found) if found else value

    def action(self, name: str) -> str:
        """By the flow that calls it: a service that somebody added has one too."""
        calling = (
            f.name for f in self._content.flows.values() if any(s.port == name for s in f.steps.values())
        )
        flow = next(calling, "")
        return self.flow(flow) if flow else name

    def outcome(self, word: str) -> str:
        return way_in(word, self._words.code).partition(" ")[0].replace("_", " ")

    def reason(self, why: str) -> str:
        return str(getattr(self._said, f"why_{why}", why))

    def reasons(self, reasons: Iterable[tuple[str, int]]) -> str:
        return str(self._said.comma).join(f"{self.reason(why)} {n:,}" for why, n in reasons)

    def _step(self, flow: str, step: str) -> Step | None:
        there = self._content.flows.get(flow)
        return there.steps.get(step) if there else None

    def _label(self, flow: str, step: str) -> str:
        found = self._step(flow, step)
        return self._slot(f"{flow}.{found.slot}").label if found else ""

    def _slot(self, name: str) -> SlotWords:
        flow, _, slot = name.partition(".")
        return (self._words.flows.get(flow) or FlowWords("")).slots.get(slot) or SlotWords()


def plain(text: Text) -> str:
    """Its words without values."""
    return "".join(part for part in text.variants[0].parts if isinstance(part, str))


def language_of(content: Content, language: str) -> Language:
    return content.languages.get(LANGUAGES[language]) or content.languages[content.default_language]
