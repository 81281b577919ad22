"""`shebao mutants`: lists the wrong changes to the content that no shipped replay notices."""

from __future__ import annotations

import multiprocessing
import os
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from bot.content.read.source import read
from bot.kit.replay.conversation import Conversation
from bot.kit.replay.fixture import load
from bot.kit.replay.mutations import KINDS, Mutant, every
from bot.kit.replay.run import files
from bot.kit.replay.stage import CannotPlay, Scenery
from bot.kit.replay.twin import in_each_language
from bot.kit.replay.watch import Item, Watch

EQUIVALENT = "equivalent.yaml"
"""A file beside the replays' tests: a mutant's name -> why it equals the original for every resident."""


@dataclass
class Bench:
    """The data of every worker process; forked children share it without a copy."""

    scenery: Scenery
    conversations: list[Conversation]
    reach: list[frozenset[Item]]
    mutants: list[Mutant]


_bench: list[Bench] = []


def killed_by(index: int) -> str:
    """Returns the first replay that a mutant breaks, nearest ones first; "" if it survives."""
    bench = _bench[0]
    mutant = bench.mutants[index]
    stage = replace(bench.scenery, content=mutant.content(bench.scenery.content), watched=mutant.deployed)
    order = sorted(range(len(bench.conversations)), key=lambda n: not _near(bench.reach[n], mutant))
    for n in order:
        if in_each_language(bench.conversations[n], stage)[-1].failure is not None:
            return bench.conversations[n].path.name
    return ""


def _near(reach: frozenset[Item], mutant: Mutant) -> bool:
    size = len(mutant.loc)
    return any(i.file == mutant.file and i.loc[:size] == mutant.loc for i in reach)


def prepare(stage: Scenery, seed: int, each: int, flow: str = "") -> Bench:
    """Plays all replays and chooses the mutants. `each`: mutants of each kind, 0 for all. `flow`: one whose
    files alone are changed.

    Raises:
        CannotPlay: a replay fails as it is.
    """
    root = stage.root
    conversations = [load(path, root) for path in files([root / "tests" / "replays"])]
    reach = []
    watch = Watch(stage.content)
    watched = replace(stage, content=watch.content, watched=watch.over)
    for conversation in conversations:
        watch.seen.clear()
        failure = in_each_language(conversation, watched)[-1].failure
        if failure is not None:
            raise CannotPlay(f"{conversation.path.name} fails without any mutation: run shebao replay")
        reach.append(frozenset(watch.seen))
    raw = read(root / "config" / "policy.yaml", root).data
    all_mutants = list(every(stage.content, raw if isinstance(raw, dict) else {}))
    if flow:
        all_mutants = [mutant for mutant in all_mutants if Path(mutant.file).stem == flow]
    dice = random.Random(seed)
    chosen: list[Mutant] = []
    for kind in KINDS:
        mine = [m for m in all_mutants if m.kind == kind]
        chosen += mine if not each or len(mine) <= each else dice.sample(mine, each)
    return Bench(stage, conversations, reach, chosen)


def run(bench: Bench, jobs: int) -> list[str]:
    """Returns for each mutant the replay that notices it, or "". `jobs`: processes, 0 for one per core."""
    _bench[:] = [bench]
    jobs = jobs or len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
        return list(pool.map(killed_by, range(len(bench.mutants)), chunksize=4))


def reasons(root: Path) -> Mapping[str, str]:
    path = root / "tests" / "replay" / EQUIVALENT
    data = read(path, root).data if path.exists() else {}
    return {str(k): str(v) for k, v in data.items()} if isinstance(data, dict) else {}


def told(bench: Bench, killers: Sequence[str], why: Mapping[str, str]) -> tuple[list[str], bool]:
    """Returns the report, and whether it is good: at most 2 % survive, each with its reason."""
    lines, total, alive = [], Counter[str](), Counter[str]()
    unexplained = 0
    for mutant, killer in zip(bench.mutants, killers, strict=True):
        total[mutant.kind] += 1
        if killer:
            continue
        alive[mutant.kind] += 1
        reason = why.get(f"{mutant.kind}: {mutant.name}", why.get(mutant.name, ""))
        unexplained += not reason
        lines.append(f"survived: {mutant.kind}: {mutant.name} — {reason or 'NO REASON GIVEN'}")
    lines += [f"  {kind:<22} {total[kind] - alive[kind]:>4} of {total[kind]:<4} noticed" for kind in KINDS]
    share = 100 * alive.total() / max(total.total(), 1)
    lines.append(f"  {alive.total()} of {total.total()} survive, {share:.1f} %")
    return lines, share <= 2 and not unexplained
