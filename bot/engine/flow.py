"""The content as the engine reads it: flows, steps and slots, frozen.

`bot.content.load` builds these from YAML after checking them; nothing here is checked again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from bot.engine.next import (
    Again,
    Cases,
    Cond,
    Facts,
    Finish,
    Go,
    Link,
    Match,
    Next,
    Outcomes,
    ServiceDown,
    Test,
    Way,
)
from bot.engine.texts import FlowWords, Language, Place, SlotWords, Text, Variant
from bot.reading.guess import GAP
from bot.reading.results import Record, Value

if TYPE_CHECKING:
    from bot.engine.events import Event
    from bot.engine.turn import Turn
    from bot.reading.choices import Choice

__all__ = [
    "GAP",
    "Again",
    "Cases",
    "Cond",
    "Facts",
    "Finish",
    "FlowWords",
    "Go",
    "Language",
    "Link",
    "Match",
    "Next",
    "Outcomes",
    "Place",
    "Record",
    "ServiceDown",
    "SlotWords",
    "Test",
    "Text",
    "Value",
    "Variant",
    "Way",
]


# --- what an action is (declared in bot.actions) ---------------------------------------------------
@dataclass(frozen=True)
class Field:
    """A field of what an action saves. `kind`: text, date (ISO 8601), time (HH:MM), yes_no, code or codes (of
    `of`), hours (as `bot.engine.hours` writes them, shown as their state at the moment)."""

    kind: str = "text"
    of: tuple[str, ...] = ()
    pii: str = ""  # "", or the type whose mask applies: name, mobile, id_number, address
    sure: bool = True  # given in every record; an unsure one may only be used after a condition that tests it
    ref: bool = False  # a number or an id that leads to a record of the resident's: no recording keeps it


@dataclass(frozen=True)
class Action:
    """An external call: its closed set of outcomes, its arguments (True: required) and what it saves."""

    outcomes: tuple[str, ...]
    arguments: Mapping[str, bool]
    fields: Mapping[str, Field] = field(default_factory=dict)
    subject: str = ""  # for changes: the argument that names the thing changed
    many: bool = False  # saves a list, else one record

    @property
    def changes(self) -> bool:
        """True if it changes something at the bureau; a step must then call it with `once: true`."""
        return bool(self.subject)


PAGE = "page."
"""Prefix of a page's name where a flow is possible too."""


# --- steps, slots, flows -------------------------------------------------------------------------
@dataclass(frozen=True)
class Target:
    """The target of an offer or a menu button: a flow or a page, never both."""

    flow: str = ""
    page: str = ""
    given: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        return f"{PAGE}{self.page}" if self.page else self.flow


@dataclass(frozen=True)
class Argument:
    """An action's argument: the first given of `paths`, or a constant."""

    paths: tuple[str, ...] = ()
    value: str | None = None


@dataclass(frozen=True)
class Step:
    """A step at which a run can be. This kind only leads on; each other kind is a file of
    `bot.engine.steps`."""

    kind: ClassVar[str] = "route"
    asks: ClassVar[bool] = False  # asks the resident a question
    decides: ClassVar[bool] = False  # only a plain yes or no is an answer
    waits: ClassVar[bool] = False  # a run can stay here between two turns
    quiet: ClassVar[bool] = True  # neither says anything nor waits

    id: str
    next: Next
    text: str = ""  # say, confirm, consent: the name of a text
    offer: tuple[Target, ...] = ()
    slot: str = ""  # collect
    port: str = ""  # action: its name, port.action
    action: Action | None = None
    arguments: Mapping[str, Argument] = field(default_factory=dict)  # action, later
    save: str = ""
    once: bool = False
    retry_times: int = 0
    retry_every: int = 0  # seconds
    before_once: bool = False  # a confirm whose `agreed` leads straight to a `once` action
    renamed: str = ""  # the id this step had before
    hash: str = ""
    was: str = ""  # its hash under the names that its flow's steps and slots had before

    @property
    def fills(self) -> tuple[str, ...]:
        """Returns the slots that it gives a value."""
        return tuple(filter(None, (self.slot, self.save)))

    def reach(self, turn: Turn) -> bool:
        """Runs the step; returns True if the run must wait here."""
        self.next.follow(turn)
        return False

    def shown(self, turn: Turn) -> str:
        """Returns what an answer to the question depends on, besides the step itself."""
        return ""

    def ask(self, turn: Turn) -> None:
        """Asks the question."""

    def ask_again(self, turn: Turn, nth: int) -> None:
        """Asks again after the nth invalid answer."""
        turn.say_common("nudge")

    def choices(self, turn: Turn) -> tuple[Choice, ...]:
        """Returns the answers to tap, as shown."""
        return ()

    def answer(self, turn: Turn, event: Event) -> bool:
        """Returns True if the event answered the question, or was refused for a stated reason."""
        return False

    def nearly(self, turn: Turn, event: Event) -> bool:
        """Checks whether the event came near an answer to a decision without being one."""
        return False

    def choose(self, turn: Turn, value: Value) -> None:
        """Takes one of the choices."""

    def returned(self, turn: Turn, flow: str, reached: bool) -> None:
        """Continues after a flow that this step began."""

    def handed_back(self, turn: Turn) -> None:
        """Continues after a member of staff has left the conversation."""
        turn.say_common("handed_back")

    def without(self, off: Collection[str], person: str) -> Step:
        """Returns the step as it is where these flows and pages (`page.x`) are switched off: nothing is
        offered, and who would be led there is led to a person."""
        offer = tuple(target for target in self.offer if target.name not in off)
        return replace(self, offer=offer, next=self.next.without(off, person))

    def passed_over(self) -> Step:
        """Returns a step in its place that only leads on."""
        return Step(self.id, self.next, renamed=self.renamed, hash=self.hash, was=self.was)

    def leads(self) -> Iterator[tuple[str, str]]:
        """Yields the flows that it can begin, with how: need, later, offer."""
        yield from (("offer", target.flow) for target in self.offer if target.flow)


@dataclass(frozen=True)
class Slot:
    """`type`: choice text number pattern id_number name mobile date time code address image place record
    list."""

    name: str
    type: str
    values: tuple[str, ...] = ()
    entries_of: str = ""  # choice `from: slot`: the entries of that list
    or_: tuple[str, ...] = ()
    only: Mapping[str, Cond] = field(default_factory=dict)
    keep: bool = False  # lasting
    min: int | None = field(default=None, repr=False)  # number; no part of older slots' hashes
    max: int | None = 200  # number; text: characters
    pattern: str = field(default="", repr=False)
    example: str = field(default="", repr=False)  # pattern: an answer that fits it
    not_before: str = ""  # date: "today" or ISO 8601; time: HH:MM
    not_after: str = ""
    biometric: bool = False
    comment: bool = field(default=False, repr=False)  # text: operators may read it, masked
    fields: Mapping[str, Field] = field(default_factory=dict)  # record, list: of the action that saves it
    renamed: str = ""
    compared_by: str = field(default="", repr=False)  # image: the step that asks whose face it is


PII_TYPES = frozenset({"id_number", "name", "mobile", "address", "image"})


@dataclass(frozen=True)
class Flow:
    name: str
    slots: Mapping[str, Slot]
    steps: Mapping[str, Step]  # in file order; the first begins
    requires: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    lasts: int = 0  # seconds
    tries: int = 3
    exhausted: Next = field(default_factory=lambda: Finish(reached=False))
    remind: int = 600  # seconds
    expire: int = 1800
    changes: bool = False  # has a `once` action
    ways: Mapping[str, tuple[Facts, ...]] = field(default_factory=dict)  # facts known at each step
    kept: Facts = field(default_factory=dict)  # facts of what lasts, once the flow has reached its end
    by_time: bool = False  # begun by `later` steps only: it looks something up and reports it, asks nothing
    undo: str = ""  # the flow that takes this one's change back: 取消 after the receipt asks which is meant

    @property
    def first(self) -> str:
        return next(iter(self.steps))

    def without(self, off: Collection[str], person: str) -> Flow:
        """Returns the flow as it is where these flows and pages are switched off."""
        steps = {name: step.without(off, person) for name, step in self.steps.items()}
        exhausted = self.exhausted.without(off, person)
        return replace(self, steps=steps, exhausted=exhausted, undo="" if self.undo in off else self.undo)

    def terms(self, languages: Collection[Language]) -> frozenset[str]:
        """Returns the slots that are looked up and shown in a summary, except the thing that is changed:
        what it costs, how long it takes."""
        changes = [step for step in self.steps.values() if step.once and step.action]
        about = {
            path.partition(".")[0]
            for step in changes
            if step.action and step.action.subject in step.arguments
            for path in step.arguments[step.action.subject].paths
        }
        names = {step.text for step in self.steps.values() if step.before_once}
        shown = {
            part.path.partition(".")[0]
            for language in languages
            for name, text in language.flows[self.name].texts.items()
            if name in names
            for variant in text.variants
            for part in variant.parts
            if isinstance(part, Place)
        }
        looked_up = {step.save for step in self.steps.values() if step.port and not step.once}
        return frozenset(shown & looked_up - about)

    def filled_from(self, step: str) -> frozenset[str]:
        """Returns the slots that going back to a step clears: that of a question; else all filled from there
        on."""
        if (asked := self.steps[step]).slot:
            return frozenset({asked.slot})
        seen, todo = set[str](), [step]
        while todo:
            if (name := todo.pop()) in self.steps and name not in seen:
                seen.add(name)
                todo += [rule.step for rule, _ in self.steps[name].next.leaves() if isinstance(rule, Go)]
        return frozenset(slot for name in seen for slot in self.steps[name].fills)

    def rests_on(self, others: Collection[str]) -> bool:
        """Checks whether a run is about somebody whom these flows keep: it requires one of them, or tells an
        action what one has kept."""
        return not self.rests.isdisjoint(others)

    @cached_property
    def rests(self) -> frozenset[str]:
        """The flows that it requires, and the first parts of what it tells actions but its own slots: flows,
        and what all flows know."""
        told = (path for step in self.steps.values() for arg in step.arguments.values() for path in arg.paths)
        return frozenset(self.requires) | {path.partition(".")[0] for path in told} - {*self.slots}

    @cached_property
    def rests_besides(self) -> tuple[str, ...]:
        """Those of them that it does not require, in order."""
        return tuple(sorted(self.rests - {*self.requires}))

    def leads(self, how: str) -> list[str]:
        """Returns the flows that its steps can begin in this way."""
        return [flow for step in self.steps.values() for way, flow in step.leads() if way == how]

    def hands_over(self) -> list[str]:
        """Returns the flows that it is left for."""
        ends = (rule.meant for step in self.steps.values() for rule, _ in step.next.leaves())
        return [end.flow for end in ends if isinstance(end, Link)]
