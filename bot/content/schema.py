"""JSON Schemas of every kind of file, for completion and checks in editors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bot.actions import ACTIONS
from bot.content.check.engine_texts import ENGINE_TEXTS
from bot.content.messages import CHINESE, ENGLISH, message, sentences
from bot.content.read import models as m
from bot.content.read.calendar_file import YearModel
from bot.content.read.config_files import OutletModel
from bot.content.read.stub_file import StubModel
from bot.content.read.words import ANSWERS
from bot.content.steps import any_step

FOLDER = "docs/schemas"
KINDS: Mapping[str, tuple[str, ...]] = {
    "flow": ("flows/*.yaml",),
    "pages": ("flows/pages.yaml",),
    "words": ("messages/*/*.yaml",),
    "page_words": ("messages/*/pages.yaml",),
    "common": ("messages/*/common.yaml",),
    "policy": ("config/policy.yaml",),
    "calendar": ("config/calendar.yaml",),
    "menu": ("config/menu.yaml",),
    "outlets": ("config/outlets.yaml",),
    "settings": ("config/settings.yaml",),
    "stub": ("config/stub.yaml",),
}
"""Schema -> its files; the more exact pattern counts."""
_WORDS = {"type": "array", "items": {"type": "string"}}
TEXT = {
    "anyOf": [
        {"type": ["string", "number"]},
        {"type": "array", "items": {"anyOf": [{"type": ["string", "number"]}, {"$ref": "#/$defs/Variant"}]}},
        {"$ref": "#/$defs/Spoken"},
        {"$ref": "#/$defs/Variant"},
    ],
}


def schemas() -> dict[str, dict[str, Any]]:
    """Returns every schema by its name."""
    kinds: dict[str, Any] = {
        "flow": m.FlowModel,
        "pages": m.PagesModel,
        "words": m.FlowWordsModel,
        "page_words": dict[str, m.PageWordsModel],
        "menu": list[m.MenuModel],
        "calendar": dict[str, YearModel],
        "outlets": list[OutletModel],
        "stub": StubModel,
    }
    made = {name: _of(name, TypeAdapter(kind).json_schema(by_alias=True)) for name, kind in kinds.items()}
    return made | {"common": _common(), "policy": _policy(), "settings": _settings()}


def write(root: Path) -> list[Path]:
    """Writes them below `root`; returns the files."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, schema in schemas().items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        paths.append(path)
    return paths


def kind_of(name: str) -> str:
    """Returns the schema of a content file (flows/x.yaml), '' if there is none."""
    folder, _, file = name.rpartition("/")
    if folder == "flows":
        return "pages" if file == "pages.yaml" else "flow"
    if folder.startswith("messages/"):
        return {"pages.yaml": "page_words", "common.yaml": "common"}.get(file, "words")
    stem = file.removesuffix(".yaml")
    return stem if folder == "config" and stem in KINDS else ""


def modeline(name: str) -> str:
    """Returns the comment that tells an editor the schema of a file."""
    kind = kind_of(name)
    up = "../" * name.count("/")
    return f"# yaml-language-server: $schema={up}{FOLDER}/{kind}.json" if kind else ""


def _of(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", **schema}
    defs = schema.setdefault("$defs", {})
    for definition in (schema, *defs.values()):
        _described(definition)
    if name in ("words", "page_words", "common"):
        condition = TypeAdapter(m.WhenModel).json_schema(by_alias=True)
        defs |= condition.pop("$defs", {})
        defs["Text"] = {"description": _about("text"), **TEXT}
        defs["Variant"] = _closed({"if": condition, "text": {"type": "string"}}, "if", "text")
        text = {"$ref": "#/$defs/Text"}
        version = {"type": ["string", "number"]}
        words = {**_closed(dict.fromkeys(ANSWERS, _WORDS)), "description": _about("text.words")}
        spoken = {"text": text, **dict.fromkeys(ANSWERS, text), "version": version, "words": words}
        defs["Spoken"] = _closed(spoken, "text")
    if name == "flow":
        step = any_step().model_json_schema(by_alias=True)
        defs |= {part: spec for part, spec in step.pop("$defs").items() if part not in defs}
        for definition in (step, *defs.values()):
            _described(definition)
        defs["StepModel"] = step
        named = schema["properties"]["steps"]["patternProperties"]
        named.update([(pattern, {"$ref": "#/$defs/StepModel"}) for pattern in named])
    _loosened(schema)
    return schema


def _closed(properties: Mapping[str, Any], *required: str) -> dict[str, Any]:
    needs = {"required": [*required]} if required else {}
    return {"type": "object", "additionalProperties": False, **needs, "properties": dict(properties)}


def _map_of(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": dict(values)}


def _about(code: str) -> str:
    return "\n".join(message("schema", code, language) for language in (ENGLISH, CHINESE))


def _described(definition: dict[str, Any]) -> None:
    """`definition`: of a model, which pydantic gives as its title."""
    model = definition.pop("title", "")
    for key, part in definition.get("properties", {}).items():
        if f"{model}.{key}" in sentences("schema"):
            part["description"] = _about(f"{model}.{key}")
        part.pop("title", None)
        part.pop("default", None)
        if model == "StepModel" and key == "action":
            part["enum"] = sorted(ACTIONS)


def _loosened(part: Any) -> None:
    """Allows numbers and switches for strings, and several forms of a `next` to match at once."""
    if isinstance(part, dict):
        if part.get("type") == m.TEXT:
            del part["type"]
            part["$ref"] = "#/$defs/Text"
        if (
            part.get("type") == "string"
            and "enum" not in part
            and "pattern" not in part
            and "const" not in part
        ):
            part["type"] = ["string", "number", "boolean"]
        if "oneOf" in part:
            part["anyOf"] = part.pop("oneOf")
            part.pop("discriminator", None)
        for inner in part.values():
            _loosened(inner)
    elif isinstance(part, list):
        for inner in part:
            _loosened(inner)


def _common() -> dict[str, Any]:
    recovery = TypeAdapter(m.RecoveryModel).json_schema(by_alias=True)
    _described(recovery)
    remarks = TypeAdapter(m.RemarksModel).json_schema(by_alias=True)
    remarks.pop("description", None)
    _described(remarks)
    parts: dict[str, Any] = {
        "recovery": recovery,
        **dict.fromkeys(("yes", "no", "fillers"), _WORDS),
        "remarks": remarks,
        **dict.fromkeys(("own", "about"), _WORDS),
        "codes": _map_of(_map_of({"type": "string"})),
        "dates": {"type": "string"},
        "weekdays": _WORDS,
        "on_page": _map_of({"type": "string"}),
    }
    described = {key: part | {"description": _about(f"common.{key}")} for key, part in parts.items()}
    texts = {name: {"$ref": "#/$defs/Text"} for name in sorted(ENGINE_TEXTS)}
    schema = _closed(described | texts)
    return _of("common", schema)


def _policy() -> dict[str, Any]:
    dated = TypeAdapter(m.PolicyModel).json_schema(by_alias=True)
    _described(dated)
    value = dated | {"properties": {key: part for key, part in dated["properties"].items() if key != "from"}}
    hours = TypeAdapter(m.HoursModel).json_schema(by_alias=True)
    _described(hours)
    schema = {
        "type": "object",
        "properties": {
            "hours": _map_of({"type": "array", "items": hours}),
            "banks": {"type": "array", "items": {"type": "object"}},
        },
        "additionalProperties": {"anyOf": [value, {"type": "array", "minItems": 1, "items": dated}]},
    }
    return _of("policy", schema)


def _settings() -> dict[str, Any]:
    from bot.settings import CHOICES, SECRET, Settings

    properties: dict[str, Any] = {}
    for name in Settings.__dataclass_fields__:
        if name not in SECRET:
            properties[name] = {"enum": list(CHOICES[name])} if name in CHOICES else {"type": "string"}
    return _of("settings", _closed(properties))
