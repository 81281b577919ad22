"""What is put down about a turn: the masked trace, and the evidence that goes with a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.content.masking import masked
from bot.engine.effects import Count, Reply
from bot.engine.events import ActionFinished, Event, TextReceived, VoiceReceived
from bot.engine.flow import PII_TYPES, Content
from bot.engine.session import Session
from bot.engine.wording import mask
from bot.store.records import Evidence, JobChange

EVIDENCE_DAYS = 1095
"""Where policy says nothing: three years, the usual limitation of actions (Civil Code, article 188)."""


def traced(
    content: Content,
    event: Event,
    before: Session | None,
    after: Session,
    effects: tuple[object, ...],
    said: Reply,
) -> dict[str, Any]:
    """Nothing that was typed: what happened, where it led, the texts as shown, new answers masked."""
    top = after.top
    decided = [e.name for e in effects if isinstance(e, Count) and e.name.endswith((".agreed", ".refused"))]
    trace: dict[str, Any] = {
        "at": event.at,
        "event": type(event).__name__,
        "stands": f"{top.flow}.{top.step}" if top else "",
        "says": list(said.says),
    }
    more = {
        "text": _shown_back(after, said.text),
        "options": [o.label for o in said.options],
        "decided": decided,
        "given": _given(content, before, after),
        "revision": content.revision if said.says else "",
    }
    return trace | {name: value for name, value in more.items() if value}


def _shown_back(after: Session, text: str) -> str:
    """A name that is asked back stands whole in the chat and nowhere else."""
    doubt = after.top.doubt if after.top else None
    if doubt is None or not doubt.shown or not isinstance(doubt.value, str):
        return text
    return text.replace(doubt.value, mask("name", doubt.value))


def unanswered(event: Event, effects: tuple[object, ...]) -> str:
    """What was asked with nothing open and found no answer, masked; "" if it was answered or may not be kept.

    What is typed at a question is an answer to it, often a personal one: that is never kept.
    """
    if not isinstance(event, TextReceived | VoiceReceived) or Count("unknown") not in effects:
        return ""
    tapped = isinstance(event, TextReceived) and event.tap
    return "" if tapped or event.has_pending_replies else masked(event.text)


def evidence(
    event: Event, change: JobChange | None, session: Session, now: int, content: Content
) -> Evidence | None:
    """Of a change that the bureau's system has confirmed with a number; kept as long as policy says."""
    if not isinstance(event, ActionFinished) or change is None or not change.job.call.once:
        return None
    value = event.value
    receipt = value.get("number") if isinstance(value, Mapping) else None
    if event.outcome not in ("done", "already") or not isinstance(receipt, str) or not receipt:
        return None
    call = change.job.call
    facts = {
        "receipt": receipt,
        "action": call.action,
        "outcome": event.outcome,
        "key": call.key,
        "flow": f"{call.flow}.{call.step}",
        "attempts": change.attempt,
        "asked_at": change.job.at,
        "answered_at": event.at,
        "recorded_at": now,
        "revision": content.revision,
        "consents": {
            name: {"version": given.version, "at": given.at} for name, given in session.consents.items()
        },
    }
    return Evidence(receipt, facts, int(content.policy.get("evidence_days", {}).get("value", EVIDENCE_DAYS)))


def _given(content: Content, before: Session | None, after: Session) -> dict[str, str]:
    """Answers of this turn, personal ones masked; what was looked up is not repeated here."""
    old = {(f.run, name): value for f in before.frames for name, value in f.slots.items()} if before else {}
    found: dict[str, str] = {}
    for frame in after.frames:
        flow = content.flows.get(frame.flow)
        for name, value in frame.slots.items() if flow else ():
            slot = flow.slots.get(name) if flow else None
            if slot is None or not isinstance(value, str) or old.get((frame.run, name)) == value:
                continue
            found[f"{frame.flow}.{name}"] = _masked(slot.type, value)
    return found


def _masked(kind: str, value: str) -> str:
    if kind in PII_TYPES:
        return mask(kind, value) if kind != "image" else "…"
    return value if kind in ("choice", "date") else "…"  # free words may be about anybody
