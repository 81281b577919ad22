"""What is offered where somebody writes: keys and values of the schema, and names that the content has."""

from __future__ import annotations

import pytest
from conftest import ROOT

from bot.content.completion import LONGEST, offers
from bot.content.read.files import collect

FILES = collect(ROOT)
FLOW, WORDS = "flows/report_loss.yaml", "messages/zh-CN/report_loss.yaml"


def offered(file: str, text: str, language: str = "zh-CN") -> dict[str, tuple[str, bool]]:
    """`text`: with `|` where the cursor is."""
    at = text.index("|")
    found = offers(FILES, file, text.replace("|", "", 1), at, language)
    return {one.name: (one.about, one.key) for one in found}


def changed(file: str, old: str, new: str) -> str:
    text = FILES[file].decode()
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("action: card.find", "action: car|", {"card.find", "card.report_loss"}),
        ("    action: card.find\n", "    |\n", {"action", "collect", "say", "need"}),
        ("collect: kind", "collect: |", {"kind", "reason", "card"}),
        ("say: already", "say: |", {"already", "refused"}),
        ("need: face_check", "need: |", {"face_check", "sign_in"}),
        ("found: state", "found: |", {"state", "no_card", "end", "stop"}),
        ("{found: state, not_found", "{found: state, |not_found", {"unavailable"}),
        ("{temporary: check, formal: reason}", "{|}", {"temporary", "formal"}),
        ("{agreed: submit, refused: kept}", "{agreed: submit, |}", {"refused"}),
        ("offer: [reissue,", "offer: [|,", {"reissue", "page.bring"}),
        ("{on: card.state,", "{on: |,", {"card.state", "policy.formal_loss", "kind"}),
        ("type: choice", "type: |", {"choice", "id_number"}),
        ("{type: record}", "{|}", {"type", "values"}),
        ("- {if:", "- {|if:", {"else"}),
        ("      - {else:", "      - |{else:", {"if", "else", "then"}),
        ("requires: [", "requires: [|", {"sign_in"}),
        ("    once: true", "    |", {"once"}),
        ("{card: card.id, kind", "{card: card.id, |kind", set()),
        ("{card: card.id, number: card.number,", "{|", {"card", "number"}),
    ],
)
def test_in_a_flow(old: str, new: str, names: set[str]) -> None:
    assert names <= offered(FLOW, changed(FLOW, old, new)).keys()


def test_only_what_fits_and_is_not_there_already() -> None:
    """A step that calls an action has no keys of other kinds; a key stands once in a map."""
    step = offered(FLOW, changed(FLOW, "    save: card\n", "    |\n"))
    assert {"save"} <= step.keys()
    assert not {"collect", "say", "action", "next"} & step.keys()
    assert step["save"][1]
    outcomes = offered(FLOW, changed(FLOW, "{found: state, not_found", "{found: state, |, not_found"))
    assert not {"found", "not_found"} & outcomes.keys()


@pytest.mark.parametrize(
    ("file", "text", "names"),
    [
        (WORDS, "title: 挂失\nslots:\n  |", {"kind", "reason"}),
        (WORDS, "title: 挂失\nslots:\n  kind:\n    |", {"ask", "label", "again", "values"}),
        (WORDS, "title: 挂失\nslots:\n  kind:\n    values:\n      |", {"temporary", "formal"}),
        (WORDS, "title: 挂失\ntexts:\n  |", {"already", "kept"}),
        (WORDS, "title: 挂失\ntexts:\n  kept: 您的卡{card.|", {"card.until", "policy.hotline"}),
        ("messages/zh-CN/pages.yaml", "|", {"fees", "bring"}),
        ("messages/zh-CN/common.yaml", "|", {"down", "yes", "recovery"}),
        ("flows/pages.yaml", "pages:\n  fees: {offer: [|", {"reissue", "page.bring"}),
        ("config/menu.yaml", "- name: 卡\n  buttons:\n    - {name: 挂失, |", {"flow", "page"}),
        ("config/menu.yaml", "- name: 卡\n  buttons:\n    - {name: 挂失, flow: |", {"report_loss"}),
        ("config/menu.yaml", "- name: 卡\n  buttons:\n    - {name: 挂失, page: |", {"fees"}),
        ("config/policy.yaml", "hotline: {|", {"value", "source", "checked"}),
        ("config/policy.yaml", "hours:\n  hall:\n    - {|", {"days", "from", "to"}),
        ("config/outlets.yaml", "- name: 大厅\n  |", {"address", "hours"}),
        ("config/calendar.yaml", "2027:\n  |", {"holidays", "workdays"}),
    ],
)
def test_in_every_kind_of_file(file: str, text: str, names: set[str]) -> None:
    assert names <= offered(file, text).keys()


def test_the_example_of_a_pattern_is_a_value_too() -> None:
    flow = "flow: case\nslots:\n  case: {type: pattern, pattern: A1, example: A1}\n"
    files = {**FILES, "flows/case.yaml": flow.encode()}
    text = "texts:\n  told: 像{"
    found = offers(files, "messages/zh-CN/case.yaml", text, len(text), "zh-CN")
    assert {"case", "case.example"} <= {one.name for one in found}


def test_it_says_what_a_key_means_in_the_readers_language() -> None:
    text = changed(FLOW, "    action: card.find\n", "    |\n")
    assert offered(FLOW, text)["action"] == ("向人社系统查询或办理", True)
    assert offered(FLOW, text, "en")["action"][0].isascii()


@pytest.mark.parametrize(
    "text",
    [
        "|",
        "\0|",
        "\t\t|",
        "steps:\n\tfind: |",
        "a: &a [*a, |",
        "steps: {find: {next: {on: |",
        "# say: |",
        "[" * 3000 + "|",
        "{a: " * 900 + "|",
        "- " * 1900 + "|",
        "? " * 1900 + "|",
        "\n".join(" " * n + "a:" for n in range(500)) + "\n" + " " * 500 + "|",
        "x" * (LONGEST + 1) + "|",
        "steps:\n" + "  a:\n    action: card.find\n" * 20_000 + "  b:\n    |",
        "steps:\n  find:\n" + "\n" * 100_000 + "    |",
        "slots:\n  a: {values: [" + "a, " * 50_000 + "\nsteps:\n  b:\n    collect: a\n    next: {|",
    ],
)
def test_nothing_that_can_be_written_breaks_it(text: str) -> None:
    assert isinstance(offered(FLOW, text), dict)
    assert isinstance(offered(WORDS, text), dict)
    assert offered("config/none.yaml", text) == {}
