"""Loads a content directory (flows/, messages/, config/) as one revision, or reports its errors."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from bot.content.check.all import check
from bot.content.check.engine_texts import ENGINE_TEXTS, LATER
from bot.content.check.follow_on import FollowOn
from bot.content.check.missing import gather, set_of
from bot.content.check.names import broken_flows, pages_unread
from bot.content.read.config_files import checks_beside
from bot.content.read.files import MENU, OUTLETS, POLICY, Files, identity, revised, written
from bot.content.read.flows import FlowBuilder
from bot.content.read.languages import recovery, remarks, words_of
from bot.content.read.menu import Button
from bot.content.read.menu_file import MenuFile
from bot.content.read.overlay import Overlaid
from bot.content.read.policy_file import Policy, misspelt
from bot.content.read.reader import Reader
from bot.content.read.source import Finding
from bot.content.read.triggers import known_of, phrases_of, triggers_of
from bot.content.read.words import is_yes
from bot.engine import flow as f
from bot.engine.content import Content, Period
from bot.engine.hours import Calendar
from bot.engine.scope import midnight
from bot.reading.guess import Guesser


@dataclass(frozen=True)
class Loaded:
    """`content` is None if an error was found; findings are sorted by place.

    `served`: the content also with errors, if every flow could be built: what an earlier release has checked
    and published goes on, though this one finds more. None if not.
    """

    content: Content | None
    menu: tuple[Button, ...]
    banks: tuple[Mapping[str, str], ...]
    findings: tuple[Finding, ...]
    served: Content | None = None


def load(
    root: Path, default_language: str = "zh-CN", person: str = "hand_off", today: date | None = None
) -> Loaded:
    """Reads and checks everything below `root`. Never raises for what an operator can write.

    `today`: warns of policy values not checked for 180 days (left out: no such warning).
    """
    found = written(root)
    return _home(found, _load(frozenset(found.items()), default_language, person, today))


def load_files(files: Files, default_language: str = "zh-CN", today: date | None = None) -> Loaded:
    """Loads exactly these bytes, so that what was checked is what is published."""
    return _home(files, _load(frozenset(files.items()), default_language, "hand_off", today))


def _home(files: Files, loaded: Loaded) -> Loaded:
    """Puts each finding into the file that holds its line, if files are a city's over the release's."""
    if not isinstance(files, Overlaid):
        return loaded
    return replace(loaded, findings=tuple(sorted(files.home(x) for x in loaded.findings)))


@lru_cache(maxsize=8)  # checked, previewed, published and then served: the same bytes each time
def _load(
    files: frozenset[tuple[str, bytes]], default_language: str, person: str, today: date | None
) -> Loaded:
    with _uncollected():
        return _Loader(Reader(dict(files), default_language), person).load(today)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pauses garbage collection: loading makes no cyclic garbage, and its result stays. Scanning it takes a
    quarter of the loading time, and would make each later full collection slower by the number of flows."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if on:
            gc.enable()


class _Loader:
    def __init__(self, reader: Reader, person: str) -> None:
        self.reader, self.sources, self.person = reader, reader.sources, person
        self.later: set[Finding] = set()  # as they would be without the day from which they are wrong

    def load(self, today: date | None) -> Loaded:
        reader, sources = self.reader, self.sources
        calendar = reader.calendar(today)
        menu = self._menu()
        buttons, keys = menu.read()
        content = self._content(keys, calendar)

        def checked(content: Content) -> Content:
            flows = check(content, sources, reader.starts, reader.page_keys, menu.named, today)
            return replace(content, flows=flows)

        content = checked(content)
        later = [self._later(content, day, policy, checked) for day, policy in reader.dated.items() if day]
        first = Period(0, content.policy, content.flows)
        content = replace(content, periods=(first, *later) if later else ()).without_off()
        for name, look in checks_beside(reader.languages).items():
            if name in reader.written or (name == OUTLETS and _finds_outlets(reader.flows)):
                look(reader.read(name))
        for name in reader.written:
            if name.startswith("config/") and name.endswith(".yaml") and name not in sources:
                reader.beside(name).warn((), "not-read")
        misspelt(sources)
        FollowOn(content, sources).drop()
        gather(sources)
        findings = tuple(sorted({x for source in sources.values() for x in source.findings}))
        if not isinstance(sources[POLICY].data, dict):  # its own finding says it all
            findings = tuple(x for x in findings if x.code not in ("unknown-policy", "unknown-hours"))
        fails = any(x.severity == "error" for x in findings)
        served = content if self._whole() else None
        return Loaded(None if fails else content, buttons, tuple(reader.banks), findings, served)

    def _menu(self) -> MenuFile:
        reader = self.reader
        begun = {n: s for n, s in reader.starts.items() if n in reader.flows and not reader.flows[n].by_time}
        by_time = reader.flows.keys() - begun.keys()
        broken, unread = broken_flows(reader.flows, self.sources), pages_unread(reader.pages, self.sources)
        return MenuFile(reader.read(MENU), begun, reader.page_keys, broken, unread, reader.off, by_time)

    def _content(self, keys: Mapping[str, f.Target], calendar: Calendar) -> Content:
        """`keys`: of the menu."""
        reader, starts, off = self.reader, self.reader.starts, frozenset(self.reader.off)
        commons = {code: self.sources[f"messages/{code}/common.yaml"] for code in reader.languages}
        said = list(commons.values())
        words, change, wrong = recovery(commons)
        fillers = words_of("fillers", said)
        phrases = tuple(phrases_of(reader.languages, reader.flows, reader.pages, off))
        return Content(
            revision=identity(revised(reader.written)),
            flows=reader.flows,
            pages=reader.pages,
            languages=reader.languages,
            default_language=reader.default_language,
            recovery=words,
            change=change,
            wrong=wrong,
            remarks=remarks(commons, fillers),
            yes=words_of("yes", said),
            no=words_of("no", said),
            fillers=fillers,
            triggers=triggers_of(phrases),
            guesser=Guesser(known_of(reader.languages, reader.flows, reader.pages, phrases, off)),
            menu=keys,
            scans={scene: name for name, s in starts.items() for scene in s.scan},
            follow=next((n for n, s in starts.items() if is_yes(s.follow)), ""),
            location=next(((n, s.location) for n, s in starts.items() if s.location), ("", "")),
            person=self.person,
            elsewhere=next((n for n, s in starts.items() if is_yes(s.elsewhere)), ""),
            off=off,
            events={s.event: n for n, s in starts.items() if s.event},
            policy=reader.dated[""],
            hours=reader.hours,
            calendar=calendar,
        )

    def _whole(self) -> bool:
        """Checks whether a turn finds all that it looks for: flows, policy, and the words in each
        language."""
        flows, pages, languages = self.reader.flows.keys(), self.reader.pages.keys(), self.reader.languages
        built = set(self.reader.files("flows")) - {"pages"} == flows and bool(pages)
        worded = all(
            one.common.keys() >= ENGINE_TEXTS - LATER
            and pages <= one.pages.keys()
            and flows <= one.flows.keys()
            for one in languages.values()
        )
        known = isinstance(self.sources[POLICY].data, dict)
        return built and worded and known and self.reader.default_language in languages

    def _later(
        self, content: Content, day: str, policy: Policy, checked: Callable[[Content], Content]
    ) -> Period:
        """Builds and checks the flows with the values from a day on; what is only wrong then says so."""
        sources = set_of(self.sources)
        before = [len(source.findings) for source in sources]
        known = {x for source in sources for x in source.findings} | self.later
        flows = {
            name: FlowBuilder(self.sources[f"flows/{name}.yaml"], policy).build(self.reader.models[name])
            for name in content.flows
        }
        made = checked(replace(content, flows=flows, policy=policy))
        for source, count in zip(sources, before, strict=True):
            new = [x for x in source.findings[count:] if x not in known]
            source.findings[count:] = [x.since(day) for x in new]
            self.later.update(new)
        return Period(midnight(day), policy, made.flows)


def _finds_outlets(flows: Mapping[str, f.Flow]) -> bool:
    return any(step.port.startswith("outlets.") for flow in flows.values() for step in flow.steps.values())
