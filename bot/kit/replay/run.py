"""Plays many replay files, in one process or several."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from bot import logs
from bot.content.read.city import own_flows
from bot.content.read.file_names import YAML
from bot.content.read.files import content_of
from bot.kit.embedded import dies_with_parent
from bot.kit.replay.both_ways import on_the_page
from bot.kit.replay.conversation import Conversation
from bot.kit.replay.fixture import BadReplay, load
from bot.kit.replay.play import Played
from bot.kit.replay.report import Result, describe, result
from bot.kit.replay.stage import Scenery, scenery
from bot.kit.replay.texts import whole_text
from bot.kit.replay.twin import in_each_language
from bot.kit.replay.update import update as rewrite

T = TypeVar("T")
CHUNK = 8
OWN, OFF = "goes through flows of the city's own", "is about what the city has switched off"
"""Why a replay of the release says nothing of a city."""


@dataclass(frozen=True)
class Options:
    root: Path
    match: str = "all"
    update: bool = False
    language: str = "zh-CN"
    page: bool = False
    """Play on the resident's page too what does not say `channel: chat`."""
    ids: bool = False
    """Write text ids where the file expects nothing yet."""
    release: Path | None = None
    """For a city that plays the release's replays: the content they were recorded on. Where the city says the
    same texts in other words, they hold."""
    ruled: Path | None = None
    """The same flows and words with the release's rules and outlets."""
    only: str = ""
    """The one language to play in."""


def files(paths: Sequence[Path]) -> list[Path]:
    """Returns every replay below these paths: YAML files of a directory, also as Notepad calls them, and
    files as named."""
    found: list[Path] = []
    for path in paths:
        found += sorted(p for p in path.rglob("*") if is_replay(p)) if path.is_dir() else [path]
    return list(dict.fromkeys(p.resolve() for p in found))


def is_replay(path: Path) -> bool:
    """Checks that a file is a replay, not content that a replay deploys, nor an editor's own."""
    if not YAML.search(path.name) or path.name.startswith((".", "~$")):
        return False
    return not set(path.parent.parts[-3:]) & {"flows", "messages", "config"}


def about(flow: str, paths: Sequence[Path]) -> list[Path]:
    """Returns those that name the flow: where the resident stands, what is said, called or ended."""
    named = re.compile(rf"(?<![\w.]){re.escape(flow)}\b")
    return [path for path in paths if named.search(content_of(path).decode("utf-8", "replace"))]


def not_in(language: str) -> str:
    """Why a replay is skipped that is not played in this language."""
    return f"not in {language}"


def _languages(conversation: Conversation, stage: Scenery) -> Collection[str]:
    if conversation.every_language:
        return stage.content.languages
    return (conversation.language or stage.content.default_language,)


def one(path: Path, options: Options, stage: Scenery) -> Result:
    """Plays one file. Never raises for what is in it."""
    began = time.perf_counter()
    try:
        conversation = load(path, options.root)
        known = not conversation.language or conversation.language in stage.content.languages
        if options.only and known and options.only not in _languages(conversation, stage):
            return Result(str(path), 0, 0.0, skipped=not_in(options.only))
        if options.update:
            played = in_each_language(conversation, stage, match=options.match, update=True)
            try:
                rewrite(played, options.ids)
            except ValueError as e:
                return Result(str(path), played[0].turns, time.perf_counter() - began, str(e), broken=True)
            conversation = load(path, options.root)
        if not options.update or (conversation.every_language and played[-1].failure is None):
            played = in_each_language(conversation, stage, match=options.match, only=options.only)
    except BadReplay as e:
        return Result(str(path), 0, time.perf_counter() - began, str(e), broken=True)
    found = result(played, options.root, time.perf_counter() - began)
    if options.page and not found.text and conversation.channel != "page":
        found = _both_ways(played[0], options, stage, found)
    return _in_the_city(conversation, options, stage, found) if found.text and options.release else found


def _both_ways(chat: Played, options: Options, stage: Scenery, found: Result) -> Result:
    conversation, page = chat.conversation, on_the_page(chat, stage)
    if conversation.channel == "both":
        text = describe(page.failure, options.root) if page.failure else ""
        return replace(found, turns=found.turns + page.turns, text=text)
    if page.failure:
        return replace(found, only_chat=f"turn {page.failure.turn}: {page.failure.difference.what}")
    line = conversation.line(("channel",))
    return replace(found, text=f"{found.path}:{line}: the page does the same: take out `channel: chat`.")


def _in_the_city(conversation: Conversation, options: Options, stage: Scenery, found: Result) -> Result:
    """Returns what differs, unless that is only words, or what is the city's own leads elsewhere."""
    release = scenery_of(replace(options, root=options.release or options.root))
    was, now = (in_each_language(conversation, on, update=True) for on in (release, stage))
    if any(one.bug or _holes(one) for one in now):
        return found
    if _texts(was) == _texts(now):
        return replace(found, text="")
    met = {name.partition(".")[0] for name in _texts(was)}
    if mine := sorted(met & own_flows(options.root)):
        return replace(found, text="", skipped=f"{OWN}: {', '.join(mine)}")
    if off := sorted((met | _offered(was)) & stage.content.off):
        return replace(found, text="", skipped=f"{OFF}: {', '.join(off)}")
    ruled = scenery_of(replace(options, root=options.ruled or options.root))
    if _texts(was) == _texts(in_each_language(conversation, ruled, update=True)):
        return replace(found, text="", ruled=True)
    return found


def _texts(played: Sequence[Played]) -> list[str]:
    """Returns where the resident stood after each turn, and the ids of the texts that were said."""
    found = []
    for came in (one for each in played for one in each.came):
        if came.facts:
            found += [came.facts.at, *(whole_text(name) for name, _ in came.facts.says)]
    return found


def _holes(played: Played) -> bool:
    """Checks for a text that could not be said: a value was missing."""
    facts = (came.facts for came in played.came if came.facts)
    return any(name.endswith("!") for one in facts for name, _ in one.says)


def _offered(played: Sequence[Played]) -> set[str]:
    """Returns the flows, and pages as page.x, that were offered."""
    bubbles = (bubble for each in played for came in each.came for bubble in (*came.pushed, *came.bubbles))
    return {tap.split(".", 2)[-1] for bubble in bubbles for tap in bubble.answers.values() if ".-" in tap}


def everything(paths: Sequence[Path], options: Options, jobs: int = 1) -> Iterator[Result]:
    """Yields results in the files' order. `jobs`: processes, 0 for one per core.

    Raises:
        CannotPlay: the content itself does not pass its check.
    """
    stage = scenery_of(options)  # reports broken content once; forked children inherit it
    if processes(paths, jobs) == 1:
        yield from (one(path, options, stage) for path in paths)
    else:
        for results in spread(_chunk, paths, options, jobs, CHUNK):
            yield from results


def processes(paths: Sequence[Path], jobs: int) -> int:
    """Returns the useful number of processes. `jobs`: 0 for one per core."""
    return min(jobs or len(os.sched_getaffinity(0)), -(-len(paths) // CHUNK)) or 1


def spread(
    work: Callable[[Sequence[Path], Options], T],
    paths: Sequence[Path],
    options: Options,
    jobs: int,
    chunk: int = 0,
) -> Iterator[T]:
    """Runs `work` over the paths, in order, in several processes. `chunk`: files at once; 0: a share."""
    count = processes(paths, jobs)
    if count == 1:
        yield work(paths, options)
        return
    size = chunk or -(-len(paths) // count)
    chunks = [paths[n : n + size] for n in range(0, len(paths), size)]
    with ProcessPoolExecutor(count, initializer=_begin) as pool:
        yield from pool.map(work, chunks, [options] * len(chunks))


def _begin() -> None:
    dies_with_parent()
    logs.configure("CRITICAL")


def _chunk(paths: Sequence[Path], options: Options) -> list[Result]:
    return [one(path, options, scenery_of(options)) for path in paths]


def scenery_of(options: Options) -> Scenery:
    """Reads the content once in each process.

    Raises:
        CannotPlay.
    """
    return _cached(options.root, options.language)


_cached = lru_cache(maxsize=6)(scenery)
