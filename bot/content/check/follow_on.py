"""Keeps of each mistake the finding at its place, and drops those that only follow from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from bot.content.check.cross_checks import wanted
from bot.content.check.missing import MANY, places_of
from bot.content.check.walk import targets
from bot.content.messages import CHINESE, ENGLISH, phrase
from bot.content.read.files import PAGES, POLICY
from bot.content.read.source import Finding, Loc, Source, drop, nearest
from bot.content.read.words import normal
from bot.engine import flow as f
from bot.engine.content import Content

_MAYBE = frozenset({"argument-maybe", "on-maybe-empty", "maybe-empty", "no-variant"})
_IDLE = frozenset({"unused-slot", "unused-text", "unused-words"})
_LENGTHS = frozenset({"long-sentence", "long-bubble", "too-many-lines", "long-turn"})
_UNREAD = frozenset({"brace", "brace-alone", "too-long"})
_STEPS = frozenset({"missing-next", "step-is-flow", "unknown-outcome", "unknown-step", "unrouted"})
_NAMES = frozenset({"gone", "is-page", "misnamed", "unknown-flow", "unknown-path", "unknown-value"})
_UNSAVED = frozenset({"save-type", "unknown-action", "unknown-slot"})
_ASTRAY = _STEPS | _NAMES | _UNSAVED | {"missing-text", "once-missing", "requires-circle", "unsaved"}
"""Errors of a flow's structure: what is given where, and what is used, is not known until they are mended."""


class FollowOn:
    """Changes the findings of the sources in place."""

    def __init__(self, content: Content, sources: Mapping[str, Source]) -> None:
        self.content, self.sources = content, sources

    def drop(self) -> None:
        for flow in self.content.flows.values():
            files = self._files(flow.name)
            self._slots(files)
            self._steps(flow, files[0])
            self._values(flow, files)
            self._texts(flow, files)
        self._pages()
        self._titles()
        halved = {
            x.name for source in self.sources.values() for x in source.findings if x.code == "no-language"
        }
        drop(self.sources.values(), lambda x: x.code == "unknown-language" and x.name in halved)
        misfit = any(x.code == "phone" for x in self.sources[POLICY].findings)
        for source in self.sources.values():
            _same_place(source)
            if misfit:  # the hotline stands in most sentences
                drop([source], lambda x: x.code in _LENGTHS)
        self._astray()

    def _files(self, flow: str) -> list[Source]:
        names = [f"flows/{flow}.yaml", *(f"messages/{code}/{flow}.yaml" for code in self.content.languages)]
        return [self.sources[name] for name in names if name in self.sources]

    def _slots(self, files: list[Source]) -> None:
        missing = _by_name(files, ("unknown-slot", "unknown-path"), lambda x: x.name.partition(".")[0])
        for name, places in missing.items():
            twin = nearest(name, [x.name for x in files[0].findings if x.code == "unused-slot"])
            if twin:
                idle = _by_name(files, ("unused-slot", "unused-words"))[twin]
                drop(files, idle.__contains__)
            if twin and len(places) > 1:
                drop(files, places.__contains__)
                files[0].error(("slots", twin), "misnamed", key=True, name=twin, wanted=name)
            elif len(places) >= MANY and name not in self.content.flows:
                drop(files, places.__contains__)
                self._gone(files[0], name, places)

    def _steps(self, flow: f.Flow, source: Source) -> None:
        written = source.data["steps"]
        rules = [flow.exhausted, *(s.next for s in flow.steps.values() if "next" in written[s.id])]
        led_to = {flow.first, *(name for rule in rules for name in targets(rule))}
        unknown, idle = _by_name([source], ("unknown-step",)), flow.steps.keys() - led_to
        for name, places in unknown.items():
            twin = nearest(name, idle) or (min(idle) if len(idle) == len(unknown) == 1 else "")
            if twin and len(places) > 1:
                drop([source], places.__contains__)
                source.error(("steps", twin), "misnamed", key=True, name=twin, wanted=name)

    def _values(self, flow: f.Flow, files: list[Source]) -> None:
        """A choice's value that has another name in the slot than elsewhere, or in one language."""
        odd, unsafe = (
            _by_name(files, codes) for codes in (("unknown-value", "unknown-outcome"), ("unsafe-value",))
        )
        for name, places in _by_name(files, ("missing-value",)).items():
            lacking = {x.file for x in places}
            there = [o for o, found in odd.items() if lacking & {x.file for x in found}]
            other = nearest(name, there) or (there[0] if len(there) == 1 else "")
            if not other or name in unsafe:
                continue
            drop(files, places.__contains__)
            if len(lacking) < len(files) - 1:
                for source in files:
                    _hint([source], odd[other], name)
                continue
            drop(files, odd[other].__contains__)
            for slot in flow.slots.values():
                for key, values in (("values", slot.values), ("or", slot.or_)):
                    if name in values:
                        loc: Loc = ("slots", slot.name, key, values.index(name))
                        files[0].error(loc, "misnamed", name=name, wanted=other)

        odd = _by_name(files, ("unknown-value", "unknown-outcome"))
        for name, places in odd.items():
            if len(places) >= MANY and {x.file for x in places} == {x.file for x in files}:
                drop(files, places.__contains__)
                self._gone(files[0], name, places)

    def _gone(self, source: Source, name: str, places: Collection[Finding]) -> None:
        file, used = source.file, places_of(places)
        source.error(("slots",), "gone", key=True, name=name, file=file, count=len(places), used=used)

    def _texts(self, flow: f.Flow, files: list[Source]) -> None:
        """A text that a step calls otherwise than every language does."""
        for name, places in _by_name(files, ("missing-text",)).items():
            languages = [x.flows[flow.name] for x in self.content.languages.values() if flow.name in x.flows]
            known = set[str]().union(*(words.texts for words in languages))
            if not nearest(name, known) or len({x.file for x in places}) < len(languages):
                continue
            drop(files, places.__contains__)
            for step in flow.steps.values():
                locs: list[Loc] = [("steps", step.id, step.kind)] if step.text == name else []
                for rule, at in step.next.leaves(("steps", step.id, "next")):
                    locs += [(*at, "say")] if isinstance(rule, f.Again) and rule.say == name else []
                for loc in locs:
                    files[0].error(loc, "missing-text", name=name, step=step.id, known=known)

    def _pages(self) -> None:
        """A page that is called otherwise than its words are."""
        there = self.sources[PAGES]
        names = [f"messages/{code}/pages.yaml" for code in self.content.languages]
        files = [self.sources[name] for name in names if name in self.sources]
        lacking = _by_name([there], ("missing-words",))
        for name, places in lacking.items():
            odd = [x for source in files for x in source.findings if x.code == "unknown-page"]
            close = nearest(name, [x.name for x in odd])
            if not close and len(lacking) == len({x.name for x in odd}) == 1:
                close = odd[0].name
            if not close:
                continue
            found = [x for x in odd if x.name == close]
            drop([there], places.__contains__)
            if len(found) == len(files):
                uses = _by_name(self.sources.values(), ("unknown-page", "is-page"))[close]
                idle = _by_name([there], ("nobody-reaches",)).get(name, [])
                drop(self.sources.values(), [*uses, *idle].__contains__)
                there.error(("pages", name), "misnamed", key=True, name=name, wanted=close)
            else:
                _hint(files, found, name)

    def _titles(self) -> None:
        """A title or a phrase where a name belongs."""
        for name, places in _by_name(self.sources.values(), ("unknown-flow", "unknown-page")).items():
            if meant := self.content.triggers.get(normal(name)):
                _hint(self.sources.values(), places, meant.flow or meant.page)

    def _astray(self) -> None:
        needs = {name: wanted(flow) for name, flow in self.content.flows.items()}
        doubtful = {name for name in needs if any(x.code in _ASTRAY for x in self._files(name)[0].findings)}
        doubtful |= set().union(*needs.values()) - needs.keys() if needs else set()
        for name in doubtful & needs.keys():
            _doubted(self._files(name))
        while more := {n for n, wants in needs.items() if n not in doubtful and doubtful.intersection(wants)}:
            doubtful |= more
            for name in more:
                drop(self._files(name), lambda x: x.code in _MAYBE)


def _by_name(
    sources: Iterable[Source], codes: Collection[str], name: Callable[[Finding], str] = lambda x: x.name
) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for source in sources:
        for finding in source.findings:
            if finding.code in codes:
                found.setdefault(name(finding), []).append(finding)
    return found


def _doubted(files: list[Source]) -> None:
    codes = {x.code for x in files[0].findings}
    follow = _MAYBE | _IDLE | ({"unsaved"} if codes & _UNSAVED else set())
    drop(files, lambda x: x.code in follow)


def _hint(sources: Iterable[Source], places: Collection[Finding], close: str) -> None:
    """Says of findings without a hint what was probably meant."""
    meant = phrase("close", close=close)
    for source in sources:
        source.findings[:] = [
            replace(x, sentence=x.sentence + meant(ENGLISH), zh=x.zh + meant(CHINESE))
            if x in places and not x.zh.endswith(meant(CHINESE))
            else x
            for x in source.findings
        ]


def _same_place(source: Source) -> None:
    """Where an error is, no warning is needed, nor what a value is worth that cannot be there."""
    codes = {x.code for x in source.findings}
    errors = {(x.line, x.col) for x in source.findings if x.severity == "error" and x.code not in _MAYBE}
    empty = {(x.line, x.col) for x in source.findings if x.code == "empty-text"}
    same = {(x.line, x.col) for x in source.findings if x.code == "answers-same"}
    circles = {(x.line, x.col) for x in source.findings if x.code == "requires-circle"}

    def follows(x: Finding) -> bool:
        if x.code in _MAYBE or (x.severity == "warning" and x.code != "nobody-reaches"):
            return (x.line, x.col) in errors or (x.code in _LENGTHS and bool(codes & _UNREAD))
        return (
            (x.code == "never-done" and (x.line, x.col) in circles)
            or (x.code == "trigger-empty" and "empty-text" in codes and (x.line, x.col) in empty)
            or (x.code == "label-opposite" and (x.line, x.col) in same)
            or (x.code in ("silent", "unreachable") and "case" in codes)
            or (x.code == "variant-never" and bool(codes & {"unknown-key", "condition-map"}))
            or (x.code in ("answers", "no-code") and bool(codes & {"unknown-key", "brace"}))
        )

    drop([source], follows)
