"""Checks the rules for residents' texts, as far as a program can."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

from bot.content.check.lengths import LIMIT, Lengths, longest_turns
from bot.content.check.variants import labels, parts, sentence, variants
from bot.content.messages import phrase
from bot.content.read.policy_file import NUMBERS
from bot.content.read.source import Loc, Source
from bot.engine import flow as f
from bot.engine.content import Content
from bot.reading.clean import normal

SENTENCE, LINES, BUBBLE, BYTES = 40, 8, 170, LIMIT
BANNED = (
    "系统错误",
    "非法",
    "无效",
    "超时",
    "验证失败",
    "输入错误",
    "输入有误",
    "格式错误",
    "您输错",
    "您填错",
)
BANNED_ENGLISH = (
    "system error",
    "illegal",
    "invalid",
    "timeout",
    "timed out",
    "verification failed",
    "wrong input",
)
_VALUE = "\x00"  # stands for a value in a sentence
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_END = re.compile(r"[。！？；!?\n]")
_SENTENCES = re.compile(r"[。！？!?\n]|\.(?=\s|$)")
_SECRET = re.compile(r"密码|验证码|校验码|\bPIN\b|passwords?\b|SMS codes?|verification codes?", re.I)
_ASKS = re.compile(
    r"回复|输入|发送|发给|发来|请发|填写|填入|提供|告诉我|说一下"
    r"|\b(?:reply|send|enter|type|tell us|give us)\b",
    re.I,
)
_DENIES = re.compile(r"不|别|勿|没有|never|not\b|n't|\bno\b|nobody|without", re.I)
_NO_LABEL = frozenset({"取消", "是", "否", "好", "确定", "cancel", "yes", "no", "ok"})
_DASHED = re.compile(r"(?<!\d)\d{3,4}[-－ ]\d{7,8}(?!\d)|(?<!\d)1\d{2}[- ]\d{4}[- ]\d{4}(?!\d)")
WIDE = re.compile(r"[０-９]+")
_STAND_IN = re.compile(
    r"%[sd](?![A-Za-z])|(?<![A-Za-z])[Xx]{2,}(?![A-Za-z])|待补充|待定稿|(?<=[（(【\[])此处填|TODO|(?<![A-Za-z0-9_.{\[（【《〈<(])policy\.[a-z_]+"
)
"""What stands for something not written yet, or is no placeholder here."""
MONEY = re.compile(r"[¥￥]\s*\d+|(?<!\d)\d+(?:块|\s*RMB)")
_MARKUP = re.compile(
    r"</?(?:br|b|i|p|u|div|font|span|strong)\b[^>]*>|\*\*[^*]+\*\*|\\n|&(?:nbsp|lt|gt|amp);|\[[^\]]+\]\(http[^\s)]*\)?"
)
LEAP = 2028
"""A year that has every day."""
_DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日(?!\d*（)")
_DAY = re.compile(
    r"(?:(?P<y>\d{4})[年-])?(?<!\d)(?P<m>\d{1,2})(?(y)[月-]|月)(?P<d>\d{1,2})[日号](?:（(?:周|星期)(?P<w>[一二三四五六日天])）)?"
)


_UNIT = re.compile(
    r"[个天日周月年次元岁张份人%]|小时|分"
    r"|\s*(?:working |calendar )?(?:day|week|month|year|hour|minute|time|yuan)s?\b"
)
_AMOUNT = re.compile(r"[¥￥$]?\s*[0-9０-９]")
_BARE = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:\s*[–—~～至到-]\s*[0-9]+)*")
"""A number, or from one to another."""

Judged = tuple[str, str, dict[str, Any]]
"""Severity, code, and the values of that code's sentence."""


class Wording:
    def __init__(self, content: Content, language: f.Language, source: Source, flow: f.Flow | None) -> None:
        self.content, self.language, self.source, self.flow = content, language, source, flow
        self.lengths = Lengths(content, language, flow)
        self.chinese = language.code.startswith("zh")

    # --- what is checked ---
    def flow_words(self, words: f.FlowWords) -> None:
        self.script(words.title, ("title",))
        for loc, made in words.each():
            self.text(made, loc)
        for name, slot in words.slots.items():
            self._slot(name, slot)
        if self.flow is None:
            return
        for step in self.flow.steps.values():
            summary = words.texts.get(step.text)
            if summary and step.decides and not summary.version:
                self._one_question(summary, ("texts", step.text))
        reported: set[str] = set()
        for step, size in longest_turns(self.flow, words, self.lengths):
            name = step.text or step.slot
            if size > BYTES and name not in reported:
                reported.add(name)
                at: Loc = ("texts", name) if step.text else ("slots", name, "ask")
                self.source.warn(at, "long-turn", key=True, size=size, most=BYTES, step=step.id)

    def _slot(self, name: str, slot: f.SlotWords) -> None:
        loc: Loc = ("slots", name)
        self.script(slot.label, (*loc, "label"))
        if _SECRET.search(slot.label):
            self.source.error((*loc, "label"), "asks-secret")
        if slot.ask is not None:
            self._one_question(slot.ask, (*loc, "ask"))
            self._asks(slot.ask, (*loc, "ask"))
        for value, label in slot.values.items():
            self._label(label, (*loc, "values", value))

    def text(self, made: f.Text, loc: Loc) -> None:
        for label, at in labels(made, loc):
            self._label(label, at)
        for text, at in parts(made, loc):
            for variant, here in variants(text, self.source, at):
                self._variant(variant, here)
        size = self.lengths.most(made)
        if size > BYTES:
            self.source.error(loc, "too-long", key=True, size=size, most=BYTES)

    # --- the rules ---
    def _variant(self, variant: f.Variant, loc: Loc) -> None:
        words = self.lengths.usual(variant).strip()
        literal = sentence(variant, lambda path: _VALUE)
        self._tell(_judged(literal, words, self.language.code), loc)
        self._units(variant, loc)
        number = self.content.hotline.strip()
        written = rf"(?<![A-Za-z0-9./]){re.escape(number)}(?![A-Za-z0-9/]|\.[A-Za-z])"  # no web address
        there = number and number in literal and re.search(written, literal)
        if there and "hotline" in self.content.policy:
            self.source.warn(loc, "hotline", near=number, name=number)

    def _units(self, variant: f.Variant, loc: Loc) -> None:
        """Reports a policy value with a unit (3 days) before a text that names the unit itself."""
        for place, after in pairwise(variant.parts):
            if isinstance(place, f.Place) and isinstance(after, str) and _UNIT.match(after):
                head, _, name = place.path.partition(".")
                value = self.content.policy_value(name) if head == "policy" else None
                if value and name not in NUMBERS and _AMOUNT.match(value) and not _BARE.fullmatch(value):
                    wanted = phrase("bare-number")
                    self.source.error(loc, "policy-form", name=name, value=value, wanted=wanted)

    def script(self, literal: str, loc: Loc) -> None:
        self._tell(tuple(_script(literal, self.language.code)), loc)

    def _tell(self, judged: Iterable[Judged], loc: Loc) -> None:
        for severity, code, about in judged:
            (self.source.error if severity == "error" else self.source.warn)(loc, code, **about)

    def _label(self, made: f.Text, loc: Loc) -> None:
        for variant, here in variants(made, self.source, loc):
            words = sentence(variant).strip()
            if normal(words) in _NO_LABEL or "取消" in words:
                self.source.error(here, "label-verb", name=words)

    def _one_question(self, made: f.Text, loc: Loc) -> None:
        for variant, here in variants(made, self.source, loc):
            if len(re.findall(r"[？?]", sentence(variant))) > 1:
                self.source.warn(here, "two-questions")

    def _asks(self, made: f.Text, loc: Loc) -> None:
        for variant, here in variants(made, self.source, loc):
            for said in re.split(r"[。！\n]", sentence(variant)):
                secret = _SECRET.search(said)
                if secret and not _DENIES.search(said):
                    self.source.error(here, "asks-secret", near=secret[0])


@lru_cache(maxsize=8192)  # content is checked at each save, and one sentence is new
def _judged(literal: str, words: str, language: str) -> tuple[Judged, ...]:
    """Checks one sentence. `literal`: with zero bytes for its values; `words`: with usual ones."""
    return tuple(_rules(literal, words, language))


def _rules(literal: str, words: str, language: str) -> Iterator[Judged]:
    chinese = language.startswith("zh")
    yield from _script(literal, language)
    lowered = literal.lower()
    for word in BANNED if chinese else BANNED_ENGLISH:
        if word in lowered:
            near = literal[lowered.index(word) : lowered.index(word) + len(word)]
            yield "error", "banned-word", {"near": near, "name": near}
    for said in _SENTENCES.split(literal) if _SECRET.search(literal) else ():
        secret = _SECRET.search(said)
        if secret and _ASKS.search(said) and not _DENIES.search(said):
            yield "error", "asks-secret", {"near": secret[0]}
    found = _DASHED.search(literal)
    if found:
        yield "warning", "phone-dashes", {"near": found[0], "name": found[0]}
    found = _MARKUP.search(literal)
    if found:
        yield "warning", "markup", {"near": found[0], "name": found[0]}
    if chinese and literal.count("“") != literal.count("”"):
        sign = "“" if literal.count("“") > literal.count("”") else "”"
        yield "warning", "quote-pair", {"near": sign, "name": sign}
    found = MONEY.search(literal)
    if found:
        yield "warning", "money", {"near": found[0], "name": found[0]}
    if found := _STAND_IN.search(literal):
        yield "warning", "stand-in", {"near": found[0], "name": found[0]}
    wrong = next((day for day in _DAY.finditer(literal) if not _is_day(day)), None)
    if wrong:
        yield "warning", "no-such-day", {"near": wrong[0], "name": wrong[0]}
    found = _DATE.search(literal)
    if found and not wrong and "例如" not in literal and "“" not in literal:
        yield "warning", "weekday", {"near": found[0], "name": found[0]}
    lines = words.split("\n")
    if len(lines) > LINES:
        yield "warning", "too-many-lines", {"size": len(lines), "most": LINES}
    if chinese:
        yield from _long(words)


def _is_day(said: re.Match[str]) -> bool:
    """Whether there is such a day, and it falls on that day of the week."""
    try:
        found = date(int(said["y"] or LEAP), int(said["m"]), int(said["d"]))
    except ValueError:
        return False
    day = said["y"] and said["w"]
    return not day or found.weekday() == min("一二三四五六日天".index(day), 6)


def _long(words: str) -> Iterator[Judged]:
    if len(words) > BUBBLE:
        yield "warning", "long-bubble", {"size": len(words), "most": BUBBLE}
    for said in map(str.strip, _END.split(words)):
        if (size := len(said)) > SENTENCE:
            near = {"near": said[:5], "start": said[:5]}
            yield "warning", "long-sentence", {**near, "size": size, "most": SENTENCE}


def _script(literal: str, language: str) -> Iterator[Judged]:
    """Reports a text of the other language that was left in place."""
    if language.startswith("zh"):
        latin = _LATIN.search(literal)
        if latin and not _HAN.search(literal) and _VALUE not in literal:
            yield "warning", "untranslated", {"near": latin[0], "language": language}
    else:
        han = _HAN.search(literal)  # a Chinese example in a sentence does not count
        if han and 3 * len(_HAN.findall(literal)) > sum(c.isascii() and c.isalpha() for c in literal):
            yield "warning", "untranslated", {"near": han[0], "language": language}


def failure_words(made: f.Text, source: Source, loc: Loc, chinese: bool, content: Content) -> None:
    """Checks the text for a failed service: not your fault, and what to do now."""
    fault = "不是您的问题" if chinese else "not your fault"
    for variant, here in variants(made, source, loc):
        words = sentence(variant, lambda path: content.hotline if path == "policy.hotline" else "")
        told = fault in words if chinese else re.search(r"not (?:on )?your", words)
        if content.hotline not in words or not told:
            source.warn(here, "failure-words", fault=fault)
