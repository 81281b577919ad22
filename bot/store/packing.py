"""Builds the arguments of the script that commits a turn: keys, a plan in JSON, and everything sealed."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from msgspec import json

from bot.engine.scope import today
from bot.reading.clean import normal
from bot.store import days
from bot.store.forms import Forms
from bot.store.records import CommitRequest, ResidentKey, member_of
from bot.store.seal import EVIDENCE, Seal
from bot.store.sign_ins import KEPT
from bot.store.window import ALLOWED

SESSION_TTL = 30 * 86400
DELIVERY_TTL = 15 * 60
TRACE_KEEP, TRACE_TTL = 50, 7 * 86400
SHOWN = 30
"""Turns before a change was submitted, and after it, that its evidence holds at most."""
COUNTS_TTL = 400 * 86400
QUESTIONS_TTL, QUESTIONS_MOST = 30 * 86400, 50
DAY_TTL = 30 * 86400
"""Seconds that the figures for those on duty are kept."""
SLOT = 600
"""Seconds for which messages are counted together."""
TAPE_TTL = 86400
ASIDE_TTL = 86400
"""Seconds that a replaced session, which did not open, is kept."""
CONFIRMED_WITHIN = 20
"""Seconds in which WeChat has asked three times for an answer; then it is pushed."""
PAGE_OPEN, PAGE_FIRST = 60, 20
"""Seconds that a page counts as open once it was looked at, and that a push waits for it."""


def day_of(at: int) -> str:
    """Returns the day of a moment in epoch seconds, by China's clocks, as used in keys."""
    return today(at).replace("-", "")


def slot_of(at: int) -> str:
    """Returns the field for a moment's ten minutes of the day, `m:0` to `m:143`, by China's clocks. `at`:
    epoch seconds."""
    return f"m:{(at + 8 * 3600) % 86400 // SLOT}"


_LASTS = {
    "SESSION_TTL": SESSION_TTL,
    "DELIVERY_TTL": DELIVERY_TTL,
    "COUNTS_TTL": COUNTS_TTL,
    "QUESTIONS_TTL": QUESTIONS_TTL,
    "QUESTIONS_MOST": QUESTIONS_MOST,
    "TRACE_KEEP": TRACE_KEEP,
    "TRACE_TTL": TRACE_TTL,
    "SHOWN": SHOWN,
    "TAPE_TTL": TAPE_TTL,
    "DAY_TTL": DAY_TTL,
    "REMEMBERS_TTL": KEPT,
    "CONFIRMED_WITHIN": CONFIRMED_WITHIN,
    "PAGE_FIRST": PAGE_FIRST,
}
_OWN = {
    "SESSION": "s",
    "OUTBOX": "o",
    "RATE": "r",
    "TRACE": "t",
    "INDEX": "ei",
    "CLAIMED": "w",
    "WINDOW": "n",
    "REMINDER": "m",
    "RECORDING": "rec",
    "TAPE": "tape",
    "UNCONFIRMED": "h",
    "ASIDE": "x",
    "REMEMBERED": "k",
    "PAGE": "page",
    "PICTURES": "pic",
}
"""Keys that are one resident's alone, by their names in commit.lua."""
_KEYS = (
    *(*_OWN, "DELIVERY", "DUE", "DEAD", "COUNTS", "QUESTIONS", "DAY"),
    *("EVIDENCE", "EVIDENCE_BESIDE", "HOLDERS"),
)
_ARGUMENTS = (
    *("plan", "version", "new_version", "session", "reply", "waits", "trace", "stored", "reminder"),
    *("evidence", "question", "taped"),
)
CONSTANTS = f"""local {", ".join(_LASTS)} = {", ".join(map(str, _LASTS.values()))}
local NAMED, {", ".join(_KEYS)} = {len(_KEYS)}, unpack(KEYS, 1, {len(_KEYS)})
local GIVEN, {", ".join(_ARGUMENTS)} = {len(_ARGUMENTS)}, unpack(ARGV, 1, {len(_ARGUMENTS)})
"""
"""What stands before commit.lua: the constants, and a name for each key and argument of `packed`."""


@lru_cache(256)
def name_of(delivery: str) -> str:
    return hashlib.sha256(delivery.encode()).hexdigest()[:20]


def delivery_key(owner: ResidentKey, delivery: str) -> str:
    return owner.key("d", owner.tag, name_of(delivery))


def page_key(owner: ResidentKey) -> str:
    return owner.key("page", owner.tag)


def evidence_keys(owner: ResidentKey, receipt: str) -> list[str]:
    """Returns where a resident's evidence may be: under the receipt, or, where another one in the same shard
    has that key, under receipt and tag; and the key of the set of those tags. `receipt`: an HMAC."""
    return owner.keys(f"e:{receipt}", f"e:{receipt}:{owner.tag}", f"eo:{receipt}")


def packed(
    seal: Seal, forms: Forms, owner: ResidentKey, delivery: str, plan: CommitRequest
) -> tuple[list[str], list[bytes | str]]:
    """Returns KEYS and ARGV, as commit.lua names them."""
    receipt = seal.tag(f"receipt {plan.evidence.receipt}") if plan.evidence else ""
    day, asked, at = day_of(plan.event_at), plan.question, plan.question_at
    keys = [
        *owner.own(*_OWN.values()),
        delivery_key(owner, delivery),
        *owner.keys("due", "dead", f"c:{day}", f"{'i' if at else 'u'}:{day}", f"a:{day}"),
        *evidence_keys(owner, receipt),  # without a receipt nothing uses them
        *[owner.key("j", change.job.member) for change in plan.jobs],
        *[owner.key("j", member_of(call)) for call in plan.dropped],
    ]
    question = seal.tag(f"question {at}{' ' if at else ''}{normal(asked)}") if asked else ""
    facts = _facts(seal, owner, plan) | {"receipt": receipt, "question": question}
    facts["delivery_id"] = name_of(delivery)
    if plan.evidence and plan.evidence.again:
        facts["again"] = True
    session = plan.session
    args: list[bytes | str] = [
        json.encode(facts),
        *(plan.version, plan.new_version, forms.sealed_session(owner, session)),
        *(forms.sealed_reply(owner, plan.reply), forms.sealed_reply(owner, plan.outbox)),
        forms.sealed(owner, plan.trace or None, EVIDENCE),  # it goes into evidence unchanged
        b"".join(plan.stored[: plan.take - (plan.unconfirmed != "")]) if plan.take else b"",
        forms.sealed_reply(owner, plan.reminder),
        forms.tagged(owner, plan.evidence.facts if plan.evidence else None, EVIDENCE),
        seal.seal((f"{at}\n{asked}" if at else asked).encode(), question) if question else b"",
        forms.sealed(owner, plan.tape),
        *[forms.sealed_job(owner, c.job) for c in plan.jobs if c.op == "new"],
    ]
    return keys, args


def _facts(seal: Seal, owner: ResidentKey, plan: CommitRequest) -> dict[str, Any]:
    session = plan.session
    jobs: list[dict[str, Any]] = [
        {
            "op": c.op,
            "member": f"j:{c.job.member}",
            "due": c.due,
            "attempt": c.attempt,
            "sure": c.sure,
            "once": c.job.call.once,
        }
        for c in plan.jobs
    ]
    jobs += [{"op": "drop", "member": f"j:{member_of(call)}"} for call in plan.dropped]
    return {
        "not_after": plan.not_after,
        "at": plan.event_at,
        "delivery": plan.delivery,
        "take": plan.take,
        "wake": max(session.wake_at - plan.event_at, 1) if session and session.wake_at else 0,
        "timer": f"t:{owner.tag}",
        "push": f"p:{owner.tag}",
        "pushes": plan.pushes,
        "push_in": plan.push_in,
        "good_for": max(plan.good_for, 1),
        "window": plan.window,
        "window_lasts": ALLOWED[plan.window][0] if plan.window else 0,
        "window_left": ALLOWED[plan.window][1] if plan.window else 0,
        "jobs": jobs,
        "counts": {f"{plan.revision}|{name}": n for name, n in plan.counts.items()},
        "evidence_ttl": plan.evidence.days * 86400 if plan.evidence else 0,
        "aside": ASIDE_TTL if plan.aside else 0,
        "beside": plan.beside,
        "ends_beside": plan.ends_beside,
        "forget": plan.forget,
        "pictures": plan.ends_pictures,
        "rated": plan.rated,
        "slot": slot_of(plan.event_at),
        "noted": days.packed(seal, plan.noted) if plan.noted else {},
        "unconfirmed": plan.unconfirmed,
        "needs_ack": plan.needs_ack,
        "asks": plan.asks,
        "remembers": plan.remembers,
        "unmatched": plan.unmatched,
    }
