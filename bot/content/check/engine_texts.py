"""Checks messages/<lang>/common.yaml: the engine's own texts, with the values each may name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.content.check.variants import paths, variants
from bot.content.read.source import Loc, Source, nearest
from bot.engine import flow as f
from bot.engine.content import Content

_TEXTS = """
    already(flow) also_taken?(label,value)
    broken busy(flow) busy_leave(flow,other) busy_stay(flow,other)
    cancel_leave cancel_restore cancel_which(flow) change_offer?(label) changed(flow) chat_first@
    check_date?(value) check_name?(value) check_yes? choose choose_also choose_words code_expired
    consent_withdrawn
    down
    exhausted(flow) expired
    face_ask@ face_offer@ forget_ask(goes,stays) forget_kept forget_no forget_yes forgotten(stays)
    forgotten_later(stays)
    guess guess_beside?(other) guess_none
    handed_back held_calls(values) held_consents(values) held_flows(values) held_name(values)
    held_number(values) held_receipt(number,until) held_receipts(values) held_reminders(values)
    held_replies held_result(values) held_sign_ins(until) held_tries held_turns held_typed@ help
    hours_all_day hours_ask hours_day(day,time) hours_holiday(day,time) hours_open(time)
    hours_today(time) hours_tomorrow(time) hours_usual(time)
    id_15 id_wrong? identify_again?(flow) instead?
    language_set last_try list_more(more) list_next?(more) list_over? list_page?(entries) lost_answers
    lost_text
    lost_time(since.day,since.month,since.date,since.time,until.day,until.month,until.date,until.time)
    maintenance?(flow,until) maintenance_soon?(since) my_data(held)
    no_codes not_now not_submitted not_sure nothing_back nothing_open nudge
    offer_lead on_hold?(flow) outcome(outcome)
    page_first@ page_offer@ page_only@ person_wait plain_yes? put_off?(until)
    redo remark_angry? remark_cost? remark_refuse? remark_safe? remark_sent? remark_thanks?
    remark_unable? remark_wait? remark_why? remind result(flow) resume_offer(flow) resumed(flow)
    slow slow_no_push stale still_open? stopped stopped_done stopped_lost submitting
    too_busy? too_fast too_long trouble typed_here@
    unknown
    voice
    welcome_scan which_one?
"""
"""Each with the values that it may name. `?`: an older revision may lack it; another text replaces it, or
none. `@`: so too, and it is said where the account has the resident's page; a replay plays without."""
_KNOWN = re.findall(r"(\w+)([?@]?)(?:\((.*?)\))?", _TEXTS)
VALUES: Mapping[str, tuple[str, ...]] = {
    name: tuple(values.split(",")) for name, _, values in _KNOWN if values
}
ENGINE_TEXTS = frozenset(name for name, _, _ in _KNOWN)
LATER = frozenset(name for name, mark, _ in _KNOWN if mark)
PAGE_TEXTS = frozenset(name for name, mark, _ in _KNOWN if mark == "@")
SHELL_TEXTS = frozenset({"lost_answers", "lost_text", "lost_time", "too_busy", "too_fast", "trouble"})
"""Sent by the turn's shell when there is no session; no conversation leads to them."""


def check_common(language: f.Language, content: Content, source: Source) -> None:
    missing = ENGINE_TEXTS - LATER - set(language.common)
    misspelt = {name for name in language.common if name not in ENGINE_TEXTS and nearest(name, missing)}
    for name in sorted(missing):
        if not nearest(name, misspelt):
            source.error((), "missing-engine-text", name=name)
    for name, made in language.common.items():
        if name in misspelt:
            source.error((name,), "unknown-key", key=True, name=name, known=missing)
        elif name not in ENGINE_TEXTS:
            source.warn((name,), "unknown-text", key=True, name=name, known=ENGINE_TEXTS)
        if name not in ENGINE_TEXTS:
            continue
        allowed = VALUES.get(name, ())
        sure = set(allowed)
        for variant, loc in variants(made, source, (name,)):
            tested = {t.path for t in variant.when if t.given is not False and not t.none_of}
            for path in (path for test in variant.when for path in test.paths):
                if path not in allowed and not _policy(path, content):
                    at: Loc = (*loc[:-1], "if", path)
                    source.error(at, "unknown-value-here", key=True, name=path, known=allowed)
            for path in paths(variant):
                if _policy(path, content):
                    continue
                if path not in allowed:
                    source.error(loc, "unknown-value-here", near=f"{{{path}}}", name=path, known=allowed)
                elif path not in sure | tested:
                    source.error(loc, "maybe-empty", near=f"{{{path}}}", name=path)
        if made.variants and made.variants[-1].when:
            source.error((name,), "no-variant", key=True)


def _policy(path: str, content: Content) -> bool:
    head, _, rest = path.partition(".")
    known = content.policy  # empty: it could not be read, which is reported once
    return head == "policy" and (not known or rest.partition(".")[0] in known)


def code_words(language: f.Language, content: Content, source: Source) -> None:
    """Checks that every code shown by a text of this language has words."""
    for flow_name, words in language.flows.items():
        flow = content.flows.get(flow_name)
        if flow is None:
            continue
        for _, made in words.each():
            for path in (path for variant in made.variants for path in paths(variant)):
                head, _, field = path.partition(".")
                slot = flow.slots.get(head)
                spec = slot.fields.get(field) if slot else None
                if spec is None or spec.kind != "code":
                    continue
                key = f"{head}.{field}" if f"{head}.{field}" in language.codes else field
                known = language.codes.get(key, {})
                lacking = [value for value in spec.of if value not in known]
                if lacking:
                    source.error(
                        ("codes", key), "missing-code-words", key=True, name=key, values=", ".join(lacking)
                    )
