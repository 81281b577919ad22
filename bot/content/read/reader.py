"""Reads every file of a content directory: each has a source, which holds what is wrong with it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import PurePosixPath

from bot.content.read import calendar_file
from bot.content.read import models as m
from bot.content.read.file_names import put_right
from bot.content.read.files import MISSING, PAGES, POLICY, Files
from bot.content.read.flows import FlowBuilder, target
from bot.content.read.languages import read_common, read_flow_words, read_pages
from bot.content.read.policy_file import Policy, read_policy
from bot.content.read.source import Source, parse
from bot.content.read.validation import model
from bot.content.read.words import is_no, is_yes
from bot.content.steps import step_model
from bot.engine import flow as f
from bot.engine.content import Page
from bot.engine.hours import EVERY_WEEK, Calendar

_CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*")
"""A language, as it is called in messages/."""


class Reader:
    """`sources`: by the name that is meant. `starts`, `models`, `flows`: of each flow that could be read,
    `flows` without those that could not be built. `dated`: the policy from each day on. `page_keys`: the menu
    keys of each page. `off`: flows, and pages as page.x, with `enabled: no`."""

    def __init__(self, written: Files, default_language: str) -> None:
        self.written, misnamed = put_right(written, default_language)
        self.default_language = default_language
        self.sources: dict[str, Source] = {}
        for name, meant in misnamed.items():
            self.beside(name).error((), "file-name", name=meant)
        self.off: set[str] = set()
        self.starts: dict[str, m.StartModel] = {}
        self.models: dict[str, m.FlowModel] = {}
        self.flows: dict[str, f.Flow] = {}
        self.dated, self.hours, self.banks = self.read(POLICY).once(read_policy)
        self._flows(self.dated[""])
        self.page_keys, self.pages = self._pages()
        self.languages = {code: self._language(code) for code in self._codes()}

    def beside(self, name: str) -> Source:
        """Returns a source for what is not read under this name."""
        return self.sources.setdefault(name, Source(name))

    def read(self, name: str) -> Source:
        source = parse(name, self.written.get(name, MISSING))
        self.sources[source.file] = source
        return source

    def calendar(self, today: date | None) -> Calendar:
        """Reads the calendar. Without the file no year is known: a revision may be older than the
        calendar."""
        if calendar_file.FILE not in self.written:
            source, calendar = self.beside(calendar_file.FILE), EVERY_WEEK
        else:
            source = self.read(calendar_file.FILE)
            calendar = source.once(calendar_file.read_calendar)
        calendar_file.years_ahead(source, calendar, today)
        return calendar

    def files(self, folder: str) -> list[str]:
        """Returns the stems of a folder's YAML files."""
        inside = (PurePosixPath(name) for name in sorted(self.written) if not name.endswith("/"))
        return [p.stem for p in inside if p.parent == PurePosixPath(folder) and p.suffix == ".yaml"]

    def _codes(self) -> list[str]:
        """Returns the languages, always with the default one, so that its missing files are named."""
        inside = (PurePosixPath(name).parts for name in self.written if name.startswith("messages/"))
        found = []
        for code in sorted({parts[1] for parts in inside if len(parts) > 1}):
            if not _CODE.fullmatch(code):  # Windows calls a copy “en - 副本”
                self.beside(f"messages/{code}").warn((), "not-read")
            elif f"messages/{code}/common.yaml" in self.written or code == self.default_language:
                found.append(code)
            else:
                self.beside(f"messages/{code}").error((), "no-language", name=code)
        return found if self.default_language in found else [self.default_language, *found]

    def _flows(self, policy: Policy) -> None:
        for stem in self.files("flows"):
            if stem == "pages":
                continue
            source = self.read(f"flows/{stem}.yaml")
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
            self.starts[found.flow] = found.start
            self.off |= {found.flow} if is_no(found.enabled) else set()
            self.models[found.flow] = found
            flow = source.once(_built, found, policy)
            if not any(x.code in ("missing-next", "yes-no") for x in source.findings):
                self.flows[found.flow] = flow

    def _pages(self) -> tuple[dict[str, list[str]], dict[str, Page]]:
        source = self.read(PAGES)
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

    def _language(self, code: str) -> f.Language:
        flows: dict[str, f.FlowWords] = {}
        pages: dict[str, f.FlowWords] = {}
        folder = f"messages/{code}"
        for stem in self.files(folder):
            if stem == "common":
                continue
            source = self.read(f"{folder}/{stem}.yaml")
            if stem == "pages":
                pages = source.once(read_pages)
            elif words := source.once(read_flow_words):
                flows[stem] = words
        if self.pages and f"{folder}/pages.yaml" not in self.written:
            self.read(f"{folder}/pages.yaml")
        common, codes, extra = self.read(f"{folder}/common.yaml").once(read_common)
        return f.Language(code, flows, pages, common, codes, **extra)


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
