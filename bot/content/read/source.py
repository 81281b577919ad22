"""Reads YAML with positions: every scalar a string, duplicate keys found, nothing guessed."""

from __future__ import annotations

import errno
import os
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import yaml
from rapidfuzz import fuzz, process

from bot.content.messages import CHINESE, ENGLISH, message, phrase, sentences
from bot.content.read import parser_errors, typo_checks
from bot.content.read.compose import compose
from bot.content.read.files import LARGEST, Unreadable, content_of
from bot.content.read.synonyms import meant

_HINTED = 200  # findings of a file
_WHY = {
    errno.EACCES: phrase("EACCES"),
    errno.EISDIR: phrase("EISDIR"),
    errno.EINVAL: phrase("EINVAL"),
}

T = TypeVar("T")
At = tuple[int, int]  # line, column, both from 1
Loc = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Finding:
    """An error, its place, and what to do. `severity`: error or warning. `zh`: the sentence in Chinese.

    `name`: the name in the sentence, `wanted`: the one that is meant; "" if there is none.
    """

    file: str
    line: int
    col: int
    severity: str
    code: str
    sentence: str
    zh: str = ""
    name: str = field(default="", compare=False)
    wanted: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.line_in(ENGLISH)

    def line_in(self, language: str) -> str:
        """One line: file:line:col: severity [code] sentence."""
        severity = message("phrases", self.severity, language)
        return f"{self.file}:{self.line}:{self.col}: {severity} [{self.code}] {self.sentence_in(language)}"

    def since(self, day: str) -> Finding:
        """Returns it as one that is only wrong from a day on."""
        says = phrase("since", day=day)
        return replace(self, sentence=says(ENGLISH) + self.sentence, zh=self.zh and says(CHINESE) + self.zh)

    def sentence_in(self, language: str) -> str:
        return self.zh if language == CHINESE and self.zh else self.sentence


class BrokenContent(Exception):
    """Content, or a file of it, does not pass its check; the text holds every finding in both languages."""

    def __init__(self, text: str = "", findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(
            text or "\n".join(f"{x.line_in(ENGLISH)}\n  {x.sentence_in(CHINESE)}" for x in findings)
        )
        self.findings = findings

    def text_in(self, language: str) -> str:
        return "\n".join(x.line_in(language) for x in self.findings) or str(self)


@dataclass
class Source:
    """One file: plain data (dict, list, str) and the place of each part."""

    file: str
    data: Any = None
    keys: dict[Loc, At] = field(default_factory=dict)
    values: dict[Loc, At] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    _done: dict[Any, tuple[Any, Any, tuple[Finding, ...]]] = field(default_factory=dict, repr=False)

    @property
    def hints(self) -> bool:
        """Whether findings still say what was probably meant: a file with more of them is of another kind."""
        return len(self.findings) < _HINTED

    def once(self, make: Callable[..., T], *beside: Any) -> T:
        """Caches `make(source, *beside)`, which reads nothing else, for the same bytes. Its findings are
        repeated each time; its result must not be changed."""
        done = self._done.get(make)
        if done is None or done[0] != beside:
            before = len(self.findings)
            made = make(self, *beside)
            self._done[make] = beside, made, tuple(self.findings[before:])
            return made
        self.findings += done[2]
        found: T = done[1]
        return found

    def at(self, loc: Iterable[str | int], key: bool = False) -> At:
        """Returns the position of a part, or of the nearest part around it."""
        here = tuple(loc)
        while here:
            found = (self.keys.get(here) or self.values.get(here)) if key else self.values.get(here)
            if found:
                return found
            here = here[:-1]
            key = True
        return self.values.get((), (1, 1))

    def begins(self, loc: Loc, sign: str) -> bool:
        """Checks whether a value begins with this sign."""
        line, col = self.at(loc)
        return line <= len(self.lines) and self.lines[line - 1].startswith(sign, col - 1)

    def inside(self, loc: Loc, words: str) -> At:
        """Returns where some words of a value are; the value itself if they are not on one line."""
        line, col = self.at(loc)
        words = words.split("\n")[0]
        start = col - 1
        for number in range(line, min(line + 40, len(self.lines) + 1)):
            found = self.lines[number - 1].find(words, start)
            if found >= 0:
                return number, found + 1
            start = 0
        return line, col

    def error(
        self, loc: Iterable[str | int], code: str, sentence: str = "", key: bool = False, **about: Any
    ) -> None:
        """`about`: the values of that code's sentence; `at`, `near`: a place more exact than `loc`; `known`:
        the names that `name` may have meant, `close`: the one that it means. `sentence`: for a code without
        one."""
        self._add("error", tuple(loc), code, sentence, key, about)

    def warn(
        self, loc: Iterable[str | int], code: str, sentence: str = "", key: bool = False, **about: Any
    ) -> None:
        self._add("warning", tuple(loc), code, sentence, key, about)

    def one_of(self, loc: Loc, value: str, known: Collection[str], key: bool = False) -> None:
        """Reports an error if the value is none of the known ones."""
        if value not in known:
            self.error(loc, "unknown-value", key=key, name=value, known=known, among=", ".join(known))

    def _add(
        self, severity: str, loc: Loc, code: str, sentence: str, key: bool, about: dict[str, Any]
    ) -> None:
        at, near, known = about.pop("at", None), about.pop("near", ""), about.pop("known", ())
        line, col = at or (self.inside(loc, near) if near else self.at(loc, key))
        name, wanted = (str(about.get(key, "")) for key in ("name", "wanted"))
        close = about.pop("close", "") or (nearest(name, known) if self.hints else "")
        english, chinese = (sentence, "") if sentence else worded(code, about, close)
        self.findings.append(Finding(self.file, line, col, severity, code, english, chinese, name, wanted))


def strings(data: Any, skips: Callable[[Loc, Any], object], loc: Loc = ()) -> Iterator[tuple[Loc, str]]:
    """Yields every string with its place. `skips`: of the value of a key, whether it is left out."""
    if isinstance(data, str):
        yield loc, data
        return
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, part in parts:
        if not (isinstance(data, dict) and skips((*loc, key), part)):
            yield from strings(part, skips, (*loc, key))


def drop(sources: Iterable[Source], wrong: Callable[[Finding], object]) -> None:
    """Takes back findings that only follow from others."""
    for source in sources:
        source.findings[:] = [x for x in source.findings if not wrong(x)]


def worded(code: str, about: Mapping[str, Any], close: str = "") -> tuple[str, str]:
    """Returns the sentence of a finding's code in English and in Chinese. `close`: a name probably meant."""
    subject = "findings" if code in sentences("findings") else "replays"
    english, chinese = (message(subject, code, language, about) for language in (ENGLISH, CHINESE))
    if close:
        meant = phrase("close", close=close)
        return english + meant(ENGLISH), chinese + meant(CHINESE)
    return english, chinese


def nearest(name: str, known: Iterable[str], alike: int = 60) -> str:
    """Returns the known name that was probably meant, or ''. `alike`: how much at least, of 100."""
    name, names = unicodedata.normalize("NFKC", name), sorted(k for k in known if k)
    if name in names:
        return name
    if said := meant(name, names):
        return said
    found = process.extractOne(name, names, scorer=fuzz.ratio, processor=str.lower, score_cutoff=alike)
    return found[0] if found else ""


def read(path: Path, root: Path) -> Source:
    """Returns a file's data and findings; `data` is None if it cannot be read at all."""
    return parse(path.relative_to(root).as_posix(), content_of(path))


def parse(name: str, raw: bytes) -> Source:
    """Parses a file's bytes like `read`. Findings may be added to the result; the rest must not be
    changed."""
    if isinstance(raw, Unreadable):
        source = Source(name)
        if raw.number == errno.EFBIG:
            source.error((), "too-large", most=f"{LARGEST:,}")
        elif raw.number == errno.ENOENT:
            source.error((), "missing-file")
        else:
            source.error((), "unreadable", why=_WHY.get(raw.number) or os.strerror(raw.number))
        return source
    held = _PARSED.get(name, ())
    made = next((source for known, source in held if known == raw), None)
    if made is None:
        made = _parsed(name, raw)
        _PARSED[name] = ((raw, made), *held[:1])
    return replace(made, findings=list(made.findings))


_PARSED: dict[str, tuple[tuple[bytes, Source], ...]] = {}
"""The last two versions of each file: a save, a preview and a publish read all, and one file is new."""


def _parsed(name: str, raw: bytes) -> Source:
    source = Source(name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        source.error((), "encoding", at=typo_checks.place(raw, e.start))
        return source
    source.lines = text.splitlines()
    if typo_checks.misplaced(source):
        return source
    typo_checks.before_parsing(source)
    try:
        source.data = compose(source, text)
    except yaml.MarkedYAMLError as e:
        parser_errors.not_yaml(source, e)
    except yaml.YAMLError:
        parser_errors.odd_character(source, text)
    if any(finding.severity == "error" for finding in source.findings):
        source.data = None  # a typing error would be found again as a missing part
    return source
