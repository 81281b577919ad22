"""Writes docs/bureau.openapi.yaml: the frame openapi.yaml beside this, filled with the actions of
bot.actions.ACTIONS, so that the two cannot drift apart.

`python -m bot.services.openapi` writes it again; a test compares the file with document().
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot.actions import ACTIONS, EVENTS, EventKind, port_of
from bot.engine.flow import Action, Field
from bot.services.wire import LONGEST, MOST_ENTRIES, PARTLY, WITH_RECORD

FILE = Path(__file__).parents[2] / "docs" / "bureau.openapi.yaml"
FRAME = Path(__file__).with_name("openapi.yaml")
Schema = dict[str, Any]

_ARGUMENTS = {
    "id_number": "18 characters, GB 11643; residence permits (81 82 83) and permanent residents (9) too",
    "guardian": "the id_number of the resident who acts",
    "card": "a card's id, from card.find",
    "application": "an application's id, from card.applications or card.progress",
    "image": "a portrait, JPEG or PNG, base64",
    "household": "a picture of the household book, base64",
    "front": "a picture of the ID card's portrait side, base64",
    "back": "a picture of the ID card's emblem side, base64",
    "portrait": "the portrait for the new card, base64",
    "kind": "temporary or formal",
    "valid_to": "a date (ISO 8601) or long_term",
    "mobile": "a mobile number or on_file",
    "delivery": "express or outlet",
    "outlet": "an outlet as outlets.near lists it",
    "place": "{lat, lon} in GCJ-02, {text}, or list_all",
    "state": "names this check, 32 hexadecimal digits; the browser brings it back",
    "return_to": "where the browser comes back to; see Faces",
}


def document() -> Schema:
    """Returns the whole description, OpenAPI 3.1."""
    made: Schema = yaml.safe_load(FRAME.read_text("utf-8"))
    operations = made["paths"]["/v1/operations/{key}"]["get"]["parameters"]
    next(given for given in operations if given.get("name") == "action")["schema"] = {"enum": _changing()}
    made["paths"] = {f"/v1/{n.replace('.', '/')}": _path(n, action) for n, action in ACTIONS.items()} | made[
        "paths"
    ]
    made["webhooks"] = {service: _callback(service) for service in _called_back()}
    made["webhooks"] |= {f"{port}.events": _events(port) for port in sorted(set(map(port_of, EVENTS)))}
    return made


def _path(name: str, action: Action) -> Schema:
    return {
        "post": {
            "operationId": name,
            "summary": "Changes something: once per key." if action.changes else "Changes nothing.",
            "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in ("Key", "Trace")],
            "requestBody": {"required": True, "content": _json(_request(action))},
            "responses": {
                "200": {"description": "The result.", "content": _json(_result(name, action))},
                **({"202": {"$ref": "#/components/responses/Later"}} if action.changes else {}),
                "4XX": {"$ref": "#/components/responses/Refused"},
                "409": {"$ref": "#/components/responses/Running"},
                "503": {"$ref": "#/components/responses/Unavailable"},
                "5XX": {"$ref": "#/components/responses/Unknown"},
            },
        }
    }


def _called_back() -> list[str]:
    """Returns the services that change something: only those may answer later."""
    return sorted({name.partition(".")[0] for name in _changing()} | {"real_name"})


def _callback(service: str) -> Schema:
    """Describes the callback of a service that answered 202: POST /callbacks/<service>."""
    kinds = [
        {
            "type": "object",
            "required": ["key", "action", "outcome"],
            "properties": {"key": _key_text(), "action": {"const": name}},
            **_result(name, action),
        }
        for name, action in ACTIONS.items()
        if name.startswith(f"{service}.")
    ]
    return _sent_to_us(
        f"callbacks.{service}",
        f"Sent to us at /callbacks/{service}: the outcome of what was answered with 202.",
        {"oneOf": kinds},
        {
            "known": "known: it was taken. Not known: no such call is open; do not repeat.",
            "400": "Malformed, or an outcome that this action has not. Do not repeat.",
        },
    )


def _events(service: str) -> Schema:
    """Describes the events of a service: POST /callbacks/<service>/events."""
    kinds = [_event(name, kind) for name, kind in EVENTS.items() if port_of(name) == service]
    return _sent_to_us(
        f"callbacks.{service}.events",
        f"Sent to us at /callbacks/{service}/events: what became of a change, without being asked.",
        {"oneOf": kinds},
        {
            "known": "known: the resident is told, or was before, or has been told something later. Not "
            "known: nobody here made this change, or its holder deleted their data, or nothing here "
            "tells of this event. Do not repeat either.",
            "400": "Malformed, or more than 20 events of this number. Do not repeat.",
            "409": "The outcome of the change under `key` is not known here. Send that first, then repeat "
            "this with a new nonce.",
        },
    )


def _event(name: str, kind: EventKind) -> Schema:
    id_ = {"type": "string", "pattern": "^[A-Za-z0-9._:-]{8,64}$"}
    about = f"As {kind.record} answers; `number` is that which {kind.change} was answered with."
    return {
        "type": "object",
        "required": ["id", "event", "at", "value"],
        "properties": {
            "id": id_ | {"description": "yours, the same whenever it is sent: told once"},
            "event": {"const": name},
            "at": {
                "type": "integer",
                "exclusiveMinimum": 0,
                "description": "when it happened, epoch seconds; one before another of the same number that "
                "was told is not told any more",
            },
            "key": _key_text()
            | {
                "description": f"the Idempotency-Key of that {kind.change}, if you know it. Without it, an "
                "event that comes before its outcome is answered as unknown."
            },
            "value": _record(ACTIONS[kind.record], whole=True) | {"description": about},
        },
    }


def _sent_to_us(operation: str, summary: str, body: Schema, answers: dict[str, str]) -> Schema:
    stamp = {"type": "string", "pattern": "^[0-9]{1,12}$", "description": "epoch seconds, at most 300 off"}
    nonce = {"type": "string", "pattern": "^[A-Za-z0-9]{8,64}$", "description": "never used twice"}
    refused = {status: {"description": words} for status, words in answers.items() if status.isdigit()}
    return {
        "post": {
            "operationId": operation,
            "summary": summary,
            "security": [{"signature": []}],
            "parameters": [
                {"name": "Shebao-Timestamp", "in": "header", "required": True, "schema": stamp},
                {"name": "Shebao-Nonce", "in": "header", "required": True, "schema": nonce},
            ],
            "requestBody": {"required": True, "content": _json(body)},
            "responses": {
                "200": {
                    "description": answers["known"],
                    "content": _json(
                        {
                            "type": "object",
                            "required": ["known"],
                            "properties": {"known": {"type": "boolean"}},
                        }
                    ),
                },
                **refused,
                "403": {"description": "Signature, age or nonce."},
                "503": {"description": "Try again later, with a new nonce."},
            },
        }
    }


def _key_text() -> Schema:
    return {"type": "string", "minLength": 4, "maxLength": 200, "description": "the Idempotency-Key"}


def _changing() -> list[str]:
    return [name for name, action in ACTIONS.items() if action.changes]


def _request(action: Action) -> Schema:
    value = {"$ref": "#/components/schemas/Value"}
    told = {name: {"description": _ARGUMENTS[name]} for name in action.arguments if name in _ARGUMENTS}
    return {
        "type": "object",
        "required": ["arguments", "resident", "within"],
        "properties": {
            "arguments": {
                "type": "object",
                "required": [name for name, needed in action.arguments.items() if needed],
                "properties": {name: value | told.get(name, {}) for name in action.arguments},
                "additionalProperties": False,
            },
            "resident": {"type": "string"},
            "within": {"type": "number", "exclusiveMinimum": 0, "description": "seconds"},
        },
    }


def _result(name: str, action: Action) -> Schema:
    """Returns one schema for each outcome with a record, one for the rest. `unavailable` is a 503."""
    whole = [o for o in action.outcomes if o in WITH_RECORD and action.fields]
    bare = [o for o in action.outcomes if o not in whole and o != "unavailable" and o not in PARTLY]
    kinds = []
    if whole:
        record = _record(action, whole=True)
        entries = {"type": "array", "minItems": 1, "maxItems": MOST_ENTRIES, "items": record}
        kinds.append(_outcome(whole, entries if ACTIONS[name].many else record))
    if partly := [o for o in action.outcomes if o in PARTLY]:
        kinds.append(_outcome(partly, _record(action, whole=False)))
    if bare:
        kinds.append(_outcome(bare, None))
    return {"oneOf": kinds}


def _outcome(names: list[str], value: Schema | None) -> Schema:
    properties: Schema = {"outcome": {"enum": names}}
    needed = ["outcome"]
    if value is not None:
        properties["value"] = value
        if value.get("required") or value["type"] == "array":
            needed.append("value")
    return {"type": "object", "required": needed, "properties": properties}


def _record(action: Action, whole: bool) -> Schema:
    sure = [name for name, field in action.fields.items() if field.sure]
    schema: Schema = {"type": "object", "properties": {n: _field(f) for n, f in action.fields.items()}}
    return {**schema, "required": sure} if whole and sure else schema


def _field(field: Field) -> Schema:
    if field.of:
        return {"enum": list(field.of)}
    if field.kind == "date":
        return {"type": "string", "format": "date"}
    if field.kind == "time":
        return {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
    return {"type": "string", "maxLength": LONGEST}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


class _Dumper(yaml.SafeDumper):
    """Writes no anchors: repeats the same schema in full."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def text() -> str:
    """Returns the file's text."""
    head = "# Written by `python -m bot.services.openapi` from bot/actions.py. Change it there.\n"
    _Dumper.add_representer(
        str,
        lambda dumper, data: dumper.represent_scalar(
            "tag:yaml.org,2002:str", data, style="|" if "\n" in data else None
        ),
    )
    return head + yaml.dump(document(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
