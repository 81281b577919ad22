"""Validates against the models: every error at its line and column, in plain words."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.content.messages import phrase, sentences
from bot.content.read.source import Loc, Source, nearest

T = TypeVar("T", bound=BaseModel)
_MAP = phrase("a-map")
_WANTED = {
    "string_type": phrase("a-sentence"),
    "list_type": phrase("a-list"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), _MAP),
}


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
        errors = e.errors()
        unknown = [str(x["loc"][-1]) for x in errors if x["type"] == "extra_forbidden"]
        for error in errors:
            if error["type"] == "missing" and nearest(str(error["loc"][-1]), unknown):
                continue  # it is there, misspelt
            where, key = locate(data, error["loc"])
            _say(source, error, (*loc, *where), key, among or kind)
        return None


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
    if page in pages:
        source.error(loc, "is-page", name=page)
    else:
        source.error(loc, "unknown-flow", name=name, known=flows)


def unknown_page(source: Source, loc: Loc, name: str, flows: Collection[str], pages: Collection[str]) -> None:
    """An error: a flow's name where a page's belongs, or no name at all."""
    if name in flows:
        source.error(loc, "is-flow", name=name)
    else:
        source.error(loc, "unknown-page", name=name, known=pages)


def _say(source: Source, error: Any, loc: Loc, key: bool, kind: type[BaseModel]) -> None:
    what, context = error["type"], error.get("ctx", {})
    name = str(error["loc"][-1]) if error["loc"] else ""
    given = error.get("input")
    if what == "unknown-value":
        source.one_of(loc, str(given), context["known"], key=key)
    elif what in sentences("findings"):
        source.error(loc, what, key=key, **context)
    elif what == "extra_forbidden":
        source.error(loc, "unknown-key", key=True, name=name, known=_keys(kind))
    elif what == "missing":
        source.error(loc, "missing-key", key=True, name=name)
    elif what == "literal_error":
        known = [w.strip("' ") for w in str(context.get("expected", "")).replace(" or ", ", ").split(",")]
        source.one_of(loc, str(given), [k for k in known if k])
    elif what in ("string_pattern_mismatch", "string_too_long"):
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


@cache
def _keys(kind: type[BaseModel]) -> frozenset[str]:
    """Returns every key that is possible anywhere in a model."""
    schema = kind.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return frozenset(key for part in parts for key in part.get("properties", {}))
