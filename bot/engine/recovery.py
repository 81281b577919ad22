"""The words that always work: 取消 返回 帮助 重来 人工 继续 好了吗 改… 我的信息 删除我的信息 撤回同意 …"""

from __future__ import annotations

from collections.abc import Callable

from bot.engine.begin import ask_engine_question, begin
from bot.engine.effects import Count, Say, Unmatch
from bot.engine.events import Event, TextReceived, VoiceReceived
from bot.engine.flow import Content
from bot.engine.holdings import say_held
from bot.engine.park import resume
from bot.engine.session import Frame, Offered, Session
from bot.engine.slots import OPEN_TYPES, normal
from bot.engine.walk import Walk


def recover(walk: Walk, text: str, receipt: str) -> bool:
    """True if the message was a recovery word. `receipt`: the flow whose receipt was the last thing said."""
    said = normal(text)
    word = walk.content.recovery.get(said)
    if word is None:
        return _change(walk, said)
    if word == "result" and (walk.event.untold or _changing(walk)):
        return False  # what waits, or what is said while it is under way, answers that
    if word == "result" and _not_yet(walk):
        return True
    if word == "result" and walk.session.result is None:
        return False
    walk.effects.append(Count(f"word.{word}"))
    walk.leave(word.partition(":")[0])
    if word.startswith("language:"):
        walk.change(language=word.removeprefix("language:"))
        walk.say_common("language_set")
    elif word == "cancel":
        _cancel(walk, receipt)
    elif word == "result" or (word == "repeat" and not walk.session.frames and walk.session.result):
        _result(walk)
        walk.change(after_receipt=receipt)
    else:
        WORDS[word](walk)
    return True


def _not_yet(walk: Walk) -> bool:
    """好了吗 while a question stands: whoever asks has answered it, as far as they know (the answer went down
    with a machine), so it is asked again and no try is lost."""
    if not walk.session.frames or walk.frame.call or not walk.frame.asked_at:
        return False
    step = walk.here
    if step.before_once:
        walk.say_common("not_submitted")
        return True
    if walk.session.result is not None or step.kind not in ("collect", "confirm", "consent"):
        return False
    if step.kind == "collect" and walk.flow.slots[step.slot].type in OPEN_TYPES:
        return False
    walk.say_resumed()
    return True


def _changing(walk: Walk) -> bool:
    return any(call.once for call in walk.session.calls.values())


def _submitting(walk: Walk) -> bool:
    """While a change is under way nothing may undo the steps that led to it."""
    if walk.open_once() is None:
        return False
    walk.say_common("submitting")
    walk.asked = True
    return True


def _cancel(walk: Walk, receipt: str) -> None:
    undo = walk.content.flows[receipt].undo if receipt in walk.content.flows else ""
    if undo:
        walk.change(asking="cancel", leaving_for=Offered(undo))
        ask_engine_question(walk)
    elif not walk.session.frames and not walk.session.parked and not receipt:
        walk.say_common("nothing_open")
    elif not _submitting(walk):
        group = walk.session.frames[walk.base() :]
        walk.say_unfinished(*group)
        if receipt:
            walk.say_own("stopped_done", Frame(receipt, 0, ""))
        else:
            walk.say_own("stopped", *group)
        walk.change(frames=walk.session.frames[: walk.base()], parked=None)
        if walk.session.frames:
            walk.change_frame(asked_at=0)
            walk.say_resumed()


def _back(walk: Walk) -> None:
    if _submitting(walk):
        return
    if not walk.session.frames:
        walk.say_common("nothing_open")
        return
    frames = walk.session.frames
    base = walk.base()
    at = len(frames) - 1
    while at > base and not frames[at].trail and not frames[at].settled:
        at -= 1  # nothing answered here: the last answer was further down
    if not frames[at].trail:
        walk.say_common("nothing_back")
        return
    walk.change(frames=frames[: at + 1])
    walk.clear_from(walk.frame.trail[-1].step)


def _change(walk: Walk, said: str) -> bool:
    """改 and a slot's label: only that answer is asked again, the others still hold."""
    word = next((w for w in walk.content.change if said.startswith(w) and said != w), None)
    if word is None or not walk.session.frames:
        return False
    label = said.removeprefix(word)
    for at in range(len(walk.session.frames) - 1, walk.base() - 1, -1):
        frame = walk.session.frames[at]
        steps = walk.content.flows[frame.flow].steps
        mark = next((m for m in frame.trail if label in _labels(walk, frame.flow, steps[m.step].slot)), None)
        if mark is not None:
            if not _submitting(walk):
                walk.leave("change")
                walk.change(frames=walk.session.frames[: at + 1])
                _ask_anew(walk, mark.step)
            return True
    return False


def _labels(walk: Walk, flow: str, slot: str) -> set[str]:
    """A slot's names in every language, as recovery words work in every language."""
    known = (lang.flows[flow].slots for lang in walk.content.languages.values() if flow in lang.flows)
    return {normal(slots[slot].label) for slots in known if slot in slots} - {""}


def _ask_anew(walk: Walk, step: str) -> None:
    """Cleared from there on, but later answers are held: they are asked again only where they no longer fit,
    and forgotten where the new answer leads past them. What was looked up is looked up anew."""
    frame, steps = walk.frame, walk.flow.steps
    at = next(i for i, m in enumerate(frame.trail) if m.step == step)
    later = {steps[m.step].slot for m in frame.trail[at + 1 :]} - {steps[step].slot}
    held = {name: frame.slots[name] for name in later if name in frame.slots}
    walk.clear_from(step)
    walk.change_frame(held=frame.held | held if isinstance(frame.held, dict) else held)


def _help(walk: Walk) -> None:
    if walk.session.frames and walk.here.kind == "collect":
        words = walk.words(walk.frame.flow).slots[walk.here.slot]
        if words.help is not None:
            walk.say_text(f"{walk.frame.flow}.{walk.here.slot}.help", words.help)
            return
    walk.say_common("help")


def _restart(walk: Walk) -> None:
    if _submitting(walk):
        return
    if not walk.session.frames:
        walk.say_common("nothing_open")
        return
    flow = walk.session.frames[walk.base()].flow
    walk.change(frames=walk.session.frames[: walk.base()])
    walk.push(flow, "start")


def _person(walk: Walk) -> None:
    begin(walk, Offered(walk.content.person))


def _repeat(walk: Walk) -> None:
    if not walk.session.frames:
        walk.say_common("nothing_open")


def _result(walk: Walk) -> None:
    result = walk.session.result
    if result is not None:
        if result.flow in walk.content.flows:
            walk.say_common("result", flow=walk.title(result.flow))
        walk.effects += [Say(name, text) for name, text in result.says]


def _resume(walk: Walk) -> None:
    if resume(walk):
        return
    if walk.session.frames:
        walk.say_resumed()
    else:
        walk.say_common("nothing_open")


def _forget(walk: Walk) -> None:
    walk.change(asking="forget", leaving_for=None)
    ask_engine_question(walk)


def asks_what_is_held(content: Content, session: Session | None, event: Event) -> bool:
    """Whether the answer to this event tells what is held, so that `Event.held` is to be looked up."""
    if not isinstance(event, TextReceived | VoiceReceived):
        return False
    asked = session is not None and session.asking == "forget"
    return asked or content.recovery.get(normal(event.text)) in ("my_data", "forget")


def _withdraw(walk: Walk) -> None:
    """撤回同意: what was agreed to no longer stands, and what rested on it is let go."""
    if _submitting(walk):
        return
    walk.say_unfinished(*walk.session.frames)
    walk.say_own("consent_withdrawn", *walk.session.frames)
    walk.change(consents={}, kept={}, frames=(), parked=None, planned=(), aside=(), result=None)
    walk.effects.append(Unmatch())


WORDS: dict[str, Callable[[Walk], None]] = {
    "back": _back,
    "help": _help,
    "restart": _restart,
    "person": _person,
    "repeat": _repeat,
    "resume": _resume,
    "my_data": say_held,
    "forget": _forget,
    "withdraw": _withdraw,
}
