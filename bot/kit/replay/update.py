"""Writes expectations into a replay file: changes only the lines that differ and keeps comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.content.read.source import Loc, Source
from bot.kit.replay import judge
from bot.kit.replay.conversation import Alternatives, Turn
from bot.kit.replay.models import UNANSWERED
from bot.kit.replay.play import Played
from bot.kit.replay.player import Came, pushed
from bot.kit.replay.written import rendered
from bot.kit.wechat import Bubble

_COMMENT = re.compile(r"\s#[^\n]*$")


def update(each: Sequence[Played], ids: bool) -> None:
    """Writes the results that differ from the file.

    `each`: the conversation as written, and in the other languages in which it is played. `ids`: where the
    file expects nothing yet, writes text ids, not words; so too if the file uses `says`.
    """
    played = each[0]
    conversation = played.conversation
    edits = Edits(conversation.path, conversation.source)
    turns = [inner for turn in conversation.turns for inner in (*turn.together, turn)]
    ids = ids or any(turn.says is not None for turn in turns)
    last = None
    for number, came in enumerate(played.came):
        _turn(edits, came, last, ids)
        if came.turn.words is not None:
            _words(edits, [one.came[number] for one in each if number < len(one.came)])
        if came.bubbles and came.turn.act not in UNANSWERED:
            last = came.bubbles[-1]
    edits.write()


def _turn(edits: Edits, came: Came, last: Bubble | None, ids: bool) -> None:
    turn, facts = came.turn, came.facts
    bare = all(part is None for part in (turn.reply, turn.says, turn.at, turn.slots, turn.calls))
    if turn.words is None and any(judge.words(turn, bubble, last) for bubble in came.bubbles):
        if ids and turn.reply is None and any(b.kind == "text" for b in came.bubbles):
            edits.put(turn.loc, "says", _says(came.bubbles))
        else:
            texts = [_named(b.shown(), turn.reply) for b in came.bubbles]
            edits.put(turn.loc, "expect", reply(texts, came.bubbles[0].kind == "text"))
    if any(judge.texts(turn, bubble, last) for bubble in came.bubbles):
        edits.put(turn.loc, "says", _says(came.bubbles))
    if facts is None:
        return
    whole = pushed(came.pushed)
    push = turn.push or ()
    if turn.act in ("wait", "bureau") and turn.words is not None:  # the words are written by language
        push = tuple(tuple(w for w in group if w.how == "says") for group in push)
    if whole.kind == "text" and not judge.any_holds(push, whole):
        by_id = ids if turn.push is None else any(w.how == "says" for group in turn.push for w in group)
        value = {"says": _says([whole])} if by_id else reply([_named(whole.text, turn.push)])
        edits.put(turn.loc, "push", value)
    spoken = turn.act not in (*UNANSWERED, "redeliver") or bool(came.pushed)
    if (turn.at is not None and turn.at != facts.at) or (bare and spoken):
        edits.put(turn.loc, "at", facts.at)
    if turn.slots is not None:
        wanted = {n: facts.slots.get(n, "") for n, _ in turn.slots}
        if wanted != dict(turn.slots):
            edits.put(turn.loc, "slots", wanted)
    if turn.ends is not None and turn.ends != facts.ends:
        edits.put(turn.loc, "ends", list(facts.ends))
    calls = Turn(turn.act, turn.value, turn.loc, calls=turn.calls)
    if judge.facts(calls, facts) and not facts.problems:
        edits.put(turn.loc, "calls", [m.action for m in facts.calls if m.change])


def _words(edits: Edits, each: Sequence[Came]) -> None:
    """Writes the words of one turn in every language."""
    made, differs = {}, False
    for came in each:
        bubble = pushed(came.pushed) if came.turn.act in ("wait", "bureau") else came.bubbles[0]
        expected = came.turn.push if came.turn.act in ("wait", "bureau") else came.turn.reply
        differs |= not judge.any_holds(expected or (), bubble)
        if bubble.kind == "text":
            made[bubble.language] = _named(bubble.text, expected)
    if differs and made:
        edits.put(each[0].turn.loc, "words", made)


def _says(bubbles: Sequence[Bubble]) -> Any:
    """Returns the value of `says` that holds for these bubbles and no others."""
    each = [list(b.says) if b.kind == "text" else [b.kind] for b in bubbles]
    different = [one for n, one in enumerate(each) if one not in each[:n]]
    return different[0] if len(different) == 1 else {"any": different}


def _named(text: str, before: Alternatives | None) -> str:
    """Puts the names of values back into the lines that had them and are unchanged."""
    names: dict[str, str] = {}
    for wanted in (w for group in before or () for w in group if w.written):
        names |= dict(zip(wanted.words.split("\n"), wanted.written.split("\n"), strict=False))
    return "\n".join(names.get(line, line) for line in text.split("\n"))


def reply(texts: Sequence[str], literal: bool = True) -> Any:
    """Returns the value of `expect` that holds for these bubbles and no others."""
    if len(texts) > 1:
        return {"any": list(texts)}
    text = texts[0]
    special = text.startswith(("~", "/")) or text in ("same", "nothing", "person")
    return {"text": text} if special and literal else text


class Edits:
    """Changes to one file, collected until all are known."""

    def __init__(self, path: Path, source: Source) -> None:
        self.path, self.source = path, source
        self.lines = path.read_bytes().decode("utf-8-sig").splitlines()
        self._cuts: list[tuple[int, int, list[str]]] = []

    def put(self, loc: Loc, key: str, value: Any) -> None:
        """Sets a key of the block mapping at `loc`, in place of the old value or at the end. Raises
        ValueError."""
        line, col = self.source.values[loc]
        indent = col - 1
        if self.lines[line - 1].lstrip("- ").startswith("{"):
            raise ValueError(
                f"{self.path.name}:{line}: write this turn without braces, one key in each line, so that "
                "--update can add to it"
            )
        there = self.source.keys.get((*loc, key))
        if there is not None:
            start = there[0] - 1
            end = self._end(start, there[1] - 1, 1)
            head = self.lines[start][: there[1] - 1]
            made = rendered(key, value, there[1] - 1)
            old = _COMMENT.search(self.lines[start])
            comment = old[0] if old and not self.lines[start].rstrip().endswith(("'", '"')) else ""
            made[0] = head + made[0].lstrip() + comment
            self._cuts.append((start, end, made))
        else:
            end = self._end(line - 1, indent, 0)
            self._cuts.append((end, end, rendered(key, value, indent)))

    def _end(self, start: int, indent: int, deeper: int) -> int:
        """Returns the line after a block that begins at `start` with this indent; blank lines and comments
        after it are not part of it."""
        end = start + 1
        for number, line in enumerate(self.lines[end:], end + 1):
            bare = line.lstrip(" ")
            mine = len(line) - len(bare)
            if bare and (mine >= indent + deeper or (deeper and mine == indent and bare.startswith("- "))):
                end = number
            elif bare.strip() and not bare.startswith("#"):
                break
        return end

    def write(self) -> None:
        self._cuts.sort(key=lambda cut: cut[0])
        for start, end, made in reversed(self._cuts):  # so that insertions at one line keep their order
            self.lines[start:end] = made
        if self._cuts:
            self.path.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
