"""docs/flow-language.md says what the code does: its tables are those of the models, ports and check."""

from __future__ import annotations

import ast
from typing import get_args

import pytest
from pydantic import BaseModel

from bot.content.check.engine_texts import ENGINE_TEXTS
from bot.content.check.texts import OWN_TEXTS
from bot.content.messages import sentences
from bot.content.read import models as m
from bot.content.read.languages import NOT_TEXTS
from bot.content.steps import KINDS, any_step
from bot.ports import ACTIONS, SAVES_LIST

from .kit import ROOT, marked, names, read, table

DOC = "docs/flow-language.md"
CONTENT_ROOM = ROOT / "bot" / "content"


def keys(*kinds: type[BaseModel]) -> set[str]:
    """The keys of models as an operator writes them."""
    return {field.alias or name for kind in kinds for name, field in kind.model_fields.items()}


@pytest.mark.parametrize(
    ("first", "kinds"),
    [
        ("flow key", [m.FlowModel]),
        ("start key", [m.StartModel]),
        ("page key", [m.PageModel]),
        ("words key", [m.FlowWordsModel]),
        ("slot words key", [m.SlotWordsModel]),
        ("page words key", [m.PageWordsModel]),
        ("recovery key", [m.RecoveryModel]),
        ("policy key", [m.PolicyModel]),
        ("top button key", [m.MenuModel]),
        ("button key", [m.ButtonModel]),
    ],
)
def test_every_key_of_a_model_is_described_and_no_other(first: str, kinds: list[type[BaseModel]]) -> None:
    assert names(DOC, first) == keys(*kinds)


def test_slot_keys_are_those_of_the_model() -> None:
    """`from` stands in two rows: it means another thing for a choice and for a date."""
    assert {n for row in table(DOC, "slot key") for n in marked(row[0])} == keys(m.SlotModel)


def test_slot_types_are_those_of_the_model() -> None:
    assert names(DOC, "slot type") == set(get_args(m.SlotType))


def test_step_kinds_and_step_keys_make_up_the_step_model() -> None:
    assert names(DOC, "step kind") == set(KINDS)
    assert names(DOC, "step kind") | names(DOC, "step key") == keys(any_step())


def test_conditions_show_every_test() -> None:
    shown = " ".join(row[0] for row in table(DOC, "line"))
    assert all(f"{{{test}: " in shown for test in keys(m.TestModel))


def test_next_forms_show_every_key() -> None:
    shown = " ".join(row[0] for row in table(DOC, "form"))
    wanted = (keys(m.AgainModel, m.LinkModel, m.CaseModel) | {"on"}) - {"else"}
    assert all(f"{key}:" in shown for key in wanted), shown


def test_actions_with_their_arguments_outcomes_and_fields() -> None:
    shown = {}
    for name, arguments, outcomes, fields in table(DOC, "action"):
        unsure = set(marked(" ".join(part for part in fields.split() if part.startswith("*"))))
        shown[marked(name)[0]] = (
            {a.rstrip("?!"): not a.endswith("?") for a in marked(arguments)},
            "".join(a.rstrip("!") for a in marked(arguments) if a.endswith("!")),
            tuple(marked(outcomes)),
            {f: f not in unsure for f in marked(fields)},
        )
    assert shown == {
        name: (
            dict(action.arguments),
            action.subject,
            action.outcomes,
            {f: field.sure for f, field in action.fields.items()},
        )
        for name, action in ACTIONS.items()
    }


def test_code_fields_with_their_closed_sets() -> None:
    shown = {(row[0], tuple(marked(row[1]))) for row in table(DOC, "field")}
    for name, action in ACTIONS.items():
        for field, spec in action.fields.items():
            if spec.kind != "code":
                continue
            rows = [cell for cell, values in shown if marked(cell)[0] == field and values == spec.of]
            assert rows, f"the values of {field} of {name}"
            assert len(rows) == 1
            assert len(marked(rows[0])) == 1 or name in marked(rows[0])


def test_yes_no_fields_and_lists_are_named() -> None:
    yes_no = {f for a in ACTIONS.values() for f, spec in a.fields.items() if spec.kind == "yes_no"}
    sentence = read(DOC).split("are `yes` or `no`")[0].splitlines()[-1]
    assert set(marked(sentence)) == yes_no
    sentence = read(DOC).split(" save a list, all others a record")[0].splitlines()[-1]
    assert set(marked(sentence)) == SAVES_LIST


def test_engine_texts_are_those_the_check_demands() -> None:
    assert names(DOC, "engine text") == ENGINE_TEXTS
    assert names(DOC, "common key") == set(NOT_TEXTS)
    row = next(row for row in table(DOC, "words key") if row[0] == "`texts`")
    assert set(marked(row[1])) == OWN_TEXTS


# --- findings ------------------------------------------------------------------------------------
def test_the_findings_are_those_of_the_check() -> None:
    assert names(DOC, "finding") == set(sentences("findings"))


def test_warnings_are_marked_as_such() -> None:
    warned = set()
    for path in CONTENT_ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "warn":
                warned |= {a.value for a in node.args[1:2] if isinstance(a, ast.Constant)}
            elif isinstance(node, ast.Tuple):  # ("warning", code, …)
                first, second = ([e.value for e in node.elts if isinstance(e, ast.Constant)] + [""] * 2)[:2]
                warned |= {second} if first == "warning" else set()
    shown = {n for row in table(DOC, "finding") for n in marked(row[0]) if row[1].startswith("(warning)")}
    assert shown == warned


def test_every_link_inside_the_document_leads_somewhere() -> None:
    text = read(DOC)
    headings = [line.lstrip("# ") for line in text.splitlines() if line.startswith("## ")]
    anchors = {h.lower().replace("`", "").replace(".", "").replace(" ", "-") for h in headings}
    links = {part.split(")")[0].replace("\n", "") for part in text.split("](#")[1:]}
    assert links <= anchors, links - anchors
