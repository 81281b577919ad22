"""Mistakes of an operator who knows the flows and not YAML: each is one finding, at the line to mend."""

# One mistake a line:
# ruff: noqa: E501

from __future__ import annotations

from .corpus_files import ASK, CALENDAR, LOSS, MENU, OUTLETS, POLICY, ZH
from .corpus_words import NO_CARD
from .kit import Mistake as M

RATE, ZH_RATE = "flows/rate.yaml", "messages/zh-CN/rate.yaml"
NEXT = "    next: {s1: why, s2: why, else: thanks}\n"
TITLE = "title: 评价这次服务"
VALUES = "    values: {lost: 丢了, stolen: 被偷了}\n"
BUREAU = "bureau: {value: 清风市人社局, source: 示例, checked: 2026-11-22}"
AGENTS = 'hours: {agents: [{days: 1-5, from: "9:00", to: "17:00"}]}'
NATIONAL = "    - {name: 国庆节, from: 2026-10-01, to: 2026-10-07}\n"
AT = 'at: {lat: "30.0120", lon: "110.0080"}'
PROGRESS = "{name: 查进度, flow: progress}"
VARIANT = '      - if: {kind: temporary}\n        text: "请核对：把您本人'

SIGNS = [
    M("no-colon", POLICY, f"\n{BUREAU}", f"\n«{BUREAU.replace(':', '', 1)}"),
    M("no-colon", ZH, VARIANT, VARIANT.replace("- if:", "«- if")),
    M("comma-extra", RATE, NEXT, NEXT[:-1] + "«,\n"),
    M("comma-extra", RATE, NEXT, NEXT[:-1] + "«;\n"),
    M("comma-extra", RATE, NEXT, NEXT[:-1] + "«。\n"),
    M("comma-extra", ZH_RATE, TITLE, 'title: "评价这次服务"«,'),
    M("comma-extra", ZH, VALUES, VALUES[:-1] + "«;\n"),
    M("quote", ZH, ASK, "    ask: «|- 卡是怎么没的？", "    ask: |-\n      卡是怎么没的？"),
    M("quote", ZH, ASK, "    ask: «> 卡是怎么没的？"),
    M("quote", ZH, ASK, "    ask: «? 卡是怎么没的"),
    M("quote-open", ZH_RATE, TITLE, TITLE + '«"'),
    M("colon", ZH, "      - 请回复1或2。\n      - 不清楚", "      - «请回复: 1或2。\n      - 不清楚", "      - 请回复：1或2。\n      - 不清楚"),
]  # fmt: skip

INDENTED = [
    M("empty-value", ZH, VALUES, "    «values:\n    lost: 丢了\n    stolen: 被偷了\n", "    values:\n      lost: 丢了\n      stolen: 被偷了\n"),
    M("empty-value", POLICY, f"\n{BUREAU}", "\n«bureau:\nvalue: 清风市人社局\nsource: 示例\nchecked: 2026-11-22", "\nbureau:\n  value: 清风市人社局\n  source: 示例\n  checked: 2026-11-22"),
    M("indentation", RATE, NEXT, "  «" + NEXT.lstrip()),
    M("indentation", RATE, "    collect: why\n    next: sorry", "    collect: why\n  «next: sorry"),
]  # fmt: skip

WAYS = [
    M("unknown-step", RATE, "  thanks:\n    say", "  thank:\n    say", where=(RATE, "thanks}")),
    M("misnamed", RATE, "  why:\n    collect", "  «reason:\n    collect"),
    M("gone", RATE, "values: [s5, s4, s3, s2, s1]", "values: [s5, s4, s3, s2]", where=(RATE, "slots:")),
    M("case", RATE, NEXT, "    next: «{if: {stars: s1}, then: why, else: thanks}\n", "    next:\n      - {if: {stars: s1}, then: why}\n      - {else: thanks}\n"),
    M("case", RATE, NEXT, "    next:\n      - {if: {stars: s1}, then: why}\n      - «{if: {stars: s2}, else: thanks}\n"),
    M("else-early", RATE, NEXT, "    next:\n      - {if: {stars: s1}, then: why}\n      - «{else: thanks}\n      - {if: {stars: s2}, then: why}\n"),
    M("missing-key", RATE, NEXT, "    next: {s1: why, s2: why, «else: {again: stars}}\n"),
    M("empty-value", LOSS, "next: {link: hand_off}\n  cannot", "next: {«link: }\n  cannot"),
    M("empty-value", RATE, "offer: [hand_off]", "offer: [«page.]"),
    M("number", RATE, "max: 200", 'max: «"0"'),
    M("quantity", RATE, "max: 200", 'max: «"99999999"'),
    M("duration", RATE, "start: {}\n", "start: {}\nexpire: «1000d\n", "start: {}\nexpire: 2d\n"),
    M("path", ZH, ASK, "    ask: 卡是怎么没的？«{policy}"),
    M("path", ZH, ASK, "    ask: 卡是怎么没的？«{hours}"),
]  # fmt: skip

WORDS = [
    M("unknown-key", ZH, VARIANT, VARIANT.replace("- if:", "- «when:")),
    M("condition-map", ZH, VARIANT, VARIANT.replace("{kind: temporary}", "«kind = temporary")),
    M("answers-same", ZH, "    refused: 先不停\n", "    refused: «确认停用\n"),
    M("markup", ZH, ASK, "    ask: 卡是怎么没的？«[看这里](https://a.example)"),
    M("stand-in", ZH, NO_CARD, "    地址：（«此处填写地址）。", "    请在表上此处填写姓名。"),
    M("no-such-day", ZH, NO_CARD, "    请在«2月30日前来。", "    请在2月29日前到13-15号窗口。"),
    M("no-such-day", ZH, NO_CARD, "    请在«13月1号前来。", "    10月15-20日放假，网址www.12333.gov.cn。"),
]  # fmt: skip

CONFIG = [
    M("hours", POLICY, AGENTS, 'hours: «[{days: 1-5, from: "9:00", to: "17:00"}]'),
    M("hours", POLICY, AGENTS, "hours:«"),
    M("hours", POLICY, AGENTS, "hours: {agents: [«9:00-25:00]}"),
    M("hours-clock", POLICY, AGENTS, AGENTS.replace('"17:00"', '«"25:00"')),
    M("hours-order", POLICY, AGENTS, AGENTS.replace('"17:00"', '«"0:00"'), AGENTS.replace('"17:00"', '"24:00"')),
    M("number", POLICY, 'temporary_days: {value: "7"', 'temporary_days: {value: «"99999999"'),
    M("missing-key", POLICY, f"\n{BUREAU}", f"\nbureau:\n- {BUREAU[8:]}\n- «{{value: 市政府, from: 2027-01-01}}"),
    M("money", POLICY, "fee_reissue: {value: 20元", "fee_reissue: {value: «￥20元", "fee_reissue: {value: 20.00元"),
    M("date", CALENDAR, "to: 2026-10-07", "to: «2026-02-30"),
    M("calendar-twice", CALENDAR, NATIONAL, NATIONAL + NATIONAL.replace("from: ", "from: «")),
    M("menu-odd_url", MENU, PROGRESS, "{name: 官网, url: «\"https://a.example/?q={card.id}\"}"),
    M("value-twice", MENU, PROGRESS, "{name: «挂失停用, flow: progress}"),
    M("coordinates", OUTLETS, AT, 'at: {lat: «"110.0080", lon: "30.0120"}'),
    M("blank", OUTLETS, "services: [report_loss, cancel_loss, apply_card, collect_card, enable, reset_pin]\n- id: cl-liuyin", "«services: []\n- id: cl-liuyin"),
]  # fmt: skip

ALL = [*SIGNS, *INDENTED, *WAYS, *WORDS, *CONFIG]
