"""The words that always work: 取消 返回 帮助 重来 人工 继续 改… 我的信息 删除我的信息 撤回同意 English …"""

from __future__ import annotations

from collections.abc import Callable

from bot.engine import timers
from bot.engine.begin import ask_engine_question, begin
from bot.engine.effects import Count, Forget
from bot.engine.session import Frame, Mark, Offered, Session
from bot.engine.slots import normal
from bot.engine.walk import Walk
from bot.engine.wording import mask


def recover(walk: Walk, text: str, receipt: str) -> bool:
    """True if the message was a recovery word. `receipt`: the flow whose receipt was the last thing said."""
    said = normal(text)
    word = walk.content.recovery.get(said)
    if word is None:
        return _change(walk, said)
    walk.effects.append(Count(f"word.{word}"))
    if word.startswith("language:"):
        walk.change(language=word.removeprefix("language:"))
        walk.say_common("language_set")
    elif word == "cancel":
        _cancel(walk, receipt)
    else:
        WORDS[word](walk)
    return True


def _submitting(walk: Walk) -> bool:
    """While a change is under way nothing may undo the steps that led to it."""
    if walk.open_once() is None:
        return False
    walk.say_common("submitting")
    walk.asked = True
    return True


def _cancel(walk: Walk, receipt: str) -> None:
    undo = walk.content.flows[receipt].undo if receipt in walk.content.flows else ""
    if not walk.session.frames and undo:
        walk.change(asking="cancel", leaving_for=Offered(undo))
        ask_engine_question(walk)
    elif not _submitting(walk):
        walk.change(frames=walk.session.frames[: walk.base()], parked=None)
        walk.say_common("stopped")
        if walk.session.frames:
            walk.change_frame(asked_at=0)
            walk.say_common("resumed", flow=walk.title(walk.frame.flow))


def _back(walk: Walk) -> None:
    if _submitting(walk):
        return
    if not walk.session.frames:
        walk.say_common("nothing_open")
        return
    frames = walk.session.frames
    base = walk.base()
    at = len(frames) - 1
    while at > base and not frames[at].trail:  # nothing answered here: the last answer was further down
        at -= 1
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
        slots = walk.words(frame.flow).slots
        name = next((n for n, w in slots.items() if w.label and normal(w.label) == label), None)
        if name is not None and name in frame.slots:
            if not _submitting(walk):
                walk.change(frames=walk.session.frames[: at + 1])
                _ask_anew(walk, name)
            return True
    return False


def _ask_anew(walk: Walk, slot: str) -> None:
    """Without this answer and without whatever was looked up after it; then on to where we were."""
    frame, flow = walk.frame, walk.flow
    first = next(i for i, (name, _) in enumerate(frame.log) if name == slot)
    typed = {flow.steps[m.step].slot for m in frame.trail}
    keep = [i for i, (n, _) in enumerate(frame.log) if n != slot and (i < first or n in typed)]
    log = tuple(frame.log[i] for i in keep)
    trail = tuple(
        Mark(m.step, sum(i < m.before for i in keep)) for m in frame.trail if flow.steps[m.step].slot != slot
    )
    step = next(s.id for s in flow.steps.values() if s.kind == "collect" and s.slot == slot)
    walk.change_frame(step=step, log=log, trail=trail, wrong=0, asked_at=0)


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


def _resume(walk: Walk) -> None:
    if walk.session.frames:
        walk.say_common("resumed", flow=walk.title(walk.session.frames[walk.base()].flow))
    elif not timers.resume(walk):
        walk.say_common("nothing_open")


def _my_data(walk: Walk) -> None:
    """What is held on this person, personal values masked."""
    session = walk.session
    named: dict[str, str] = {}
    for flow, kept in session.kept.items():
        slots = walk.content.flows[flow].slots if flow in walk.content.flows else {}
        for name, value in kept.slots.items():
            if name in slots and slots[name].type == "name" and isinstance(value, str):
                named[flow] = mask("name", value)
    consents = [
        walk.title(k.partition(".")[0]) for k in session.consents if k.partition(".")[0] in walk.content.flows
    ]
    frames: tuple[Frame, ...] = (*session.frames, *(session.parked.frames if session.parked else ()))
    flows = [walk.title(f.flow) for f in frames if f.why == "start" and f.flow in walk.content.flows]
    walk.say_common(
        "my_data",
        my__name="、".join(dict.fromkeys(named.values())),
        my__consents="、".join(dict.fromkeys(consents)),
        my__flows="、".join(dict.fromkeys(flows)),
    )


def _forget(walk: Walk) -> None:
    walk.say_common("forgotten_later" if any(c.once for c in walk.session.calls.values()) else "forgotten")
    forget_all(walk)


def forget_all(walk: Walk) -> None:
    """Everything but open changes, whose end must still be known and told."""
    old = walk.session
    calls = {k: c for k, c in old.calls.items() if c.once}
    walk.change(**vars(Session(born=old.born, language=old.language, runs=old.runs, calls=calls)))
    walk.effects.append(Forget())


def _withdraw(walk: Walk) -> None:
    """撤回同意: what was agreed to no longer stands, and what rested on it is let go."""
    if _submitting(walk):
        return
    walk.change(consents={}, kept={}, frames=(), parked=None)
    walk.say_common("consent_withdrawn")


WORDS: dict[str, Callable[[Walk], None]] = {
    "back": _back,
    "help": _help,
    "restart": _restart,
    "person": _person,
    "repeat": _repeat,
    "resume": _resume,
    "my_data": _my_data,
    "forget": _forget,
    "withdraw": _withdraw,
}
