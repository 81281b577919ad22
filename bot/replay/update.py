"""Writing expectations into a replay file: only the lines that change are touched, comments stay."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.content.source import Loc, Source
from bot.replay import judge
from bot.replay.conversation import Conversation, Turn
from bot.replay.play import Came, Played
from bot.replay.written import rendered

_COMMENT = re.compile(r"\s#[^\n]*$")


def update(played: Played) -> bool:
    """Write what came where the file expects otherwise, or nothing. True if the file was changed."""
    conversation = played.conversation
    edits = Edits(conversation.path, conversation.source)
    last = None
    for came in played.came:
        _turn(edits, conversation, came, last)
        if came.bubbles and came.turn.act not in ("wait", "deploy", "restart"):
            last = came.bubbles[-1]
    return edits.write()


def _turn(edits: Edits, conversation: Conversation, came: Came, last: Any) -> None:
    turn, facts = came.turn, came.facts
    bare = turn.reply is None and turn.at is None and turn.slots is None and turn.calls is None
    if came.bubbles and any(judge.words(turn, bubble, last) for bubble in came.bubbles):
        edits.put(
            turn.loc, "expect", reply([b.shown() for b in came.bubbles], came.bubbles[0].kind == "text")
        )
    if facts is None:
        return
    if (came.pushed and turn.push is None) or turn.push is not None:
        texts = "\n".join(b.text for b in came.pushed)
        if texts and texts != judge.said(turn.push or ()):
            edits.put(turn.loc, "push", reply([texts]))
    spoken = turn.act not in ("wait", "deploy", "restart", "redeliver") or bool(came.pushed)
    if (turn.at is not None and turn.at != facts.at) or (bare and spoken):
        edits.put(turn.loc, "at", facts.at)
    if turn.slots is not None:
        wanted = {n: facts.slots.get(n, "") for n, _ in turn.slots}
        if wanted != dict(turn.slots):
            edits.put(turn.loc, "slots", wanted)
    if turn.ends is not None and turn.ends != facts.ends:
        edits.put(turn.loc, "ends", list(facts.ends))
    if judge.facts(_only_calls(turn), facts) and not facts.problems:
        edits.put(turn.loc, "calls", [m.action for m in facts.calls if m.change])


def _only_calls(turn: Turn) -> Turn:
    return Turn(turn.act, turn.value, turn.loc, calls=turn.calls)


def reply(texts: Sequence[str], literal: bool = True) -> Any:
    """The value of `expect` that holds for these bubbles and no others."""
    if len(texts) > 1:
        return {"any": list(texts)}
    text = texts[0]
    special = text.startswith(("~", "/")) or text in ("same", "nothing", "person")
    return {"text": text} if special and literal else text


class Edits:
    """Changes to one file, kept back until all are known."""

    def __init__(self, path: Path, source: Source) -> None:
        self.path, self.source = path, source
        self.lines = path.read_bytes().decode("utf-8-sig").splitlines()
        self._cuts: list[tuple[int, int, list[str]]] = []

    def put(self, loc: Loc, key: str, value: Any) -> None:
        """Set a key of the block mapping at `loc`, in the place of the old value or at its end."""
        line, col = self.source.values[loc]
        indent = col - 1
        if self.lines[line - 1].lstrip("- ").startswith("{"):
            self._unfold(loc)
            return self.put(loc, key, value)
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
            return None
        end = self._end(line - 1, indent, 0)
        self._cuts.append((end, end, rendered(key, value, indent)))
        return None

    def _unfold(self, loc: Loc) -> None:
        raise ValueError(
            f"{self.path.name}:{self.source.values[loc][0]}: write this turn without braces, one key in each "
            "line, so that --update can add to it"
        )

    def _end(self, start: int, indent: int, deeper: int) -> int:
        """The line after a block that begins at `start` with this indent; blank lines and comments behind it
        are no part of it."""
        end = start + 1
        for number, line in enumerate(self.lines[end:], end + 1):
            bare = line.lstrip(" ")
            mine = len(line) - len(bare)
            if bare and (mine >= indent + deeper or (deeper and mine == indent and bare.startswith("- "))):
                end = number
            elif bare.strip() and not bare.startswith("#"):
                break
        return end

    def write(self) -> bool:
        if not self._cuts:
            return False
        for start, end, made in sorted(enumerate_stable(self._cuts), reverse=True):
            self.lines[start[0] : end] = made
        self.path.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        return True


def enumerate_stable(
    cuts: Sequence[tuple[int, int, list[str]]],
) -> list[tuple[tuple[int, int], int, list[str]]]:
    """Several insertions at one line keep their order when they are made from the end backwards."""
    return [((start, n), end, made) for n, (start, end, made) in enumerate(cuts)]
