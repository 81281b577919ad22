"""Mistakes in flows: names, outcomes, ways through the steps, what is given."""

# One mistake a line:
# ruff: noqa: E501

from __future__ import annotations

from .corpus_files import LOSS, REISSUE, SIGN, ZH
from .kit import Mistake as M

OUTLETS, HAND, FAMILY, FACE = (
    "flows/outlets.yaml",
    "flows/hand_off.yaml",
    "flows/family.yaml",
    "flows/face_check.yaml",
)
CANCEL, PROGRESS, RATE, WELCOME = (
    "flows/cancel_loss.yaml",
    "flows/progress.yaml",
    "flows/rate.yaml",
    "flows/welcome.yaml",
)
LAPSE = "flows/loss_lapse.yaml"

NAMES = [
    M("unknown-step", LOSS, "{found: state, not_found: no_card}", "{found: state, not_found: «no_crad}"),
    M("unknown-step", LOSS, "  refused:\n    say: refused\n    next: {link: hand_off}", "  refused:\n    say: refused\n    next: «ende", "  refused:\n    say: refused\n    next: end"),
    M("unknown-slot", LOSS, "    collect: reason", "    collect: «reasons"),
    M("unknown-slot", LOSS, "    set: {kind: formal}", "    set: {«knd: formal}"),
    M("unknown-flow", LOSS, "requires: [sign_in]", "requires: [«signin]"),
    M("unknown-flow", LOSS, "undo: cancel_loss", "undo: «cancel_los"),
    M("unknown-flow", LOSS, "    need: face_check", "    need: «facecheck"),
    M("unknown-page", LOSS, "offer: [page.doctor_now, cancel_loss", "offer: [«page.docter_now, cancel_loss"),
    M("unknown-action", LOSS, "action: card.report_loss", "action: «card.report_los"),
    M("unknown-argument", LOSS, "with: {card: card.id, kind: kind, reason: reason}", "with: {card: card.id, kind: kind, «reson: reason}"),
    M("unknown-field", LOSS, "with: {card: card.id, kind", "with: {card: «card.ident, kind"),
    M("unknown-path", LOSS, "[family.id_number, sign_in.id_number]", "[«famly.id_number, sign_in.id_number]"),
    M("unknown-policy", LOSS, "formal: {policy.formal_loss: online}}", "formal: {«policy.formal_los: online}}"),
    M("unknown-policy", SIGN, "lasts: policy.sign_in_lasts", "lasts: «policy.signin_lasts", "lasts: 30m"),
    M("unknown-hours", HAND, "{open.agents: yes}", "{«open.agent: yes}"),
    M("unknown-value", LOSS, "formal: {policy.formal_loss: online}}", "formal: {policy.formal_loss: «onlin}}"),
    M("unknown-value", LOSS, "    set: {kind: formal}", "    set: {kind: «formel}", "    set: {kind: temporary}"),
    M("unknown-outcome", LOSS, "{found: state, not_found: no_card}", "{found: state, «notfound: no_card, else: no_card}"),
    M("unknown-outcome", LOSS, "normal: kind, temporary_loss: upgrade,", "normal: kind, «temp_loss: upgrade, temporary_loss: upgrade,"),
    M("not-kept", REISSUE, "id_number: sign_in.id_number}\n    save: document", "id_number: «report_loss.card}\n    save: document"),
    M("not-taken", LOSS, "{link: reissue, with: {reason: reason}}", "{link: reissue, with: {«why: reason}}"),
    M("location", OUTLETS, "location: place}", "location: «plase}"),
    M("renamed-exists", LOSS, "  reason:\n    collect: reason", "  reason:\n    renamed: «kind\n    collect: reason", "  reason:\n    renamed: cause\n    collect: reason"),
    M("renamed-twice", LOSS, "  card: {type: record}\n", "  card: {type: record, renamed: old}\n  x: {type: record, renamed: «old}\n", "  card: {type: record, renamed: old}\n"),
    M("choice", OUTLETS, "  place: {type: place, or: [list_all]}", "  place: {type: place, or: [list_all]}\n  «pick: {type: choice}"),
    M("from-list", PROGRESS, "from: found}", "from: «application}"),
    M("unsafe-value", LOSS, "values: [lost, stolen]", "values: [lost, «被偷]", "values: [lost, stolen ]"),
    M("unsafe-value", LOSS, "values: [lost, stolen]", "values: [lost, «stolen.by]"),
    M("value-twice", LOSS, "values: [lost, stolen]", "values: [lost, stolen, «lost]"),
    M("unused-slot", LOSS, "  card: {type: record}\n", "  card: {type: record}\n  «colour: {type: text}\n"),
    M("keep-comment", LOSS, "  card: {type: record}\n", "  card: {type: record, keep: «comment}\n", "  card: {type: record, keep: flow}\n"),
    M("keep", LOSS, "  card: {type: record}\n", "  card: {type: record, keep: «lasting}\n", "  card: {type: record, keep: flow}\n"),
    M("never-done", LOSS, "requires: [sign_in]", "requires: [«outlets]"),
    M("collect-type", LOSS, "    collect: reason", "    collect: «loss"),
    M("save-type", LOSS, "    save: card\n", "    save: «reason\n"),
    M("missing-argument", LOSS, "    action: card.report_loss\n    with: {card: card.id, kind: kind, reason: reason}", "    action: «card.report_loss\n    with: {card: card.id, reason: reason}"),
    M("once-missing", LOSS, "    action: card.report_loss\n    with: {card: card.id, kind: kind, reason: reason}\n    once: true\n", "    action: «card.report_loss\n    with: {card: card.id, kind: kind, reason: reason}\n"),
    M("once-idle", OUTLETS, "    save: near\n", "    save: near\n    «once: true\n"),
    M("key", LOSS, "requires: [sign_in]  ", "requires: [sign_in]\n? «[a, b]\n: c "),
    M("condition-map", ZH, "- if: {kind: temporary}", "- if: «temporary"),
    M("offer-twice", WELCOME, "offer: [report_loss, ", "offer: [report_loss, «report_loss, "),
    M("step-word", LOSS, "  cannot:\n", "  «stop:\n    say: cannot\n  cannot:\n"),
    M("value-word", LOSS, "values: [lost, stolen]", "values: [lost, «else]"),
    M("nobody-reaches", "flows/pages.yaml", "pages:\n", "pages:\n  «idle: {offer: [hand_off]}\n"),
]  # fmt: skip

WAYS = [
    M("no-next", LOSS, "    offer: [hand_off]\n    next: stop\n", "    offer: [hand_off]\n", where=(LOSS, "no_card:\n    say")),
    M("unrouted", LOSS, "next: {done: receipt, already: already, refused: refused}", "«next: {done: receipt, already: already}", "next: {done: receipt, else: refused}"),
    M("unrouted", LOSS, "next: {temporary: check, formal: reason}", "«next: {temporary: check}"),
    M("unrouted", LOSS, "next: {agreed: submit, refused: kept}", "«next: {agreed: submit}"),
    M("unrouted", LOSS, "next: {met: check, unmet: no_face}", "«next: {met: check}"),
    M("unrouted", PROGRESS, "      withdrawn: withdrawn\n", "", "      else: withdrawn\n", where=(PROGRESS, "next:\n      on:")),
    M("unrouted-open", RATE, "    collect: why\n    next: sorry", "    collect: why\n    «next: {nothing: sorry}", "    collect: why\n    next: {nothing: sorry, else: sorry}"),
    M("no-outcomes", LOSS, "    say: temporary_instead\n", "    say: temporary_instead\n    «next: {done: check}\n", "    say: temporary_instead\n    next: check\n"),
    M("again-collect", OUTLETS, "{again: place, say: none_near", "{again: «near, say: none_near"),
    M("on-maybe-empty", LOSS, "next: {on: loss.kind, temporary: done_temporary, formal: done_formal}", "next: {on: «reason, lost: done_temporary, stolen: done_formal}",
      "next: {on: reason, lost: done_temporary, stolen: done_formal, else: done_formal}"),
    M("unreachable", LOSS, "  cannot:\n", "  «lonely:\n    say: cannot\n    next: end\n  cannot:\n"),
    M("no-end", WELCOME, "    next: end\n", "    next: ask\n  ask:\n    confirm: go\n    next: {agreed: ask, refused: ask}\n", where=(WELCOME, "hello:\n")),
    M("loop", RATE, "    say: sorry\n    offer: [hand_off]\n    next: end", "    say: sorry\n    offer: [hand_off]\n    next: «why"),
    M("loop", LOSS, "    next: {temporary: check, formal: reason}", "    next: {temporary: check, formal: «state}"),
    M("silent", RATE, "    collect: why\n    next: sorry", "    collect: why\n    next: «end"),
    M("silent", LOSS, "{found: state, not_found: no_card}", "{found: state, not_found: «stop}"),
    M("silent", LOSS, "    confirm: check\n    next: {agreed: submit, refused: kept}", "    confirm: check\n    next: {agreed: submit, refused: «stop}"),
    M("consent-once", LOSS, "    confirm: check\n    next: {agreed: submit,", "    consent: check\n    next: {agreed: submit,", where=(LOSS, "card.report_loss")),
    M("no-confirm", LOSS, "  temporary_instead:\n    say: temporary_instead\n", "  temporary_instead:\n    say: temporary_instead\n    next: submit\n",
      "  temporary_instead:\n    say: temporary_instead\n    next: check\n", where=(LOSS, "card.report_loss")),
    M("transfer-alone", HAND, "{if: {open.agents: yes}, then: ask}", "{if: {open.agents: yes}, then: transfer}", where=(HAND, "person             #")),
    M("transfer-alone", HAND, "  transfer:\n    transfer: person ", "  soon:\n    say: left\n  transfer:\n    transfer: «person "),
    M("requires-circle", SIGN, "lasts: policy.sign_in_lasts", "requires: [«family]\nlasts: policy.sign_in_lasts"),
    M("requires-circle", SIGN, "  code:\n    collect: code\n", "  code:\n    collect: code\n  seen:\n    need: «face_check\n    next: {met: check, unmet: check}\n"),
    M("link-circle", WELCOME, "    offer: [report_loss, progress]\n    next: end", "    next: {link: «welcome}"),
    M("argument-maybe", LOSS, "with: {id_number: [family.id_number, sign_in.id_number]}", "with: {id_number: «family.id_number}", "with: {id_number: sign_in.id_number}"),
    M("argument-maybe", LOSS, "    with: {card: card.id, kind: kind, reason: reason}", "    with: {card: card.id, kind: «reason}"),
    M("argument-maybe", FACE, "requires: [sign_in]\n", "", where=(FACE, "sign_in.id_number, name")),
    M("missing-words", "flows/pages.yaml", "pages:\n", "pages:\n  «new: {menu: [NEW]}\n"),
]  # fmt: skip

GIVEN = [
    M("maybe-empty", ZH, "没关系，不刷脸也可以", "没关系，«{loss.number}不刷脸也可以", "没关系，{card.number}不刷脸也可以"),
    M("maybe-empty", ZH, "    【已停用】这张卡已经挂失了，不用再办", "    【已停用】«{loss.number}这张卡已经挂失了，不用再办"),
    M("maybe-empty", ZH, "请核对：把您本人（{card.holder}）的社保卡（尾号{card.number}）停用", "请核对：«{reason}，把您本人（{card.holder}）的社保卡（尾号{card.number}）停用"),
    M("maybe-empty", ZH, "【已停用】现在是临时挂失，到期自动", "【已停用】现在是临时挂失，«{card.until}自动"),
    M("unknown-value-here", "messages/zh-CN/common.yaml", "busy: \"您还在办“{flow}”", "busy: \"您还在办“«{flw}”"),
    M("no-variant", ZH, "    - 卡还没有挂失成，不是您的问题。着急请马上打{policy.hotline}。\n", "", where=(ZH, "refused:\n    - if")),
    M("page-value", "messages/zh-CN/pages.yaml", "挂失、恢复、启用都不收费。", "挂失«{card.state}都不收费。", "挂失、恢复都不收费。"),
    M("unknown-policy", "messages/zh-CN/pages.yaml", "寄到家里，邮费{policy.postage}。", "寄到家里，邮费«{policy.postag}。"),
    M("unknown-field", ZH, "受理号：{loss.number}\n        旧卡不会", "受理号：«{loss.nummer}\n        旧卡不会"),
]  # fmt: skip

BY_TIME = [
    M("unknown-flow", LOSS, "    later: loss_lapse", "    later: «loss_laps"),
    M("not-by-time", LOSS, "    later: loss_lapse", "    later: «rate"),
    M(
        "only-by-time",
        LOSS,
        "offer: [page.doctor_now, cancel_loss",
        "offer: [page.doctor_now, «loss_lapse, cancel_loss",
    ),
    M("by-time-start", LAPSE, "start: {later: yes}", "start: {later: yes, «scan: [lapse]}"),
    M("by-time-start", LAPSE, "takes: [card", "«requires: [sign_in]\ntakes: [card"),
    M(
        "by-time-start",
        "messages/zh-CN/loss_lapse.yaml",
        "title: 临时挂失到期提醒",
        "title: 临时挂失到期提醒\n«words: [什么时候到期]",
    ),
    M("by-time-step", LAPSE, "  cancelled:\n    say: cancelled\n", "  «cancelled:\n    forget: [sign_in]\n"),
    M(
        "by-time-link",
        LAPSE,
        "    offer: [reissue, progress]\n    next: end",
        "    next: {link: «reissue}",
        "    offer: [reissue]\n    next: end",
    ),
    M(
        "by-time-down",
        LAPSE,
        "    action: card.recheck\n    with: {card: card}\n    save: now\n    retry: {times: 8, every: 1h}\n    next: {found: state, not_found: unknown, unavailable: unknown}",
        "    action: «card.recheck\n    with: {card: card}\n    save: now\n    next: {found: state, not_found: unknown}",
    ),
    M(
        "hand-in",
        LOSS,
        "    later: loss_lapse\n    date: loss.until\n    before: policy.lapse_notice_days\n    with: {card: card.id, number: card.number, until: loss.until,",
        "    later: «loss_lapse\n    date: loss.until\n    before: policy.lapse_notice_days\n    with: {card: card.id, until: loss.until,",
    ),
    M("not-taken", LOSS, "moment: {value: before}}", "moment: {value: before}, «kind: kind}"),
    M("unknown-value", LOSS, "moment: {value: before}}", "moment: {value: «befor}}"),
    M("unknown-path", LOSS, "until: loss.until, moment", "until: «los.until, moment"),
    M("unknown-field", LOSS, "    date: loss.until", "    date: «loss.untill"),
    M(
        "no-date",
        LOSS,
        "  lapse:                         # it ends by itself: said before, and when it has\n    later: loss_lapse\n    date: loss.until\n",
        "  «lapse:\n    later: loss_lapse\n",
    ),
    M("no-day", LOSS, "    date: loss.until", "    date: «loss.number"),
    M("number", LAPSE, '    after: "1"', '    after: «"1d"'),
    M("unknown-policy", LOSS, "before: policy.lapse_notice_days", "before: «policy.lapse_notice"),
    M("key-of-other-step", LAPSE, "    say: over\n", "    say: over\n    «after: 1\n"),
]
