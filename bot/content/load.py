"""A content directory (flows/, messages/, config/) as one revision, or what is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.content import check
from bot.content import models as m
from bot.content.flows import FlowBuilder, target
from bot.content.menu import Button
from bot.content.source import Finding, Loc, Source, read
from bot.content.words import text
from bot.engine import flow as f
from bot.engine.slots import normal

T = TypeVar("T", bound=BaseModel)
DEFAULTS = {"remind": "10m", "expire": "30m"}
NOT_TEXTS = ("recovery", "yes", "no", "codes", "dates", "weekdays")


@dataclass(frozen=True)
class Loaded:
    """`content` is None where an error was found; findings are sorted by place."""

    content: f.Content | None
    menu: tuple[Button, ...]
    banks: tuple[Mapping[str, str], ...]
    findings: tuple[Finding, ...]


def load(root: Path, default_language: str = "zh-CN", person: str = "hand_off") -> Loaded:
    """Read and check everything below `root`. Never raises for what an operator can write."""
    return _Loader(root, default_language, person).load()


class _Loader:
    def __init__(self, root: Path, default_language: str, person: str) -> None:
        self.root, self.default_language, self.person = root, default_language, person
        self.sources: dict[str, Source] = {}
        self.policy: dict[str, dict[str, str]] = {}
        self.hours: dict[str, tuple[f.Hours, ...]] = {}
        self.banks: list[Mapping[str, str]] = []

    def load(self) -> Loaded:
        self._policy()
        starts, flows = self._flows()
        page_keys, pages = self._pages()
        languages = (
            {p.name: self._language(p.name) for p in sorted((self.root / "messages").iterdir()) if p.is_dir()}
            if (self.root / "messages").is_dir()
            else {}
        )
        menu, keys = self._menu(starts, page_keys)
        recovery, change = self._recovery(languages)
        scans = {scene: name for name, s in starts.items() for scene in s.scan}
        location = next(((name, s.location) for name, s in starts.items() if s.location), ("", ""))
        content = f.Content(
            revision=self._revision(),
            flows=flows,
            pages=pages,
            languages=languages,
            default_language=self.default_language,
            recovery=recovery,
            change=change,
            yes=self._words("yes", languages),
            no=self._words("no", languages),
            triggers=self._triggers(languages, flows, pages),
            menu=keys,
            scans=scans,
            follow=next((n for n, s in starts.items() if s.follow.lower() in ("yes", "true")), ""),
            location=location,
            person=self.person,
            policy=self.policy,
            hours=self.hours,
        )
        check.check(content, self.sources, starts)
        findings = tuple(sorted({x for s in self.sources.values() for x in s.findings}))
        broken = any(x.severity == "error" for x in findings)
        return Loaded(None if broken else content, menu, tuple(self.banks), findings)

    # --- reading ---
    def _read(self, name: str) -> Source:
        source = read(self.root / name, self.root)
        self.sources[source.file] = source
        return source

    def _model(self, source: Source, kind: type[T], data: Any = None, loc: Loc = ()) -> T | None:
        """Validate; every error at the line and column it is about."""
        data = source.data if data is None else data
        if data is None:
            if not source.findings:
                source.error((), "empty", "The file is empty.")
            return None
        try:
            return kind.model_validate(data)
        except ValidationError as e:
            for error in e.errors():
                where, key = locate(data, error["loc"])
                key = key or error["type"] in ("extra_forbidden", "missing")
                source.error((*loc, *where), *_said(error), key=key)
            return None

    def _policy(self) -> None:
        source = self._read("config/policy.yaml")
        data = dict(source.data) if isinstance(source.data, dict) else {}
        hours, banks = data.pop("hours", {}), data.pop("banks", [])
        for name, raw in data.items():
            model = self._model(source, m.PolicyModel, raw, (name,))
            if model is None:
                continue
            if model.of and model.value not in model.of:
                source.error(
                    (name, "value"), "policy-value", f"“{model.value}” is none of {', '.join(model.of)}."
                )
            self.policy[name] = {"value": model.value, "source": model.source, "checked": model.checked}
        for name, spans in hours.items() if isinstance(hours, dict) else ():
            try:
                made = TypeAdapter(list[m.HoursModel]).validate_python(spans)
                self.hours[name] = tuple(_hours(h) for h in made)
            except ValueError:
                source.error(("hours", name), "hours", 'Write {days: 1-5, from: "9:00", to: "17:00"}.')
        self.banks = [b for b in banks if isinstance(b, dict)] if isinstance(banks, list) else []

    def _flows(self) -> tuple[dict[str, m.StartModel], dict[str, f.Flow]]:
        starts, flows = {}, {}
        for path in sorted((self.root / "flows").glob("*.yaml")):
            if path.name == "pages.yaml":
                continue
            source = self._read(f"flows/{path.name}")
            model = self._model(source, m.FlowModel)
            if model is None:
                continue
            if model.flow != path.stem:
                source.error(("flow",), "flow-name", f"Must be the file's name, “{path.stem}”.")
                continue
            starts[model.flow] = model.start
            flows[model.flow] = FlowBuilder(source, self.policy, DEFAULTS).build(model)
        return starts, flows

    def _pages(self) -> tuple[dict[str, list[str]], dict[str, f.Page]]:
        model = self._model(self._read("flows/pages.yaml"), m.PagesModel)
        pages = model.pages if model else {}
        keys = {name: page.menu for name, page in pages.items()}
        return keys, {n: f.Page(n, tuple(target(t) for t in p.offer)) for n, p in pages.items()}

    # --- words ---
    def _language(self, code: str) -> f.Language:
        flows: dict[str, f.FlowWords] = {}
        pages: dict[str, f.FlowWords] = {}
        folder = f"messages/{code}"
        for path in sorted((self.root / folder).glob("*.yaml")):
            if path.stem == "common":
                continue
            source = self._read(f"{folder}/{path.name}")
            if path.stem == "pages":
                for name, raw in source.data.items() if isinstance(source.data, dict) else ():
                    page = self._model(source, m.PageWordsModel, raw, (name,))
                    if page:
                        made = text(page.text, source, (name, "text"))
                        pages[name] = f.FlowWords(page.title, tuple(page.words), texts={"text": made})
                continue
            model = self._model(source, m.FlowWordsModel)
            if model:
                flows[path.stem] = self._flow_words(model, source)
        common, codes, extra = self._common(f"{folder}/common.yaml")
        return f.Language(code, flows, pages, common, codes, **extra)

    def _flow_words(self, model: m.FlowWordsModel, source: Source) -> f.FlowWords:
        def one(raw: Any, *loc: str | int) -> f.Text | None:
            return None if raw is None else text(raw, source, loc)

        slots = {
            name: f.SlotWords(
                label=slot.label,
                ask=one(slot.ask, "slots", name, "ask"),
                values={v: text(raw, source, ("slots", name, "values", v)) for v, raw in slot.values.items()},
                again=tuple(
                    text(raw, source, ("slots", name, "again", i)) for i, raw in enumerate(slot.again)
                ),
                help=one(slot.help, "slots", name, "help"),
                line=one(slot.line, "slots", name, "line"),
            )
            for name, slot in model.slots.items()
        }
        texts = {name: text(raw, source, ("texts", name)) for name, raw in model.texts.items()}
        return f.FlowWords(model.title, tuple(model.words), slots, texts)

    def _common(self, name: str) -> tuple[dict[str, f.Text], dict[str, dict[str, str]], dict[str, Any]]:
        source = self._read(name)
        data = source.data if isinstance(source.data, dict) else {}
        texts = {key: text(raw, source, (key,)) for key, raw in data.items() if key not in NOT_TEXTS}
        for missing in sorted(check.ENGINE_TEXTS - set(texts)):
            source.error((), "missing-text", f"The engine's own text “{missing}” is missing.")
        codes = data.get("codes", {})
        extra: dict[str, Any] = {}
        if "dates" in data:
            extra["dates"] = data["dates"]
        if "weekdays" in data:
            extra["weekdays"] = tuple(data["weekdays"])
        return texts, codes if isinstance(codes, dict) else {}, extra

    def _each_common(self, languages: Mapping[str, f.Language]) -> list[Source]:
        return [self.sources[f"messages/{code}/common.yaml"] for code in languages]

    def _words(self, key: str, languages: Mapping[str, f.Language]) -> frozenset[str]:
        lists = (s.data.get(key, []) for s in self._each_common(languages) if isinstance(s.data, dict))
        return frozenset(normal(w) for words in lists for w in words)

    def _recovery(self, languages: Mapping[str, f.Language]) -> tuple[dict[str, str], tuple[str, ...]]:
        """Every language's words work whatever language the resident reads."""
        words: dict[str, str] = {}
        change: list[str] = []
        for source in self._each_common(languages):
            if not isinstance(source.data, dict):
                continue
            model = self._model(source, m.RecoveryModel, source.data.get("recovery", {}), ("recovery",))
            if model is None:
                continue
            for name, raw in model:
                if name == "change":
                    change += [normal(w) for w in ([raw] if isinstance(raw, str) else raw)]
                elif name == "language":
                    words |= {normal(w): f"language:{code}" for code, ws in raw.items() for w in ws}
                else:
                    words |= {normal(w): name for w in raw}
        return words, tuple(change)

    def _triggers(
        self,
        languages: Mapping[str, f.Language],
        flows: Mapping[str, f.Flow],
        pages: Mapping[str, f.Page],
    ) -> dict[str, f.Target]:
        found: dict[str, f.Target] = {}
        for code, lang in languages.items():
            for kind, named, known in (("flow", lang.flows, flows), ("page", lang.pages, pages)):
                for name, words in named.items():
                    if name not in known:
                        continue
                    source = self.sources[f"messages/{code}/{name if kind == 'flow' else 'pages'}.yaml"]
                    loc: Loc = () if kind == "flow" else (name,)
                    meant = f.Target(flow=name) if kind == "flow" else f.Target(page=name)
                    phrases = [(words.title, (*loc, "title"))]
                    phrases += [(w, (*loc, "words", i)) for i, w in enumerate(words.words)]
                    for phrase, at in phrases:
                        other = found.setdefault(normal(phrase), meant)
                        if other != meant:
                            named_other = other.flow or f"page.{other.page}"
                            source.error(at, "trigger-twice", f"“{phrase}” already starts {named_other}.")
        return found

    # --- menu and revision ---
    def _menu(
        self, starts: Mapping[str, m.StartModel], page_keys: Mapping[str, list[str]]
    ) -> tuple[tuple[Button, ...], dict[str, f.Target]]:
        """Keys come from the flows and pages; the keys these name themselves work too."""
        keys = {key: f.Target(flow=name) for name, s in starts.items() for key in (*s.menu, f"flow.{name}")}
        keys |= {key: f.Target(page=name) for name, ks in page_keys.items() for key in (*ks, f"page.{name}")}
        source = self._read("config/menu.yaml")
        buttons = []
        ordered: dict[str, f.Target] = {}
        for index, raw in enumerate(source.data if isinstance(source.data, list) else []):
            top = self._model(source, m.MenuModel, raw, (index,))
            if top is None:
                continue
            subs = []
            for n, button in enumerate(top.buttons):
                subs.append(
                    self._button(button, source, (index, "buttons", n), starts, page_keys, keys, ordered)
                )
            made = (
                Button(top.name, sub=tuple(subs))
                if top.buttons
                else self._button(
                    m.ButtonModel(name=top.name, flow=top.flow, page=top.page, url=top.url),
                    source,
                    (index,),
                    starts,
                    page_keys,
                    keys,
                    ordered,
                )
            )
            buttons.append(made)
        check.menu(tuple(buttons), source)
        return tuple(buttons), ordered | keys

    def _button(
        self,
        button: m.ButtonModel,
        source: Source,
        loc: Loc,
        starts: Mapping[str, m.StartModel],
        page_keys: Mapping[str, list[str]],
        keys: Mapping[str, f.Target],
        ordered: dict[str, f.Target],
    ) -> Button:
        if sum(bool(x) for x in (button.flow, button.page, button.url)) != 1 and not button.appid:
            source.error(loc, "menu-button", "A button has exactly one of flow, page, url.")
        if button.flow and button.flow not in starts:
            source.error((*loc, "flow"), "unknown-flow", check.unknown("flow", button.flow, starts))
        if button.page and button.page not in page_keys:
            source.error((*loc, "page"), "unknown-page", check.unknown("page", button.page, page_keys))
        own = starts[button.flow].menu if button.flow in starts else page_keys.get(button.page, [])
        key = own[0] if own else f"flow.{button.flow}" if button.flow else f"page.{button.page}"
        if not (button.flow or button.page):
            key = ""
        elif key in keys:
            ordered[key] = keys[key]
        return Button(button.name, key, button.url, button.appid, button.pagepath)

    def _revision(self) -> str:
        digest = hashlib.sha256()
        for name in sorted(self.sources):
            path = self.root / name
            digest.update(name.encode() + b"\0" + (path.read_bytes() if path.exists() else b"") + b"\0")
        return digest.hexdigest()[:12]


def locate(data: Any, loc: tuple[str | int, ...]) -> tuple[Loc, bool]:
    """pydantic's error location as a path through the data; union tags are passed over."""
    here: list[str | int] = []
    for part in loc:
        if part == "[key]":
            return tuple(here), True
        inside = part in data if isinstance(data, dict) else isinstance(part, int) and isinstance(data, list)
        if inside and not (isinstance(data, list) and int(part) >= len(data)):
            here.append(part)
            data = data[part]
    return tuple(here), False


def _said(error: Any) -> tuple[str, str]:
    name = error["loc"][-1] if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return "unknown-key", f"“{name}” is not a key that belongs here."
    if error["type"] == "missing":
        return "missing-key", f"“{name}” is missing here."
    return "shape", f"{error['msg']}."


def _hours(h: m.HoursModel) -> f.Hours:
    days: list[int] = []
    for part in h.days.split(","):
        first, _, last = part.strip().partition("-")
        days += range(int(first), int(last or first) + 1)
    return f.Hours(tuple(days), _minutes(h.from_), _minutes(h.to))


def _minutes(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    return int(hour) * 60 + int(minute)
