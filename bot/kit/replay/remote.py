"""Plays replays over HTTP, on a server of our own or a running one, as far as that is possible."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from bot.content.check.engine_texts import PAGE_TEXTS
from bot.engine import events as e
from bot.engine.content import Content
from bot.kit.replay.conversation import Conversation, Turn, Wanted
from bot.kit.replay.fixture import BadReplay, load
from bot.kit.replay.judge import Plain, same
from bot.kit.replay.play import Played, Said, play
from bot.kit.replay.report import Result, result
from bot.kit.replay.run import Options, scenery_of, spread
from bot.kit.replay.server import Server
from bot.kit.replay.stage import Scenery, Stage
from bot.kit.replay.texts import shape
from bot.kit.replay.twin import in_each_language
from bot.kit.replay.wire import Wire, account_of

UNSEEN = ("at", "slots", "calls", "ends", "push")
"""Parts of a turn's expectation that no answer shows."""
_DATES = re.compile(r"\d{4}年\d+月\d+日（周.）|\d{4}-\d{1,2}-\d{1,2}(?: \(\w+\))?")
_VARIES = re.compile(r"(?<!\d)(?:\d{10}|\d \d \d \d)(?!\d)")


def plain(text: str) -> str:
    """Removes receipt numbers and random codes, which differ on each server."""
    return _VARIES.sub("…", text)


def dateless(text: str) -> str:
    """Returns the same without dates: a running service's stubs live in its own time."""
    return _DATES.sub("…", plain(text))


def pageless(content: Content) -> Plain:
    """Returns what takes away the words about the resident's page: a replay plays without it."""
    names = [f"common.{name}" for name in sorted(PAGE_TEXTS)]
    shapes = [shape(content, language, name) for language in content.languages for name in names]
    said = re.compile(f"\n*^(?:{'|'.join(filter(None, shapes))})$", re.M)
    return lambda text: said.sub("", text).lstrip("\n")


def over_http(
    paths: Sequence[Path], options: Options, target: str = "", jobs: int = 1, changes: bool = False
) -> Iterator[Result]:
    """Plays conversations at `target`, or on a server of our own in each process if "".

    `changes`: also those that change something at the bureau, which a running service keeps.

    Raises:
        CannotPlay: a setting is missing, or the content cannot be used.
    """
    if target:
        account_of(os.environ)
    work = partial(_over, target=target, changes=changes)
    for results in spread(work, paths, options, jobs):
        yield from results


def _over(paths: Sequence[Path], options: Options, target: str, changes: bool) -> list[Result]:
    stage = scenery_of(options)
    server = None if target else Server(stage)
    try:
        return [_one(path, options, stage, server, target, changes) for path in paths]
    finally:
        if server is not None:
            server.stop()


def _one(
    path: Path, options: Options, stage: Scenery, server: Server | None, target: str, changes: bool
) -> Result:
    began = time.perf_counter()
    try:
        conversation = load(path, options.root)
    except BadReplay as error:
        return Result(str(path), 0, 0.0, str(error), broken=True)
    reason = _unfit(conversation, server is None, changes)
    if not reason and server is None and _own_there(conversation, stage):
        reason = "its words depend on the day, or on what a bureau remembers, and those are the service's own"
    if reason:
        return Result(str(path), 0, 0.0, skipped=reason)
    if server is None and any(t.calls for t in conversation.turns):  # changes are made once
        conversation = replace(conversation, language=conversation.language or stage.content.default_language)
    problems: list[str] = []

    def playing(there: Conversation, said: Said) -> Played:
        if server is not None:
            server.begin(there)
        account = server.account if server else account_of(os.environ)
        openid, heard = f"replay-{secrets.token_hex(8)}", same if server else pageless(stage.content)
        wire = Wire(server.url if server else target, account, openid, server, heard)
        _choose(wire, there, stage)
        there = in_words(there, stage.content)
        played = play(there, stage, wire, options.match, plain=plain if server else dateless, said=said)
        problems.extend(server.answers.problems if server else ())
        return played

    played = in_each_language(conversation, stage, playing)
    made = result(played, options.root, time.perf_counter() - began)
    if problems and not made.text:
        made = replace(made, text=f"{made.path}: {'; '.join(problems)}")
    return replace(made, unseen=_unseen(conversation))


def in_words(conversation: Conversation, content: Content) -> Conversation:
    """Replaces expected text ids by their words, because a server's answer has no ids."""

    def wanted(one: Wanted) -> Wanted:
        if one.how != "says":
            return one
        shapes = (f"(?:{'|'.join(each(name))})" for name in one.words.split())
        return Wanted("regex", r"(?s)\A" + ".*".join(shapes))

    def each(name: str) -> list[str]:
        """Returns the words in every language: a deletion forgets the resident's language."""
        return list(filter(None, (shape(content, language, name) for language in content.languages)))

    def turn(given: Turn) -> Turn:
        says = given.says and tuple(tuple(map(wanted, group)) for group in given.says)
        return replace(given, reply=given.reply or says, says=None, together=tuple(map(turn, given.together)))

    return replace(conversation, turns=tuple(map(turn, conversation.turns)))


def _own_there(conversation: Conversation, stage: Scenery) -> bool:
    """Checks whether the words differ today, or at a bureau that was asked before."""
    first, second = (Stage(stage, replace(conversation, openid=openid)) for openid in ("first", "second"))
    for one in (first, second):
        one.process.answers.now = lambda: int(time.time())  # wall clock: a running service has it
    play(conversation, stage, first, update=True)
    if not any(turn.calls for turn in conversation.turns):  # else --changes was given
        second.process.answers.ledger.records = first.process.answers.ledger.records
    return play(conversation, stage, second, plain=dateless).failure is not None


def _unseen(conversation: Conversation) -> dict[str, int]:
    """Counts the expectations that a server's answer does not show."""
    turns = [t for turn in conversation.turns for t in (turn, *turn.together)]
    counts = {key: sum(getattr(t, key) is not None for t in turns) for key in UNSEEN}
    return {key: count for key, count in counts.items() if count}


def _choose(wire: Wire, conversation: Conversation, stage: Scenery) -> None:
    """Chooses the conversation's language first: a server begins in its own."""
    meaning = f"language:{conversation.language}"
    word = next((w for w, m in stage.content.recovery.items() if m == meaning), "")
    if word and conversation.language != stage.content.default_language:
        wire.deliver("language", e.TextReceived(conversation.clock, text=word))


def _unfit(conversation: Conversation, deployed: bool, changes: bool) -> str:
    """Returns why a conversation cannot be played there, "" if it can."""
    if conversation.channel == "page":
        return "the page is played in process only"
    acts = {t.act for t in conversation.turns}
    if acts & {"wait", "bureau", "deploy"} or conversation.push:
        return "time, reports and deployments come in process only"
    own = (conversation.policy, conversation.maintenance, conversation.begins, conversation.waiting)
    if any(own) or any(p.slow for p in conversation.services):
        return "its own policy, maintenance, beginning or slow answers are had in process only"
    if deployed and (conversation.services or not conversation.stubs):
        return "a running service has no prepared answers"
    if deployed and not changes and any(t.calls for t in conversation.turns):
        return "it changes something at the bureau, which a running service keeps: --changes"
    return ""
