"""Secrets in a message: PINs, passwords, codes from an SMS. The bot never asks for them and never keeps
them."""

from __future__ import annotations

import re

from bot.reading.clean import Said

_KEY = (
    r"(?:[短手]?[信机]?验证码|校验码|动态[码口]?令?码?|短信码|安全码|密码|口令|背面[三3]?位?数字?"
    r"|卡背面[三3]位数?"
    r"|(?<![a-z])(?:pin|passcode|password|passwd|pwd|cvv2?|verification code|security code|sms code"
    r"|code (?:they|you|he|she) sent(?: me)?|otp))"
)
_IS = r"(?:\s|就?是|为|叫|写着|设的|我的|我|生日|[:：=,，]|\bis\b){0,6}"
_NUMERAL = "零〇一二三四五六七八九幺"
_NO_COUNT = r"(?!\s*(?:次|位|个|天|分钟|秒|小时|年|月|[0-9a-z]*\s*(?:能|能不能|可以|电话|打|怎么|吗)))"
_VALUE = (
    rf"(?P<own>(?!12333|110)(?:[a-z0-9@#$!._-]*[0-9][a-z0-9@#$!._-]*|[{_NUMERAL}]{{4,}}"
    rf"|[一二三四五六七八九]个[{_NUMERAL}]))"
)
_TOLD = re.compile(rf"{_KEY}{_IS}{_VALUE}(?<=\w\w\w)(?![0-9a-z]){_NO_COUNT}")
_TOLD_AFTER = re.compile(
    rf"(?<![0-9a-z])(?!12333)(?P<own>[0-9]{{4,8}})\s*(?:这|就)?(?:是|为|:)?(?:我的?|那个"
    rf"|收到的)?(?:{_KEY})(?!\s*(?:吗|么|错|多少|不对|对不))"
)
_KEYED = re.compile(_KEY)
HIDDEN = "…"


def without_secrets(said: Said) -> str | None:
    """Returns the message without its secrets; None if it has none."""
    folded = said.folded
    if _KEYED.search(folded) is None:  # as in most messages
        return None
    spans = [match.span() for p in (_TOLD, _TOLD_AFTER) for match in p.finditer(folded)]
    if not spans:
        return None
    for start, end in sorted(spans, reverse=True):
        folded = folded[:start] + HIDDEN + folded[end:]
    return folded
