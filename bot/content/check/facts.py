"""The facts at one point of a flow: which paths are given, and which values they can have.

A `Facts` maps a path to None (given), to the values it can have, or to the empty set (surely not given); an
absent path may be given or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from bot.content.check.names import PLACE_PARTS, Names, slot_at
from bot.engine import flow as f
from bot.engine.scope import COUNT, EXAMPLE, TODAY

Facts = dict[str, frozenset[str] | None]
NOT_GIVEN: frozenset[str] = frozenset()


class Reading:
    """Applies one flow's paths and conditions to facts."""

    def __init__(self, names: Names) -> None:
        self.names, self.flow = names, names.flow
        self._sets: dict[str, frozenset[str]] = {}

    def own(self, path: str) -> str:
        """Removes the flow's name from a path of its own slots."""
        head, _, rest = path.partition(".")
        return rest if rest and head == self.flow.name and head not in self.flow.slots else path

    def closed(self, path: str) -> frozenset[str]:
        if path not in self._sets:
            self._sets[path] = frozenset(self.names.closed(path))
        return self._sets[path]

    def values(self, facts: Facts, path: str) -> tuple[bool, frozenset[str] | None]:
        """Returns whether a path is surely given, and its possible values (None: any; empty: not given)."""
        path = self.own(path)
        if path in facts:
            known = facts[path]
            return known != NOT_GIVEN, known if known is not None else self.closed(path) or None
        if path == TODAY or path.startswith(("policy.", "open.", "hours.")):
            return True, self.closed(path) or None
        head, _, part = path.partition(".")
        if part == EXAMPLE and head in self.flow.slots and self.flow.slots[head].example:
            return True, None
        return False, self.closed(path) or None

    def given(self, facts: Facts, path: str) -> bool:
        return self.values(facts, path)[0]

    def having(self, facts: Facts, path: str, values: frozenset[str] | None = None) -> Facts:
        """Returns the facts with a path given; a field of a record adds the record and its sure fields."""
        made = {**facts, path: values}
        slot, part = slot_at(path, self.flow, self.names.content)
        if slot is not None and part in (*slot.fields, COUNT):
            head = path.removesuffix(f".{part}")
            made.setdefault(head, None)
            if part in slot.fields and slot.fields[part].sure:
                for name, spec in slot.fields.items():
                    if spec.sure:
                        made.setdefault(f"{head}.{name}", None)
        return made

    def saved(self, facts: Facts, slot: f.Slot) -> Facts:
        """Returns the facts with a whole record, list, entry or place."""
        name = slot.name
        made = self.without(facts, name)
        sure = {f"{name}.{n}": None for n, spec in slot.fields.items() if spec.sure}
        if slot.type != "record" or sure:  # one without a sure field may be empty, and is then not saved
            made |= {name: None, **sure}
        if slot.type == "list":
            made[f"{name}.{COUNT}"] = None
        if slot.type == "place" and not slot.or_:
            made[f"{name}.{PLACE_PARTS[0]}"] = None
        return made

    def without(self, facts: Facts, slot: str) -> Facts:
        return {p: v for p, v in facts.items() if p != slot and not p.startswith(f"{slot}.")}

    # --- conditions ---
    def holding(self, facts: Facts, cond: f.Cond) -> Facts | None:
        """Returns the facts if a condition holds; None if it cannot."""
        made: Facts | None = facts
        for test in cond:
            made = self._test(made, test) if made is not None else None
        return made

    def failing(self, facts: Facts, cond: f.Cond) -> list[Facts]:
        """Returns the facts if a condition does not hold, one for each line that can fail first."""
        found = []
        here: Facts | None = facts
        for test in cond:
            if here is None:
                break
            failed = self._failed(here, test)
            if failed is not None:
                found.append(failed)
            here = self._test(here, test)
        return found

    def _test(self, facts: Facts, test: f.Test) -> Facts | None:
        if test.either:
            held = [one for cond in test.either if (one := self.holding(facts, cond)) is not None]
            return reduce(common, held) if held else None
        path = self.own(test.path)
        sure, known = self.values(facts, path)
        if test.none_of:
            return self._left(facts, path, frozenset(test.none_of))
        if test.given is False:
            return None if sure else {**facts, path: NOT_GIVEN}
        if known == NOT_GIVEN:
            return None
        if not test.any_of:
            for side in map(self.own, test.paths):  # of what is compared both are given
                facts = facts if self.given(facts, side) else self.having(facts, side)
            return facts
        wanted = frozenset(test.any_of)
        wanted = wanted if known is None else wanted & known
        return self.having(facts, path, wanted) if wanted else None

    def _failed(self, facts: Facts, test: f.Test) -> Facts | None:
        if test.either:
            left = [facts]
            for cond in test.either:
                left = [failed for one in left for failed in self.failing(one, cond)]
            return reduce(common, left) if left else None
        if test.given is not None:
            return self._test(facts, f.Test(test.path, given=not test.given))
        if test.none_of:
            return self._test(facts, f.Test(test.path, any_of=test.none_of))
        return self._left(facts, self.own(test.path), frozenset(test.any_of)) if test.any_of else facts

    def _left(self, facts: Facts, path: str, without: frozenset[str]) -> Facts | None:
        """Returns the facts if a path has none of these values, or is not given."""
        sure, known = self.values(facts, path)
        if known is None or not sure:
            return facts
        left = known - without
        return {**facts, path: left} if left else None


def covers(weak: Facts, strong: Facts) -> bool:
    """Checks that everything in `weak` is in `strong` too."""
    for path, values in weak.items():
        if path not in strong:
            return False
        other = strong[path]
        if values is None:
            if other == NOT_GIVEN:
                return False
        elif other is None or not (other <= values) or (other == NOT_GIVEN) != (values == NOT_GIVEN):
            return False
    return True


def common(one: Facts, other: Facts) -> Facts:
    """Returns what both have in common."""
    made: Facts = {}
    for path in one.keys() & other.keys():
        a, b = one[path], other[path]
        if (a == NOT_GIVEN) == (b == NOT_GIVEN):
            made[path] = None if a is None or b is None else a | b
    return made


def kept_facts(flow: f.Flow, ends: list[Facts]) -> Facts:
    """Returns what other flows can read of a flow that counts as done, under its name."""
    if not ends:
        return {}
    held = ends[0]
    for facts in ends[1:]:
        held = common(held, facts)
    kept: Mapping[str, f.Slot] = {n: s for n, s in flow.slots.items() if s.keep}
    return {
        f"{flow.name}.{path}": values
        for path, values in held.items()
        if path.partition(".")[0] in kept and path not in ("policy", "open", "hours")
    }
