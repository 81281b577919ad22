"""Drafts checked and tried while somebody types, in a process beside this one that answers no resident."""

from __future__ import annotations

import json
import subprocess
import threading
import weakref
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import msgspec
import structlog

from bot.content.read.city import file_of
from bot.content.read.files import STUB, Files, content_of
from bot.content.read.source import Finding
from bot.content.training import apart
from bot.engine.effects import Reply

log = structlog.get_logger()
MODULE = "bot.kit.phone.tryout"
LONGEST = 50.0
"""Seconds for one look; then the process is ended. Less than a proxy in front of it waits."""
WAITED = 8.0
"""Seconds that a look waits for those before it."""
Act = tuple[str, str, str]
"""What a resident does: follow, say (with the words, and the tap id of a tapped answer), wait (minutes)."""

Said = tuple[str, str, Mapping[str, object]]
"""What WeChat delivered: the delivery, the event's kind (of bot.engine.events) and its fields."""


class Busy(Exception):
    """Others look at drafts, or this one took too long: it can be tried again."""


@dataclass(frozen=True)
class Looked:
    """`findings`: errors, and warnings that the served content does not have. `talk`: bubbles of the
    conversation, () where there is an error. `people`: names and ID numbers to sign in with. `replies`: to
    the last of what was heard, after what would have been pushed before. `graph`: of the flow, in Graphviz's
    language, "" where there is none."""

    findings: tuple[Finding, ...] = ()
    talk: tuple[dict[str, Any], ...] = ()
    people: tuple[tuple[str, str], ...] = ()
    replies: tuple[Reply, ...] = ()
    graph: str = ""

    @property
    def good(self) -> bool:
        return all(x.severity != "error" for x in self.findings)


_LOOKED = msgspec.json.Decoder(Looked)


class Bench:
    """`root`: the content directory, whose stubs are used. The process is started when it is needed."""

    def __init__(self, root: Path, language: str) -> None:
        self._root, self._language = root, language
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def look(
        self,
        before: Files,
        after: Files,
        acts: Sequence[Act] = (),
        at: int = 0,
        heard: Sequence[Said] = (),
        draw: Sequence[str] = (),
    ) -> Looked:
        """Checks `after`, and plays the acts, or what was heard, on it. `at`: epoch seconds of the acts'
        beginning. `draw`: a flow, and the language of its drawing.

        Raises:
            Busy.
        """
        stub = file_of(self._root, STUB)
        people = {STUB: content_of(stub)} if stub.is_file() else {}
        files = {"before": _packed(before), "after": _packed(after), "stub": _packed(people)}
        asked = {**files, "acts": acts, "at": at, "heard": heard, "draw": draw}
        line = json.dumps(asked).encode() + b"\n"
        if not self._lock.acquire(timeout=WAITED):
            raise Busy
        try:
            answer = self._exchange(line)
        finally:
            self._lock.release()
        return _LOOKED.decode(answer)

    def _exchange(self, line: bytes) -> bytes:
        if self._child is None or self._child.poll() is not None:
            self._child = self._start()
        child = self._child
        watch = threading.Timer(LONGEST, child.kill)
        watch.start()
        try:
            cast("IO[bytes]", child.stdin).write(line)
            cast("IO[bytes]", child.stdin).flush()
            answer = cast("IO[bytes]", child.stdout).readline()
        except OSError:  # it ended: idle, or stopped
            answer = b""
        finally:
            watch.cancel()
        if not answer.endswith(b"\n"):
            child.kill()
            log.error("work apart failed", module=MODULE, code=child.wait())
            self._child = None
            raise Busy
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            **apart(MODULE, self._language), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        weakref.finalize(self, _end, child)
        return child


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.communicate()


def _packed(files: Files) -> dict[str, str]:
    return {name: b64encode(raw).decode() for name, raw in files.items()}
