"""Runs all checks that follow the check of the files' form, once each, over the whole content."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.content.check import collisions, cross_checks, engine_texts, reach, switched_off
from bot.content.check.facts import Facts
from bot.content.check.flow_check import FlowCheck
from bot.content.check.lengths import tappable
from bot.content.check.names import Names, broken_flows
from bot.content.check.path_analysis import Given, Ways, check_arguments
from bot.content.check.texts import FlowTexts
from bot.content.check.variants import paths, variants
from bot.content.check.walk import deepest_first
from bot.content.check.wording import Wording, failure_words
from bot.content.read import models as m
from bot.content.read.files import PAGES, POLICY
from bot.content.read.source import Loc, Source
from bot.content.read.validation import unknown_flow, unknown_page
from bot.content.read.words import flag
from bot.engine import flow as f
from bot.engine.content import Content


class Checked:
    """One run over one content. Findings go to the source they are about."""

    def __init__(self, content: Content, sources: Mapping[str, Source]) -> None:
        self.content, self.sources = content, sources
        self.broken = broken_flows(content.flows, sources)
        self._ways: dict[str, Ways | None] = {}

    def ways(self, flow: str) -> Ways | None:
        """Returns every way through a flow; None if it depends on one that could not be read."""
        for name in deepest_first(flow, self._wanted, self._ways):
            unknown = self.broken.union(set(self._wanted(name)) - self.content.flows.keys())
            broken = name not in self.content.flows or unknown.intersection(self._wanted(name))
            self._ways[name] = None if broken else self._through(self.content.flows[name])
        return self._ways[flow]

    def _wanted(self, flow: str) -> list[str]:
        return cross_checks.wanted(self.content.flows[flow]) if flow in self.content.flows else []

    def _through(self, flow: f.Flow) -> Ways:
        return Given(self.names(flow), self._kept).run()

    def names(self, flow: f.Flow) -> Names:
        return Names(self.content, flow, self.sources, self.broken)

    def _kept(self, flow: str) -> Facts:
        """Returns {} for a flow that depends on the current one: a cycle is a finding of its own."""
        found = self._ways.get(flow)
        return found.kept if found else {}


def check(
    content: Content,
    sources: Mapping[str, Source],
    starts: Mapping[str, m.StartModel],
    page_keys: Mapping[str, list[str]],
    buttons: Collection[str] = (),
    today: date | None = None,
) -> dict[str, f.Flow]:
    """Checks the content and returns the flows with the facts known at their steps.

    `buttons`: flows and page.x that the menu names. `today`: for values with a date to check again.
    """
    whole = Checked(content, sources)
    for flow in content.flows.values():
        _flow(whole, flow, starts[flow.name])
    for code, language in content.languages.items():
        _language(content, code, language, sources)
    _pages(content, sources, whole.broken)
    cross_checks.circles(content, sources)
    cross_checks.starts_twice(
        {name: start for name, start in starts.items() if name not in content.off},
        {name: keys for name, keys in page_keys.items() if f.Target(page=name).name not in content.off},
        sources,
    )
    if not whole.broken and content.pages:
        cross_checks.nobody_reaches(content, sources, buttons)
    cross_checks.policy_values(sources[POLICY], today)
    cross_checks.translations(sources[POLICY], content)
    reach.link_circles(content.flows, sources)
    collisions.check_words(content, sources)
    switched_off.check_off(content, sources)
    if content.person not in {*content.flows, *whole.broken} and content.flows:
        next(iter(sources.values())).error((), "no-person", name=content.person)
    return {name: _known(flow, whole.ways(name)) for name, flow in content.flows.items()}


def _known(flow: f.Flow, ways: Ways | None) -> f.Flow:
    if ways is None:
        return flow
    return replace(flow, ways={step: tuple(found) for step, found in ways.at.items()}, kept=ways.kept)


def _flow(whole: Checked, flow: f.Flow, start: m.StartModel) -> None:
    content, sources = whole.content, whole.sources
    names = whole.names(flow)
    FlowCheck(names).check()
    if start.location and start.location not in flow.takes:
        names.source.error(("start", "location"), "location", name=start.location, known=flow.takes)
    if start.follow:
        flag(names.source, start.follow, ("start", "follow"))
    reach.check_graph(flow, names.source)
    ways = whole.ways(flow.name)
    if ways is None:
        return
    check_arguments(ways, names)
    for step in flow.steps.values():
        _tappable(content, step.offer, names.source, ("steps", step.id, "offer"))
    for code, language in content.languages.items():
        name = f"messages/{code}/{flow.name}.yaml"
        if flow.name in language.flows:
            FlowTexts(names, ways, language, sources[name]).check()
        elif name not in sources:
            names.source.error(("flow",), "missing-words", file=name)


def _tappable(content: Content, offer: Sequence[f.Target], source: Source, loc: Loc) -> None:
    """Reports the first follow-up that has no room for its link in some language."""
    fits = min(tappable(offer, language) for language in content.languages.values())
    if fits < len(offer):
        source.warn((*loc, fits), "offer-many", size=len(offer), most=fits)


def _language(content: Content, code: str, language: f.Language, sources: Mapping[str, Source]) -> None:
    chinese = code.startswith("zh")
    for name, words in language.flows.items():
        source = sources[f"messages/{code}/{name}.yaml"]
        if name not in content.flows:
            if f"flows/{name}.yaml" not in sources:
                source.error((), "words-without-flow", name=name, known=content.flows)
            continue
        flow = content.flows[name]
        Wording(content, language, source, flow).flow_words(words)
        if any(s.action for s in flow.steps.values()):
            for own in ("down", "not_sure"):
                if own in words.texts:
                    failure_words(words.texts[own], source, ("texts", own), chinese, content)
    common = sources.get(f"messages/{code}/common.yaml")
    if common is not None and isinstance(common.data, dict):
        engine_texts.check_common(language, content, common)
        engine_texts.code_words(language, content, common)
        wording = Wording(content, language, common, None)
        for name, made in language.common.items():
            wording.text(made, (name,))
        for name in ("broken", "trouble", "down", "not_sure"):
            if name in language.common:
                failure_words(language.common[name], common, (name,), chinese, content)


def _pages(content: Content, sources: Mapping[str, Source], broken: Collection[str]) -> None:
    source = sources[PAGES]
    for page in content.pages.values():
        _tappable(content, page.offer, source, ("pages", page.name, "offer"))
        for i, target in enumerate(page.offer):
            loc: Loc = ("pages", page.name, "offer", i)
            if target.page and target.page not in content.pages:
                unknown_page(source, loc, target.page, {*content.flows, *broken}, content.pages)
            elif target.flow and target.flow not in {*content.flows, *broken}:
                unknown_flow(source, loc, target.flow, content.flows, content.pages)
            elif target.flow in content.flows and content.flows[target.flow].by_time:
                source.error(loc, "only-by-time", name=target.flow)
        for code, language in content.languages.items():
            if page.name not in language.pages and not _broken_page(sources, code, page.name):
                source.error(
                    ("pages", page.name),
                    "missing-words",
                    key=True,
                    name=page.name,
                    file=f"messages/{code}/pages.yaml",
                )
    for code, language in content.languages.items():
        words = sources.get(f"messages/{code}/pages.yaml")
        for name, page_words in language.pages.items() if words else ():
            if words is not None:
                _page_words(content, language, name, page_words, words)


def _broken_page(sources: Mapping[str, Source], code: str, name: str) -> bool:
    """Checks whether the words exist but have a finding of their own."""
    words = sources.get(f"messages/{code}/pages.yaml")
    return words is not None and (not isinstance(words.data, dict) or name in words.data)


def _page_words(content: Content, language: f.Language, name: str, page: f.FlowWords, source: Source) -> None:
    if name not in content.pages and content.pages:
        source.error((name,), "unknown-page", key=True, name=name, known=content.pages)
    made, wording = page.texts["text"], Wording(content, language, source, None)
    wording.text(made, (name, "text"))
    wording.script(page.title, (name, "title"))
    for variant, loc in variants(made, source, (name, "text")):
        named = [(path, f"{{{path}}}") for path in paths(variant)]
        for path, near in [*named, *((path, "") for test in variant.when for path in test.paths)]:
            head, _, rest = path.partition(".")
            if head == "policy" and rest.partition(".")[0] not in content.policy:
                source.error(loc, "unknown-policy", near=near, name=rest, known=content.policy)
            elif head != "policy" and not (head in ("open", "hours") and rest in content.hours):
                source.error(loc, "page-value", near=near, name=path)
    if made.variants and made.variants[-1].when:
        source.error((name, "text"), "no-variant", key=True)
