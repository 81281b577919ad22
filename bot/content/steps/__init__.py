"""The kinds of step, a file each: what it may say in YAML and what follows. The file of the same name
in `bot.engine.steps` says what a run does there."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from pydantic import BaseModel, create_model

from bot.content.read.source import Source
from bot.content.read.validation import model
from bot.content.steps.kind import Kind
from bot.engine import flow as f

KINDS: dict[str, type[Kind]] = {
    name: getattr(import_module(f"{__name__}.{name}"), name.capitalize())
    for _, name, _ in iter_modules(__path__)
    if name != "kind"
}
"""By the key that makes a step one of this kind. A step with no such key only leads on: `Kind`."""


def kinds_of(raw: Any) -> list[str]:
    """The kinds that a step in YAML has the keys of; a good one has one, or only `next`."""
    return [name for name in KINDS if raw.get(name)] if isinstance(raw, dict) else []


def kind_of(step: f.Step) -> type[Kind]:
    return KINDS.get(step.kind, Kind)


@cache
def keys(kind: type[Kind]) -> frozenset[str]:
    return frozenset(field.alias or name for name, field in kind.model_fields.items())


def step_model(source: Source, name: str, raw: Any) -> Kind | None:
    """None with findings where it has not the shape of its kind. Keys of other kinds are checked later."""
    kind = KINDS[kinds[0]] if (kinds := kinds_of(raw)) else Kind
    others = frozenset[str]().union(*map(keys, KINDS.values())) - keys(kind)
    own = {k: v for k, v in raw.items() if k not in others} if isinstance(raw, dict) else raw
    return model(source, kind, own, ("steps", name), any_step())


def any_step() -> type[BaseModel]:
    """Every key that a step of some kind can have, as one model."""
    return _together(*KINDS.values())


@cache
def _together(*kinds: type[Kind]) -> type[BaseModel]:
    return create_model("StepModel", __base__=kinds)
