"""Loads a content directory (flows/, messages/, config/) as one revision, or reports its errors."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path, PurePosixPath

from bot.content.check.all import check
from bot.content.check.engine_texts import ENGINE_TEXTS, LATER
from bot.content.check.follow_on import FollowOn
from bot.content.check.missing import gather, set_of
from bot.content.check.names import broken_flows, pages_unread
from bot.content.read import calendar_file
from bot.content.read import models as m
from bot.content.read.config_files import check_config
from bot.content.read.file_names import put_right
from bot.content.read.files import (
    AT_START,
    CITY,
    MISSING,
    ORIGIN,
    OUTLETS,
    PAGES,
    POLICY,
    Files,
    identity,
    revised,
    written,
)
from bot.content.read.flows import FlowBuilder, target
from bot.content.read.languages import (
    read_common,
    read_flow_words,
    read_pages,
    recovery,
    remarks,
    words_of,
)
from bot.content.read.menu import Button
from bot.content.read.menu_file import MenuFile
from bot.content.read.overlay import Overlaid
from bot.content.read.policy_file import Policy, misspelt, read_policy
from bot.content.read.source import Finding, Source, parse
from bot.content.read.triggers import known_of, phrases_of, triggers_of
from bot.content.read.validation import model
from bot.content.read.words import is_no, is_yes
from bot.content.steps import step_model
from bot.engine import flow as f
from bot.engine.content import Content, Page, Period
from bot.engine.hours import EVERY_WEEK, Calendar
from bot.engine.scope import midnight
from bot.reading.guess import Guesser

_CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*")
"""A language, as it is called in messages/."""
BESIDE = (*AT_START, OUTLETS, CITY, ORIGIN)
"""Files that are checked with the content but do not affect conversations; of them a flow may need the
outlets."""


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
        return _Loader(dict(files), default_language, person).load(today)


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
    def __init__(self, written: Files, default_language: str, person: str) -> None:
        self.written, misnamed = put_right(written, default_language)
        self.default_language, self.person = default_language, person
        self.models: dict[str, m.FlowModel] = {}
        self.later: set[Finding] = set()  # as they would be without the day from which they are wrong
        self.off: set[str] = set()  # flows, and pages as page.x, with `enabled: no`
        self.sources: dict[str, Source] = {name: Source(name) for name in misnamed}
        for name, meant in misnamed.items():
            self.sources[name].error((), "file-name", name=meant)

    def load(self, today: date | None) -> Loaded:
        dated, hours, banks = self._read(POLICY).once(read_policy)
        self.policy = dated[""]
        calendar = self._calendar(today)
        starts, flows = self._flows()
        page_keys, pages = self._pages()
        languages = {code: self._language(code, bool(pages)) for code in self._codes()}
        off = frozenset(self.off)
        begun = {name: start for name, start in starts.items() if name in flows and not flows[name].by_time}
        by_time = flows.keys() - begun.keys()
        read = self._read("config/menu.yaml")
        broken = broken_flows(flows, self.sources)
        unread = pages_unread(pages, self.sources)
        menu = MenuFile(read, begun, page_keys, broken, unread, off, by_time)
        buttons, keys = menu.read()
        commons = {code: self.sources[f"messages/{code}/common.yaml"] for code in languages}
        words, change, wrong = recovery(commons)
        fillers = words_of("fillers", list(commons.values()))
        phrases = tuple(phrases_of(languages, flows, pages, off))
        content = Content(
            revision=identity(revised(self.written)),
            flows=flows,
            pages=pages,
            languages=languages,
            default_language=self.default_language,
            recovery=words,
            change=change,
            wrong=wrong,
            remarks=remarks(commons, fillers),
            yes=words_of("yes", list(commons.values())),
            no=words_of("no", list(commons.values())),
            fillers=fillers,
            triggers=triggers_of(phrases),
            guesser=Guesser(known_of(languages, flows, pages, phrases, off)),
            menu=keys,
            scans={scene: name for name, s in starts.items() for scene in s.scan},
            follow=next((n for n, s in starts.items() if is_yes(s.follow)), ""),
            location=next(((n, s.location) for n, s in starts.items() if s.location), ("", "")),
            person=self.person,
            elsewhere=next((n for n, s in starts.items() if is_yes(s.elsewhere)), ""),
            off=off,
            events={s.event: n for n, s in starts.items() if s.event},
            policy=self.policy,
            hours=hours,
            calendar=calendar,
        )

        def checked(content: Content) -> Content:
            flows = check(content, self.sources, starts, page_keys, menu.named, today)
            return replace(content, flows=flows)

        content = checked(content)
        later = [self._later(content, day, dated[day], checked) for day in dated if day]
        first = Period(0, content.policy, content.flows)
        content = replace(content, periods=(first, *later) if later else ()).without_off()
        for name in BESIDE:
            if name in self.written or (name == OUTLETS and _finds_outlets(flows)):
                check_config(name, self._read(name), languages)
        for name in self.written:
            if name.startswith("config/") and name.endswith(".yaml") and name not in self.sources:
                self.sources[name] = Source(name)
                self.sources[name].warn((), "not-read")
        misspelt(self.sources)
        FollowOn(content, self.sources).drop()
        gather(self.sources)
        findings = tuple(sorted({x for s in self.sources.values() for x in s.findings}))
        if not isinstance(self.sources[POLICY].data, dict):  # its own finding says it all
            findings = tuple(x for x in findings if x.code not in ("unknown-policy", "unknown-hours"))
        fails = any(x.severity == "error" for x in findings)
        served = content if self._whole({*flows}, {*pages}, languages) else None
        return Loaded(None if fails else content, buttons, tuple(banks), findings, served)

    def _whole(self, flows: set[str], pages: set[str], languages: Mapping[str, f.Language]) -> bool:
        """Checks whether a turn finds all that it looks for: flows, policy, and the words in each
        language."""
        built = set(self._files("flows")) - {"pages"} == flows and bool(pages)
        worded = all(
            one.common.keys() >= ENGINE_TEXTS - LATER
            and pages <= one.pages.keys()
            and flows <= one.flows.keys()
            for one in languages.values()
        )
        known = isinstance(self.sources[POLICY].data, dict)
        return built and worded and known and self.default_language in languages

    def _later(
        self, content: Content, day: str, policy: Policy, checked: Callable[[Content], Content]
    ) -> Period:
        """Builds and checks the flows with the values from a day on; what is only wrong then says so."""
        sources = set_of(self.sources)
        before = [len(source.findings) for source in sources]
        known = {x for source in sources for x in source.findings} | self.later
        flows = {
            name: FlowBuilder(self.sources[f"flows/{name}.yaml"], policy).build(self.models[name])
            for name in content.flows
        }
        made = checked(replace(content, flows=flows, policy=policy))
        for source, count in zip(sources, before, strict=True):
            new = [x for x in source.findings[count:] if x not in known]
            source.findings[count:] = [x.since(day) for x in new]
            self.later.update(new)
        return Period(midnight(day), policy, made.flows)

    def _read(self, name: str) -> Source:
        source = parse(name, self.written.get(name, MISSING))
        self.sources[source.file] = source
        return source

    def _calendar(self, today: date | None) -> Calendar:
        """Reads the calendar. Without the file no year is known: a revision may be older than the
        calendar."""
        if calendar_file.FILE not in self.written:
            source, calendar = Source(calendar_file.FILE), EVERY_WEEK
            self.sources[source.file] = source
        else:
            source = self._read(calendar_file.FILE)
            calendar = source.once(calendar_file.read_calendar)
        calendar_file.years_ahead(source, calendar, today)
        return calendar

    def _files(self, folder: str) -> list[str]:
        """Returns the stems of a folder's YAML files."""
        inside = (PurePosixPath(name) for name in sorted(self.written) if not name.endswith("/"))
        return [p.stem for p in inside if p.parent == PurePosixPath(folder) and p.suffix == ".yaml"]

    def _codes(self) -> list[str]:
        """Returns the languages, always with the default one, so that its missing files are named."""
        inside = (PurePosixPath(name).parts for name in self.written if name.startswith("messages/"))
        found = []
        for code in sorted({parts[1] for parts in inside if len(parts) > 1}):
            if not _CODE.fullmatch(code):  # Windows calls a copy “en - 副本”
                self.sources[f"messages/{code}"] = Source(f"messages/{code}")
                self.sources[f"messages/{code}"].warn((), "not-read")
            elif f"messages/{code}/common.yaml" in self.written or code == self.default_language:
                found.append(code)
            else:
                folder = self.sources[f"messages/{code}"] = Source(f"messages/{code}")
                folder.error((), "no-language", name=code)
        return found if self.default_language in found else [self.default_language, *found]

    def _flows(self) -> tuple[dict[str, m.StartModel], dict[str, f.Flow]]:
        starts, flows = {}, {}
        for stem in self._files("flows"):
            if stem == "pages":
                continue
            source = self._read(f"flows/{stem}.yaml")
            found = source.once(_flow_model)
            if found is None:
                continue
            if found.flow != stem:
                source.error(("flow",), "flow-name", name=found.flow, file=stem)
                if f"flows/{found.flow}.yaml" not in self.written:  # it is there, under another name
                    self.sources[f"flows/{found.flow}.yaml"] = source
                continue
            if not found.steps:
                source.error(("steps",), "no-steps", key=True)
                continue
            starts[found.flow] = found.start
            self.off |= {found.flow} if is_no(found.enabled) else set()
            self.models[found.flow] = found
            flow = source.once(_built, found, self.policy)
            if not any(x.code in ("missing-next", "yes-no") for x in source.findings):
                flows[found.flow] = flow
        return starts, flows

    def _pages(self) -> tuple[dict[str, list[str]], dict[str, Page]]:
        source = self._read(PAGES)
        if isinstance(source.data, dict) and "pages" not in source.data and len(source.data) > 1:
            source.error((), "no-pages")
            return {}, {}
        found = model(source, m.PagesModel)
        pages = found.pages if found else {}
        keys = {name: page.menu for name, page in pages.items()}
        self.off |= {f.Target(page=name).name for name, page in pages.items() if is_no(page.enabled)}
        return keys, {
            n: Page(n, tuple(target(t) for t in p.offer), is_yes(p.courtesy)) for n, p in pages.items()
        }

    def _language(self, code: str, has_pages: bool) -> f.Language:
        flows: dict[str, f.FlowWords] = {}
        pages: dict[str, f.FlowWords] = {}
        folder = f"messages/{code}"
        for stem in self._files(folder):
            if stem == "common":
                continue
            source = self._read(f"{folder}/{stem}.yaml")
            if stem == "pages":
                pages = source.once(read_pages)
            elif words := source.once(read_flow_words):
                flows[stem] = words
        if has_pages and f"{folder}/pages.yaml" not in self.written:
            self._read(f"{folder}/pages.yaml")
        common, codes, extra = self._read(f"{folder}/common.yaml").once(read_common)
        return f.Language(code, flows, pages, common, codes, **extra)


def _finds_outlets(flows: Mapping[str, f.Flow]) -> bool:
    return any(step.port.startswith("outlets.") for flow in flows.values() for step in flow.steps.values())


def _flow_model(source: Source) -> m.FlowModel | None:
    """Reads each step by its kind."""
    if isinstance(source.data, dict) and "enabled" in source.data and "steps" not in source.data:
        source.error(("flow",), "off-unknown", key=True, name=source.file[6:-5])
        return None
    found = model(source, m.FlowModel)
    raw = source.data.get("steps") if isinstance(source.data, dict) else None
    named = raw.items() if isinstance(raw, dict) else ()
    steps = {name: step_model(source, name, step) for name, step in named}
    return found.model_copy(update={"steps": steps}) if found and all(steps.values()) else None


def _built(source: Source, found: m.FlowModel, policy: Policy) -> f.Flow:
    return FlowBuilder(source, policy).build(found)
