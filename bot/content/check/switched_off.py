"""Checks what `enabled: no` switches off: whether the others can do without it, and what still names it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.content.check.walk import leaves
from bot.content.read.files import PAGES
from bot.content.read.languages import NOT_TEXTS
from bot.content.read.source import Loc, Source, strings
from bot.engine import flow as f
from bot.engine.content import Content
from bot.reading.clean import normal

_HEARD = frozenset({"title", "words", "also", "things", "version", "if", *NOT_TEXTS})
"""Parts of the words that residents say or never see."""
_QUOTED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"|「([^「」]+)」")
_TELLING = re.compile(r"[\u3400-\u9fff]{4,}|.*\S\s\S.*")
"""A title that is not simply a word of the matter, as 社保卡 is."""


def check_off(content: Content, sources: Mapping[str, Source]) -> None:
    for name in sorted(content.off):
        source, loc = _place(name, sources)
        if name == content.person:
            source.error(loc, "off-person", name=name)
        for flow in content.flows.values():
            if name in flow.requires and flow.name not in content.off:
                source.error(loc, "off-required", name=name, flow=flow.name)
    for flow in content.flows.values():
        if flow.name not in content.off:
            _links(content, flow, sources[f"flows/{flow.name}.yaml"])
    for language in content.languages.values() if content.off else ():
        _mentions(content, language, sources)


def _place(name: str, sources: Mapping[str, Source]) -> tuple[Source, Loc]:
    page = name.removeprefix(f.PAGE)
    if page != name:
        return sources[PAGES], ("pages", page, "enabled")
    return sources[f"flows/{name}.yaml"], ("enabled",)


def _links(content: Content, flow: f.Flow, source: Source) -> None:
    for step in flow.steps.values():
        for rule, loc in leaves(step):
            if isinstance(rule, f.Link) and rule.flow in content.off:
                source.warn((*loc, "link"), "off-link", name=rule.flow)


def _mentions(content: Content, language: f.Language, sources: Mapping[str, Source]) -> None:
    """Reports the texts that name what is switched off: its title, or in quotation marks what begins it."""
    words = {**language.flows, **{f.PAGE + name: page for name, page in language.pages.items()}}
    off = {name: words[name] for name in sorted(content.off) if name in words}
    said = {normal(phrase): name for name, one in off.items() for phrase in (one.title, *one.words)}
    titles = {one.title: name for name, one in off.items() if _TELLING.fullmatch(one.title)}
    folder = f"messages/{language.code}/"
    for file, source in sources.items():
        if not file.startswith(folder) or file[len(folder) : -5] in content.off:
            continue
        for loc, text in strings(source.data, lambda at, _: at[-1] in _HEARD):
            if file.endswith("/pages.yaml") and f"{f.PAGE}{loc[0]}" in content.off:
                continue
            quoted = ["".join(found) for found in _QUOTED.findall(text)]
            near = next((one for one in quoted if normal(one) in said), "")
            near = near or next((title for title in titles if title in text), "")
            if near:
                name = said.get(normal(near)) or titles[near]
                source.warn(loc, "off-mentioned", near=near, name=near, of=name)
