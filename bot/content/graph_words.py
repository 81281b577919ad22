"""What a graph calls the words of the YAML in Chinese, each with the word itself beside it."""

from __future__ import annotations

import re

from bot.content.sayings import CHINESE

KINDS = {
    "collect": "提问",
    "confirm": "请居民确认",
    "consent": "请居民同意",
    "say": "告知",
    "action": "业务系统",
    "need": "先办",
    "set": "记下",
    "forget": "清除",
    "later": "到期再办",
    "transfer": "转人工",
    "route": "分支",
    "end": "办成",
    "stop": "没办成",
    "down": "系统不通",
}
"""Kinds of step, and where a flow ends."""
WAYS = {
    "agreed": "同意",
    "refused": "拒绝",
    "else": "其他情况",
    "found": "查到",
    "not_found": "没查到",
    "none": "没有",
    "done": "办好了",
    "already": "早已办好",
    "met": "已满足",
    "unmet": "没满足",
    "match": "一致",
    "mismatch": "不一致",
    "locked": "锁住了",
    "unavailable": "系统不通",
    "unreadable": "看不清",
    "expired": "过期",
    "exhausted": "次数用完",
    "no more tries": "次数用完",
    "requires": "要先办",
    "need": "先办",
    "later": "到期再办",
    "offer": "可以接着办",
    "link": "转去",
}
"""Ways that many flows share; what only one has keeps the operator's own name."""
_AGAIN = re.compile(r"again ≤ (\d+)")
_GIVEN = re.compile(r"(.+?) (not )?given")


def kind_in(kind: str, language: str) -> str:
    """提问 collect; in other languages collect."""
    return f"{KINDS[kind]} {kind}" if language == CHINESE and kind in KINDS else kind


def way_in(label: str, language: str) -> str:
    """An edge's label, as `bot.content.graph` and the counts write it."""
    if language != CHINESE or not label:
        return label
    return "，".join(_part(part) for part in label.split(", "))


def _part(part: str) -> str:
    if part in WAYS:
        return f"{WAYS[part]} {part}"
    if again := _AGAIN.fullmatch(part):
        return f"最多再问{again[1]}次 again"
    if given := _GIVEN.fullmatch(part):
        return f"{'没有' if given[2] else '有'}{given[1]}"
    return part
