"""Converts written and spoken digits and numbers, in Chinese too."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

_DIGITS = {c: str(n) for n, row in enumerate(
    ("零〇", "一壹幺", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
) for c in row}  # fmt: skip
_TABLE = str.maketrans(_DIGITS)
SPOKEN = "".join(_DIGITS)
BETWEEN = r"\s,、.·_\-‐-―−…"
"""Separators between the groups of a long number."""
_RUN = re.compile(rf"[0-9{SPOKEN}](?:[{BETWEEN}]{{0,2}}[0-9{SPOKEN}]){{2,}}")
_ROUND = re.compile(r"(?<=[0-9])o+(?![a-z])")


def spelled(folded: str) -> str:
    """Writes digits for digits spoken one by one, three at least: 一三八 is 138, 一下 stays. A round o among
    digits is a zero."""
    folded = _ROUND.sub(lambda o: "0" * len(o[0]), folded)
    return _RUN.sub(lambda run: run[0].translate(_TABLE), folded)


_JOINS = re.compile(
    rf"(?<=[0-9{SPOKEN}])[{BETWEEN}，。]*(?:(?:然后|接着|接下来|再来|再|后面|中间|前面|最后|下面|跟着"
    rf"|完了|完后|还有|就是|呢|是|嗯|呃|额|啊|哦|哈"
    rf"|那个|(?<![a-z])(?:and|then|next)(?![a-z]))[{BETWEEN}，。]*)+(?=[0-9{SPOKEN}])"
)
_TIMES = re.compile(rf"([两俩二三仨四五六])个([0-9{SPOKEN}])")


def joined(folded: str) -> str:
    """Writes digits for those told in several pieces (六六零 然后 一零一) or counted (三个八)."""
    counts = _TIMES.sub(lambda told: told[2] * int(counted(told[1]) or 1), folded)
    return spelled(_JOINS.sub("", counts))


_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8}
CHINESE = f"{SPOKEN}两俩仨廿卅十拾百佰千仟万亿"


def counted(words: str) -> Decimal | None:
    """Converts 一千二 to 1200, 一百零五 to 105; None for what is no number or approximate (七八百)."""
    words = words.replace("廿", "二十").replace("卅", "三十").replace("俩", "两").replace("仨", "三")
    if any(
        a in _DIGITS and b in _DIGITS and "零" not in a + b for a, b in pairwise(words.replace("两", "二"))
    ):
        return None  # 七八百; digit by digit is `spelled`
    total, part, digit, last, nought = 0, 0, -1, 1, False
    for c in words:
        if c in _DIGITS or c == "两":
            digit, nought = int(_DIGITS.get(c, "2")), nought or c in "零〇"
            nought = nought if digit else True
        elif c in _UNITS:
            part += (digit if digit > 0 else 1) * _UNITS[c]
            digit, last, nought = -1, _UNITS[c], False
        elif c in _MYRIADS:
            part += max(digit, 0)
            if not part:
                return None
            total, part, digit, last, nought = (total + part) * _MYRIADS[c], 0, -1, _MYRIADS[c], False
        else:
            return None
    if digit > 0:  # 三百五 is 350, 三百零五 is 305, 十五 is 15
        part += digit * (last // 10 if last >= 100 and not nought else 1)
    return Decimal(total + part)
