"""Lists what a publish would change: for the operator part by part, for residents step by step. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from bot.content.read.compose import data_of
from bot.content.read.files import POLICY, Files
from bot.content.read.policy_file import PARTS
from bot.engine.content import Content


@dataclass(frozen=True)
class Change:
    """`before` or `after` is "" if the part is new or gone. `name`: file and path, dots between."""

    file: str
    name: str
    before: str
    after: str

    @property
    def what(self) -> str:
        return "added" if not self.before else "removed" if not self.after else "changed"


def changes(old: Files, new: Files) -> list[Change]:
    """Returns changes part by part, in the order of the files; of one that is no YAML the whole."""
    found = []
    for file in sorted({*old, *new}):
        if old.get(file) == new.get(file):
            continue
        before, after = (dict(_parts(file, files.get(file, b""))) for files in (old, new))
        names = dict.fromkeys([*before, *after])
        found += [
            Change(file, name, before.get(name, ""), after.get(name, ""))
            for name in names
            if before.get(name) != after.get(name)
        ]
    return found


@dataclass(frozen=True)
class Step:
    """A step at which residents may be, and what the new content does with them.

    `fate`: asked (the same question once more), again (the flow from its beginning, with the answers that
    still fit), renamed (they go on at `to`), gone (the flow no longer exists).
    """

    flow: str
    step: str
    fate: str
    to: str = ""


def other_steps(old: Content, new: Content) -> list[Step]:
    """Returns every step of the old content that differs in the new."""
    found = []
    for flow in old.flows.values():
        other = new.flows.get(flow.name)
        renamed = {step.renamed: step for step in other.steps.values() if step.renamed} if other else {}
        for step in flow.steps.values():
            if other is None:
                found.append(Step(flow.name, step.id, "gone"))
                continue
            now = other.steps.get(step.id) or renamed.get(step.id)
            if now is None:
                found.append(Step(flow.name, step.id, "again"))
            elif now.id != step.id:
                found.append(Step(flow.name, step.id, "renamed", now.id))
            elif step.hash not in (now.hash, now.was):
                found.append(Step(flow.name, step.id, "asked"))
    return found


# --- reading -------------------------------------------------------------------------------------
_WHOLE = {"steps", "slots"}
"""Of a flow, each entry of these is one part."""


def _parts(file: str, raw: bytes) -> Iterator[tuple[str, str]]:
    try:
        data = data_of(raw.decode("utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError):  # a draft may be half done
        yield "", raw.decode("utf-8-sig", "replace")
        return
    if data is None:
        return
    if file.startswith("flows/") and isinstance(data, dict):
        for key, value in data.items():
            if key in (*_WHOLE, "pages") and isinstance(value, dict):
                yield from ((f"{key}.{name}", _shown(part)) for name, part in value.items())
            else:
                yield key, _shown(value)
    elif file == POLICY and isinstance(data, dict):
        for name, value in data.items():
            yield from _dated(name, value)
    else:
        yield from _flat((), data)


def _dated(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yields a value of the policy; one with dates by its days: what comes then is a change of its own."""
    listed = value if name not in PARTS and isinstance(value, list) else [value]
    for part in listed:
        day = part.get("from") if isinstance(part, dict) else ""
        yield f"{name}.{day}" if day else name, _shown(part)


def _flat(path: tuple[str, ...], value: Any) -> Iterator[tuple[str, str]]:
    """Flattens mappings to their leaves; lists of mappings by the entries' id or name; phrases one by one."""
    if isinstance(value, dict) and value:
        for key, part in value.items():
            yield from _flat((*path, str(key)), part)
    elif isinstance(value, list) and value and all(isinstance(part, dict) and _name(part) for part in value):
        for part in value:
            yield from _flat((*path, _name(part)), part)
    elif isinstance(value, list) and "words" in path and all(isinstance(part, str) for part in value):
        yield from ((".".join((*path, part)), part) for part in value)
    else:
        yield ".".join(path), _shown(value)


def _name(entry: Mapping[str, Any]) -> str:
    found = entry.get("id") or entry.get("name") or ""
    return found if isinstance(found, str) else ""


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value or "''"
    text: str = yaml.safe_dump(value, allow_unicode=True, default_flow_style=None, sort_keys=False, width=100)
    return text.strip()
