"""Checks messages/<lang>/common.yaml: the engine's own texts, with the values each may name."""

from __future__ import annotations

from collections.abc import Mapping

from bot.content.check.variants import paths, variants
from bot.content.read.source import Loc, Source, nearest
from bot.engine import flow as f
from bot.engine.content import Content

_NAMES = """
    already also_taken
    broken busy busy_leave busy_stay
    cancel_leave cancel_restore cancel_which change_offer changed chat_first check_date check_name check_yes
    choose choose_also choose_words code_expired
    consent_withdrawn
    down
    exhausted expired
    face_ask face_offer
    forget_ask forget_kept forget_no forget_yes forgotten forgotten_later
    guess guess_beside guess_none
    handed_back held_calls held_consents held_flows held_name held_number held_receipt held_receipts
    held_reminders held_replies held_result held_sign_ins held_tries held_turns held_typed help hours_all_day
    hours_ask hours_day hours_holiday hours_open hours_today hours_tomorrow hours_usual
    id_15 id_wrong identify_again instead
    language_set last_try list_more list_next list_over list_page lost_answers lost_text lost_time
    maintenance maintenance_soon my_data
    no_codes not_now not_submitted not_sure nothing_back nothing_open nudge
    offer_lead on_hold outcome
    page_first page_offer page_only
    person_wait plain_yes put_off
    redo remark_angry remark_cost remark_refuse remark_safe remark_sent remark_thanks remark_unable
    remark_wait remark_why remind result resume_offer resumed
    slow slow_no_push stale still_open stopped stopped_done stopped_lost submitting
    too_busy too_fast too_long trouble
    typed_here
    unknown
    voice
    welcome_scan which_one
"""
ENGINE_TEXTS = frozenset(_NAMES.split())
SHELL_TEXTS = frozenset({"lost_answers", "lost_text", "lost_time", "too_busy", "too_fast", "trouble"})
"""Sent by the turn's shell when there is no session; no conversation leads to them."""
PAGE_TEXTS = frozenset(
    {
        "chat_first",
        "face_ask",
        "face_offer",
        "held_typed",
        "page_first",
        "page_offer",
        "page_only",
        "typed_here",
    }
)
"""Said where the account has the resident's page; a replay plays without."""
_REMARKS = {name for name in ENGINE_TEXTS if name.startswith("remark_")}
_READING = {"check_date", "check_name", "check_yes", "id_wrong", "instead", "which_one"}
LATER = frozenset(
    {
        "also_taken",
        "change_offer",
        "guess_beside",
        "identify_again",
        "list_next",
        "list_over",
        "list_page",
        "maintenance",
        "maintenance_soon",
        "on_hold",
        "plain_yes",
        "put_off",
        "still_open",
        "too_busy",
        *PAGE_TEXTS,
        *_READING,
        *_REMARKS,
    }
)
"""Texts that a revision of an older release may lack: another text replaces them, or none."""
_MOMENT = ("day", "month", "date", "time")
VALUES: Mapping[str, tuple[str, ...]] = {
    "already": ("flow",),
    "cancel_which": ("flow",),
    "busy": ("flow",),
    "check_date": ("value",),
    "check_name": ("value",),
    "busy_stay": ("flow", "other"),
    "guess_beside": ("other",),
    "identify_again": ("flow",),
    "busy_leave": ("flow", "other"),
    "exhausted": ("flow",),
    "resumed": ("flow",),
    "resume_offer": ("flow",),
    "result": ("flow",),
    "also_taken": ("label", "value"),
    "change_offer": ("label",),
    "changed": ("flow",),
    "outcome": ("outcome",),
    "hours_open": ("time",),
    "hours_today": ("time",),
    "hours_tomorrow": ("time",),
    "hours_day": ("day", "time"),
    "hours_holiday": ("day", "time"),
    "hours_usual": ("time",),
    "list_more": ("more",),
    "list_next": ("more",),
    "list_page": ("entries",),
    "lost_time": tuple(f"{end}.{part}" for end in ("since", "until") for part in _MOMENT),
    "maintenance": ("flow", "until"),
    "maintenance_soon": ("since",),
    "on_hold": ("flow",),
    "put_off": ("until",),
    "my_data": ("held",),
    "forget_ask": ("goes", "stays"),
    "held_receipt": ("number", "until"),
    "forgotten": ("stays",),
    "forgotten_later": ("stays",),
    **dict.fromkeys(
        (
            *("held_calls", "held_consents", "held_flows", "held_name", "held_number", "held_receipts"),
            *("held_reminders", "held_result"),
        ),
        ("values",),
    ),
    "held_sign_ins": ("until",),
}


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
