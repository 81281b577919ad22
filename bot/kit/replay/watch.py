"""Content that records which of its parts are used; the engine plays it like any other.

Routes are mappings and texts are tuples, so watched versions can replace them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Self, TypeVar

from bot.content.read.source import Loc
from bot.engine import flow as f
from bot.engine.content import Content
from bot.engine.turn import Turn
from bot.kit.replay.texts import Written, every, put

ELSE = "else"
V = TypeVar("V")
Mark = TypeVar("Mark")


@dataclass(frozen=True, order=True)
class Item:
    """A part that a conversation can reach. `kind`: step outcome text try word page. `loc`: in its file."""

    kind: str
    file: str
    loc: Loc
    name: str


class _Noting(dict[str, V], Generic[V, Mark]):
    """A mapping that records lookups by key; `get` does not count."""

    def __init__(self, values: Mapping[str, V], marks: Mapping[str, Mark], seen: set[Mark]) -> None:
        super().__init__(values)
        self._marks, self._seen = marks, seen

    def __getitem__(self, key: str) -> V:
        self._seen.add(self._marks[key])
        return super().__getitem__(key)


class _NotingLooks(_Noting[V, Mark]):
    """A mapping that records lookups by key and by `get`."""

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self else default  # noqa: SIM401


@dataclass(frozen=True)
class _Noted(f.Next):
    """A `next` that records when it is followed."""

    rule: f.Next
    item: Item
    seen: set[Item]

    @property
    def meant(self) -> f.Next:
        return self.rule.meant

    def follow(self, turn: Turn, outcome: str = "", way: str = "") -> None:
        self.seen.add(self.item)
        self.rule.follow(turn, outcome, way)


class _Parts(tuple[str | f.Place, ...]):
    """A sentence that records when it is sent."""

    def __new__(cls, parts: Iterable[str | f.Place], item: Item, seen: set[Item]) -> Self:
        made = super().__new__(cls, parts)
        made._item, made._seen = item, seen
        return made

    _item: Item
    _seen: set[Item]

    def __iter__(self) -> Iterator[str | f.Place]:
        self._seen.add(self._item)
        return super().__iter__()


class Watch:
    """Watches content. `content`: the watched copy. `all`: reachable parts. `seen`: reached parts. `said`:
    recovery words."""

    def __init__(self, content: Content) -> None:
        self.all: set[Item] = set()
        self.seen: set[Item] = set()
        self.said: set[str] = set()
        self.content = self._watched(content)

    def over(self, content: Content) -> Content:
        """Returns other content watched; only parts of the first content count."""
        known = set(self.all)
        made = self._watched(content)
        self.all = known
        return made

    def _watched(self, content: Content) -> Content:
        def flows(of: Mapping[str, f.Flow]) -> dict[str, f.Flow]:
            return {name: self._flow(flow) for name, flow in of.items()}

        periods = tuple(replace(period, flows=flows(period.flows)) for period in content.periods)
        recovery = _NotingLooks(content.recovery, {word: word for word in content.recovery}, self.said)
        made = replace(content, flows=flows(content.flows), recovery=recovery, periods=periods)
        for written in every(content):
            made = put(made, (*written.path, "variants"), self._variants(written))
        return made

    def _item(self, kind: str, file: str, loc: Loc, name: str) -> Item:
        item = Item(kind, file, loc, name)
        self.all.add(item)
        return item

    # --- flows ---
    def _flow(self, flow: f.Flow) -> f.Flow:
        file = f"flows/{flow.name}.yaml"
        made, items = {}, {}
        for name, step in flow.steps.items():
            loc: Loc = ("steps", name)
            items[name] = self._item("step", file, loc, f"{flow.name}.{name}")
            rule = self._next(step.next, file, (*loc, "next"), f"{flow.name}.{name}")
            made[name] = replace(step, next=rule)
        exhausted = flow.exhausted
        if any(s.asks for s in flow.steps.values()):
            exhausted = self._noted(exhausted, file, ("exhausted",), f"{flow.name}.exhausted")
        return replace(flow, steps=_Noting(made, items, self.seen), exhausted=exhausted)

    def _next(self, rule: f.Next, file: str, loc: Loc, name: str) -> f.Next:
        ways = list(rule.ways())

        def noted(way: f.Way) -> f.Next:
            part = str(way.at[0])
            if isinstance(rule, f.Cases):
                which = " & ".join(" | ".join(t.paths) for t in way.when) or ELSE
                part = f"{ways.index(way) + 1} ({which})"
            elif isinstance(rule, f.Again):
                part = "exhausted"
            inner = f"{name}.{part}"
            return self._noted(way.then, file, (*loc, way.at[0]), inner)

        return rule.mapped(noted)

    def _noted(self, rule: f.Next, file: str, loc: Loc, name: str) -> f.Next:
        item = self._item("outcome", file, loc, name)
        return _Noted(self._next(rule, file, loc, name), item, self.seen)

    # --- words ---
    def _variants(self, written: Written) -> tuple[f.Variant, ...]:
        made = []
        for _, variant, loc, name in written.variants():
            item = self._item(written.kind, written.file, loc, name)
            made.append(replace(variant, parts=_Parts(variant.parts, item, self.seen)))
        return tuple(made)
