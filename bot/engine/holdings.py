"""我的信息 and 删除我的信息: what is held, what deletion takes away, and what stays, why and until when."""

from __future__ import annotations

from collections.abc import Iterable

from bot.engine.effects import Forget, Offer, Option
from bot.engine.events import Held
from bot.engine.flow import Value
from bot.engine.scope import today
from bot.engine.session import Frame, Session
from bot.engine.slots import Choice
from bot.engine.walk import Walk
from bot.engine.wording import dated, language, listed, mask

RECEIPTS_SHOWN = 5


def say_held(walk: Walk) -> None:
    """Everything that is held on this person, personal values masked."""
    lines = [*_session_lines(walk), *_staying_lines(walk)]
    walk.say_common("my_data", held="\n".join(f"• {line}" for line in lines))


def ask_to_forget(walk: Walk) -> None:
    goes = [f"• {line}" for line in _session_lines(walk)]
    stays = [f"• {line}" for line in _staying_lines(walk)]
    walk.say_common("forget_ask", goes="\n".join(goes), stays="\n".join(stays))
    options = tuple(Option(c.label, c.tap, c.number) for c in forget_choices(walk))
    walk.effects.append(Offer(options, walk.common("choose")))


def forget_choices(walk: Walk) -> tuple[Choice, ...]:
    tag = f"{walk.session.runs}.-."
    return (
        Choice("forget", walk.common("forget_yes"), 1, tag + "forget"),
        Choice("keep", walk.common("forget_no"), 2, tag + "keep"),
    )


def forget(walk: Walk) -> None:
    """Agreed to: gone, and what stays is said once more."""
    walk.say_unfinished(*walk.session.frames)
    stays = "\n".join(f"• {line}" for line in _staying_lines(walk))
    walk.say_common("forgotten_later" if _changing(walk.session) else "forgotten", stays=stays)
    forget_all(walk)


def forget_all(walk: Walk) -> None:
    """Everything but open changes, whose end must still be known and told."""
    old = walk.session
    calls = {k: c for k, c in old.calls.items() if c.once}
    walk.session = Session(old.born, old.language, old.runs, calls=calls, epoch=old.epoch)
    walk.effects.append(Forget())


def _changing(session: Session) -> bool:
    return any(call.once for call in session.calls.values())


def _session_lines(walk: Walk) -> list[str]:
    """What deletion takes away."""
    session = walk.session
    frames: tuple[Frame, ...] = (*session.frames, *(session.parked.frames if session.parked else ()))
    held = [(flow, kept.slots) for flow, kept in session.kept.items()] + [(f.flow, f.slots) for f in frames]
    answers = [(_type(walk, flow, name), value) for flow, slots in held for name, value in slots.items()]

    def masked(kind: str) -> list[str]:
        return [mask(kind, v) for type_, v in answers if type_ == kind and isinstance(v, str) and v]

    consents = [k.partition(".")[0] for k in session.consents]
    unfinished = [f.flow for f in frames if f.why == "start"] + [f.flow for f in session.aside]
    lines = (
        ("held_name", masked("name")),
        ("held_number", masked("id_number")),
        ("held_consents", _titles(walk, consents)),
        ("held_flows", _titles(walk, unfinished)),
        ("held_reminders", _titles(walk, [p.flow for p in session.planned])),
        ("held_result", _titles(walk, [session.result.flow] if session.result else [])),
    )
    found = [_line(walk, name, values) for name, values in lines if values]
    if until := walk.event.matched_until:
        found.append(walk.common("held_sign_ins", until=_day(walk, until)))
    return [*found, walk.common("held_turns")]


def _staying_lines(walk: Walk) -> list[str]:
    """What stays although it is deleted: why, and until when."""
    lang, held = language(walk.scope()), _held(walk)
    found = []
    if held.receipts:
        shown = [
            walk.common("held_receipt", number=number, until=_day(walk, until))
            for number, until in held.receipts[:RECEIPTS_SHOWN]
        ]
        more = len(held.receipts) - len(shown)
        shown += [walk.common("list_more", more=str(more))] if more else []
        found.append(walk.common("held_receipts", values=listed(shown, lang)))
    changing = [c.flow for c in walk.session.calls.values() if c.once]
    if changing:
        found.append(_line(walk, "held_calls", _titles(walk, changing)))
    return [*found, walk.common("held_tries"), walk.common("held_replies")]


def _day(walk: Walk, at: int) -> str:
    return dated(today(at), language(walk.scope()))


def _held(walk: Walk) -> Held:
    return walk.event.held or Held()


def _line(walk: Walk, name: str, values: Iterable[str]) -> str:
    shown: Value = listed(list(dict.fromkeys(values)), language(walk.scope()))
    return walk.common(name, values=shown)


def _titles(walk: Walk, flows: Iterable[str]) -> list[str]:
    return [walk.title(name) for name in flows if name in walk.content.flows]


def _type(walk: Walk, flow: str, slot: str) -> str:
    slots = walk.content.flows[flow].slots if flow in walk.content.flows else {}
    return slots[slot].type if slot in slots else ""
