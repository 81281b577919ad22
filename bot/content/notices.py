"""Fields of WeChat's template and subscription messages: what each kind takes, and words made to fit.

A value that is too long, empty, or of other characters makes WeChat refuse the whole message (47003). Source:
WeChat's pages "template messages" and "subscription notifications", the table of parameter values. Not in it:
`short_thing` and fields of old templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

OTHERWISE = 200
"""Characters of a field whose kind we do not know."""
HOLES = frozenset({"matter", "line", "time"})
_HOLE = re.compile(r"\{(\w+)\}")
_HAN = "[\u3400-\u4dbf\u4e00-\u9fff]"
_TIME = r"[0-9年月日 :/.~-]{1,60}"


@dataclass(frozen=True)
class Kind:
    """`form`: what WeChat takes. `holes`: what may be filled in. `says`: the form in words, two languages.
    `otherwise`: what stands there where nothing else is left."""

    form: str
    holes: frozenset[str]
    says: tuple[str, str]
    otherwise: str = ""


def _upto(most: int, chinese: str = "字") -> tuple[str, str]:
    return f"at most {most} characters", f"最多{most}个{chinese}"


_ONE_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]"
KINDS: Mapping[str, Kind] = {
    "thing": Kind(_ONE_LINE + "{1,20}", HOLES, _upto(20), "请查看"),
    "short_thing": Kind(_ONE_LINE + "{1,5}", HOLES - {"time"}, _upto(5), "请查看"),
    "const": Kind(_ONE_LINE + "{1,20}", HOLES - {"time"}, _upto(20), "请查看"),
    "phrase": Kind(
        _HAN + "{1,5}", HOLES - {"time"}, ("at most 5 Chinese characters", "最多5个汉字"), "有新消息"
    ),
    "name": Kind(
        rf"(?:{_HAN}|·){{1,10}}|[A-Za-z .·-]{{1,20}}",
        frozenset(),
        ("a name of at most 10 Chinese characters or 20 letters", "最多10个汉字或20个字母的名字"),
    ),
    "time": Kind(_TIME, frozenset({"time"}), ("{time}, or a time", "{time}，或者一个时间")),
    "date": Kind(_TIME, frozenset({"time"}), ("{time}, or a date", "{time}，或者一个日期")),
    "character_string": Kind(
        "[!-~ ]{1,32}", frozenset(), ("32 digits, letters or signs", "最多32位数字、字母或符号")
    ),
    "number": Kind(r"[0-9]{1,32}(?:\.[0-9]+)?", frozenset(), ("a number", "数字")),
    "letter": Kind("[A-Za-z]{1,32}", frozenset(), ("at most 32 letters", "最多32个字母")),
    "symbol": Kind(r"[^\w\s]{1,5}", frozenset(), ("at most 5 signs", "最多5个符号")),
    "amount": Kind(r"[¥￥$]?[0-9]{1,12}(?:\.[0-9]+)?元?", frozenset(), ("an amount", "金额")),
    "phone_number": Kind("[0-9+() -]{1,17}", frozenset(), ("a phone number", "电话号码")),
    "car_number": Kind(r"[\w]{1,8}", frozenset(), ("a number plate", "车牌号")),
}


def kind(field: str) -> Kind | None:
    """Of a field such as thing12; None for one that we do not know."""
    return KINDS.get(field.rstrip("0123456789"))


def takes(field: str, words: str) -> bool:
    """Whether WeChat would take these words there, whatever is filled in for {matter}, {line} and {time}."""
    known, holes = kind(field), set(_HOLE.findall(words))
    if known is None:
        return holes <= HOLES
    if known.form == _TIME and holes:
        return words == "{time}"
    return holes <= known.holes if holes else re.fullmatch(known.form, words) is not None


def filled(field: str, words: str, values: Mapping[str, str]) -> str:
    """The words with their holes filled, made so that WeChat takes them: cut, or without what it refuses."""
    text = _HOLE.sub(lambda found: values.get(found[1], ""), words)
    text = " ".join("".join(c if c.isprintable() and c < "\U00010000" else " " for c in text).split())
    known = kind(field)
    if known is None:
        return _cut(text, OTHERWISE)
    if field.startswith("phrase"):
        text = "".join(re.findall(_HAN, text))[:5]
    elif known.otherwise:
        text = _cut(text, 5 if field.startswith("short_thing") else 20)
    return text if re.fullmatch(known.form, text) else known.otherwise or text


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
