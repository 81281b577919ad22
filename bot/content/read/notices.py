"""Fields of WeChat's template and subscription messages: what each kind accepts, and words made to fit.

A value that is too long, empty, or of other characters makes WeChat refuse the whole message (47003). Source:
WeChat's pages "template messages" and "subscription notifications", the table of parameter values. Not in it:
`short_thing` and fields of old templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

OTHERWISE = 200
"""Characters of a field of unknown kind."""
HOLES = frozenset({"matter", "line", "time"})
_HOLE = re.compile(r"\{(\w+)\}")
_HAN = "[\u3400-\u4dbf\u4e00-\u9fff]"
_TIME = r"[0-9年月日 :/.~-]{1,60}"


@dataclass(frozen=True)
class Kind:
    """`form`: what WeChat accepts; in words it is in `messages/notices.yaml`. `holes`: what may be filled in.
    `otherwise`: the value if nothing else is left."""

    form: str
    holes: frozenset[str]
    otherwise: str = ""


_ONE_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]"
KINDS: Mapping[str, Kind] = {
    "thing": Kind(_ONE_LINE + "{1,20}", HOLES, "请查看"),
    "short_thing": Kind(_ONE_LINE + "{1,5}", HOLES - {"time"}, "请查看"),
    "const": Kind(_ONE_LINE + "{1,20}", HOLES - {"time"}, "请查看"),
    "phrase": Kind(_HAN + "{1,5}", HOLES - {"time"}, "有新消息"),
    "name": Kind(rf"(?:{_HAN}|·){{1,10}}|[A-Za-z .·-]{{1,20}}", frozenset()),
    "time": Kind(_TIME, frozenset({"time"})),
    "date": Kind(_TIME, frozenset({"time"})),
    "character_string": Kind("[!-~ ]{1,32}", frozenset()),
    "number": Kind(r"[0-9]{1,32}(?:\.[0-9]+)?", frozenset()),
    "letter": Kind("[A-Za-z]{1,32}", frozenset()),
    "symbol": Kind(r"[^\w\s]{1,5}", frozenset()),
    "amount": Kind(r"[¥￥$]?[0-9]{1,12}(?:\.[0-9]+)?元?", frozenset()),
    "phone_number": Kind("[0-9+() -]{1,17}", frozenset()),
    "car_number": Kind(r"[\w]{1,8}", frozenset()),
}


def kind(field: str) -> Kind | None:
    """Returns the kind of a field such as thing12; None for an unknown one."""
    return KINDS.get(field.rstrip("0123456789"))


def takes(field: str, words: str) -> bool:
    """Checks that WeChat would accept these words there, whatever is filled in for {matter}, {line} and
    {time}."""
    known, holes = kind(field), set(_HOLE.findall(words))
    if known is None:
        return holes <= HOLES
    if known.form == _TIME and holes:
        return words == "{time}"
    return holes <= known.holes if holes else re.fullmatch(known.form, words) is not None


def filled(field: str, words: str, values: Mapping[str, str]) -> str:
    """Fills the holes and makes WeChat accept the words: cuts them, or removes what it refuses."""
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
