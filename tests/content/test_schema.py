"""The JSON Schemas accept what is shipped, refuse slips, and work in the real language server."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from bot.content.schema import FOLDER, kind_of, modeline, schemas

from .kit import ROOT, small

FILES = sorted(
    p.relative_to(ROOT).as_posix()
    for d in ("flows", "messages", "config")
    for p in (ROOT / d).rglob("*.yaml")
)
SCHEMAS = schemas()
BASE = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # of libyaml: ten times as fast


def errors(kind: str, text: str) -> list[str]:
    data = yaml.load(text, Loader=BASE)  # noqa: S506
    return [e.message for e in jsonschema.Draft7Validator(SCHEMAS[kind]).iter_errors(data)]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_written_schema_is_up_to_date(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMAS[name])
    written = json.loads((ROOT / FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(SCHEMAS[name])), "run `shebao schema`"


@pytest.mark.parametrize("file", [f for f in FILES if kind_of(f)])
def test_what_is_shipped_is_accepted(file: str) -> None:
    assert errors(kind_of(file), (ROOT / file).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", [f for f in FILES if kind_of(f)])
def test_the_modeline_leads_to_the_schema(file: str) -> None:
    line = modeline(file)
    there = ((ROOT / file).parent / line.partition("$schema=")[2]).resolve()
    assert there == ROOT / FOLDER / f"{kind_of(file)}.json"
    assert (ROOT / file).read_text(encoding="utf-8").startswith(line + "\n"), f"{file} lacks its modeline"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("flow", "flow: x\nstepz: {}\n"),
        ("flow", "flow: x\nsteps: {a: {sai: b}}\n"),
        ("flow", "flow: x\nslots: {a: {type: chioce}}\nsteps: {a: {say: b}}\n"),
        ("flow", "flow: x\nsteps: {a: {action: card.fnd}}\n"),
        ("words", "titel: x\n"),
        ("words", "title: x\ntexts: {a: {text: b, agred: c}}\n"),
        ("common", "stael: x\n"),
        ("policy", "a: {value: b}\n"),
        ("menu", "- {nam: x}\n"),
        ("settings", "freshnes: 3\n"),
        ("stub", "peple: []\n"),
        ("stub", "people: [{name: a, id_number: b, good_for: {zh: c, en: d}, face: pretty}]\n"),
        ("stub", "people: [{name: a, id_number: b, good_for: {zh: c, en: d}, behaviour: {card.x: {}}}]\n"),
    ],
)
def test_a_slip_is_refused(kind: str, text: str) -> None:
    assert errors(kind, text)


@pytest.mark.slow
def test_the_language_server_completes_and_warns(tmp_path: Path) -> None:
    """The real yaml-language-server, from npm, over our files with their modelines."""
    from .yaml_server import YamlServer, server

    command = server(ROOT / "var" / "npm")
    if command is None:
        pytest.skip("npm is not present, or does not get yaml-language-server")
    root = small(tmp_path / "content")
    (root / FOLDER).mkdir(parents=True)
    for name, schema in SCHEMAS.items():
        (root / FOLDER / f"{name}.json").write_text(json.dumps(schema), encoding="utf-8")
    with YamlServer(command, root) as yls:
        for file in (
            "flows/report_loss.yaml",
            "messages/zh-CN/report_loss.yaml",
            "config/policy.yaml",
            "config/menu.yaml",
            "config/stub.yaml",
        ):
            text = (root / file).read_text(encoding="utf-8")
            if not text.startswith("# yaml-language-server"):
                text = modeline(file) + "\n" + text
            assert yls.diagnostics(file, text) == [], file
        flow = modeline("flows/x.yaml") + "\nflow: x\nsteps:\n  a:\n    sai: hello\n"
        assert any("sai" in d["message"] for d in yls.diagnostics("flows/x.yaml", flow))
        begun = modeline("flows/y.yaml") + "\nflow: y\nsteps:\n  a:\n    \n"
        labels = yls.completion("flows/y.yaml", begun, 4, 4)
        assert {"say", "collect", "confirm", "action"} <= labels
        action = modeline("flows/z.yaml") + "\nflow: z\nsteps:\n  a:\n    action: \n"
        assert "card.report_loss" in yls.completion("flows/z.yaml", action, 4, 12)
        hovered = modeline("flows/w.yaml") + "\nundo: x\nflow: w\n"
        (root / "flows/w.yaml").write_text(hovered, encoding="utf-8")
        assert "撤销它的流程" in yls.hover("flows/w.yaml", "undo")
