"""What holds between files: targets, texts, outcomes, paths, reachability. Broken content is never served."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from bot.content import models as m
from bot.content.menu import Button, check_menu
from bot.content.source import Loc, Source
from bot.content.words import paths
from bot.engine import flow as f
from bot.ports import ACTIONS, SAVES_LIST

_NAMES = """
    broken busy busy_leave busy_stay cancel_leave cancel_restore cancel_which changed choose
    choose_also choose_words code_expired consent_withdrawn down exhausted expired forgotten forgotten_later
    guess handed_back help id_15 language_set last_try my_data no_codes not_now not_sure
    nothing_back nothing_open nudge offer_lead redo remind result resumed slow slow_no_push stale stopped
    submitting too_fast too_long trouble unknown voice welcome_scan
"""
ENGINE_TEXTS = frozenset(_NAMES.split())
OWN_TEXTS = frozenset({"down", "not_sure", "slow"})  # a flow's own text of these names wins over the engine's


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"There is no {kind} “{name}”." + (f" Did you mean “{close[0]}”?" if close else "")


def check(content: f.Content, sources: Mapping[str, Source], starts: Mapping[str, m.StartModel]) -> None:
    """Findings go to the source they are about."""
    for flow in content.flows.values():
        FlowCheck(content, flow, sources[f"flows/{flow.name}.yaml"], sources).check()
        location = starts[flow.name].location
        if location and location not in flow.takes:
            sources[f"flows/{flow.name}.yaml"].error(
                ("start", "location"), "location", "Name a slot that stands in `takes`."
            )
    _pages(content, sources)
    _required_circles(content, sources)
    _collisions(content, sources)
    if content.person not in content.flows and content.flows:
        next(iter(sources.values())).error((), "no-person", f"There must be a flow “{content.person}”.")


# --- one flow ------------------------------------------------------------------------------------
class FlowCheck:
    def __init__(
        self, content: f.Content, flow: f.Flow, source: Source, sources: Mapping[str, Source]
    ) -> None:
        self.content, self.flow, self.source, self.sources = content, flow, source, sources

    def check(self) -> None:
        flow, known = self.flow, self.content.flows
        for key, names in (("requires", flow.requires), ("takes", flow.takes)):
            for i, name in enumerate(names):
                if key == "takes":
                    self._in("slot", name, flow.slots, ("takes", i))
                elif self._in("flow", name, known, ("requires", i)) and not known[name].lasts:
                    self.source.error(
                        ("requires", i), "never-done", f"“{name}” has no `lasts`: it would never count."
                    )
        if flow.undo:
            self._in("flow", flow.undo, known, ("undo",))
        self._next(self.source.data.get("exhausted", "stop"), ("exhausted",))
        for step in flow.steps.values():
            self._step(step, ("steps", step.id))
        for slot in flow.slots.values():
            self._slot(slot)
        self._reachable()
        for code, language in self.content.languages.items():
            WordsCheck(self, code, language).check()

    def _in(self, kind: str, name: str, known: Collection[str], loc: Loc, key: bool = False) -> bool:
        if name in known:
            return True
        self.source.error(loc, f"unknown-{kind}", unknown(kind, name, known), key=key)
        return False

    # --- steps ---
    def _step(self, step: f.Step, loc: Loc) -> None:
        raw = self.source.data["steps"][step.id]
        if "next" in raw:
            self._next(raw["next"], (*loc, "next"))
        if step.slot and self._in("slot", step.slot, self.flow.slots, (*loc, "collect")):
            slot = self.flow.slots[step.slot]
            if slot.type in ("record", "list"):
                self.source.error(
                    (*loc, "collect"), "collect-type", f"A {slot.type} is saved by an action, not asked."
                )
            if isinstance(step.next, f.Outcomes):
                closed = slot.type == "choice" and not slot.entries_of
                self._complete(
                    raw.get("next"), (*loc, "next"), (*(slot.values if closed else ()), *slot.or_), not closed
                )
        if step.kind in ("confirm", "consent") and isinstance(step.next, f.Outcomes):
            self._complete(raw.get("next"), (*loc, "next"), ("agreed", "refused"))
        if step.kind == "need" and self._in("flow", step.flow, self.content.flows, (*loc, "need")):
            if not self.content.flows[step.flow].lasts:
                self.source.error((*loc, "need"), "never-done", f"“{step.flow}” has no `lasts`.")
            self._complete(raw.get("next"), (*loc, "next"), ("met", "unmet"))
        for i, name in enumerate(step.forget):
            self._in("flow", name, self.content.flows, (*loc, "forget", i))
        for name, value in step.values.items():
            if self._in("slot", name, self.flow.slots, (*loc, "set", name), key=True):
                spec = self.flow.slots[name]
                if spec.type == "choice" and value not in spec.values:
                    self._in("value", value, spec.values, (*loc, "set", name))
        for i, target in enumerate(step.offer):
            self._offer(target, (*loc, "offer", i))
        if step.kind == "action":
            self._action(step, raw, loc)

    def _offer(self, target: f.Target, loc: Loc) -> None:
        if target.page:
            self._in("page", target.page, self.content.pages, loc)
        elif self._in("flow", target.flow, self.content.flows, loc):
            self._given(target.flow, target.given, loc)

    def _given(self, flow: str, given: Mapping[str, str], loc: Loc) -> None:
        for slot, path in given.items():
            if slot not in self.content.flows[flow].takes:
                self.source.error(
                    (*loc, "with", slot), "not-taken", f"“{flow}” does not take “{slot}”.", key=True
                )
            self._path(path, (*loc, "with", slot))

    def _action(self, step: f.Step, raw: Any, loc: Loc) -> None:
        if step.action is None:
            self._in("action", step.port, ACTIONS, (*loc, "action"))
            return
        for name, arg in step.arguments.items():
            self._in("argument", name, step.action.arguments, (*loc, "with", name), key=True)
            for path in arg.paths:
                self._path(path, (*loc, "with", name))
        for name, required in step.action.arguments.items():
            if required and name not in step.arguments:
                self.source.error(loc, "missing-argument", f"{step.port} needs “{name}” in `with`.", key=True)
        if step.action.changes != step.once:
            why = (
                "changes something: write `once: true`"
                if step.action.changes
                else "changes nothing: no `once`"
            )
            self.source.error((*loc, "action"), "once", f"{step.port} {why}.")
        if step.save and self._in("slot", step.save, self.flow.slots, (*loc, "save")):
            wants = "list" if step.port in SAVES_LIST else "record"
            if self.flow.slots[step.save].type != wants:
                self.source.error((*loc, "save"), "save-type", f"{step.port} saves a {wants}.")
        if isinstance(raw.get("next"), dict) and not {"on", "link", "again"} & set(raw["next"]):
            outcomes = [o for o in step.action.outcomes if o != "unavailable" or o in raw["next"]]
            self._complete(raw["next"], (*loc, "next"), tuple(outcomes))

    # --- next ---
    def _next(self, raw: Any, loc: Loc) -> None:
        if isinstance(raw, str):
            if raw not in ("end", "stop"):
                self._in("step", raw, self.flow.steps, loc)
        elif isinstance(raw, list):
            for i, case in enumerate(raw):
                self._case(case, (*loc, i))
            if raw and isinstance(raw[-1], dict) and "else" not in raw[-1]:
                self.source.error((*loc, len(raw) - 1), "no-else", "The last case must be {else: …}.")
        elif "again" in raw:
            known = self._in("step", raw["again"], self.flow.steps, (*loc, "again"))
            if known and self.flow.steps[raw["again"]].kind != "collect":
                self.source.error((*loc, "again"), "again-collect", "`again` goes back to a collect.")
            self._next(raw["else"], (*loc, "else"))
        elif "link" in raw:
            if self._in("flow", raw["link"], self.content.flows, (*loc, "link")):
                self._given(raw["link"], raw.get("with", {}), loc)
        elif "on" in raw:
            self._path(raw["on"], (*loc, "on"))
            routes = {k: v for k, v in raw.items() if k != "on"}
            self._complete(routes, loc, self._closed(raw["on"]), more=not self._closed(raw["on"]))
            for key, value in routes.items():
                self._next(value, (*loc, key))
        else:
            for key, value in raw.items():
                self._next(value, (*loc, key))

    def _case(self, case: Any, loc: Loc) -> None:
        for path, value in case.get("if", {}).items():
            self._condition(path, value, (*loc, "if", path))
        for key in ("then", "else"):
            if key in case:
                self._next(case[key], (*loc, key))

    def _condition(self, path: str, value: Any, loc: Loc) -> None:
        if self._path(path, loc, key=True):
            closed = self._closed(path)
            for wanted in [value] if isinstance(value, str) else value if isinstance(value, list) else []:
                if closed and wanted not in closed:
                    self._in("value", wanted, closed, loc)

    def _complete(self, routes: Any, loc: Loc, outcomes: tuple[str, ...], more: bool = False) -> None:
        """Every outcome routed, or `else`; no route for what cannot come (`more`: an open set)."""
        if not isinstance(routes, dict):
            return
        missing = [o for o in outcomes if o not in routes]
        if missing and "else" not in routes:
            self.source.error(
                loc, "unrouted", f"No way on for: {', '.join(missing)}. Route them or add else."
            )
        if not outcomes and more and "else" not in routes:
            self.source.error(loc, "unrouted", "Any value can come here: add else.")
        for key in routes:
            if outcomes and key not in outcomes and key != "else":
                self._in("outcome", key, outcomes, (*loc, key), key=True)

    # --- paths ---
    def _path(self, path: str, loc: Loc, key: bool = False, source: Source | None = None) -> bool:
        problem = self.path_problem(path)
        if problem:
            (source or self.source).error(loc, "unknown-path", problem, key=key)
        return not problem

    def path_problem(self, path: str) -> str:
        """What is wrong with a path, or ''."""
        head, _, rest = path.partition(".")
        content = self.content
        if head == "policy":
            name, _, part = rest.partition(".")
            if name not in content.policy:
                return unknown("policy value", name, content.policy)
            return (
                ""
                if part in ("", "value", "source", "checked")
                else unknown("part", part, ("source", "checked"))
            )
        if head == "open":
            return "" if rest in content.hours else unknown("opening hours", rest, content.hours)
        if head in self.flow.slots:
            return self._part_problem(self.flow.slots[head], rest)
        if head not in content.flows:
            return unknown("slot or flow", head, [*self.flow.slots, *content.flows])
        slot, _, part = rest.partition(".")
        there = content.flows[head]
        if slot not in there.slots:
            return unknown(f"slot in {head}", slot, there.slots)
        if head != self.flow.name and not there.slots[slot].keep:
            return f"“{path}” is gone when {head} ends: give the slot `keep: lasting`."
        return self._part_problem(there.slots[slot], part)

    def _part_problem(self, slot: f.Slot, part: str) -> str:
        if not part:
            return ""
        if slot.type == "place":
            return "" if part in ("text", "lat", "lon") else unknown("field", part, ("text", "lat", "lon"))
        return "" if part in slot.fields else unknown(f"field of {slot.name}", part, slot.fields)

    def _closed(self, path: str) -> tuple[str, ...]:
        """The closed set of values at a path; () if it is open."""
        head, _, rest = path.partition(".")
        if head == "open":
            return ("yes", "no")
        if head == "policy":
            raw = self.sources["config/policy.yaml"].data.get(rest, {})
            return tuple(raw.get("of", ())) if isinstance(raw, dict) else ()
        if head not in self.flow.slots and head in self.content.flows:
            slot_name, _, rest = rest.partition(".")
            slot = self.content.flows[head].slots.get(slot_name)
        else:
            slot = self.flow.slots.get(head)
        if slot is None:
            return ()
        if rest:
            return slot.fields[rest].of if rest in slot.fields else ()
        return (*slot.values, *slot.or_) if slot.type == "choice" else ()

    # --- the whole ---
    def _slot(self, slot: f.Slot) -> None:
        loc: Loc = ("slots", slot.name)
        if slot.keep and not self.flow.lasts:
            self.source.error((*loc, "keep"), "keep", "A lasting slot needs the flow's `lasts`.")
        if slot.type == "choice" and bool(slot.values) == bool(slot.entries_of):
            self.source.error(loc, "choice", "A choice has `values` or `from: slot`.", key=True)
        if slot.entries_of:
            self._in("slot", slot.entries_of, self.flow.slots, (*loc, "from"))
        for value, test in slot.only.items():
            for line in test:
                self._condition(line.path, list(line.any_of), (*loc, "only", value, line.path))

    def _reachable(self) -> None:
        steps = self.flow.steps
        seen: set[str] = set()
        todo = [self.flow.first, *_targets(self.flow.exhausted)]
        while todo:
            name = todo.pop()
            if name in seen or name not in steps:
                continue
            seen.add(name)
            todo += _targets(steps[name].next)
        for name in steps:
            if name not in seen:
                self.source.error(("steps", name), "unreachable", f"No step leads to “{name}”.", key=True)
        ends = {n for n, s in steps.items() if _leaves(s.next)}
        grew = True
        while grew:
            more = {n for n, s in steps.items() if n not in ends and ends & set(_targets(s.next))}
            ends |= more
            grew = bool(more)
        for name in sorted(seen - ends):
            self.source.error(("steps", name), "no-end", f"From “{name}” no end can be reached.", key=True)


def _rules(rule: f.Next) -> Iterator[f.Next]:
    yield rule
    inner: list[f.Next] = []
    if isinstance(rule, f.Outcomes | f.Match):
        inner = list(rule.routes.values())
    elif isinstance(rule, f.Cases):
        inner = [then for _, then in rule.cases]
    elif isinstance(rule, f.Again):
        inner = [f.Go(rule.step), rule.otherwise]
    for one in inner:
        yield from _rules(one)


def _targets(rule: f.Next) -> list[str]:
    return [r.step for r in _rules(rule) if isinstance(r, f.Go)]


def _leaves(rule: f.Next) -> bool:
    return any(isinstance(r, f.Finish | f.Link) for r in _rules(rule))


# --- words ---------------------------------------------------------------------------------------
class WordsCheck:
    """One flow's words in one language."""

    def __init__(self, flow: FlowCheck, code: str, language: f.Language) -> None:
        self.flow, self.code, self.language = flow, code, language
        self.words = language.flows.get(flow.flow.name)

    def check(self) -> None:
        name = self.flow.flow.name
        if self.words is None:
            if f"messages/{self.code}/{name}.yaml" not in self.flow.sources:
                self.flow.source.error(
                    ("flow",), "missing-words", f"messages/{self.code}/{name}.yaml is missing."
                )
            return
        self.source = self.flow.sources[f"messages/{self.code}/{name}.yaml"]
        used = set(OWN_TEXTS)
        for step in self.flow.flow.steps.values():
            used |= self._step(step)
        for extra in sorted(set(self.words.texts) - used):
            self.source.warn(("texts", extra), "unused-text", f"No step says “{extra}”.", key=True)
        for text_name, made in self.words.texts.items():
            self._places(made, ("texts", text_name))
        for slot_name, slot in self.words.slots.items():
            if slot_name not in self.flow.flow.slots:
                self.source.error(
                    ("slots", slot_name),
                    "unknown-slot",
                    unknown("slot", slot_name, self.flow.flow.slots),
                    key=True,
                )
                continue
            for part in [slot.ask, slot.help, slot.line, *slot.again, *slot.values.values()]:
                if part is not None:
                    self._places(part, ("slots", slot_name))

    def _step(self, step: f.Step) -> set[str]:
        if self.words is None:
            return set()
        said = [step.text] if step.text else []
        said += [r.say for r in _rules(step.next) if isinstance(r, f.Again)]
        for name in said:
            if name not in self.words.texts:
                self.source.error(
                    ("texts",), "missing-text", f"The text “{name}” is missing (step {step.id}).", True
                )
                continue
            made = self.words.texts[name]
            if (
                step.kind in ("confirm", "consent")
                and name == step.text
                and not (made.agreed and made.refused)
            ):
                self.source.error(
                    ("texts", name), "answers", "Needs `agreed` and `refused`: two verbs.", key=True
                )
            if step.kind == "consent" and not made.version:
                self.source.error(("texts", name), "version", "A consent needs a `version`.", key=True)
        if step.kind == "collect" and step.slot in self.flow.flow.slots:
            self._collect(step)
        return set(said)

    def _collect(self, step: f.Step) -> None:
        slot = self.flow.flow.slots[step.slot]
        words = self.words.slots.get(step.slot) if self.words else None
        if words is None or words.ask is None:
            self.source.error(("slots",), "missing-text", f"The slot “{step.slot}” needs an `ask`.", key=True)
            return
        loc: Loc = ("slots", step.slot)
        for value in (*slot.values, *slot.or_):
            if value not in words.values:
                self.source.error(
                    (*loc, "values"), "missing-text", f"The value “{value}” has no words.", key=True
                )
        for value in words.values:
            if value not in (*slot.values, *slot.or_):
                self.source.error(
                    (*loc, "values", value), "unknown-value", f"“{value}” is none of its values.", True
                )
        if len(words.again) < self.flow.flow.tries - 1:
            self.source.error(
                (*loc, "again"), "again", f"Needs {self.flow.flow.tries - 1} sentences.", key=True
            )
        if not words.label:
            self.source.error(
                loc, "label", "Needs a `label`: “改” and the label changes this answer.", key=True
            )

    def _places(self, made: f.Text, loc: Loc) -> None:
        for when, path in paths(made):
            if path == "code":
                continue
            self.flow._path(path, loc, source=self.source)
            head, _, field = path.partition(".")
            slot = self.flow.flow.slots.get(head)
            spec = slot.fields.get(field) if slot else None
            if spec is not None and not spec.sure and path not in {t.path for t in when}:
                self.source.warn(
                    loc, "maybe-empty", f"{{{path}}} is not always given: put it behind an `if`."
                )
        for part in (made.agreed, made.refused):
            if part is not None:
                self._places(part, loc)
        for variant in made.variants:
            for test in variant.when:
                self.flow._path(test.path, loc, source=self.source)


# --- across files --------------------------------------------------------------------------------
def _pages(content: f.Content, sources: Mapping[str, Source]) -> None:
    source = sources["flows/pages.yaml"]
    for page in content.pages.values():
        for i, target in enumerate(page.offer):
            known: Collection[str] = content.pages if target.page else content.flows
            if (target.page or target.flow) not in known:
                name = target.page or target.flow
                source.error(
                    ("pages", page.name, "offer", i), "unknown-target", unknown("flow or page", name, known)
                )
        for code, language in content.languages.items():
            if page.name not in language.pages:
                source.error(
                    ("pages", page.name), "missing-words", f"messages/{code}/pages.yaml lacks it.", key=True
                )
    for code, language in content.languages.items():
        words = sources.get(f"messages/{code}/pages.yaml")
        for name, page_words in language.pages.items():
            if words is None:
                continue
            if name not in content.pages:
                words.error((name,), "unknown-page", unknown("page", name, content.pages), key=True)
            for _, path in paths(page_words.texts["text"]):
                policy, _, rest = path.partition(".")
                if policy != "policy" or rest.split(".")[0] not in content.policy:
                    words.error(
                        (name, "text"), "unknown-path", f"A page only knows policy values, not “{path}”."
                    )


def _required_circles(content: f.Content, sources: Mapping[str, Source]) -> None:
    for name, flow in content.flows.items():
        seen: set[str] = set()
        todo = list(flow.requires)
        while todo:
            one = todo.pop()
            if one == name:
                sources[f"flows/{name}.yaml"].error(("requires",), "requires-circle", "It requires itself.")
                break
            if one not in seen and one in content.flows:
                seen.add(one)
                todo += content.flows[one].requires


def _collisions(content: f.Content, sources: Mapping[str, Source]) -> None:
    taken = {**content.recovery, **dict.fromkeys(content.yes, "yes"), **dict.fromkeys(content.no, "no")}
    for phrase in sorted(set(content.triggers) & set(taken)):
        meant = content.triggers[phrase]
        code = content.default_language
        source = sources[f"messages/{code}/{meant.flow or 'pages'}.yaml"]
        loc: Loc = ("words",) if meant.flow else (meant.page, "words")
        source.error(
            loc, "reserved-word", f"“{phrase}” already means “{taken[phrase]}” everywhere.", key=True
        )


def menu(buttons: tuple[Button, ...], source: Source) -> None:
    for finding in check_menu(buttons):
        loc: list[str | int] = []
        for depth, index in enumerate(finding.path):
            loc += [index] if depth == 0 else ["buttons", index]
        source.error(loc, f"menu-{finding.code}", finding.sentence)
