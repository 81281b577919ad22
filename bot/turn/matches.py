"""Records of a turn about who signed in for whom, and the job that reports a change to the others."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping

from bot.actions import ACTIONS, EVENTS, TELL
from bot.engine.effects import Call
from bot.engine.events import ActionFinished, Event
from bot.engine.scope import today
from bot.engine.session import DONE, Session
from bot.services.identity import plain_id
from bot.services.limit import COUNTED
from bot.store.records import Job, JobChange, Snapshot
from bot.store.sign_ins import KEPT, RECEIPT, card_of, disputed, person_of, receipt_of


def remembered(
    tag: Callable[[str], str], event: Event, call: Call | None, known: Container[str]
) -> dict[str, str]:
    """Records a match: this openid belongs to the person; for a card that was found: its holder; for a change
    of which the bureau will report more: its receipt.

    `tag`: of the seal. `call`: the one with this outcome. `known`: fields that are recorded already.
    """
    if not isinstance(event, ActionFinished) or call is None:
        return {}
    until = event.at + KEPT
    if any(call.action == kind.change for kind in EVENTS.values()) and (receipt := receipt_in(event)):
        name = RECEIPT + receipt_of(tag, receipt)
        return {} if name in known else {name: f"{until} 0"}
    number = call.arguments.get("id_number")
    if not isinstance(number, str):
        return {}
    person = person_of(tag, plain_id(number))
    about = COUNTED.get(call.action)
    if about is not None and event.outcome == "match":
        return {f"{about}:{person}": str(until)}
    if call.action == "card.find" and isinstance(event.value, Mapping) and event.value.get("id"):
        return {f"card:{card_of(tag, str(event.value['id']))}": f"{until} {person}"}
    return {}


def receipt_in(event: ActionFinished) -> str:
    """Returns the number under which the bureau has this change; "" if there is none."""
    number = event.value.get("number") if isinstance(event.value, Mapping) else None
    return number if event.outcome in DONE and isinstance(number, str) else ""


def to_tell(begun: Snapshot, event: Event, change: JobChange | None, tag: Callable[[str], str]) -> Job | None:
    """Returns the job that reports this outcome: a changed card, or frozen sign-ins. `tag`: of the seal."""
    if (
        not isinstance(event, ActionFinished)
        or change is None
        or change.op != "done"
        or event.outcome != "done"
    ):
        return None
    job, call = change.job, change.job.call
    person, number, what = job.person, job.number, call.action.partition(".")[2]
    if call.action == "real_name.freeze":
        person, number, what = disputed(begun.remembered, str(call.arguments.get("notice", ""))), "", "frozen"
    if not person:
        return None
    notice = tag(f"notice {call.id}")
    given = {"person": person, "change": what, "number": number, "day": today(event.at), "notice": notice}
    given = {name: value for name, value in given.items() if value}
    telling = Call(f"{call.id}.told", TELL, given, False, f"{call.id}.told", call.flow, call.step, call.run)
    return Job(telling, job.openid, job.account, "", event.at, begun.now)


def concerns(begun: Snapshot, session: Session, call: Call, tag: Callable[[str], str]) -> tuple[str, str]:
    """Returns whose card a change is about, and the card's last four digits; "" if unknown."""
    action = ACTIONS.get(call.action)
    if not call.once or action is None or action.subject != "card":
        return "", ""
    card = str(call.arguments.get("card", ""))
    person = begun.remembered.get(f"card:{card_of(tag, card)}", (0, ""))[1]
    records = (value for f in session.frames for value in f.slots.values() if isinstance(value, dict))
    return person, next((r["number"][-4:] for r in records if r.get("id") == card and "number" in r), "")
