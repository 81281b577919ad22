"""The kinds of step, one file each: their YAML keys and checks. The file of the same name in
`bot.engine.steps` runs them."""

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
"""Kinds by the key that identifies them. A step with no such key only leads on: `Kind`."""


def kinds_of(raw: Any) -> list[str]:
    """Returns the kinds whose keys a YAML step has; a valid one has one, or only `next`."""
    return [name for name in KINDS if raw.get(name)] if isinstance(raw, dict) else []


def kind_of(step: f.Step) -> type[Kind]:
    return KINDS.get(step.kind, Kind)


@cache
def keys(kind: type[BaseModel]) -> frozenset[str]:
    return frozenset(field.alias or name for name, field in kind.model_fields.items())


def step_model(source: Source, name: str, raw: Any) -> Kind | None:
    """Returns None with findings if the step lacks the form of its kind. Keys of other kinds are checked
    later."""
    leads = isinstance(raw, dict) and (kinds_of(raw) or "next" in raw)
    if name in keys(any_step()) and not leads:  # `next` begins where the name of its step does
        source.error(("steps", name), "indentation", key=True)
        return None
    if isinstance(raw, dict) and (bare := [key for key in KINDS if raw.get(key) == ""]) and not kinds_of(raw):
        source.error(("steps", name, bare[0]), "empty-value", key=True)
        return None
    kind = KINDS[kinds[0]] if (kinds := kinds_of(raw)) else Kind
    others = frozenset[str]().union(*map(keys, KINDS.values())) - keys(kind)
    own = {k: v for k, v in raw.items() if k not in others} if isinstance(raw, dict) else raw
    return model(source, kind, own, ("steps", name), any_step())


def any_step() -> type[BaseModel]:
    """Returns one model with every key that a step of some kind can have."""
    return _together(*KINDS.values())


@cache
def _together(*kinds: type[Kind]) -> type[BaseModel]:
    return create_model("StepModel", __base__=kinds)
