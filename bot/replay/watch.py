"""Content that notes what is used of it: the engine plays it as any other, and knows nothing of this.

Routes are mappings and texts are tuples, so watched ones stand in their places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.content.source import Loc
from bot.engine import flow as f

ELSE = "else"


@dataclass(frozen=True, order=True)
class Item:
    """Something a conversation can reach. `kind`: step outcome text try word page. `loc`: in its file."""

    kind: str
    file: str
    loc: Loc
    name: str


class _Routes(dict[str, f.Next]):
    """Routes that note which one is taken."""

    def __init__(self, routes: Mapping[str, f.Next], items: Mapping[str, Item], seen: set[Item]) -> None:
        super().__init__(routes)
        self.items_, self.seen = items, seen

    def get(self, key: str, default: Any = None) -> Any:
        if key in self:
            self.seen.add(self.items_[key])
        return super().get(key, default)

    def __getitem__(self, key: str) -> f.Next:
        self.seen.add(self.items_[key])
        return super().__getitem__(key)


class _Steps(dict[str, f.Step]):
    """Steps that note at which of them somebody stands."""

    def __init__(self, steps: Mapping[str, f.Step], items: Mapping[str, Item], seen: set[Item]) -> None:
        super().__init__(steps)
        self.items_, self.seen = items, seen

    def __getitem__(self, key: str) -> f.Step:
        self.seen.add(self.items_[key])
        return super().__getitem__(key)


class _Parts(tuple[str | f.Place, ...]):
    """A sentence that notes when it is said."""

    item: Item
    seen: set[Item]

    def __iter__(self) -> Iterator[str | f.Place]:
        self.seen.add(self.item)
        return super().__iter__()


class _Words(dict[str, str]):
    def __init__(self, words: Mapping[str, str], seen: set[str]) -> None:
        super().__init__(words)
        self.seen = seen

    def get(self, key: str, default: Any = None) -> Any:
        if key in self:
            self.seen.add(key)
        return super().get(key, default)


class Watch:
    """`content`: the watched one. `all`: what can be reached. `seen`: what was. `said`: recovery words."""

    def __init__(self, content: f.Content) -> None:
        self.all: set[Item] = set()
        self.seen: set[Item] = set()
        self.said: set[str] = set()
        self.content = self._watched(content)

    def over(self, content: f.Content) -> f.Content:
        """Another content, of which only what the first has counts."""
        known = set(self.all)
        made = self._watched(content)
        self.all = known
        return made

    def _watched(self, content: f.Content) -> f.Content:
        flows = {name: self._flow(flow) for name, flow in content.flows.items()}
        languages = {code: self._language(lang) for code, lang in content.languages.items()}
        recovery = _Words(content.recovery, self.said)
        return replace(content, flows=flows, languages=languages, recovery=recovery)

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
        if any(s.kind in ("collect", "confirm", "consent") for s in flow.steps.values()):
            exhausted = self._wrapped(exhausted, file, ("exhausted",), f"{flow.name}.exhausted")
        return replace(flow, steps=_Steps(made, items, self.seen), exhausted=exhausted)

    def _next(self, rule: f.Next, file: str, loc: Loc, name: str) -> f.Next:
        if isinstance(rule, f.Outcomes | f.Match):
            routes, items = {}, {}
            for key, then in rule.routes.items():
                here = (*loc, key)
                items[key] = self._item("outcome", file, here, f"{name}.{key}")
                routes[key] = self._next(then, file, here, f"{name}.{key}")
            return replace(rule, routes=_Routes(routes, items, self.seen))
        if isinstance(rule, f.Cases):
            return f.Cases(tuple(self._case(c, file, (*loc, n), name, n) for n, c in enumerate(rule.cases)))
        if isinstance(rule, f.Again):
            return replace(
                rule, otherwise=self._wrapped(rule.otherwise, file, (*loc, ELSE), f"{name}.exhausted")
            )
        return rule

    def _case(
        self, case: tuple[f.Cond, f.Next], file: str, loc: Loc, name: str, n: int
    ) -> tuple[f.Cond, f.Next]:
        cond, then = case
        which = " & ".join(t.path for t in cond) or ELSE
        return cond, self._wrapped(then, file, loc, f"{name}.{n + 1} ({which})")

    def _wrapped(self, rule: f.Next, file: str, loc: Loc, name: str) -> f.Next:
        """The rule behind a fork with one way, which notes that it is taken."""
        item = self._item("outcome", file, loc, name)
        return f.Outcomes(_Routes({ELSE: self._next(rule, file, loc, name)}, {ELSE: item}, self.seen))

    # --- words ---
    def _language(self, lang: f.Language) -> f.Language:
        folder = f"messages/{lang.code}"
        flows = {n: self._words(w, f"{folder}/{n}.yaml", n) for n, w in lang.flows.items()}
        pages = {}
        for name, words in lang.pages.items():
            text = self._text(
                words.texts["text"], f"{folder}/pages.yaml", (name, "text"), f"page.{name}", "page"
            )
            pages[name] = replace(words, texts={"text": text})
        common = {
            n: self._text(t, f"{folder}/common.yaml", (n,), f"common.{n}") for n, t in lang.common.items()
        }
        return replace(lang, flows=flows, pages=pages, common=common)

    def _words(self, words: f.FlowWords, file: str, flow: str) -> f.FlowWords:
        slots = {}
        for name, slot in words.slots.items():
            loc: Loc = ("slots", name)
            here = f"{flow}.{name}"
            slots[name] = replace(
                slot,
                ask=slot.ask and self._text(slot.ask, file, (*loc, "ask"), f"{here}.ask"),
                help=slot.help and self._text(slot.help, file, (*loc, "help"), f"{here}.help"),
                line=slot.line and self._text(slot.line, file, (*loc, "line"), f"{here}.line"),
                values={
                    v: self._text(t, file, (*loc, "values", v), f"{here}.values.{v}")
                    for v, t in slot.values.items()
                },
                again=tuple(
                    self._text(t, file, (*loc, "again", n), f"{here}.again.{n + 1}", "try")
                    for n, t in enumerate(slot.again)
                ),
            )
        texts = {n: self._text(t, file, ("texts", n), f"{flow}.{n}") for n, t in words.texts.items()}
        return replace(words, slots=slots, texts=texts)

    def _text(self, text: f.Text, file: str, loc: Loc, name: str, kind: str = "text") -> f.Text:
        many = len(text.variants) > 1
        variants = []
        for n, variant in enumerate(text.variants):
            place = (*loc, n) if many else loc
            parts = _Parts(variant.parts)
            parts.item = self._item(kind, file, place, f"{name}.{n + 1}" if many else name)
            parts.seen = self.seen
            variants.append(replace(variant, parts=parts))
        labels: dict[str, Any] = {
            k: self._text(t, file, (*loc, k), f"{name}.{k}")
            for k in ("agreed", "refused")
            if (t := getattr(text, k))
        }
        return replace(text, variants=tuple(variants), **labels)
