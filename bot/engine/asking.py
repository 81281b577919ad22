"""Asks the open question with its answers to tap, and offers follow-ups below a reply."""

from __future__ import annotations

import hashlib

from msgspec.structs import replace

from bot.engine import counts, delays
from bot.engine.effects import PAGE, Call, Offer, Option
from bot.engine.flow import PII_TYPES, Target, Value
from bot.engine.session import Frame, Offered
from bot.engine.turn import Turn
from bot.reading.choices import Choice

SUGGESTIONS = 4
NUMBERED = 9
"""Numbered answers in one bubble; the others come with 更多, and may be answered with at once."""

CLOCK_SKEW = 2
"""Seconds by which the time of an outcome, taken from the store's clock, may be ahead of WeChat's."""


def question(turn: Turn, before: bool = False) -> str:
    """Identifies the open question: its step, and what an answer to it depends on.

    `before`: by the earlier names of the flow's steps and slots.
    """
    step = turn.here
    shown = step.shown(turn)
    digest = hashlib.sha256(shown.encode()).hexdigest()[:8] if shown else ""
    return f"{step.was if before else step.hash}.{digest}"


def ask(turn: Turn) -> None:
    """Asks the top frame's question, with its answers to tap."""
    if turn.asked or not turn.session.frames:
        return
    turn.asked = True
    if any(f.revised for f in turn.group):
        say_changed(turn)
    frame, step = turn.frame, turn.here
    if turn.digressed and frame.asked_at and step.asks:
        turn.say_common("still_open", "resumed", flow=turn.title(turn.group[0].flow))
    if not frame.asked_at:
        turn.change_frame(asked_at=max(turn.session.heard_at, turn.event.at - CLOCK_SKEW))
    if not frame.since and (step.asks or step.port):
        turn.change_frame(since=turn.event.at)
        turn.effects.append(counts.asked(frame.flow, step.id))
    if step.asks:
        step.ask(turn)
        offer_page(turn)
        show_choices(turn)
    elif frame.call and not any(isinstance(e, Call) for e in turn.effects):
        delays.say_slow(turn)  # the resident writes while the call goes on


def show_choices(turn: Turn) -> None:
    choices = _first_page(turn, turn.here.choices(turn))
    if choices:
        numbered = any(c.number for c in choices)
        typed = "choose_also" if turn.here.slot else "choose_words"
        _offer(turn, choices, "choose" if numbered else typed)


def _first_page(turn: Turn, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Returns the choices that are shown, and keeps the others for 更多; after 更多 its page shows them."""
    numbered = [c for c in choices if c.number]
    rest = numbered[NUMBERED:]
    if not rest or turn.looking or "list_next" not in turn.language.common:
        return choices
    if turn.has_said("common.list_page"):
        return tuple(c for c in choices if not c.number)
    turn.say_common("list_next", more=str(len(rest)))
    turn.keep_rest([f"{c.number}. {c.label}" for c in rest])
    return tuple(c for c in choices if c not in rest)


def _offer(turn: Turn, choices: tuple[Choice, ...], lead: str) -> None:
    options = tuple(Option(c.label, c.tap, c.number) for c in choices)
    turn.effects.append(Offer(options, turn.common(lead)))


def page_use(turn: Turn) -> str:
    """Returns where a personal question is best answered: page_first, chat_first, page_only; "" without a
    page, or if it is answered there already."""
    slot = turn.flow.slots.get(turn.here.slot)
    if turn.content.face_page and face_check(turn) and not turn.event.mark and not turn.looking:
        return "page_only"
    if not turn.event.page or turn.event.mark or slot is None or slot.type not in PII_TYPES:
        return ""
    if turn.event.page == "link" and turn.content.flows[turn.group[0].flow].lasts:
        return ""  # what others were to rest on would end with its run
    if "page_offer" not in turn.language.common:  # a revision of an earlier release
        return ""
    return turn.content.policy.get("personal_answers", {}).get("value", "page_first")


def face_check(turn: Turn) -> dict[str, Value]:
    """Returns what a face check at the open question is asked with, beside the face; {} where a picture, or
    no face at all, is the answer."""
    slot = turn.flow.slots.get(turn.here.slot) if turn.content.face_page else None
    step = turn.flow.steps.get(slot.compared_by) if slot else None
    if step is None or "face_ask" not in turn.language.common:
        return {}
    asked = {name: turn.argument(arg) for name, arg in step.arguments.items() if name != "image"}
    return {name: value for name, value in asked.items() if value is not None}


def offer_page(turn: Turn) -> None:
    """Offers a link to the page, before the other answers."""
    if use := page_use(turn):
        label = "face_offer" if face_check(turn) else "page_offer"
        link = Option(turn.common(label), "", url=f"{PAGE}{turn.run}")
        turn.effects.append(Offer((link,), turn.common(use)))


def say_changed(turn: Turn) -> None:
    """Tells the resident, once, that new content replaced the question."""
    session = turn.session
    suspended = session.suspended and replace(session.suspended, frames=_told(session.suspended.frames))
    turn.change(frames=_told(session.frames), suspended=suspended)
    if session.frames:
        turn.say_common("changed", flow=turn.title(turn.group[0].flow))
    else:
        turn.say_common("changed")
        offer_later(turn, tuple(turn.content.menu.values())[:SUGGESTIONS])


# --- follow-ups ---
def offer_later(turn: Turn, targets: tuple[Target, ...]) -> None:
    """Adds the follow-ups of a `say`; each is shown once, at the end of the turn."""
    scope = turn.scope()
    for target in targets:
        given = {slot: v for slot, path in target.given.items() if (v := scope.value(path)) is not None}
        offered = Offered(target.flow, target.page, given)
        if (target.flow, target.page) not in [(o.flow, o.page) for o in turn.offers]:
            turn.offers.append(offered)


def offer_person(turn: Turn) -> None:
    """Adds 都不是, for a resident who meant none of the suggestions."""
    person = turn.content.person
    turn.offers = [o for o in turn.offers if o.flow != person]
    turn.offers.append(Offered(person, none=True))


def offer_again(turn: Turn) -> None:
    """With nothing open, offers the last follow-ups again, or the first buttons of the menu."""
    turn.offers = [o for o in turn.session.offered if turn.known(o) and not o.resume and not o.none]
    if not turn.offers:
        offer_later(turn, tuple(turn.content.menu.values())[:SUGGESTIONS])


def show_offers(turn: Turn, lead: str = "choose") -> None:
    """Shows follow-ups, numbered if no question is open; beside a question, or if unasked, only to tap."""
    if not turn.offers:
        return
    _offer_way_back(turn)
    bare = turn.asked or turn.unasked
    if turn.asked:  # what is open is asked just above
        open_now = {frame.flow for frame in turn.group}
        turn.offers = [o for o in turn.offers if o.flow not in open_now]
        if not turn.offers:
            return
    run = turn.session.offered_tag if turn.looking else str(turn.session.runs)
    choices = tuple(
        Choice(
            "",
            offered_label(turn, o),
            0 if bare else n,
            f"{run}.-{n}.{'page.' + o.page if o.page else o.flow}",
        )
        for n, o in enumerate(turn.offers, 1)
    )
    _offer(turn, choices, "offer_lead" if bare else lead)
    turn.change(offered=tuple(turn.offers), offered_tag=run)


def _offer_way_back(turn: Turn) -> None:
    """Puts a suspended run first, as long as its answers are kept."""
    suspended = turn.session.suspended
    if suspended is not None and suspended.until > turn.event.at and not turn.session.frames:
        flow = suspended.frames[0].flow
        turn.offers = [Offered(flow, resume=True), *(o for o in turn.offers if o.flow != flow)]


def offered_label(turn: Turn, offered: Offered) -> str:
    title = turn.title(offered.flow, offered.page)
    if offered.none:
        return turn.common("guess_none")
    return turn.common("resume_offer", flow=title) if offered.resume else title


def _told(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    return tuple(replace(f, revised=False) if f.revised else f for f in frames)
