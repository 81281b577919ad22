"""Takes an answer to the open question, or says why it is none."""

from __future__ import annotations

from msgspec.structs import replace

from bot.engine import asking, counts, delays, own_texts, walk
from bot.engine.asking import SUGGESTIONS
from bot.engine.corrections import repeats
from bot.engine.events import Event, VoiceReceived
from bot.engine.flow import Flow, Step
from bot.engine.turn import Turn
from bot.reading.clean import normal
from bot.reading.find import attempted


def try_answer(turn: Turn, event: Event) -> bool:
    """Returns True if the event answered the open question, or was refused for a stated reason."""
    if not was_asked(turn):
        return turn.revised
    if asking.page_use(turn) == "page_only":
        return True  # it is asked again, with the link
    return turn.here.answer(turn, event)


def answer_open_question(turn: Turn, tap: str) -> bool:
    """Takes a tap on an answer of the open question; False if it belongs to another one."""
    if not was_asked(turn):
        return turn.revised or bool(turn.session.frames and not turn.frame.asked_at)  # asked only now
    step = turn.here
    before, now = (f"{turn.frame.run}.{name}." for name in (step.renamed, step.id))
    if step.renamed and tap.startswith(before):  # shown before the step was renamed
        tap = now + tap.removeprefix(before)
    choice = next((c for c in step.choices(turn) if c.tap == tap), None)
    if choice is not None:
        step.choose(turn, choice.value)
    return choice is not None


def was_asked(turn: Turn) -> bool:
    """Checks that the resident has seen the current question and it stands on nothing that has lapsed;
    otherwise the message is no answer, and the flow that has lapsed begins."""
    if turn.revised:
        asking.say_changed(turn)
        return False
    open_now = bool(turn.session.frames) and not turn.frame.call and bool(turn.frame.asked_at)
    return open_now and not walk.renew(turn)


def invalid(turn: Turn) -> None:
    """Rejects an invalid answer, worded differently each time; out of tries, goes where the flow says."""
    if turn.frame.call:
        delays.say_slow(turn)
        turn.asked = True
        return
    if not still_asked(turn):
        return
    if isinstance(turn.event, VoiceReceived) and turn.here.decides:
        turn.say_common("voice")  # recognised well or not: a voice message never decides
        return
    if turn.here.nearly(turn, turn.event) and "plain_yes" in turn.language.common:
        turn.say_common("plain_yes")
        return
    wrong(turn, "", tried=_tried(turn) and not repeats(turn))


def _tried(turn: Turn) -> bool:
    """Checks whether it tried to be an answer; what people say beside the matter costs no try."""
    slot = turn.flow.slots[turn.here.slot].type if turn.here.slot else ""
    return attempted(slot, turn.message)


def still_asked(turn: Turn) -> bool:
    """Checks that the question is still open. Hours and policies change, so it may have answered itself: then
    the next one is asked."""
    if turn.frame.call:
        return False
    question = (turn.frame.run, turn.frame.step)
    walk.run(turn)
    top = turn.session.top
    return top is not None and (top.run, top.step) == question and bool(top.asked_at)


def wrong(turn: Turn, why: str, at: Step | None = None, tried: bool = True) -> None:
    """`at`: the step that asks again, where several are asked at once. `tried`: it costs a try."""
    frame, flow, step = turn.frame, turn.flow, at or turn.here
    turn.effects.append(counts.wrong(frame.flow, step.id))
    if not tried:
        _put_again(turn, why, step, frame.wrong)
        return
    if frame.wrong + 1 >= flow.tries:
        _exhausted(turn)
        return
    turn.change_frame(wrong=frame.wrong + 1)
    _put_again(turn, why, step, frame.wrong)
    if frame.wrong + 1 == flow.tries - 1:
        turn.say_common("last_try")


def _put_again(turn: Turn, why: str, step: Step, nth: int) -> None:
    if why:
        turn.say_common(why)
    else:
        step.ask_again(turn, nth)


def _exhausted(turn: Turn) -> None:
    """Says so first, then goes where the flow says. Keeps for 继续 what another flow replaces."""
    at, group = len(turn.effects), turn.group
    turn.tally.leave("exhausted")
    turn.flow.exhausted.follow(turn, way="exhausted")
    top, kept = turn.session.top, {}
    if top is not None and top.run in turn.tally.begun and group[0].flow != turn.content.person:
        turn.suspend(tuple(replace(f, wrong=0) for f in group))
        kept = {"flow": turn.title(group[0].flow)}
    if group[0].run not in {f.run for f in turn.session.frames}:
        own_texts.say_unfinished(turn, *group)
    own_texts.say(turn, "exhausted", *group, **kept)
    turn.effects.insert(at, turn.effects.pop())
    if top is None and not turn.offers:
        asking.offer_later(turn, tuple(turn.content.menu.values())[:SUGGESTIONS])


def stale(turn: Turn) -> None:
    """Rejects a tap on an answer of an earlier question."""
    turn.say_common("stale")
    if not turn.session.frames:
        asking.offer_again(turn)


def decides_elsewhere(turn: Turn, said: str) -> bool:
    """Checks for the whole words on a button of another flow's yes or no: typed late, or sent again."""
    if turn.event.has_pending_replies or (turn.session.frames and (turn.frame.call or turn.here.decides)):
        return False
    flows = turn.language.decisions.get(said)
    return flows is not None and flows.isdisjoint(frame.flow for frame in turn.session.frames)


def confirmed_again(turn: Turn, said: str, receipt: str) -> bool:
    """Returns True if the message agrees once more to the change of the last receipt: nothing is done again,
    and the receipt's follow-ups stay."""
    session, flow = turn.session, turn.content.flows.get(receipt)
    if flow is None or session.frames or said not in _agreeing(turn, flow):
        return False
    own = turn.words(receipt).texts.get("already")
    if own is not None and turn.rendered(own) is not None:
        turn.say_text(f"{receipt}.already", own)
    else:
        turn.say_common("already", flow=turn.title(receipt))
    asking.offer_again(turn)
    turn.change(after_receipt=receipt)
    return True


def _agreeing(turn: Turn, flow: Flow) -> set[str]:
    """Returns the words on the buttons that lead to the flow's changes."""
    texts = turn.words(flow.name).texts
    shown = (texts[step.text].agreed for step in flow.steps.values() if step.before_once)
    return {normal(turn.label(text, "")) for text in shown} - {""}
