"""Mistakes of a hurried clerk with Excel, Word and an input method: each is one finding, at the place to mend."""

# One mistake a line:
# ruff: noqa: E501

from __future__ import annotations

from .corpus_files import AGAIN, ASK, CALENDAR, LOSS, MENU, POLICY, ZH
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

ALL = [*PLACES, *QUOTES, *NUMBERS, *TOGETHER]
