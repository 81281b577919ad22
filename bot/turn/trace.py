"""What a turn leaves behind, masked: its trace, evidence for a receipt, figures for those on duty, and words
that nothing answered."""

from __future__ import annotations

from typing import Any

from bot.content.masking import masked
from bot.engine.content import Content
from bot.engine.effects import Count, Reply, Say
from bot.engine.events import ActionDelayed, ActionFinished, Event, TextReceived, VoiceReceived
from bot.engine.flow import PII_TYPES, Slot
from bot.engine.session import Session
from bot.engine.wording import CHECKED, mask
from bot.reading.clean import hear
from bot.reading.find import attempted
from bot.store.records import Evidence, JobChange, Noted
from bot.turn.matches import receipt_in

LONGEST_COMMENT = 200
"""Characters."""
EVIDENCE_DAYS = 1095
"""If policy has no value: three years, the usual limitation of actions (Civil Code, article 188)."""


def traced(
    content: Content,
    event: Event,
    before: Session | None,
    after: Session,
    effects: tuple[object, ...],
    said: Reply,
) -> dict[str, Any]:
    """Returns the trace: the event, its result, the texts as shown, new answers masked; of typed text only
    what is known to be impersonal (`_wrote`). {} for another attempt that tells nothing: a long outage
    leaves what was shown before it."""
    if event.__class__ is ActionDelayed and not said.says:
        return {}
    top, given = after.top, _given(content, before, after) or _chosen(content, before, effects)
    decided = [e.name for e in effects if e.__class__ is Count and e.name.endswith((".agreed", ".refused"))]
    trace: dict[str, Any] = {
        "at": event.at,
        "event": type(event).__name__,
        "stands": f"{top.flow}.{top.step}" if top else "",
        "says": list(said.says),
    }
    more = {
        "text": _shown_back(content, after, said.text),
        "options": [o.label for o in said.options],
        "decided": decided,
        "given": given,
        "wrote": _wrote(content, event, before, effects, given),
        "revision": content.revision if said.says else "",
    }
    return trace | {name: value for name, value in more.items() if value}


def _shown_back(content: Content, after: Session, text: str) -> str:
    """Masks a name that the bot asks to confirm, a phone and an address in a summary: only the chat shows
    them whole."""
    for frame in after.frames:
        slots = content.flows[frame.flow].slots if frame.flow in content.flows else {}
        for name, value in frame.slots.items():
            if isinstance(value, str) and name in slots and slots[name].type in CHECKED:
                text = text.replace(value, mask(slots[name].type, value))
    doubt = after.top.doubt if after.top else None
    if doubt is None or not doubt.shown or not isinstance(doubt.value, str):
        return text
    return text.replace(doubt.value, mask("name", doubt.value))


def unanswered(event: Event, effects: tuple[object, ...]) -> str:
    """Returns masked words that nothing answered, with no question open; "" if answered or not to be kept."""
    return _words_to_keep(event) if Count("unknown") in effects else ""


def instead(
    content: Content, event: Event, before: Session | None, effects: tuple[object, ...]
) -> tuple[str, str]:
    """Returns masked words that did not answer the question they were written at, a remark or a wrong answer,
    and which question it was, flow.step; "" where there are none to keep.

    Answers are never kept, nor what tries to be a personal one: a name with a wrong sign is a name.
    """
    names = [effect.name for effect in effects if effect.__class__ is Count]  # calls nothing: most turns stop
    missed = [name for name in names if name[:6] == "wrong:" or name[:7] == "remark."]
    frame = before.top if missed and before else None
    if frame is None or frame.doubt is not None or (before and before.system_question):
        return "", ""
    if any(name.startswith("time:") for name in names) or _has_secret(effects):  # answered all the same
        return "", ""
    words, slot = _words_to_keep(event), _asked_for(content, before)
    if slot is not None and slot.type in {*PII_TYPES, "pattern"} and attempted(slot.type, hear(words)):
        return "", ""
    return words, f"{frame.flow}.{frame.step}" if words else ""


def _words_to_keep(event: Event) -> str:
    """Masked words that were typed or spoken, and not tapped; "" where there are none."""
    if not isinstance(event, TextReceived | VoiceReceived) or event.has_pending_replies:
        return ""
    return "" if isinstance(event, TextReceived) and event.tap else masked(event.text)


def evidence(
    event: Event, change: JobChange | None, session: Session, now: int, content: Content
) -> Evidence | None:
    """Returns the evidence for a change that the bureau's system confirmed with a number; kept as policy
    says."""
    if not isinstance(event, ActionFinished) or change is None or not change.job.call.once:
        return None
    receipt = receipt_in(event)
    if not receipt:
        return None
    call, consents = change.job.call, change.job.consents
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
            name: {"version": given.version, "at": given.at}
            for name, given in (session.consents if consents is None else consents).items()
        },
    }
    days = int(content.policy_value("evidence_days") or EVIDENCE_DAYS)
    return Evidence(receipt, facts, days, again=event.outcome == "already")


def noted(
    content: Content,
    tag: str,
    event: Event,
    change: JobChange | None,
    before: Session | None,
    after: Session,
    effects: tuple[object, ...],
) -> Noted:
    """Returns the figures for those on duty (bot.store.days): how a change ended, until when a resident is
    with the staff, comments on the service."""
    found: dict[str, int | tuple[int | str, ...]] = {}
    if isinstance(event, ActionFinished) and change and change.op == "done" and change.job.call.once:
        found[f"e:{change.job.member}"] = (event.at, tag, change.job.call.action, event.outcome)
    if after.handoff_until or (before and before.handoff_until):
        found[f"s:{tag}"] = after.handoff_until
    if comment := _comment(content, event, before, effects):
        found[f"c:{event.seed:x}"] = comment
    return found


def _comment(
    content: Content, event: Event, before: Session | None, effects: tuple[object, ...]
) -> tuple[int | str, ...]:
    frame, slot = before.top if before else None, _asked_for(content, before)
    if (
        frame is None
        or slot is None
        or not slot.comment
        or not isinstance(event, TextReceived | VoiceReceived)
    ):
        return ()
    text = masked(event.text, LONGEST_COMMENT)
    if not text or _has_secret(effects) or Count(f"{frame.flow}.{frame.step}.given") not in effects:
        return ()
    slots = content.flows[frame.flow].slots
    rated = next((v for name, v in frame.answers if slots[name].type == "choice" and isinstance(v, str)), "")
    return event.at, f"{frame.flow}.{slot.name}", rated, text


def _asked_for(content: Content, session: Session | None) -> Slot | None:
    """Returns what the open question asks for; None if nothing is asked, or a yes or no."""
    frame = session.top if session and not session.system_question else None
    flow = content.flows.get(frame.flow) if frame else None
    step = flow.steps.get(frame.step) if flow and frame else None
    return flow.slots.get(step.slot) if flow and step else None


def _has_secret(effects: tuple[object, ...]) -> bool:
    """Checks for a typed password or code, so that its words are not kept; the resident was warned."""
    return "common.no_codes" in [e.id for e in effects if e.__class__ is Say]


def _wrote(
    content: Content, event: Event, before: Session | None, effects: tuple[object, ...], given: object
) -> str:
    """Returns the resident's words where they are the content's own. "" for all else: no mask knows every
    name, and a trace becomes evidence. An answer stands under `given`."""
    if given or not isinstance(event, TextReceived | VoiceReceived) or (before and before.handoff_until):
        return ""
    if _has_secret(effects):
        return ""
    words = hear(event.text).normal
    if words in content.triggers or words in content.recovery or words in content.yes or words in content.no:
        return event.text
    if isinstance(event, TextReceived) and event.tap and _asked_for(content, before) is None:
        return event.text  # a label that we have shown
    return ""


def _given(content: Content, before: Session | None, after: Session) -> dict[str, str]:
    """Returns this turn's answers, personal ones masked; looked-up values are not repeated here."""
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


def _chosen(content: Content, before: Session | None, effects: tuple[object, ...]) -> dict[str, str]:
    """Returns the value that a choice got, in a flow that ended by it and took its answers along."""
    slot, top = _asked_for(content, before), before.top if before else None
    if slot is None or top is None or slot.type != "choice":
        return {}
    found = (v for v in slot.values if Count(f"{top.flow}.{top.step}.{v}") in effects)
    return {f"{top.flow}.{slot.name}": value for value in found}


def _masked(kind: str, value: str) -> str:
    if kind in PII_TYPES:
        return mask(kind, value) if kind != "image" else "…"
    return value if kind in ("choice", "date", "time") else "…"  # free words may be about anyone
