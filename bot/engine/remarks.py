"""Replies to remarks that do not answer the open question: it stays open, and no try is lost."""

from __future__ import annotations

from bot.engine import recovery
from bot.engine.effects import Count
from bot.engine.turn import Turn
from bot.reading.clean import normal
from bot.reading.guess import Guess
from bot.reading.signals import asks


def replied(turn: Turn, gaps: bool = True, clauses: bool = False) -> bool:
    """Returns True if it was a remark. `gaps`: phrases with a gap count too. `clauses`: so does a remark that
    is only a part of the message, and a question in any words."""
    frames, slot = turn.session.frames, ""
    if not frames or turn.frame.call or not turn.frame.asked_at or turn.revised or not turn.here.asks:
        return False
    if turn.here.slot:
        slot = turn.flow.slots[turn.here.slot].type
    if slot == "text":
        return False  # an opinion: any words are the answer
    kind = turn.content.remarks.meant(turn.message, gaps)
    if not kind and clauses:
        kind = turn.content.remarks.among(turn.message) or ("how" if asks(turn.message.folded) else "")
    if not kind and not gaps and not turn.here.decides and turn.message.normal in turn.content.yes:
        kind = "noted"  # 好的 and similar words agree to nothing here
    if not kind or (kind == "how" and _answered_elsewhere(turn)):
        return False
    if kind == "how" and turn.here.decides:
        return _neither(turn)
    turn.effects.append(Count(f"remark.{kind}"))
    if kind in ("how", "unable"):
        recovery.help_here(turn)
    turn.digressed = kind != "how"  # the question's own help needs no bridge to it
    if kind == "wait":
        turn.asked = True  # the resident knows what to fetch
    if kind == "why" and _why(turn):
        return True
    if f"remark_{kind}" in turn.language.common:
        turn.say_common(f"remark_{kind}")
    return True


def _answered_elsewhere(turn: Turn) -> bool:
    """Returns whether a guess answers a question better than the help here. It does not if the words name
    what is asked for, or what is open, or if they question a change and are about a flow."""
    said, words = turn.message.normal, turn.words(turn.frame.flow)
    slot, guess = words.slots.get(turn.here.slot), beyond_doubt(turn)
    if guess is None or (slot and any(n and normal(n) in said for n in (slot.label, *slot.also))):
        return False
    target = turn.targets(guess)[0]
    if target.page:
        return guess.sure
    return not turn.here.before_once and target.flow not in {frame.flow for frame in turn.session.frames}


def _neither(turn: Turn) -> bool:
    """Answers a question that is neither yes nor no, and costs no try."""
    if "plain_yes" not in turn.language.common:
        return False
    turn.effects.append(Count("remark.how"))
    turn.say_common("plain_yes")
    return True


def _why(turn: Turn) -> bool:
    name = turn.here.slot
    words = turn.words(turn.frame.flow).slots[name] if name else None
    if words is None or words.why is None:
        return False
    turn.say_text(f"{turn.frame.flow}.{name}.why", words.why)
    return True


def beyond_doubt(turn: Turn) -> Guess | None:
    """Returns what else the message is surely about. Other cards do not count: the question asks for an ID
    card."""
    guess = turn.content.guesser.guess(turn.message)
    return guess if guess.strong and not guess.courtesy and guess.layer != "thing" else None
