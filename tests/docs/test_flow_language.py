"""The reference says in both languages what the code does: its tables are the models, ports and check."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from difflib import unified_diff
from typing import get_args

import pytest
from pydantic import BaseModel

from bot.actions import ACTIONS
from bot.content.check.engine_texts import ENGINE_TEXTS
from bot.content.check.texts import OWN_TEXTS
from bot.content.messages import sentences
from bot.content.read import models as m
from bot.content.read import stub_file as stub
from bot.content.read import words
from bot.content.read.calendar_file import HolidayModel, YearModel
from bot.content.read.config_files import OutletModel
from bot.content.read.languages import NOT_TEXTS
from bot.content.steps import KINDS, any_step

from . import kit
from .kit import REFERENCES, ROOT, blocks, headers, marked, passages, prose, read

ENGLISH, CHINESE = REFERENCES
LANGUAGE = {ENGLISH: "en", CHINESE: "zh-CN"}
WARNING = {ENGLISH: "(warning) ", CHINESE: "（提醒）"}
CONTENT_ROOM = ROOT / "bot" / "content"
HEADERS = {doc: dict(zip(headers(ENGLISH), headers(doc), strict=True)) for doc in REFERENCES}
"""By language the tables' headers, by the English ones."""


@pytest.fixture(params=REFERENCES)
def doc(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def table(doc: str, first: str) -> list[list[str]]:
    return kit.table(doc, HEADERS[doc][first])


def names(doc: str, first: str) -> set[str]:
    return kit.names(doc, HEADERS[doc][first])


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
        ("remarks key", [m.RemarksModel]),
        ("hours key", [m.HoursModel]),
        ("key of a year", [YearModel]),
        ("holiday key", [HolidayModel]),
        ("outlet key", [OutletModel]),
        ("person key", [stub.PersonModel]),
        ("card key", [stub.StubCardModel]),
        ("application key", [stub.ApplicationModel]),
        ("behaviour key", [stub.BehaviourModel]),
    ],
)
def test_every_key_of_a_model_is_described_and_no_other(
    doc: str, first: str, kinds: list[type[BaseModel]]
) -> None:
    assert names(doc, first) == keys(*kinds)


def models(kind: type[BaseModel] = m.Model) -> set[type[BaseModel]]:
    return {kind}.union(*map(models, kind.__subclasses__()))


def of_a_test(kind: type) -> bool:
    """One that adds a step kind leaves its models behind, as long as the process lives."""
    return not kind.__module__.startswith(("bot.", "pydantic", "builtins", "abc", "typing"))


def test_no_key_of_any_model_is_left_out(doc: str) -> None:
    """Also those that stand in a row of another key only, as `at: {lat, lon}`."""
    said = set(re.findall(r"\w+", " ".join(marked(prose(doc)))))
    read_here = [kind for kind in models() if not any(map(of_a_test, kind.mro()))]
    unsaid = {*keys(*read_here), *words.KEYS} - said
    assert not unsaid


def test_slot_keys_are_those_of_the_model(doc: str) -> None:
    """`from` stands in two rows: it means another thing for a choice and for a date."""
    assert {n for row in table(doc, "slot key") for n in marked(row[0])} == keys(m.SlotModel)


def test_slot_types_are_those_of_the_model(doc: str) -> None:
    assert names(doc, "slot type") == set(get_args(m.SlotType))


def test_step_kinds_and_step_keys_make_up_the_step_model(doc: str) -> None:
    assert names(doc, "step kind") == set(KINDS)
    assert names(doc, "step kind") | names(doc, "step key") == keys(any_step())


def test_conditions_show_every_test(doc: str) -> None:
    shown = " ".join(row[0] for row in table(doc, "line"))
    assert all(f"{{{test}: " in shown for test in keys(m.TestModel))


def test_next_forms_show_every_key(doc: str) -> None:
    shown = " ".join(row[0] for row in table(doc, "form"))
    wanted = (keys(m.AgainModel, m.LinkModel, m.CaseModel) | {"on"}) - {"else"}
    assert all(f"{key}:" in shown for key in wanted), shown


def test_actions_with_their_arguments_outcomes_and_fields(doc: str) -> None:
    shown = {}
    for name, arguments, outcomes, fields in table(doc, "action"):
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


def test_code_fields_with_their_closed_sets(doc: str) -> None:
    shown = {(row[0], tuple(marked(row[1]))) for row in table(doc, "field")}
    for name, action in ACTIONS.items():
        for field, spec in action.fields.items():
            if spec.kind != "code":
                continue
            rows = [cell for cell, values in shown if marked(cell)[0] == field and values == spec.of]
            assert rows, f"the values of {field} of {name}"
            assert len(rows) == 1
            assert len(marked(rows[0])) == 1 or name in marked(rows[0])


def test_yes_no_fields_and_lists_are_named(doc: str) -> None:
    before, after = {
        ENGLISH: ("are `yes` or `no`", " save a list, all others a record"),
        CHINESE: ("是`yes`或`no`。代码", "存成list，别的都存成record"),
    }[doc]
    yes_no = {f for a in ACTIONS.values() for f, spec in a.fields.items() if spec.kind == "yes_no"}
    sentence = read(doc).split(before)[0].splitlines()[-1]
    assert set(marked(sentence)) == yes_no
    sentence = read(doc).split(after)[0].splitlines()[-1]
    assert set(marked(sentence)) == {name for name, action in ACTIONS.items() if action.many}


def test_engine_texts_are_those_the_check_demands(doc: str) -> None:
    assert names(doc, "engine text") == ENGINE_TEXTS
    assert names(doc, "common key") == set(NOT_TEXTS)
    row = next(row for row in table(doc, "words key") if row[0] == "`texts`")
    assert set(marked(row[1])) == OWN_TEXTS


# --- findings ------------------------------------------------------------------------------------
def test_the_findings_are_those_of_the_check(doc: str) -> None:
    shown = {marked(code)[0]: said.removeprefix(WARNING[doc]) for code, said in table(doc, "finding")}
    blank = defaultdict[str, str](lambda: "…")
    assert shown == {
        code: said[LANGUAGE[doc]].format_map(blank) for code, said in sentences("findings").items()
    }


@pytest.mark.quick(1)
def test_warnings_are_marked_as_such(doc: str) -> None:
    warned = set()
    for path in CONTENT_ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "warn":
                warned |= {a.value for a in node.args[1:2] if isinstance(a, ast.Constant)}
            elif isinstance(node, ast.Tuple):  # ("warning", code, …)
                first, second = ([e.value for e in node.elts if isinstance(e, ast.Constant)] + [""] * 2)[:2]
                warned |= {second} if first == "warning" else set()
    shown = {n for row in table(doc, "finding") for n in marked(row[0]) if row[1].startswith(WARNING[doc])}
    assert shown == warned


# --- both languages ------------------------------------------------------------------------------
def test_both_languages_explain_the_same() -> None:
    """The same sections, tables and rows, and in each row and paragraph the same keys, values and texts."""
    english, chinese = (
        [" ".join([kind, *codes]) for kind, codes in passages(doc, {HEADERS[doc]["finding"]})]
        for doc in REFERENCES
    )
    assert not "\n".join(unified_diff(english, chinese, *REFERENCES, lineterm=""))


def test_both_languages_show_the_same_examples() -> None:
    english, chinese = (
        [re.sub(r"(?m) +#.*$", "", body) for body in blocks(doc, "yaml")] for doc in REFERENCES
    )
    assert english == chinese
