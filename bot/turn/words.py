"""Where a turn's words go: to the delivery that waits, or to the outbox."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from bot.engine.content import Content
from bot.engine.effects import Count, Effect, Reply, compose, joined, news_in
from bot.engine.session import Session
from bot.store.records import Snapshot
from bot.turn.decision import ON_PAGE, Decision, Occasion

LARGEST = 2000
"""Bytes of one message to a resident, its tap links included."""
LINK = 115
"""Bytes of a tap link beside its label, which stands in it twice."""


class Words(Struct, frozen=True):
    """Where a turn's words go.

    `reply`: the delivery's answer; None: it gets none now. `take`: pending replies that it tells first.
    `later`: for the outbox, or a reminder. `needs_ack`, `asks`: as in CommitRequest.
    """

    reply: Reply | None = None
    take: int = 0
    later: Reply | None = None
    needs_ack: bool = False
    asks: bool = False


def divide(
    begun: Snapshot,
    delivery: str,
    decision: Decision,
    said: Reply,
    calls: bool,
    asks: bool,
    illustrate: Callable[[Reply], Reply],
) -> Words:
    """Decides where the words go. `calls`: new ones are made, whose outcomes what was said waits for.
    `asks`: as `decides`. `illustrate`: uploads a picture that is told now."""
    answers = decision.occasion.answers and not calls
    page = delivery.startswith(ON_PAGE)  # which shows what waits by itself
    take = fitting(begun.outbox, said) if answers and not page else 0
    reply = _joined(begun.outbox[:take], said, decision.turned.effects)
    if reply.kind == "none" and decision.fallback is not None:
        reply = decision.fallback
    if not answers:
        return Words(later=said if said.kind == "text" else None)
    if reply.kind == "none" and decision.occasion is not Occasion.MESSAGE:
        return Words()
    if reply.picture:
        reply = illustrate(reply)
    take = 0 if reply.kind == "transfer" else take
    receipt = bool(said.notice) or (decision.ended is not None and decision.ended.once)
    if page:  # a receipt stands in the chat, too
        return Words(reply, later=replace(reply, shown=True) if receipt else None)
    text = reply.kind == "text"
    return Words(reply, take, needs_ack=text and (receipt or take > 0), asks=text and asks)


def decides(content: Content, session: Session) -> bool:
    """Checks for an open question to which a yes is enough: nobody may agree to what did not arrive."""
    top = session.top
    if top is None or top.call or session.system_question:
        return False
    flow = content.flows.get(top.flow)  # as it was stored, perhaps: new content may know it no more
    step = flow.steps.get(top.step) if flow else None
    return step is not None and step.decides


def fitting(outbox: tuple[Reply, ...], said: Reply) -> int:
    """Returns how many pending replies, oldest first, fit into one message with the current one."""
    room, count = LARGEST - size(said), 0
    for item in outbox:
        room -= size(item)
        if room < 0 and (count or said.kind == "text"):
            break
        count += 1
    return count


def size(reply: Reply) -> int:
    """Returns its bytes as a message."""
    links = sum(2 * len(o.label.encode()) + LINK for o in reply.options)
    return len(reply.text.encode()) + len(reply.lead.encode()) + links + 2


def _joined(told: tuple[Reply, ...], said: Reply, effects: tuple[Effect, ...]) -> Reply:
    if told and Count("unknown") in effects:  # the message asked for the pending replies
        news = compose(news_in(effects)[0], said.language)
        return joined(told, news) if news.text else joined(told[:-1], told[-1])
    return joined(told, said)
