"""What is said while a call takes longer, or waits for its service."""

from __future__ import annotations

from msgspec.structs import replace

from bot.engine.events import ActionDelayed
from bot.engine.turn import Turn


def delayed(turn: Turn, event: ActionDelayed) -> None:
    """Says, once, that the result is not known yet."""
    frames = turn.session.frames
    call_id = event.call or (frames[-1].call if frames else "")
    call = turn.session.calls.get(call_id)
    if call is None:
        return
    name = "put_off" if event.put_off else "not_sure" if event.sent and call.once else "slow"
    at = next((i for i, f in enumerate(frames) if f.call == call_id), None)
    if at is None or call.told == name or (call.told == "not_sure" and not event.put_off):
        return
    turn.change(calls={**turn.session.calls, call_id: replace(call, told=name)})
    turn.change(frames=frames[: at + 1])
    if not (event.put_off and say_put_off(turn, call.action)):
        turn.say("slow" if event.put_off else name)
    if event.no_push and not call.told:
        turn.say_common("slow_no_push")
    turn.change(frames=(*turn.session.frames, *frames[at + 1 :]))


def say_slow(turn: Turn) -> None:
    """Says that the call which the open run waits for goes on."""
    call = turn.session.calls.get(turn.frame.call)
    if call is not None and call.told == "put_off" and turn.event.has_pending_replies:
        return  # it may be among these
    if call is None or not say_put_off(turn, call.action):
        turn.say("slow")


def say_put_off(turn: Turn, action: str) -> bool:
    """Says until when a change waits whose service is switched off; False if it is not."""
    until = turn.event.off_until((action,))
    if until is None or "put_off" not in turn.language.common:
        return False
    turn.say_common("put_off", until=turn.moment(until))
    return True
