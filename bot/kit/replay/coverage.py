"""Lists what no replay reaches, with file and line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.content.check.engine_texts import PAGE_TEXTS, SHELL_TEXTS
from bot.content.read.source import Source, read
from bot.kit.replay.report import Result
from bot.kit.replay.run import Options, one, spread
from bot.kit.replay.stage import scenery
from bot.kit.replay.watch import Item, Watch
from bot.reading.clean import normal

KINDS = {
    "step": "steps",
    "outcome": "outcomes",
    "try": "tries",
    "text": "texts",
    "page": "pages",
    "word": "recovery words",
    "language": "languages",
}


@dataclass(frozen=True)
class Missed:
    file: str
    line: int
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.kind} {self.name}"


@dataclass(frozen=True)
class Coverage:
    """The coverage of a run. `reached`, `total`: by kind, for words by kind and language."""

    total: Counter[str]
    reached: Counter[str]
    missed: tuple[Missed, ...]
    results: tuple[Result, ...]

    @property
    def percent(self) -> float:
        return 100 * self.reached.total() / max(self.total.total(), 1)


def measure(paths: Sequence[Path], options: Options, jobs: int = 1) -> Coverage:
    """Plays all replays over watched content, in `jobs` processes (0: one for each core)."""
    watch = Watch(scenery(options.root, options.language).content)
    results: list[Result] = []
    for came, seen, phrases in spread(_chunk, paths, options, jobs):
        results += came
        watch.seen |= seen
        watch.said |= phrases
    words, said = _recovery(options.root, watch)
    tongues = {code: _language(code) for code in watch.content.languages}
    folders = {i.file.split("/")[1] for i in watch.seen if i.file.startswith("messages/")}
    spoken = {tongues[code] for code in folders & tongues.keys()}
    sources: dict[str, Source] = {}
    total, reached = Counter[str](), Counter[str]()
    missed = []
    for item in sorted(watch.all | words | {*tongues.values()}, key=lambda i: (i.file, i.kind, i.name)):
        room, _, name = item.name.partition(".")
        if room == "common" and name.partition(".")[0] in SHELL_TEXTS | PAGE_TEXTS:
            continue
        group = _group(item)
        total[group] += 1
        if item in watch.seen or item in said or item in spoken:
            reached[group] += 1
            continue
        if item.file not in sources:
            sources[item.file] = read(options.root / item.file, options.root)
        line = sources[item.file].at(item.loc, key=True)[0]
        missed.append(Missed(item.file, line, item.kind, item.name))
    return Coverage(total, reached, tuple(sorted(missed, key=lambda m: (m.file, m.line))), tuple(results))


def _chunk(paths: Sequence[Path], options: Options) -> tuple[list[Result], set[Item], set[str]]:
    stage = scenery(options.root, options.language)
    watch = Watch(stage.content)
    watched = replace(stage, content=watch.content, watched=watch.over)
    return [one(path, options, watched) for path in paths], watch.seen, watch.said


def _language(code: str) -> Item:
    return Item("language", f"messages/{code}/common.yaml", (), code)


def _group(item: Item) -> str:
    parts = item.file.split("/")
    if item.kind == "language":
        return item.kind
    return f"{item.kind} {parts[1]}" if parts[0] == "messages" else item.kind


def _recovery(root: Path, watch: Watch) -> tuple[set[Item], set[Item]]:
    """Returns the meanings of the recovery words of each language, and those that were said."""
    items, said = set(), set()
    for code in watch.content.languages:
        file = f"messages/{code}/common.yaml"
        data = read(root / file, root).data or {}
        for name, raw in data.get("recovery", {}).items():
            if name in ("change", "wrong"):  # words around an answer's name, not words by themselves
                continue
            groups = raw.items() if isinstance(raw, dict) else [("", raw)]
            for key, words in groups:
                item = Item(
                    "word", file, ("recovery", name, *([key] if key else [])), f"{name} {key}".strip()
                )
                items.add(item)
                if {normal(w) for w in words} & watch.said:
                    said.add(item)
    return items, said


def summary(coverage: Coverage) -> list[str]:
    lines = []
    for group in sorted(coverage.total):
        kind, _, language = group.partition(" ")
        name = KINDS[kind] + (f", {language}" if language else "")
        reached, total = coverage.reached[group], coverage.total[group]
        lines.append(f"  {name:<24} {reached:>5} of {total:<5} {100 * reached / total:5.1f} %")
    lines.append(
        f"  not counted: {', '.join(sorted(SHELL_TEXTS | PAGE_TEXTS))}: no conversation leads to them"
    )
    return [*lines, f"  {'all':<24} {coverage.reached.total():>5} of {coverage.total.total():<5} "
            f"{coverage.percent:5.1f} %"]  # fmt: skip
