"""Validates against the models: every error at its line and column, in plain words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.content.messages import Phrase, message, phrase, sentences
from bot.content.read.forms import likely
from bot.content.read.source import Loc, Source

T = TypeVar("T", bound=BaseModel)
_MAP = phrase("a-map")
_WANTED = {
    "string_type": phrase("a-sentence"),
    "list_type": phrase("a-list"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), _MAP),
}
_JOINING = ("or", "and", "not", "any", "all", "或", "且", "非")
"""What other languages join conditions with."""


def model(
    source: Source, kind: type[T], data: Any = None, loc: Loc = (), among: type[BaseModel] | None = None
) -> T | None:
    """Returns the checked data; None with findings if it lacks the form of `kind`.

    `among`: the model whose keys an unknown one may have meant, if that is another.
    """
    data = source.data if data is None and not loc else data
    if data is None:
        if not source.findings:
            source.error((), "empty")
        return None
    try:
        return kind.model_validate(data)
    except ValidationError as e:
        errors = e.errors(include_url=False)
        wrong = {x["loc"][:-1] for x in errors if x["type"] != "missing" and x["loc"]}
        placed = [(error, *locate(data, error["loc"])) for error in errors]
        hollow = {  # where a key has nothing behind it: probably the ones below it belong there
            where[:-1]: source.at((*loc, *where), key=True)
            for error, where, _ in placed
            if error["type"] in _WANTED and error["input"] == ""
        }
        around = {where[:n] for _, where, _ in placed for n in range(len(where))}
        before = len(source.findings)
        lacking: dict[Loc, list[str]] = {}
        several: dict[Loc, list[str]] = {}  # forms that one place may have
        for error, where, _ in placed:
            if error["type"] == "missing" and error["loc"][:-1] not in wrong:
                lacking.setdefault(where, []).append(str(error["loc"][-1]))
            elif error["type"] in _WANTED:
                several.setdefault(where, []).append(error["type"])
        for error, where, key in placed:
            if error["type"] == "missing":  # of one that is wrong, it is probably there, misspelt
                if names := lacking.pop(where, ()):
                    source.error((*loc, *where), "missing-key", key=True, name=", ".join(names))
                continue
            below = hollow.get(where[:-1]) if where and error["type"] == "extra_forbidden" else None
            if below and below < source.at((*loc, *where), key=True):
                continue
            if error["type"] == "coordinates" and any(
                x.code == "coordinates" for x in source.findings[before:]
            ):
                continue  # probably the two changed places
            forms = several.get(where, []) if error["type"] in _WANTED else []
            if forms and where in around:
                continue  # another form was meant, and what is wrong with it is told further in
            if len(forms) > 1:
                if error["type"] == forms[0]:
                    source.error((*loc, *where), "shape", wanted=_either(forms))
                continue
            odd = error["type"] == "extra_forbidden" and source.hints
            known = _keys(among or kind, where[:-1], data) if odd else frozenset[str]()
            _say(source, error, (*loc, *where), key, known)
        return None


def _either(forms: list[str]) -> Phrase:
    """Any of the forms."""
    return lambda language: message("phrases", "or", language).join(
        dict.fromkeys(_WANTED[form](language) for form in forms)
    )


def mapping(source: Source) -> dict[str, Any]:
    """Returns the file's keys and values; {} with a finding if it has none."""
    if isinstance(source.data, dict):
        return source.data
    if source.data is not None:
        wrong_shape(source, (), "dict_type")
    elif not source.findings:
        source.error((), "empty")
    return {}


def wrong_shape(source: Source, loc: Loc, wanted: str) -> None:
    """`wanted`: pydantic's type of error."""
    source.error(loc, "shape", wanted=_WANTED[wanted])


def unknown_flow(source: Source, loc: Loc, name: str, flows: Collection[str], pages: Collection[str]) -> None:
    """An error: a page's name where a flow's belongs, or no name at all."""
    page = name.removeprefix("page.")
    if not page:
        source.error(loc, "empty-value", key=True)
    elif page in pages:
        source.error(loc, "is-page", name=page)
    else:
        source.error(loc, "unknown-flow", name=name, known=flows)


def unknown_page(source: Source, loc: Loc, name: str, flows: Collection[str], pages: Collection[str]) -> None:
    """An error: a flow's name where a page's belongs, or no name at all."""
    if not name:
        source.error(loc, "empty-value", key=True)
    elif name in flows:
        source.error(loc, "is-flow", name=name)
    else:
        source.error(loc, "unknown-page", name=name, known=pages)


def _say(source: Source, error: Any, loc: Loc, key: bool, keys: Collection[str]) -> None:
    """`keys`: those that belong in the map of the error."""
    what, context = error["type"], error.get("ctx", {})
    joined = next((i for i in range(1, len(loc)) if loc[i - 1] == "if" and loc[i] in _JOINING), 0)
    if joined or (loc and loc[-1] == "if" and what in _WANTED):
        source.error(loc[: joined + 1] if joined else loc, "condition-map", key=bool(joined))
        return
    name = str(error["loc"][-1]) if error["loc"] else ""
    given = error.get("input")
    if what == "unknown-value":
        source.one_of(loc, str(given), context["known"], key=key)
    elif what in sentences("findings"):
        source.error(loc, what, key=key, close=likely(what, str(context.get("name", ""))), **context)
    elif what == "extra_forbidden":
        source.error(loc, "unknown-key", key=True, name=name, known=keys)
    elif what == "literal_error":
        known = [w.strip("' ") for w in str(context.get("expected", "")).replace(" or ", ", ").split(",")]
        source.one_of(loc, str(given), [k for k in known if k])
    elif what in ("string_pattern_mismatch", "string_too_long") and given != "":
        source.error(loc, "name", key=key, name=loc[-1] if key and loc else given)
    elif not given and isinstance(given, str):
        source.error(loc, "empty-value", key=True)
    elif (
        isinstance(given, list)
        and given
        and isinstance(given[0], dict)
        and _WANTED.get(what) is _MAP
        and source.begins(loc, "- ")
    ):
        source.error(loc, "dash")
    elif what == "list_type" and isinstance(given, dict) and "if" in given:
        source.error(loc, "case")
    elif source.file.startswith("config/") and "hours" in loc and what in _WANTED and what != "string_type":
        source.error(loc, "hours")
    elif what in _WANTED:
        wrong_shape(source, loc, what)
    else:
        source.error(loc, "shape", wanted=str(error["msg"]))


def locate(data: Any, loc: tuple[str | int, ...]) -> tuple[Loc, bool]:
    """Converts pydantic's error location into a path through the data, without union tags."""
    here: list[str | int] = []
    for part in loc:
        if part == "[key]":
            return tuple(here), True
        inside = part in data if isinstance(data, dict) else isinstance(part, int) and isinstance(data, list)
        if inside and not (isinstance(data, list) and int(part) >= len(data)):
            here.append(part)
            data = data[part]
    return tuple(here), False


def _keys(kind: type[BaseModel], loc: Loc, data: Any) -> frozenset[str]:
    """Returns the keys that belong in the map at a place of the data; of several forms, of those that have
    most of its keys."""
    for part in loc:
        data = data[part]
    forms = [each.get("properties", {}).keys() for each in parts_at(_schema(kind), loc)]
    there = data.keys() if isinstance(data, dict) else set[str]()
    most = max((len(form & there) for form in forms), default=0)
    return frozenset(key for form in forms if len(form & there) == most for key in form)


def parts_at(schema: Mapping[str, Any], loc: Loc) -> list[Mapping[str, Any]]:
    """Returns the parts of a JSON Schema that hold at a path, without references."""
    here = _forms(schema, schema)
    for part in loc:
        here = [form for one in here for inner in _inside(one, part) for form in _forms(inner, schema)]
    return here


@cache
def _schema(kind: type[BaseModel]) -> dict[str, Any]:
    return kind.model_json_schema()


def _forms(one: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Returns what a part of a schema may be, without references."""
    if "$ref" in one:
        return _forms(schema["$defs"][one["$ref"].rpartition("/")[2]], schema)
    several = one.get("anyOf") or one.get("oneOf") or ()
    return [form for each in several for form in _forms(each, schema)] or [one]


def _inside(one: Mapping[str, Any], part: str | int) -> list[Mapping[str, Any]]:
    """Returns what a key of a map, or an entry of a list, may be."""
    if isinstance(part, int):
        return [one["items"]] if isinstance(one.get("items"), dict) else []
    if part in one.get("properties", {}):
        return [one["properties"][part]]
    others = [*one.get("patternProperties", {}).values(), one.get("additionalProperties")]
    return [each for each in others if isinstance(each, dict)]
