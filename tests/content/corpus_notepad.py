"""Mistakes of people who write in Notepad, WPS and Word: each is one finding, at the line to mend."""

# One mistake a line:
# ruff: noqa: E501

from __future__ import annotations

from .corpus_files import ASK, COMMON, LOSS, MENU, NO_CARD, OUTLETS, POLICY, ZH
from .kit import Mistake as M

LABEL = "    label: 挂失原因\n"
COLLECT = "    collect: reason\n"
VALUES = "values: {lost: 丢了, stolen: 被偷了}"
AGAIN = "      - 请回复1或2。\n      - 不清楚就回复1。\n"
BUTTON = "{name: 查进度, flow: progress}"
PHONE = 'phone: "000-12345601"'

BLANKS = [
    M("indentation", LOSS, "    next: {temporary: check, formal: reason}", "   «next: {temporary: check, formal: reason}"),
    M("indentation", LOSS, "    next: {temporary: check, formal: reason}", "     «next: {temporary: check, formal: reason}"),
    M("indentation", LOSS, "  reason:\n    collect", " «reason:\n    collect"),
    M("indentation", ZH, LABEL, "   «label: 挂失原因\n"),
    M("indentation", ZH, LABEL, "     «label: 挂失原因\n"),
    M("indentation", ZH, "    help: 不知道丢在哪里", "   «help: 不知道丢在哪里"),
    M("indentation", ZH, "  temporary_instead: 没", "   «temporary_instead: 没"),
    M("indentation", ZH, "  temporary_instead: 没", " «temporary_instead: 没"),
    M("dash", LOSS, COLLECT, "    «- collect: reason\n"),
    M("dash", LOSS, "  reason:\n    collect", "  «- reason:\n    collect"),
    M("dash", ZH, LABEL, "    «- label: 挂失原因\n"),
    M("dash", ZH, "  temporary_instead: 没", "  «- temporary_instead: 没"),
    M("list-dash", ZH, AGAIN, "      «-请回复1或2。\n      - 不清楚就回复1。\n"),
    M("list-dash", ZH, AGAIN, "      «请回复1或2。\n      - 不清楚就回复1。\n"),
    M("list-dash", ZH, AGAIN, "      «－ 请回复1或2。\n      - 不清楚就回复1。\n"),
    M("list-dash", ZH, AGAIN, "      «— 请回复1或2。\n      - 不清楚就回复1。\n"),
    M("list-dash", ZH, AGAIN, "      «• 请回复1或2。\n      - 不清楚就回复1。\n"),
    M("list-dash", OUTLETS, "- id: pa-minzhu\n", "  «id: pa-minzhu\n"),
    M("invisible", ZH, LABEL, "    label:«\u00a0挂失原因\n"),
    M("invisible", ZH, LABEL, "    label: 挂失«\u200b原因\n"),
    M("invisible", "config/policy.yaml", "fee_reissue: {value: ", "fee_reissue: {value:«\u00a0"),
    M("invisible", "config/policy.yaml", "fee_reissue: {value: ", "fee_reissue: {value:«\u2003"),
    M("colon-space", "config/policy.yaml", "fee_reissue: {value: ", "fee_reissue: {value:«\u3000"),
    M("invisible", "config/policy.yaml", "fee_reissue: {value: 20元, source: ", "fee_reissue: {value: 20元, source:«\u00a0"),
    M("invisible", LOSS, COLLECT, "    collect: «\u00a0reason\n"),
    M("invisible", LOSS, COLLECT, "    collect: rea«\u200bson\n"),
    M("invisible", LOSS, COLLECT, "    collect: reason«\u00a0\n"),
    M("invisible", LOSS, "  reason:\n    collect", "  rea«\u200bson:\n    collect"),
    M("invisible", LOSS, COLLECT, "    «\u200bcollect: reason\n"),
    M("invisible", ZH, "受理号：{loss.number}\n        {loss.until}自动恢复，请记住这个日子。\n        到时没找到卡，请先正式挂失，再补新卡。\n        有电子社保卡的还能用，打开时要您本人授权。\n    - if: {loss.until: {given: yes}}", "受理号：{loss.«\u200bnumber}\n    - if: {loss.until: {given: yes}}"),
    M("invisible", ZH, "\ntexts:\n", "\n«\ufefftexts:\n"),
    M("full-width", ZH, LABEL, "    label:«　挂失原因\n"),
    M("conflict", ZH, LABEL, "«<<<<<<< HEAD\n    label: 挂失原因\n=======\n    label: 原因\n>>>>>>> branch\n"),
    M("conflict", LOSS, COLLECT, "«<<<<<<< HEAD\n    collect: reason\n=======\n    collect: kind\n>>>>>>> branch\n"),
]  # fmt: skip

SIGNS = [
    M("full-width", LOSS, "next: {agreed: submit, refused: kept}", "next: {agreed«：submit, refused: kept}"),
    M("full-width", LOSS, "  card: {type: record}", "  card: {type«：record}"),
    M("full-width", ZH, VALUES, "values: {lost«：丢了, stolen: 被偷了}"),
    M("full-width", POLICY, "fee_first: {value: 免费", "fee_first: {value«：免费"),
    M("full-width", MENU, "{name: 挂失停用, flow", "{name«：挂失停用, flow"),
    M("full-width", MENU, "{name: 挂失停用, flow:", "{name: 挂失停用, flow«："),
    M("full-width", MENU, "{name: 挂失停用, flow:", "{name: 挂失停用«，flow:"),
    M("full-width", POLICY, 'temporary_days: {value: "7"', "temporary_days: {value: «“7”"),
    M("full-width", POLICY, 'pin_tries: {value: "6"', "pin_tries: {value: «“6”"),
    M("full-width", POLICY, 'pin_tries: {value: "6"', "pin_tries: {value: «‘6’"),
    M("full-width", POLICY, 'from: "9:00"', "from: «“9:00”"),
    M("full-width", OUTLETS, 'lat: "30.0001"', "lat: «“30.0001”"),
    M("full-width", OUTLETS, PHONE, "phone: «“000-12345601”"),
    M("full-width", POLICY, 'pin_tries: {value: "6"', "pin_tries: {value: «６"),
    M("full-width", LOSS, "requires: [sign_in] ", "requires: «［sign_in］ "),
    M("quote-open", ZH, ASK, "    ask: “卡是怎么没的？«\""),
    M("quote-open", ZH, 'text: "请核对：把您家人', "text: 请核对：把您家人", where=(ZH, '"\n      - if: {kind: temporary}\n')),
    M("quote-pair", ZH, ASK, "    ask: «“卡是怎么没的？", "    ask: “卡”是怎么没的？"),
    M("markup", ZH, ASK, "    ask: 卡是«<b>怎么</b>没的？"),
    M("markup", ZH, ASK, "    ask: 卡是«**怎么**没的？"),
    M("markup", ZH, ASK, "    ask: 卡是怎么没的？«\\n请选。"),
    M("brace", ZH, NO_CARD, "    没有查到«（policy.bureau）的社保卡。\n    别的城市发的卡"),
    M("brace", ZH, NO_CARD, "    没有查到«{policy。bureau}的社保卡。\n    别的城市发的卡"),
    M("brace-alone", ZH, NO_CARD, "    没有查到«{policy.bureau的社保卡。\n    别的城市发的卡"),
    M("bracket-extra", LOSS, "requires: [sign_in] ", "requires: [sign_in]«] "),
    M("bracket-extra", LOSS, "next: {agreed: submit, refused: kept}", "next: {agreed: submit, refused: kept}«}"),
    M("no-colon", POLICY, "fee_first: {value: 免费", "«fee_first = {value: 免费"),
    M("no-colon", LOSS, "{if: {policy.formal_loss: online}, then: ask_upgrade}", "{if: {«policy.formal_loss == online}, then: ask_upgrade}"),
    M("comma", POLICY, "[{days: 1-5,", "[{days: 1«,2,3,"),
]  # fmt: skip

MEANINGS = [
    M("money", POLICY, "fee_reissue: {value: 20元", "fee_reissue: {value: «￥20"),
    M("money", POLICY, "fee_reissue: {value: 20元", "fee_reissue: {value: «20块"),
    M("phone", OUTLETS, PHONE, 'phone: «"000-123456"', 'phone: "000-1234567"'),
    M("phone", OUTLETS, PHONE, 'phone: «"000-1234560l"', "phone: 000-12345601、12333"),
    M("phone", OUTLETS, PHONE, 'phone: «"000—12345601"', 'phone: "400-000-1234"'),
    M("phone", OUTLETS, PHONE, 'phone: «"1233"', 'phone: "12333"'),
    M("is-page", LOSS, "offer: [page.doctor_now, cancel_loss, reissue, rate]", "offer: [«doctor_now, cancel_loss, reissue, rate]"),
    M("is-page", MENU, "page: fees}", "flow: «fees}"),
    M("is-page", LOSS, "next: {link: hand_off}\n  cannot", "next: {link: «fees}\n  cannot"),
    M("is-flow", MENU, "flow: report_loss}", "page: «report_loss}"),
    M("is-flow", LOSS, "offer: [page.doctor_now, cancel_loss, reissue, rate]", "offer: [page.doctor_now, «page.cancel_loss, reissue, rate]"),
    M("missing-next", LOSS, "    save: loss\n    next: {done: receipt, already: already, refused: refused}\n", "    save: loss\n", where=(LOSS, "submit:\n")),
    M("missing-next", LOSS, "    confirm: check\n    next: {agreed: submit, refused: kept}\n", "    confirm: check\n", where=(LOSS, "check:\n    confirm")),
    M("missing-next", "flows/outlets.yaml", "    next: {found: list, none: {again: place, say: none_near, times: 2, else: none}}\n", "", where=("flows/outlets.yaml", "near:\n    action")),
    M("yes-no", LOSS, "    once: true", "    once: «是"),
    M("policy-form", POLICY, "sign_in_lasts: {value: 30m", "sign_in_lasts: {value: «30分钟", "sign_in_lasts: {value: 2h"),
    M("policy-form", POLICY, 'lapse_notice_days: {value: "1"', "lapse_notice_days: {value: «1天"),
    M("gone", POLICY, 'evidence_days: {value: "1095", source: 示例, checked: 2026-11-22}\n', "", where=(POLICY, "# yaml")),
    M("gone", POLICY, 'temporary_days: {value: "7", source: 示例, checked: 2026-11-22}\n', "", where=(POLICY, "# yaml")),
    M("unknown-key", ZH, "title: 卡丢了", "«titel: 卡丢了"),
    M("unknown-key", LOSS, "\nsteps:\n", "\n«step:\n"),
    M("unknown-key", COMMON, "recovery:\n", "«recovry:\n"),
    M("unknown-key", COMMON, "\nnudge:", "\n«nudg:"),
    M("menu-emoji", MENU, "{name: 挂失停用,", "{name: «📱挂失停用,"),
    M("menu-cut", MENU, "{name: 挂失停用,", "{name: «社保卡挂失停用办理,", "{name: 社保卡挂失停用办,"),
    M("menu-cut", MENU, "- name: 卡丢了\n", "- name: «社保卡丢了\n", "- name: 卡丢了吗\n"),
    M("menu-odd_url", MENU, BUTTON, "{name: 官网, url: «https：//a.example}"),
    M("menu-odd_url", MENU, BUTTON, "{name: 官网, url: «https://a.example/a b}"),
    M("menu-odd_url", MENU, BUTTON, "{name: 官网, url: «https://a.example。}"),
    M("literal-path", LOSS, "with: {card: card.id, kind: kind, reason: reason}", "with: {card: {value: «card.id}, kind: kind, reason: reason}"),
    M("trigger-twice", "messages/zh-CN/outlets.yaml", "words: [", "words: [«卡丢了, "),
]  # fmt: skip
