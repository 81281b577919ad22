"""Judges whether a turn came out as the file expects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.content.messages import both
from bot.kit.replay.conversation import Alternatives, Called, Turn, Wanted
from bot.kit.replay.models import UNANSWERED
from bot.kit.replay.texts import whole_text
from bot.kit.wechat import Bubble


@dataclass(frozen=True)
class Facts:
    """The facts of a turn besides its words. `at`: flow.step, engine.leave, engine.cancel or nothing.
    `says`: id and words of every text that the turn sent, without those that timers sent.
    """

    at: str
    slots: Mapping[str, str]
    calls: tuple[Called, ...] = ()
    ends: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    says: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Difference:
    """`key`: the part of the turn that differs; `what`: a sentence, unless the two texts say it plainly."""

    key: str
    wanted: str
    got: str
    what: str = ""


Plain = Callable[[str], str]


def same(text: str) -> str:
    return text


def holds(wanted: Wanted, bubble: Bubble, last: Bubble | None, plain: Plain = same) -> bool:
    got = plain(bubble.text)
    if wanted.how in ("nothing", "person"):
        return bubble.kind == wanted.how
    if wanted.how == "same":
        return last is not None and (bubble.kind, got) == (last.kind, plain(last.text))
    if bubble.kind != "text":
        return False
    if wanted.how == "says":
        return _said(wanted.words.split(), bubble.says)
    if wanted.how == "contains":
        return plain(wanted.words) in got
    if wanted.how == "regex":
        return re.search(wanted.words, bubble.text) is not None
    return plain(wanted.words) == got


def any_holds(reply: Alternatives, bubble: Bubble, last: Bubble | None = None, plain: Plain = same) -> bool:
    return any(all(holds(w, bubble, last, plain) for w in group) for group in reply)


def _said(wanted: Sequence[str], got: Sequence[str]) -> bool:
    return len(wanted) == len(got) and all(
        one == other or one == whole_text(other) for one, other in zip(wanted, got, strict=True)
    )


def texts(turn: Turn, bubble: Bubble, last: Bubble | None, variants: bool = True) -> Difference | None:
    """Compares the texts of the reply with `says`. `variants`: also the numbers of their variants."""
    if turn.says is None:
        return None
    shown = bubble if variants else replace(bubble, says=tuple(map(whole_text, bubble.says)))
    for group in turn.says:
        wanted = (
            group
            if variants
            else [replace(w, words=" ".join(map(whole_text, w.words.split()))) for w in group]
        )
        if all(holds(w, shown, last) for w in wanted):
            return None
    got = "\n".join([*shown.says, "", bubble.text]) if bubble.kind == "text" else bubble.kind
    return Difference("says", said(turn.says, last), got)


def words(turn: Turn, bubble: Bubble, last: Bubble | None, plain: Plain = same) -> Difference | None:
    """Compares the reply with `expect`."""
    reply = turn.reply
    if reply is None:
        if turn.says is not None or (turn.act in UNANSWERED and bubble.kind == "nothing"):
            return None
        if turn.act != "redeliver":
            return Difference("expect", "", bubble.shown(), both("replays", "unaccounted"))
        reply = ((Wanted("same"),),)
    if any_holds(reply, bubble, last, plain):
        return None
    key = "expect" if turn.words is None else "words"
    return Difference(key, said(reply, last), bubble.shown())


def said(reply: Sequence[Sequence[Wanted]], last: Bubble | None = None) -> str:
    """Returns an expectation in the form shown beside the result."""
    marks = {"contains": "~", "regex": "/"}
    return "\n— or —\n".join(
        "\n".join(
            (last.shown() if last else "same")
            if w.how == "same"
            else w.how
            if w.how in ("nothing", "person")
            else w.words.replace(" ", "\n")
            if w.how == "says"
            else marks.get(w.how, "") + w.words + ("/" if w.how == "regex" else "")
            for w in group
        )
        for group in reply
    )


def facts(turn: Turn, got: Facts) -> Difference | None:
    """Compares everything except the wording."""
    if got.problems:
        return Difference("", "", "", "; ".join(got.problems))
    if turn.at is not None and not set(got.at.split(" | ")) <= set(turn.at.split(" | ")):
        return Difference("at", turn.at, got.at)
    for name, value in turn.slots or ():
        if got.slots.get(name, "") != value:
            return Difference("slots", f"{name}: {value}", f"{name}: {got.slots.get(name, 'not given')}")
    if turn.ends is not None and turn.ends != got.ends:
        return Difference("ends", ", ".join(turn.ends) or "nothing", ", ".join(got.ends) or "nothing")
    if turn.act == "together":  # the order decides whether there is a change, but never for more
        listed = [c.action for c in turn.calls or ()]
        more = [m.action for m in got.calls if m.change]
        if any(more.count(a) > listed.count(a) for a in more):
            return Difference("calls", _listed(turn.calls), _listed(got.calls))
        return None
    return _calls(turn.calls, got.calls)


def _calls(wanted: tuple[Called, ...] | None, got: tuple[Called, ...]) -> Difference | None:
    rest = iter(got)
    for one in wanted or ():
        if not any(m.action == one.action and _fits(one, m) for m in rest):
            return Difference("calls", _listed(wanted), _listed(got))
    listed = [one.action for one in wanted or ()]
    changes = [m.action for m in got if m.change]
    if changes != [a for a in listed if a in changes]:
        what = "" if listed else both("replays", "unlisted-change")
        return Difference("calls", _listed(wanted), _listed(got), what)
    return None


def _fits(wanted: Called, made: Called) -> bool:
    return all(made.arguments.get(name, "") == value for name, value in wanted.arguments.items())


def _listed(calls: Sequence[Called] | None) -> str:
    return "\n".join(map(str, calls or ())) or "none"
