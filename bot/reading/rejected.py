"""Recognises which value of a message the words around it reject: 不是…, 别用…, …停机了, 原来是…，现在是….

A value is not taken because it stands there: what is denied is never the answer, and what is only remembered
is none beside another one.
"""

from __future__ import annotations

import re

from bot.reading.results import Invalid

INSTEAD = Invalid("instead")
"""What was sent is what is not meant: no try is lost."""
Place = tuple[str, int, int]
"""A value, and where it begins and ends in the text."""

_NO = (
    r"(?:(?<![是要用能可想打好行对])不(?:是|要|用|想|能|打|填|写|留|准|许|再)|别|莫|甭|勿|冇|覅"
    r"|唔(?:系|好|要|使)|并非|而非|除了?)"
)
_BETWEEN = (
    r"(?:再|给|用|打|填|写|留|寄|发|联系|拨打?|要|选|按|拿|我的?|俺的?|他的?|她的?|那个?|这个?|(?:手机"
    r"|电话)?号码?|[那这个]电话"
    r"|原来的?|以前的?|从前的?|之前的?|旧的?|老的?|上次的?|上面的?|的|到|去|在|是|叫|就)"
)
_BEFORE = re.compile(
    rf"(?:(?:^|[\s,，。;；、])\s*{_NO}{_BETWEEN}*\s*|{_NO}{_BETWEEN}*)$|(?<![a-z])(?:not|don'?t use"
    rf"|never)\s+(?:my |the )?$"
)
_PAST = re.compile(
    r"(?:以前|从前|之前|原来|原先|原本|过去|曾经|曾用|旧|老号|上次|上回|早先|早前|本来|刚才|刚刚"
    r"|当时)[^\d,，。;；]{0,8}$"
)
"""Only beside another value: 还用以前的13800138000 is one."""
_WAS = re.compile(r"[\s,，]*(?:那个?|这个?|[号码的是就])*(?:以前|从前|原来|旧|老|上次|之前)的")
_LEAD = (
    r"[\s,，。]*(?:那个?|这个?|这|手机号?|电话|号码?|[的是我俺咱就都也早]|早就|已经|现在|如今|老早|那边"
    r"|前阵子|[去前今]年|上个?月|被|是[我俺他她][^\s,，\d]{1,3}的|[了呢]?[\s,，])*"
)
_STATE = r"(?:不用|不要|没用|作废|不使|错|打错|写错|填错|输错|发错|弄错|搞错)(?:了|咯|喽|啦|咧|哒|嘞)"
_GONE = (
    r"(?:停用|停机|停|欠费(?:停机)?|销号?|注销|换|换掉|换号|丢|掉|废|过户|打不通|不通|用不了|用不成|不能用"
    r"|没在用|不在用|没人用|空号)(?:了|咯|喽|啦|咧|哒|嘞|(?=$|[\s,，。]))"
)
"""Of a phone number alone: a card that is lost keeps its holder's number."""
_END = r"(?=$|[\s,，。!！;；、了啊呀哦哈嘛呢咯啦吧不别莫])"
_NONE = (
    rf"(?:(?<!没)不对(?!不)|错的|不行(?!不)|别人的|人家的|前(?:夫|妻|任|男友|女友|男朋友|女朋友)的?"
    rf"|不是我的(?![^,，。]*是)){_END}"
    r"|不是(?=$|[\s,，。!！;；])"
)
_DONT = (
    r"(?:不要|不用|别|莫|甭|勿|覅|唔(?:好|使|要)|不能|不想|不可以?)(?:再|给|往)?(?:那里|那边|这里|这边"
    r"|那儿|他|她)?"
    rf"(?:用|打|填|写|留|要|联系|拨|寄|发|登记|存|记|送|投)?(?:它|他|她|这个|那个|过来|过去|去|到"
    rf"|了){{0,2}}{_END}"
)
_AFTER = re.compile(rf"{_LEAD}(?:{_STATE}|{_NONE}|{_DONT})")
_PHONE_AFTER = re.compile(rf"{_LEAD}(?:{_STATE}|{_GONE}|{_NONE}|{_DONT})")
_OUT_OF_USE = re.compile(rf"(?<![没不未])(?:{_STATE}|{_GONE}|{_DONT})")
_REJECTS = re.compile(rf"(?:^|[\s,，。;；、]){_NO}|(?<![没不未])(?:{_STATE}|{_GONE}|{_DONT})")
_HINT = re.compile(
    r"[不别莫甭勿冇覅唔没非除停销废换丢错旧老原以从之前曾过去通空刚是]|上次|上回|人家|\b(?:not|never|don)"
)
"""Most answers have none of these, and are to be told so at once."""


def gone(folded: str) -> bool:
    """Checks for words that a phone number is out of use: 原来的停机了."""
    return _OUT_OF_USE.search(folded) is not None


def rejects(folded: str) -> bool:
    """Checks for words that reject something: 别用138那个了."""
    return _HINT.search(folded) is not None and _REJECTS.search(folded) is not None


def kept(text: str, found: list[Place], phone: bool = False) -> list[Place]:
    """Returns the values that are meant; none of several if all are rejected. `text`: folded, in which they
    were found. `phone`: they are numbers of phones, which go out of use."""
    if not found or found[0][0] == text or _HINT.search(text) is None:
        return found
    after = _PHONE_AFTER if phone else _AFTER
    left, since = [], 0
    for place in found:
        before, since = text[since : place[1]], place[2]
        if behind := after.match(text, since):
            since = behind.end()
        elif not _BEFORE.search(before):
            left.append((place, _PAST.search(before) or _WAS.match(text, since)))
    now = [place for place, past in left if not past]
    return now or [place for place, _ in left]
