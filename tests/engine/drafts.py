"""The shipped content as plain data that can be edited at random, and drafts that pass the check."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from bot.content.load import load_files
from bot.content.read.source import read
from bot.engine.content import Content

from .kit import ROOT

Data = dict[str, Any]
Edit = Callable[["Files", random.Random], str]
LANGUAGES = ("zh-CN", "en")


class NotHere(Exception):
    """The edit does not apply to what was drawn."""


@dataclass
class Files:
    """Every file of a content as data, by its path."""

    data: Data

    def flow(self, name: str) -> Data:
        found: Data = self.data[f"flows/{name}.yaml"]
        return found

    def words(self, name: str) -> list[Data]:
        return [self.data[f"messages/{code}/{name}.yaml"] for code in LANGUAGES]

    @property
    def flows(self) -> list[str]:
        found = [p[6:-5] for p in self.data if p.startswith("flows/")]
        return sorted(f for f in found if f != "pages")


def shipped() -> Files:
    paths = [p for part in ("flows", "messages/zh-CN", "messages/en") for p in (ROOT / part).glob("*.yaml")]
    paths += [ROOT / f"config/{name}.yaml" for name in ("policy", "menu", "outlets")]
    return Files({str(p.relative_to(ROOT)): read(p, ROOT).data for p in sorted(paths)})


@dataclass
class Drafts:
    """Drafts that load without an error (JSON is YAML)."""

    tried: int = 0
    good: int = 0
    faults: list[str] = field(default_factory=list)

    def load(self, files: Files) -> Content | None:
        written = {path: json.dumps(data, ensure_ascii=False, indent=1) for path, data in files.data.items()}
        loaded = load_files({path: text.encode() for path, text in written.items()})
        self.faults = [str(f) for f in loaded.findings if f.severity == "error"]
        return loaded.content

    def edited(
        self, files: Files, dice: random.Random, edits: tuple[Edit, ...]
    ) -> tuple[Files, str, Content | None]:
        """One edit of a copy: the copy, what was done, and its content where that is valid."""
        made = Files(copy.deepcopy(files.data))
        while True:
            edit = dice.choice(edits)
            try:
                what = f"{edit.__name__}: {edit(made, dice)}"
                break
            except NotHere:
                made = Files(copy.deepcopy(files.data))
        self.tried += 1
        content = self.load(made)
        self.good += content is not None
        return made, what, content


# --- walking through the data ----------------------------------------------------------------------
def lead(rule: Any, to: Callable[[str], Any]) -> Any:
    """A `next` with every step it names put through `to`."""
    if isinstance(rule, str):
        return rule if rule in ("end", "stop") else to(rule)
    if isinstance(rule, list):
        return [{k: v if k == "if" else lead(v, to) for k, v in case.items()} for case in rule]
    if "link" in rule:
        return rule
    if "again" in rule:
        return {**rule, "again": _step_only(to(rule["again"])), "else": lead(rule["else"], to)}
    return {k: v if k == "on" else lead(v, to) for k, v in rule.items()}


def _step_only(to: Any) -> Any:
    if not isinstance(to, str):
        raise NotHere
    return to


def led(flow: Data, to: Callable[[str], Any]) -> None:
    for step in flow["steps"].values():
        if "next" in step:
            step["next"] = lead(step["next"], to)
    if "exhausted" in flow:
        flow["exhausted"] = lead(flow["exhausted"], to)


def explicit(flow: Data) -> None:
    """Every step says where it leads, so that the order in the file does not matter."""
    names = list(flow["steps"])
    for name, after in pairwise(names):
        flow["steps"][name].setdefault("next", after)


def pruned(files: Files, name: str) -> None:
    """Steps that nothing leads to any more go, and the texts that only they said."""
    flow = files.flow(name)
    explicit(flow)
    if not flow["steps"]:
        raise NotHere
    steps, todo, reached = flow["steps"], [next(iter(flow["steps"]))], set[str]()
    lead(flow.get("exhausted", "stop"), lambda s: todo.append(s) or s)
    while todo:
        here = todo.pop()
        if here not in reached and here in steps:
            reached.add(here)
            lead(steps[here].get("next", "end"), lambda s: todo.append(s) or s)
    said = [steps[s].get(kind) for s in steps if s not in reached for kind in ("say", "confirm", "consent")]
    flow["steps"] = {n: s for n, s in steps.items() if n in reached}
    left = json.dumps(flow["steps"])
    for words in files.words(name):
        for text in said:
            if text and f'"{text}"' not in left:
                words["texts"].pop(text, None)


def keyed(data: Data, old: str, new: str) -> Data:
    return {new if k == old else k: v for k, v in data.items()}


def paths(thing: Any, to: Callable[[str], str]) -> Any:
    """A step or a rule with every path of a slot put through `to`."""
    if isinstance(thing, list):
        return [paths(t, to) for t in thing]
    if not isinstance(thing, dict):
        return thing
    made: Data = {}
    for key, value in thing.items():
        if key in ("if", "set"):
            made[key] = {to(k): v for k, v in value.items()}
        elif key == "only":
            made[key] = {v: {to(k): x for k, x in cond.items()} for v, cond in value.items()}
        elif key == "with":
            made[key] = {k: _each(v, to) for k, v in value.items()}
        elif key in ("on", "collect", "save", "from") and isinstance(value, str):
            made[key] = to(value)
        else:
            made[key] = paths(value, to)
    return made


def _each(value: Any, to: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [to(v) for v in value]
    return to(value) if isinstance(value, str) else value


def worded(thing: Any, to: Callable[[str], str]) -> Any:
    """Words with every `{path}` and every condition's path put through `to`."""
    if isinstance(thing, str):
        return re.sub(r"\{([a-z_.0-9]+)\}", lambda m: "{" + to(m[1]) + "}", thing)
    if isinstance(thing, list):
        return [worded(t, to) for t in thing]
    return {k: {to(p): c for p, c in v.items()} if k == "if" else worded(v, to) for k, v in thing.items()}


def sentences(thing: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where the sentences of some words stand, conditions left out."""
    if isinstance(thing, str):
        yield at
    elif isinstance(thing, list):
        for i, one in enumerate(thing):
            yield from sentences(one, (*at, i))
    else:
        for key, one in thing.items():
            if key not in ("if", "version"):
                yield from sentences(one, (*at, key))


def change(thing: Any, at: tuple[str | int, ...], to: Callable[[str], str]) -> None:
    for key in at[:-1]:
        thing = thing[key]
    thing[at[-1]] = to(thing[at[-1]])
