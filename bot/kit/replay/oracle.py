"""Rules that must hold in every conversation, whatever the resident says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.engine.content import Content
from bot.engine.effects import Reply, Say
from bot.engine.events import TextReceived
from bot.engine.session import Session
from bot.engine.step import StepResult
from bot.kit.replay.acts import NotOffered
from bot.kit.replay.claims import Claims, situation
from bot.kit.replay.play import Played
from bot.kit.replay.player import Player
from bot.kit.replay.process import Process
from bot.kit.replay.stage import Stage
from bot.kit.replay.texts import every
from bot.kit.replay.written import as_turn
from bot.wechat.outbound import LIMIT, text_body

LARGE = 32_000
"""Characters of a session's serial form; the largest real one has a fifth of it."""
OTHERS = {
    "id_number": "660103201806010012",
    "name": "张小宝",
    "mobile": "13800138000",
    "abroad": "+85261234567",
    "address": "平安区和平路12号3单元501",
}
"""Another resident's values, which must not be shown in clear either."""
SAYING = ("say", "tap", "send")
DEEPEST = 8


@dataclass(frozen=True)
class Trouble:
    """A broken rule. `kind`: crash, silence, dead-end, too-long, in-clear, hole, untrue or growing."""

    kind: str
    turn: int
    what: str


class Oracle:
    """Checks each turn. `claims`: which texts may be sent when; without them only the words are checked."""

    def __init__(self, content: Content, claims: Claims | None = None) -> None:
        self._claims = claims
        self._untrue: list[str] = []
        self._says: list[str] = []
        variants = (variant for written in every(content) for variant in written.text.variants)
        self._static = "\n".join("".join(p if isinstance(p, str) else " " for p in v.parts) for v in variants)
        self._personal: list[str] = []
        self._cancel = next(w for w, meaning in content.recovery.items() if meaning == "cancel")

    def begin(self, player: Player) -> None:
        """Collects the values of this resident that must not be shown."""
        person = player.person
        self._personal = [person.id_number, person.name] if person else []
        self._personal += OTHERS.values()
        self._personal = [p for p in self._personal if p not in self._static]

    def turn(
        self, stage: Stage, player: Player, made: Played, raw: dict[str, Any], number: int
    ) -> Trouble | None:
        """Plays one more turn and checks the result."""
        before = len(made.came)
        process = stage.process
        self._untrue.clear()
        process.watch = partial(self._watch, process)
        stood = process.session()
        talking = stood is not None and bool(stood.handoff_until)
        try:
            player.turn(as_turn(raw), "all", lambda text: text, made.came)
        except NotOffered:
            raise
        except Exception as e:
            where = e.__traceback__
            while where is not None and where.tb_next is not None:
                where = where.tb_next
            at = f"{where.tb_frame.f_code.co_filename.rpartition('/')[2]}:{where.tb_lineno}" if where else ""
            return Trouble("crash", number, f"{type(e).__name__}: {e} ({at})")
        came = made.came[before:]
        bubbles = [b for c in came for b in (*c.bubbles, *c.pushed)]
        act = next(iter(raw))
        if act in SAYING and not talking and all(b.kind == "nothing" for b in bubbles):
            return Trouble("silence", number, "a message was answered with nothing")
        for bubble in bubbles:
            if shown := next((p for p in self._personal if p in bubble.text), ""):
                what = f"a personal value of {len(shown)} characters is shown in clear"
                return Trouble("in-clear", number, what)
        if self._untrue:
            return Trouble("untrue", number, self._untrue[0])
        return self._session(stage, number)

    def _watch(self, process: Process, before: Session | None, turned: StepResult) -> None:
        self._says += [e.id for e in turned.effects if isinstance(e, Say)]
        if self._claims is not None:
            self._untrue += self._claims.untrue(situation(process, before, turned))

    def _session(self, stage: Stage, number: int) -> Trouble | None:
        process = stage.process
        says, self._says = self._says, []
        hole = next((s for s in says if s.endswith("!")), None)
        if hole is not None:
            return Trouble("hole", number, f"the text {hole.rstrip('!')} needs a value that is not given")
        shown, process.shown = process.shown, []
        problem = next(filter(None, map(overlong, shown)), "")
        if problem:
            return Trouble("too-long", number, problem)
        if len(process.serial) > LARGE:
            return Trouble("growing", number, f"the session has {len(process.serial)} characters")
        session = process.session()
        if session is None or session.handoff_until or any(c.once for c in session.calls.values()):
            return None
        return self._way_out(stage, number)

    def _way_out(self, stage: Stage, number: int) -> Trouble | None:
        """Checks that a resident who repeats 取消 gets out."""
        process = stage.process.fork()
        stood = stage.process.session()
        at = f"{stood.top.flow}.{stood.top.step}" if stood and stood.top else ""
        if not at:
            return None
        for n in range(DEEPEST):
            process.deliver(f"way-out:{n}", TextReceived(process.clock + n + 1, n, self._cancel))
            session = process.session()
            if session is None or (not session.frames and not session.system_question):
                return None
        return Trouble("dead-end", number, f"取消 does not lead out of {at}")


def overlong(reply: Reply) -> str:
    """Returns the part of a reply that exceeds WeChat's limit, "" if it fits."""
    if reply.kind != "text":
        return ""
    body = text_body(reply)
    longer = text_body(Reply(text=reply.text))
    if longer.endswith("…") and not reply.text.rstrip().endswith("…"):
        return f"a text of {len(reply.text.encode())} bytes is cut at {LIMIT}"
    lost = [o for o in reply.options if o.tap and f"msgmenuid={o.tap}" not in body]
    if lost:
        many, named = f"{len(lost)} of {len(reply.options)}", (o.tap.rpartition(".")[2] for o in lost[:3])
        return f"{many} answers cannot be tapped ({'、'.join(named)}), over {LIMIT} bytes"
    return ""
