"""Mistakes of a hurried clerk with Excel, Word and an input method: each is one finding, at the place to mend."""

# One mistake a line:
# ruff: noqa: E501

from __future__ import annotations

from .corpus_files import AGAIN, ASK, CALENDAR, LOSS, MENU, OUTLETS, POLICY, ZH
from .corpus_words import EN, NO_CARD
from .kit import Mistake as M

BRING, FEES = (
    "page.bring, page.where, page.payment, page.doctor_now, page.minors",
    "fees: {menu: [INFO_FEES], offer: [",
)
FLOWS = "reissue, progress, family, hand_off, outlets, cancel_loss, sign_in, face_check"
DAYS, MAKING = 'temporary_days: {value: "7"', "making_days: {value: 7–10"
HOTLINE = "{policy.national_hotline}"


def written(*signs: str) -> list[M]:
    """A placeholder between other signs."""
    made = []
    for around in signs:
        left, right = around.split("…")
        new = NO_CARD.replace(HOTLINE, f"«{left}{HOTLINE[1:-1]}{right}")
        made.append(M("brace", ZH, NO_CARD, new))
    return made


PLACES = [
    *written("(…)", "[…]", "（…）", "【…】", "<…>", "《…》", "${…}", "{{…}}", "%{…}"),
    M("stand-in", ZH, NO_CARD, NO_CARD.replace(HOTLINE, "«%s")),
    M("brace", ZH, NO_CARD, "    停用«（card）。", "    停用（card1）。"),
    M("brace", ZH, NO_CARD, "    停用«[card]。"),
    M("brace", EN, "    ask: What happened to the card?", "    ask: What happened to «<card>?", "    ask: What happened to it (card)?"),
    M("stand-in", ZH, NO_CARD, "    停用«card.holder的卡。"),
]  # fmt: skip

QUOTES = [
    M("quote-part", ZH, ASK, '    ask: «"丢了"还是被偷了？', '    ask: "“丢了”还是被偷了？"'),
    M("quote-part", ZH, ASK, '    ask: «"丢了" 还是"被偷了"？'),
    M("quote-part", ZH, ASK, "    ask: «'丢了'还是被偷了？"),
    M("quote-part", ZH, AGAIN, '      - «"1"或"2"。\n      - 不清楚就回复1。\n'),
    M("quote-part", ZH, "values: {lost: 丢了, stolen: 被偷了}", 'values: {lost: «"丢"了, stolen: 被偷了}'),
]  # fmt: skip

NUMBERS = [
    *(M("number", POLICY, DAYS, f"temporary_days: {{value: «{value}", 'temporary_days: {value: "15"') for value in ("3天", '"3 days"', "￥20", "20元", "30%", "三")),
    *(M("policy-form", POLICY, MAKING, f"making_days: {{value: «{value}", 'making_days: {value: 7到10') for value in ("3天", '"3 days"', "￥20", "20元", "30%", '"1,095"', "3天左右")),
    M("thousands", POLICY, 'evidence_days: {value: "1095"', "evidence_days: {value: «1,095"),
]  # fmt: skip

TOGETHER = [
    M("offer-many", LOSS, "offer: [outlets, hand_off]", f"offer: [{BRING}, page.fees, {FLOWS.replace('sign_in', '«sign_in')}]", f"offer: [{BRING}, page.fees, reissue, progress, family, hand_off]"),
    M("offer-many", "flows/pages.yaml", f"{FEES}reissue, progress]", f"{FEES}{BRING}, {FLOWS.replace('reissue, progress, ', '')}, rate, «reissue, progress]"),
    M("only-by-time", MENU, "flow: progress}", "flow: «loss_lapse}"),
    M("calendar-whole-year", CALENDAR, "2026:\n", "«2025:\n"),
    M("calendar-other-year", CALENDAR, "from: 2026-10-01", "from: «2025-10-01"),
]  # fmt: skip

VALUES, NEXT = "values: {lost: 丢了, stolen: 被偷了}", "    next: {temporary: check, formal: reason}"
AGENTS = 'hours: {agents: [{days: 1-5, from: "9:00", to: "17:00"}]}'
HOTLINE_LINE = '\nhotline: {value: "12333", source: 示例, checked: 2026-11-22}'
RATE = "messages/zh-CN/rate.yaml"

SIGNS = [
    M("full-width", LOSS, "values: [lost, stolen]", "values: «【lost，stolen】"),
    M("full-width", LOSS, "values: [lost, stolen]", "values: [lost«、stolen]"),
    M("comma-list", LOSS, "values: [lost, stolen]", "values: lost«, stolen"),
    M("full-width", CALENDAR, "[2026-01-04, 2026-02-14,", "[2026-01-04«，2026-02-14,"),
    M("unknown-key", LOSS, "    collect: reason\n", "    «ｃｏｌｌｅｃｔ: reason\n"),
    M("no-colon", LOSS, "  check:\n    confirm", "  «check\n    confirm"),
    M("no-colon", CALENDAR, "\n2026:\n", "\n«2026\n"),
    M("comma-missing", LOSS, NEXT, "    next: {temporary: check formal«: reason}"),
    M("comma-missing", ZH, VALUES, "values: {lost: 丢了; stolen«: 被偷了}"),
    M("comma-extra", RATE, "words: [评价, 我要评价", "words: [评价, «, 我要评价"),
    M("colon-space", ZH, VALUES, "values: {lost«:丢了, stolen:被偷了}"),
    M("list-dash", MENU, "    - {name: 查进度, flow: progress}", "    «{name: 查进度, flow: progress}"),
    M("quote", ZH, ASK, "    ask: «- 卡是怎么没的？"),
    M("quote", ZH, ASK, "    ask: «[卡]怎么没的？", "    ask: 【卡】怎么没的？"),
    M("quote-part", EN, "    ask: What happened to the card?", "    ask: «'What's happened to the card?'", '    ask: "What\'s happened to the card?"'),
    M("tab", ZH, ASK, ASK + "\n«\t"),
    M("indentation", ZH, ASK, "    ask: |-\n    «卡是怎么没的？", "    ask: |-\n      卡是怎么没的？"),
    M("two-lines", ZH, ASK, ASK[:-1] + "，\n  «丢了？"),
    M("trigger-blank", RATE, "words: [评价, 我要评价", "words: [«评价 我要评价", 'words: ["评价 我要评价"'),
]  # fmt: skip

EMPTY = [
    M("empty-value", LOSS, "    collect: reason\n", "    «collect:\n"),
    M("empty-value", LOSS, NEXT, "    «next:"),
    M("empty-value", LOSS, "flow: report_loss", "«flow:"),
    M("empty-text", ZH, ASK, "    «ask: ~"),
    M("empty-text", ZH, ASK, "    «ask: null"),
    M("empty-text", ZH, "title: 卡丢了（挂失）", "title:« "),
    M("shape", POLICY, HOTLINE_LINE, "\nhotline: «12333"),
]  # fmt: skip

FORMS = [
    M("date", POLICY, HOTLINE_LINE, HOTLINE_LINE.replace("2026-11-22", "«2026.11.22")),
    M("date", CALENDAR, "to: 2026-10-07", "to: «2026年10月7日"),
    M("hours-clock", POLICY, AGENTS, AGENTS.replace('"17:00"', "«17：00")),
    M("hours-clock", POLICY, AGENTS, AGENTS.replace('"17:00"', "«下午5点")),
    M("hours-days", POLICY, AGENTS, AGENTS.replace("1-5", "«1—5")),
    M("hours-overlap", POLICY, AGENTS, AGENTS[:-2] + ', «{days: 5-6, from: "9:00", to: "12:00"}]}', AGENTS[:-2] + ', {days: 6-7, from: "9:00", to: "12:00"}]}'),
    M("coordinates", OUTLETS, 'lat: "30.0001"', "lat: «北纬30.0001"),
    M("misnamed", POLICY, "\nhotline: {value", "\n«Hotline: {value"),
    M("gone", POLICY, "\nhotline: {value", "\n热线: {value", where=(POLICY, "# yaml")),
]  # fmt: skip

WHOLE = [
    M("wrong-folder", "flows/common2.yaml", "", "«title: 评价\ntexts: {done: 好的，谢谢}\n"),
    M("wrong-folder", "messages/zh-CN/rating.yaml", "", "«flow: rating\nsteps:\n  done: {say: done, next: end}\n"),
    M("not-read", "config/policy(1).yaml", "", "«hotline: {value: 1}\n"),
]  # fmt: skip

ALL = [*PLACES, *QUOTES, *NUMBERS, *TOGETHER, *SIGNS, *EMPTY, *FORMS, *WHOLE]
