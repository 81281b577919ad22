"""The question that is open: taking an answer to it, or saying why that was none."""

from __future__ import annotations

from msgspec.structs import replace

from bot.engine import counts
from bot.engine.asking import AGREED, REFUSED, SUGGESTIONS
from bot.engine.effects import Count
from bot.engine.events import Event, TextReceived, VoiceReceived
from bot.engine.flow import Flow
from bot.engine.session import Consent, Parked
from bot.engine.slots import Choice, Invalid, answer, chosen, code_digits, normal, typed
from bot.engine.walk import MESSAGES, Walk


def try_answer(walk: Walk, event: Event) -> bool:
    """True if the event answered the open question (or was refused for a reason that was told)."""
    if not _asked(walk):
        return walk.revised
    step = walk.here
    if step.kind == "transfer":
        return isinstance(event, MESSAGES)
    if step.kind in ("confirm", "consent"):
        return isinstance(event, TextReceived) and _decide(walk, event.text)
    if step.kind != "collect":
        return False
    slot = walk.flow.slots[step.slot]
    if slot.type == "code":
        return _code(walk, typed(event) or "")
    found = answer(slot, event, walk.choices())
    if not isinstance(found, Invalid):
        walk.answered(slot, found)
        return True
    if found.text:
        _wrong(walk, found.text)
        return True
    return False


def answer_open_question(walk: Walk, tap: str) -> bool:
    """A tap on an answer of the open question; False if it belongs to another one."""
    if not _asked(walk):
        return walk.revised
    step = walk.here
    before, now = (f"{walk.frame.run}.{name}." for name in (step.renamed, step.id))
    if step.renamed and tap.startswith(before):  # shown before the step was renamed
        tap = now + tap.removeprefix(before)
    choice = next((c for c in walk.choices() if c.tap == tap), None)
    if choice is None:
        return False
    if step.kind in ("confirm", "consent"):
        _settle_decision(walk, choice.value == AGREED)
    else:
        walk.answered(walk.flow.slots[step.slot], choice.value)
    return True


def _asked(walk: Walk) -> bool:
    """Whether the resident has seen the question as it stands; what they say is no answer otherwise."""
    if walk.revised:
        walk.say_changed()
        return False
    return bool(walk.session.frames) and not walk.frame.call and bool(walk.frame.asked_at)


def _decide(walk: Walk, text: str) -> bool:
    """A confirm or consent: its label or a word for yes or no. Before a change, the whole label."""
    said, choices = normal(text), walk.choices()
    exact = next((c for c in choices if normal(c.label) == said), None)
    choice: Choice | None = exact
    if exact is None and said in walk.content.yes:
        choice = choices[0]
    elif exact is None and said in walk.content.no:
        choice = choices[1]
    elif exact is None and not walk.here.before_once:
        choice = chosen(text, choices)
    if choice is None:
        return False
    _settle_decision(walk, choice.value == AGREED)
    return True


def _settle_decision(walk: Walk, agreed: bool) -> None:
    """A change is agreed to only by a message sent after the one that led to its summary."""
    step, frame = walk.here, walk.frame
    if agreed and step.before_once and walk.event.at <= frame.asked_at:
        walk.say_common("redo")
        return
    if step.kind == "consent" and agreed:
        version = walk.words(frame.flow).texts[step.text].version
        given = Consent(version, walk.event.at)
        walk.change(consents={**walk.session.consents, f"{frame.flow}.{step.text}": given})
    outcome = AGREED if agreed else REFUSED
    walk.effects.append(Count(f"{frame.flow}.{step.id}.{outcome}"))
    walk.close()
    walk.follow(step.next, outcome)


def _code(walk: Walk, text: str) -> bool:
    frame = walk.frame
    digits = code_digits(text)
    if not digits:
        return False
    if walk.event.at > frame.code_until:
        walk.say_common("code_expired")
        return True  # a fresh one is shown as the question is asked again
    if digits != frame.code:
        return False
    walk.change_frame(code="", code_until=0)
    walk.answered(walk.flow.slots[walk.here.slot], digits)
    return True


def invalid(walk: Walk) -> None:
    """Not an answer: say it another way each time; out of tries, say so and go where the flow says."""
    if walk.frame.call:
        walk.say("slow")
        walk.asked = True
        return
    question = (walk.frame.run, walk.frame.step)
    walk.run()  # it may have answered itself by now: hours and policies change
    top = walk.session.top
    if top is None or (top.run, top.step) != question or not top.asked_at:
        return  # another one will be asked now
    if isinstance(walk.event, VoiceReceived) and walk.here.kind in ("confirm", "consent"):
        walk.say_common("voice")  # heard well or not: a voice never decides
        return
    _wrong(walk, "")


def _wrong(walk: Walk, why: str) -> None:
    frame, flow, step = walk.frame, walk.flow, walk.here
    walk.effects.append(counts.wrong(frame.flow, step.id))
    if frame.wrong + 1 >= flow.tries:
        _exhausted(walk)
        return
    walk.change_frame(wrong=frame.wrong + 1)
    if why:
        walk.say_common(why)
    elif step.kind == "collect":
        _again(walk, frame.wrong)
    else:
        walk.say_common("nudge")
    if frame.wrong + 1 == flow.tries - 1:
        walk.say_common("last_try")
    walk.offer_later(walk.guessed[:2])


def _exhausted(walk: Walk) -> None:
    """Said first, then on where the flow says. What another flow takes the place of is kept for 继续."""
    at, group = len(walk.effects), walk.session.frames[walk.base() :]
    walk.leave("exhausted")
    walk.follow(walk.flow.exhausted, way="exhausted")
    top, kept = walk.session.top, {}
    if top is not None and top.run in walk.begun and group[0].flow != walk.content.person:
        expire = max(walk.content.flows[f.flow].expire for f in group)
        parked = tuple(replace(f, wrong=0) for f in group)
        walk.change(parked=Parked(parked, walk.event.at + expire))
        kept = {"flow": walk.title(group[0].flow)}
    if group[0].run not in {f.run for f in walk.session.frames}:
        walk.say_unfinished(*group)
    walk.say_own("exhausted", *group, **kept)
    walk.effects.insert(at, walk.effects.pop())
    if top is None and not walk.offers:
        walk.offer_later(tuple(walk.content.menu.values())[:SUGGESTIONS])


def _again(walk: Walk, nth: int) -> None:
    """The slot's own words for this try stand in for its question."""
    step = walk.here
    words = walk.words(walk.frame.flow).slots[step.slot]
    walk.ask_again(words.again[min(nth, len(words.again) - 1)] if words.again else words.ask)


def stale(walk: Walk) -> None:
    """A tap on an answer of an earlier question."""
    walk.say_common("stale")
    if not walk.session.frames:
        walk.offer_again()


def confirmed_again(walk: Walk, said: str, receipt: str) -> bool:
    """True if the words, typed or tapped, agree once more to what the last receipt was for: nothing is done
    again, and the receipt's follow-ups stand."""
    session, flow = walk.session, walk.content.flows.get(receipt)
    if flow is None or session.frames or said not in _agreeing(walk, flow):
        return False
    own = walk.words(receipt).texts.get("already")
    if own is not None and walk.rendered(own) is not None:
        walk.say_text(f"{receipt}.already", own)
    else:
        walk.say_common("already", flow=walk.title(receipt))
    walk.offer_again()
    walk.change(after_receipt=receipt)
    return True


def _agreeing(walk: Walk, flow: Flow) -> set[str]:
    """The words on the buttons that lead to the flow's changes."""
    texts = walk.words(flow.name).texts
    shown = (texts[step.text].agreed for step in flow.steps.values() if step.before_once)
    return {normal(walk.label(text, "")) for text in shown} - {""}
