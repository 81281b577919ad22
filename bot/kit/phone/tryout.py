"""A draft checked, and tried on a phone: the store is in memory, the bureau a stub, no resident is answered.

`python -m bot.kit.phone.tryout LANGUAGE` reads a draft a line as JSON, and writes a line of what came of
it, until its input ends. A conversation is played from its beginning each time, so it always shows the draft
as it is, and nothing has to be kept.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import convert, to_builtins

from bot import logs
from bot.content.drawing.dot import dot, ways
from bot.content.drawing.graph import of_flow, worded
from bot.content.load import Loaded, load_files
from bot.content.read.files import Files, unpacked
from bot.content.read.source import Finding
from bot.engine import events as e
from bot.engine.content import Content
from bot.engine.effects import Reply
from bot.kit.phone.wire import Json, parts
from bot.kit.replay.process import Process
from bot.kit.replay.services import Answers, Town
from bot.wechat.outbound import text_body

BETWEEN = 10
"""Seconds from one act to the next."""
PEOPLE = 6
"""Invented people that are named, to sign in as."""
LONGEST, IDLE = 20, 600
"""Seconds of computing for one draft; and without any, after which it ends."""


def look(asked: Mapping[str, Any], language: str) -> Json:
    """`before`, `after`: files by name, in base64. `acts`: pairs of a kind and what goes with it. `at`: epoch
    seconds of the first. `heard`: instead of acts a delivery, its event's kind and fields, one by one.
    `draw`: a flow and the language of its drawing, or nothing."""
    before, after, stub = (_files(asked[name]) for name in ("before", "after", "stub"))
    loaded = load_files(after, language)
    made: Json = {"findings": [_shown(x) for x in new_findings(load_files(before, language), loaded)]}
    if loaded.content is not None and (asked["acts"] or asked["heard"]):
        with unpacked({**after, **stub}) as root:
            town = Town(root)
            made["talk"] = [*_talk(loaded.content, town, asked["acts"], asked["at"])]
            made["people"] = [(person.name, person.id_number) for person in town.people.everyone[:PEOPLE]]
            made["replies"] = _replies(loaded.content, town, asked["heard"])
    if loaded.content is not None and asked["draw"]:
        made["graph"] = _graph(loaded.content, *asked["draw"])
    return made


def new_findings(before: Loaded, after: Loaded) -> list[Finding]:
    """Returns every error, and warnings that were not there before."""
    known = {_named(x) for x in before.findings}
    return [x for x in after.findings if x.severity == "error" or _named(x) not in known]


def _named(x: Finding) -> tuple[str, ...]:
    """Returns a finding without its place, which moves with what stands above."""
    return x.file, x.code, x.name


def _shown(x: Finding) -> Json:
    return {name: getattr(x, name) for name in ("file", "line", "col", "severity", "code", "sentence", "zh")}


def _graph(content: Content, flow: str, language: str) -> str:
    if flow not in content.flows:
        return ""
    code = language if language in content.languages else content.default_language
    graph = worded(of_flow(content, flow, code), code)
    return dot(graph, ways(graph, {}), {})


def _talk(content: Content, town: Town, acts: Sequence[Sequence[str]], at: int) -> Iterator[Json]:
    process = Process(content, Answers((), town, content, lambda: 0), "oTryout", seed=1, push=True)
    for number, (kind, said, tap) in enumerate(acts):
        at += int(said) * 60 if kind == "wait" else BETWEEN
        yield from (_bubble(text_body(reply)) for reply in process.wait(at))
        if kind == "wait":
            yield {"who": "time", "minutes": int(said)}
            continue
        if kind == "say":
            yield {"who": "resident", "parts": [{"text": said}]}
        reply = process.deliver(str(number), _event(kind, said, tap, at, number))
        yield {"who": "person"} if reply.kind == "transfer" else _bubble(text_body(reply))


def _replies(content: Content, town: Town, heard: Sequence[tuple[str, str, Json]]) -> Any:
    """Returns the answer to the last message, after what would have been pushed since the one before."""
    process = Process(content, Answers((), town, content, lambda: 0), "oTryout", seed=1, push=True)
    replies: list[Reply] = []
    for delivery, kind, fields in heard:
        event = convert(fields, getattr(e, kind))
        replies = [*process.wait(event.at), process.deliver(delivery, event)]
    return to_builtins(replies)


def _event(kind: str, said: str, tap: str, at: int, seed: int) -> e.Event:
    if kind == "follow":
        return e.Subscribed(at, seed)
    return e.TextReceived(at, seed, text=said[: e.MOST_READ], tap=tap)


def _bubble(text: str) -> Json:
    return {"who": "account", "parts": parts(text)}


def _files(given: Mapping[str, str]) -> Files:
    return {name: b64decode(raw) for name, raw in given.items()}


def main(language: str) -> None:
    os.nice(10)
    logs.configure("CRITICAL")
    while select.select([sys.stdin.buffer], [], [], IDLE)[0]:
        if not (line := sys.stdin.buffer.readline()):
            break
        signal.setitimer(signal.ITIMER_PROF, LONGEST)
        json.dump(look(json.loads(line), language), sys.stdout, ensure_ascii=True)
        sys.stdout.write("\n")
        sys.stdout.flush()
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
