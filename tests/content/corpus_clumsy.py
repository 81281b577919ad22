"""One slip, one finding: names, keys and values that are almost right, or of another language or program."""

# One mistake a line:
# ruff: noqa: E501

from __future__ import annotations

from .corpus_files import ASK, COMMON, LOSS, PAGES, POLICY, SIGN, ZH
from .kit import Mistake as M

IF = "- {if: {policy.formal_loss: online}, then: ask_upgrade}"
CASE = "- {if: {policy.formal_loss: online}, then: "
WITH = "kind: kind, reason: reason}\n    once"
BEFORE = "before: policy.lapse_notice_days"
CHECK = '停用{policy.temporary_days}天。"\n      - if: {kind: temporary}'
STATE = "{on: card.state, normal: kind, temporary_loss: upgrade, formal_loss: already, else: cannot}"

TRANSLATED = [
    M("unknown-key", LOSS, "\nsteps:\n", "\n«步骤:\n"),
    M("unknown-key", LOSS, "flow: report_loss", "«流程: report_loss"),
    M("unknown-key", LOSS, "    collect: reason", "    «收集: reason"),
    M("unknown-key", LOSS, "    next: {temporary: check, formal", "    «下一步: {temporary: check, formal"),
    M("unknown-key", ZH, "title: 卡丢了", "«标题: 卡丢了"),
    M("unknown-key", ZH, ASK, "    «问题: 卡是怎么没的？"),
    M("unknown-key", ZH, "    agreed: 确认停用", "    «同意: 确认停用"),
    M("unknown-key", ZH, "    agreed: 确认停用", "    «agree: 确认停用"),
    M("unknown-key", POLICY, 'pin_tries: {value: "6"', 'pin_tries: {«值: "6"'),
    M("unknown-key", "config/menu.yaml", "- name: 卡丢了", "- «名称: 卡丢了"),
    M("unknown-key", COMMON, "  back: [返回", "  «返回: [返回"),
    M("unknown-value", LOSS, "  loss: {type: record}", "  loss: {type: «记录}"),
    M("yes-no", LOSS, "flow: report_loss", "enabled: «否\nflow: report_loss"),
    M("unknown-outcome", LOSS, "{done: receipt, already", "{«完成: receipt, already"),
    M("unknown-outcome", LOSS, STATE, STATE.replace("else", "«其他")),
    M("unknown-outcome", LOSS, STATE, STATE.replace("else", "«default")),
    M("unknown-value", ZH, "values: {lost: 丢了", "values: {«丢了: 丢了"),
    M("unknown-page", PAGES, "\nfees:\n", "\n«费用:\n"),
]  # fmt: skip

ALMOST = [
    M("unknown-key", LOSS, "flow: report_loss", "«enable: no\nflow: report_loss"),
    M("unknown-key", "flows/pages.yaml", "  fees: {menu", "  fees: {«enable: no, menu"),
    M("unknown-key", SIGN, "say: mismatch, times: 3", "say: mismatch, «time: 3"),
    M("unknown-key", LOSS, "{link: reissue, with: {reason: reason}}", "{«flow: reissue, with: {reason: reason}}"),
    M("unknown-key", LOSS, IF, CASE.replace("then", "«goto") + "ask_upgrade}"),
    M("unknown-key", LOSS, IF, "- {if: {card.until: {«exists: yes}}, then: ask_upgrade}"),
    M("unknown-key", LOSS, STATE, STATE.replace("on:", "«On:")),
    M("unknown-action", LOSS, "action: card.report_loss", "action: «card.report-loss"),
    M("unknown-slot", LOSS, "    save: loss\n", "    save: «lss\n"),
    M("save-type", LOSS, "    save: loss\n", "    save: «reason\n"),
    M("unsaved", LOSS, "    save: loss\n", "", where=(LOSS, "loss: {type: record}")),
    M("misnamed", LOSS, "values: [lost, stolen]", "values: [«lsot, stolen]"),
    M("misnamed", LOSS, "values: [temporary, formal]", "values: [«temporaly, formal]"),
    M("misnamed", LOSS, "  reason: {type: choice", "  «reson: {type: choice"),
    M("misnamed", LOSS, "  check:\n    confirm", "  «chekc:\n    confirm"),
    M("misnamed", "flows/pages.yaml", "  fees: {menu", "  «fee: {menu"),
    M("gone", LOSS, "  reason: {type: choice, values: [lost, stolen]}\n", "", where=(LOSS, "slots:")),
    M("unknown-slot", LOSS, "    collect: reason", "    collect: «reasons"),
    M("unknown-slot", LOSS, "set: {kind: formal}", "set: {«knid: formal}"),
    M("missing-text", LOSS, "    confirm: check", "    confirm: «chek"),
    M("missing-text", SIGN, "say: mismatch,", "say: «mismach,"),
    M("unknown-flow", LOSS, "requires: [sign_in]  ", "requires: [«signin]  "),
    M("requires-circle", LOSS, "requires: [sign_in]  ", "requires: [«report_loss]  "),
    M("step-is-flow", LOSS, "exhausted: {link: hand_off}", "exhausted: «hand_off"),
    M("step-is-flow", LOSS, "next: {link: hand_off}\n  cannot", "next: «hand_off\n  cannot"),
    M("is-page", LOSS, "next: {link: hand_off}\n  cannot", "next: «page.fees\n  cannot"),
    M("not-by-time", LOSS, "later: loss_lapse", "later: «reissue"),
    M("loop", LOSS, "next: {link: hand_off}\n  cannot", "next: «refused\n  cannot"),
    M("unrouted", LOSS, STATE, STATE.replace(", else: cannot", ""), where=(LOSS, "next: {on: card.state, normal")),
    M("unknown-page", "messages/zh-CN/pages.yaml", "\nfees:\n", "\n«feess:\n"),
    M("no-pages", "flows/pages.yaml", "pages:\n", "", where=("flows/pages.yaml", "bring:")),
]  # fmt: skip

COMPARED = [
    M("condition-map", LOSS, IF, "- {if: «policy.formal_loss = online, then: ask_upgrade}"),
    M("condition-map", LOSS, IF, "- {if: {«or: [{card.state: normal}, {card.state: ready}]}, then: ask_upgrade}"),
    M("condition-given", LOSS, IF, "- {if: {card.until: «given}, then: ask_upgrade}", "- {if: {card.until: {given: yes}}, then: ask_upgrade}"),
    M("condition-given", LOSS, IF, '- {if: {card.until: {not: «""}}, then: ask_upgrade}'),
    M("no-order", LOSS, IF, "- {if: {card.holder: «{below: 5}}, then: ask_upgrade}"),
    M("no-order", LOSS, IF, "- {if: {card.state: «{min: 5}}, then: ask_upgrade}"),
    M("no-order", LOSS, IF, "- {if: {card.until: «{below: 5}}, then: ask_upgrade}", "- {if: {card.until: {below: 2026-12-31}}, then: ask_upgrade}"),
    M("condition", LOSS, IF, "- {if: {card.until: «{below: 2026-13-01}}, then: ask_upgrade}"),
    M("no-outcomes", LOSS, "- {else: formal_elsewhere}", "- «else: {then: formal_elsewhere}"),
    M("literal-bare", LOSS, WITH, "kind: «temporary, reason: reason}\n    once", "kind: {value: temporary}, reason: reason}\n    once"),
    M("unknown-value", LOSS, WITH, "kind: {value: «temporery}, reason: reason}\n    once"),
    M("before-after", LOSS, BEFORE, f"{BEFORE}\n    «after: 2"),
    M("duration", LOSS, "every: 30s", "every: «0s"),
    M("duration", LOSS, "undo: cancel_loss ", "expire: «0m\nundo: cancel_loss "),
    M("remind-late", LOSS, "undo: cancel_loss ", "remind: «60m\nundo: cancel_loss ", "remind: 20m\nundo: cancel_loss "),
    M("misnamed", LOSS, "values: [lost, stolen]", "values: [«Lost, stolen]"),
    M("variant-never", ZH, "      - if: {kind: temporary}\n        text: \"请核对", "      - text: \"请核对", where=(ZH, "\"请核对：把{card.holder}的社保卡（尾号{card.number}）正式")),
    M("whole-record", ZH, "卡还没有挂失成。{loss.refusal}", "卡还没有挂失成。«{loss}"),
    M("unknown-path", ZH, CHECK, CHECK.replace("{policy.temporary_days}", "«{temporary_days}")),
    M("brace", ZH, CHECK, CHECK.replace("{policy.temporary_days}", "«[policy.temporary_days]")),
]  # fmt: skip

HOTLINE, FEE = 'hotline: {value: "12333"', "fee_reissue: {value: 20元"
NO_CARD = "    别的城市发的卡，请打那里的区号加{policy.national_hotline}挂失。"
RATE = "messages/zh-CN/rate.yaml"

VALUES = [
    M("phone", POLICY, f"\n{HOTLINE}", "\nhotline: {value: «请打12333", '\nhotline: {value: "0531-12333"'),
    M("phone", POLICY, f"\n{HOTLINE}", '\nhotline: {value: «"1233"'),
    M("phone", POLICY, f"\n{HOTLINE}", "\nhotline: {value: «12333人社热线（工作日上午九点到下午五点接听）以及各区县的服务中心电话"),
    M("policy-empty", POLICY, f"\n{HOTLINE}", '\nhotline: {value: «" "'),
    M("money", POLICY, FEE, 'fee_reissue: {value: "«20"', "fee_reissue: {value: 20元/张"),
    M("money", POLICY, FEE, "fee_reissue: {value: «元20"),
    M("money", POLICY, "postage: {value: 12元", 'postage: {value: "«12"'),
    M("full-width", POLICY, FEE, "fee_reissue: {value: «２０元"),
    M("policy-twin", POLICY, "fee_reissue_en: {value: 20", "fee_reissue_en: {value: «25"),
    M("untranslated", POLICY, "fee_reissue_en: {value: 20 yuan", "fee_reissue_en: {value: «20元"),
    M("date", "config/calendar.yaml", "from: 2026-10-01", "from: «2026/10/01"),
    M("outlet-id", "config/outlets.yaml", "- id: pa-minzhu", "- id: «民主街"),
    M("unknown-flow", "config/menu.yaml", "flow: report_loss}", "flow: «挂失}"),
]  # fmt: skip

SENTENCES = [
    M("stand-in", ZH, NO_CARD, "    停用«XX天。"),
    M("stand-in", ZH, NO_CARD, "    停用«policy.temporary_days天。"),
    M("stand-in", ZH, NO_CARD, "    «待补充。"),
    M("no-such-day", ZH, NO_CARD, "    «2026年2月30日（周一）恢复。", "    2026年3月12日（周四）恢复。"),
    M("no-such-day", ZH, NO_CARD, "    «2026年3月12日（周一）恢复。"),
    M("label-number", ZH, "values: {lost: 丢了", "values: {lost: «1.丢了"),
    M("label-opposite", ZH, "    agreed: 确认停用\n", "    agreed: «先不停用\n"),
    M("trigger-gap", RATE, "words: [评价, 我要评价", "words: [评价, «评...价这次"),
    M("trigger-gap", RATE, "words: [评价, 我要评价", 'words: [评价, «".*评价.*"'),
]  # fmt: skip

ALL = [*TRANSLATED, *ALMOST, *COMPARED, *VALUES, *SENTENCES]
