"""docs/bureau.openapi.yaml is valid, and says what bot.actions says."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

import pytest
from loaded import read_yaml
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from bot.actions import ACTIONS, EVENTS
from bot.page.faces import BACK
from bot.services.http import NOT_TAKEN
from bot.services.openapi import FILE, text
from bot.services.wire import WITH_RECORD
from bot.settings import CALLED_BACK
from bot.turn.bureau_events import MOST, record_of
from bot.turn.callbacks import FRESH, sign

SPEC = read_yaml(FILE)


def test_valid():
    validate(SPEC, cls=OpenAPIV31SpecValidator)


def test_written_by_the_present_ports():
    assert FILE.read_text("utf-8") == text(), "run python -m bot.services.openapi"


def test_its_actions_are_those_of_ports():
    paths = {path.removeprefix("/v1/").replace("/", ".") for path in SPEC["paths"]}
    assert paths == ACTIONS.keys() | {"operations.{key}"}


@pytest.mark.parametrize("name", ACTIONS)
def test_outcomes_arguments_and_fields_are_those_of_ports(name):
    """Read from the file by a path of its own, so that a mistake of the generator shows."""
    action, post = ACTIONS[name], SPEC["paths"]["/v1/" + name.replace(".", "/")]["post"]
    arguments = post["requestBody"]["content"]["application/json"]["schema"]["properties"]["arguments"]
    assert set(arguments["properties"]) == set(action.arguments)
    assert set(arguments["required"]) == {a for a, needed in action.arguments.items() if needed}

    kinds = post["responses"]["200"]["content"]["application/json"]["schema"]["oneOf"]
    outcomes = [outcome for kind in kinds for outcome in kind["properties"]["outcome"]["enum"]]
    assert sorted([*outcomes, *(["unavailable"] if "unavailable" in action.outcomes else [])]) == sorted(
        action.outcomes
    )
    assert ("202" in post["responses"]) == action.changes
    for kind in kinds:
        with_record = set(kind["properties"]["outcome"]["enum"]) & WITH_RECORD
        if "value" not in kind["properties"]:
            assert not (with_record and action.fields)
            continue
        record = kind["properties"]["value"]
        record = record["items"] if ACTIONS[name].many else record
        assert set(record["properties"]) == set(action.fields)
        for field, declared in action.fields.items():
            schema = record["properties"][field]
            assert tuple(schema.get("enum", ())) == declared.of
            assert (schema.get("format") == "date") == (declared.kind == "date")
        if with_record:
            assert set(record.get("required", [])) == {f for f, d in action.fields.items() if d.sure}


def test_its_table_of_statuses_is_the_adapters():
    line = next(ln for ln in SPEC["info"]["description"].splitlines() if ln.startswith("| 400"))
    assert {int(word) for word in line.split("|")[1].split()} == NOT_TAKEN


@pytest.mark.parametrize("service", CALLED_BACK)
def test_the_callback_says_what_is_taken(service):
    """Each action of the service with its outcomes; headers, limits and answers of bot.turn.callbacks."""
    post = SPEC["webhooks"][service]["post"]
    kinds = post["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    said = {}
    for kind in kinds:
        assert set(kind["required"]) == {"key", "action", "outcome"}
        outcomes = [o for one in kind["oneOf"] for o in one["properties"]["outcome"]["enum"]]
        said[kind["properties"]["action"]["const"]] = set(outcomes)
    assert said == {
        name: set(action.outcomes) - {"unavailable"}
        for name, action in ACTIONS.items()
        if name.startswith(f"{service}.")
    }
    assert {h["name"] for h in post["parameters"]} == {"Shebao-Timestamp", "Shebao-Nonce"}
    assert {"200", "400", "403", "503"} == set(post["responses"])
    assert f"{FRESH} off" in post["parameters"][0]["schema"]["description"]


def test_the_events_say_what_is_taken():
    """Each with the fields that the flow may use; headers, limits and answers of bot.turn.callbacks."""
    post = SPEC["webhooks"]["card.events"]["post"]
    kinds = post["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    said = {kind["properties"]["event"]["const"]: kind["properties"]["value"] for kind in kinds}
    assert set(said) == set(EVENTS)
    for name, value in said.items():
        assert set(value["properties"]) == set(EVENTS[name].fields)
        assert "number" in value["required"], "nobody would be found"
    assert {"200", "400", "403", "409", "503"} == set(post["responses"])
    assert f"more than {MOST} events" in post["responses"]["400"]["description"]


def test_only_services_that_may_call_back_are_described():
    assert {name.partition(".")[0] for name in SPEC["webhooks"]} == set(CALLED_BACK)


def test_the_examples_are_signed_as_we_sign():
    """Whoever builds the other side tries their code on them."""
    words, key = SPEC["info"]["description"], "an-example-of-a-key"
    _, stamp, nonce, signature, _, body = (
        line.partition(": ")[2] if line.startswith("Shebao-") else line
        for line in words.partition("```\n")[2].partition("\n```")[0].splitlines()
    )
    path = "/callbacks/card/events"
    assert sign(key, stamp, nonce, path, body.encode()) == signature
    said = json.loads(body)
    assert record_of(said["event"], said["value"]) == said["value"]
    way = dict(parse_qsl(words.partition("`?")[2].partition("`")[0]))
    assert sign(key, way["at"], way["state"], BACK, way["result"].encode()) == way["signature"]
