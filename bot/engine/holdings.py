"""我的信息 and 删除我的信息: what is stored, what deletion removes, what stays, why and until when."""

from __future__ import annotations

from collections.abc import Iterable

from bot.engine import own_texts
from bot.engine.effects import Forget, Offer, Option
from bot.engine.events import Held
from bot.engine.flow import Value
from bot.engine.scope import today
from bot.engine.session import Frame, Session
from bot.engine.turn import Turn
from bot.engine.wording import dated, in_one_line, mask
from bot.reading.choices import Choice

RECEIPTS_SHOWN = 5


def say_held(turn: Turn) -> None:
    """Lists everything stored on this resident, with personal values masked."""
    turn.digressed = True
    lines = [*_session_lines(turn), *_staying_lines(turn)]
    turn.say_common("my_data", held="\n".join(f"• {line}" for line in lines))


def ask_to_forget(turn: Turn) -> None:
    goes = [f"• {line}" for line in _session_lines(turn)]
    stays = [f"• {line}" for line in _staying_lines(turn)]
    turn.say_common("forget_ask", goes="\n".join(goes), stays="\n".join(stays))
    options = tuple(Option(c.label, c.tap, c.number) for c in forget_choices(turn))
    turn.effects.append(Offer(options, turn.common("choose")))


def forget_choices(turn: Turn) -> tuple[Choice, ...]:
    tag = f"{turn.session.runs}.-."
    return (
        Choice("forget", turn.common("forget_yes"), 1, tag + "forget"),
        Choice("keep", turn.common("forget_no"), 2, tag + "keep"),
    )


def forget(turn: Turn) -> None:
    """Deletes after agreement, and says again what stays."""
    own_texts.say_unfinished(turn, *turn.session.frames)
    stays = "\n".join(f"• {line}" for line in _staying_lines(turn))
    turn.say_common("forgotten_later" if _changing(turn.session) else "forgotten", stays=stays)
    forget_all(turn)


def forget_all(turn: Turn) -> None:
    """Deletes everything but open changes, whose outcome must still be reported."""
    old = turn.session
    calls = {k: c for k, c in old.calls.items() if c.once}
    at = turn.event.at
    turn.session = Session(old.born, old.language, old.runs, calls=calls, epoch=old.epoch, pages_ended=at)
    turn.effects.append(Forget())


def _changing(session: Session) -> bool:
    return any(call.once for call in session.calls.values())


def _session_lines(turn: Turn) -> list[str]:
    """Lists what deletion removes."""
    session = turn.session
    frames: tuple[Frame, ...] = (*session.frames, *(session.suspended.frames if session.suspended else ()))
    held = [(flow, kept.slots) for flow, kept in session.kept.items()] + [(f.flow, f.slots) for f in frames]
    answers = [(_type(turn, flow, name), value) for flow, slots in held for name, value in slots.items()]

    def masked(kind: str) -> list[str]:
        return [mask(kind, v) for type_, v in answers if type_ == kind and isinstance(v, str) and v]

    consents = [k.partition(".")[0] for k in session.consents]
    unfinished = [f.flow for f in frames if f.why == "start"] + [f.flow for f in session.background_runs]
    lines = (
        ("held_name", masked("name")),
        ("held_number", masked("id_number")),
        ("held_consents", _titles(turn, consents)),
        ("held_flows", _titles(turn, unfinished)),
        ("held_reminders", _titles(turn, [p.flow for p in session.scheduled])),
        ("held_result", _titles(turn, [session.result.flow] if session.result else [])),
    )
    found = [_line(turn, name, values) for name, values in lines if values]
    if until := turn.event.matched_until:
        found.append(turn.common("held_sign_ins", until=_day(turn, until)))
    return [*found, turn.common("held_turns")]


def _staying_lines(turn: Turn) -> list[str]:
    """Lists what stays after deletion, why and until when."""
    lang, held = turn.language, _held(turn)
    found = []
    if held.receipts:
        shown = [
            turn.common("held_receipt", number=number, until=_day(turn, until))
            for number, until in held.receipts[:RECEIPTS_SHOWN]
        ]
        more = len(held.receipts) - len(shown)
        shown += [turn.common("list_more", more=str(more))] if more else []
        found.append(turn.common("held_receipts", values=in_one_line(shown, lang)))
    changing = [c.flow for c in turn.session.calls.values() if c.once]
    if changing:
        found.append(_line(turn, "held_calls", _titles(turn, changing)))
    if turn.event.page and "held_typed" in turn.language.common:
        found.append(turn.common("held_typed"))
    return [*found, turn.common("held_tries"), turn.common("held_replies")]


def _day(turn: Turn, at: int) -> str:
    return dated(today(at), turn.language)


def _held(turn: Turn) -> Held:
    return turn.event.held or Held()


def _line(turn: Turn, name: str, values: Iterable[str]) -> str:
    shown: Value = in_one_line(list(dict.fromkeys(values)), turn.language)
    return turn.common(name, values=shown)


def _titles(turn: Turn, flows: Iterable[str]) -> list[str]:
    return [turn.title(name) for name in flows if name in turn.content.flows]


def _type(turn: Turn, flow: str, slot: str) -> str:
    slots = turn.content.flows[flow].slots if flow in turn.content.flows else {}
    return slots[slot].type if slot in slots else ""
