"""The sentences for operators are data: both languages of each, naming the same values, and none unused."""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.content import messages
from bot.content.messages import CHINESE, ENGLISH, Messages, message, phrase, sentences
from bot.content.read.notices import KINDS
from bot.content.schema import schemas
from bot.content.steps import KINDS as STEP_KINDS

from .kit import ROOT

SUBJECTS = sorted(path.stem for path in Path(messages.__file__).parent.glob("*.yaml"))
SAID_BY = {
    "error": ("findings", 1),
    "warn": ("findings", 1),
    "worded": ("findings", 0),
    "good": ("doctor", 0),
    "caution": ("doctor", 0),
    "bad": ("doctor", 0),
    "Wrong": ("settings", 1),
    "phrase": ("phrases", 0),
    "said": ("commands", 0),
    "refusal": ("commands", 0),
}
"""What says a sentence -> its subject, and the place of the code among the arguments."""
BUILT = ("action.", "menu-", "kind.", "way.", "store_", "kind_", "maintenance_")
"""What the program puts before a name of its own."""


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_sentence_stands_in_both_languages_and_names_the_same_values(subject: str) -> None:
    for code, found in sentences(subject).items():
        assert set(found) == {CHINESE, ENGLISH}, code
        assert all(found.values()), code
        assert named(found[CHINESE]) == named(found[ENGLISH]), code


def test_a_finding_ends_as_a_sentence_does() -> None:
    for code, found in sentences("findings").items():
        assert found[ENGLISH].endswith((".", ")", "/", "…")), code


@pytest.mark.slow
@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_sentence_is_unused(subject: str) -> None:
    found = sentences(subject)
    known = constants()
    assert subject in known
    if subject == "refusals":  # WeChat's errcodes
        unused = {code for code in found if not re.fullmatch(r"-?\d+|other", code)}
    elif subject == "schema":  # by the names of models and their keys
        shown = json.dumps(schemas(), ensure_ascii=False)
        kinds = {f"kind.{name}" for name in (*STEP_KINDS, "route")}  # in drawings
        assert kinds <= set(found)
        unused = {
            c
            for c in found.keys() - kinds
            if json.dumps(message(subject, c, ENGLISH), ensure_ascii=False)[1:-1] not in shown
        }
    elif subject == "calls":  # they stand in longer addresses
        unused = {code for code in found if not any(code in words for words in known)}
    elif subject == "notices":
        unused = set(found) ^ set(KINDS)
    else:
        parts = {code.partition(".")[0] for code in found if "." in code}
        unused = {code for code in found if code not in parts and not known & set(ways_to_say(code))}
    assert not unused


def test_every_code_that_is_used_has_its_sentence_and_every_value_of_it() -> None:
    used = list(calls())
    assert len(used) > 250
    for where, subject, code, given in used:
        assert code in sentences(subject), f"{where}: {subject} has no {code}"
        lacking = named(sentences(subject)[code][ENGLISH]) - given if given is not None else set()
        assert not lacking, f"{where}: {code} names {lacking}"


def test_a_sentence_is_said_in_english_where_the_language_is_not_chinese() -> None:
    say = Messages("publishing", "fr")
    assert say("ask", revision="abc") == "Publish this as abc?"
    assert message("publishing", "ask", CHINESE, {"revision": "abc"}) == "发布abc吗？"


def test_a_value_may_have_words_in_either_language() -> None:
    wanted = {"wanted": phrase("buttons")}
    assert message("findings", "shape", ENGLISH, wanted) == "Here belongs a list of buttons."
    assert message("findings", "shape", CHINESE, wanted) == "这里应该写按钮的列表。"


FOR_DEVELOPERS = {"__init__", "ask", "chat", "chat_commands", "content", "dev", "replay", "serving"}
"""Modules of bot.cli whose commands build and try out, in English."""


def test_operators_are_answered_in_their_language() -> None:
    for path in program():
        if path.parent.name != "cli" or path.stem in FOR_DEVELOPERS:
            continue
        for node in ast.walk(tree(path)):
            name = getattr(node.func, "attr", "") if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and name in ("echo", "confirm", "ClickException", "UsageError"):
                parts = [part for argument in node.args for part in ast.walk(argument)]
                words = [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]
                assert not any(re.search("[a-z]{3,} [a-z]", text) for text in words), f"{path}:{node.lineno}"


# --- what the program says -----------------------------------------------------------------------
def named(sentence: str) -> set[str]:
    """Raises ValueError for a brace without its partner."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def ways_to_say(code: str) -> Iterator[str]:
    yield code
    yield code.removesuffix(".remedy")
    yield code.removesuffix(".refused").removesuffix(".refused.remedy")
    yield from (code.removeprefix(prefix) for prefix in BUILT if code.startswith(prefix))


def program() -> list[Path]:
    return sorted((ROOT / "bot").rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def constants() -> frozenset[str]:
    nodes = (node for path in program() for node in ast.walk(tree(path)))
    return frozenset(n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str))


def calls() -> Iterator[tuple[str, str, str, set[str] | None]]:
    """Where, subject, code, and the names of its values where the call shows them all."""
    saying = re.compile(rf"\b({'|'.join(SAID_BY)})\(")
    for path in program():
        if "web" in path.parts or not saying.search(path.read_text()):  # the console's words are its own
            continue
        for node in ast.walk(tree(path)):
            called = node.func if isinstance(node, ast.Call) else None
            name = getattr(called, "attr", "") or getattr(called, "id", "")
            if not isinstance(node, ast.Call) or name not in SAID_BY:
                continue
            subject, place = SAID_BY[name]
            if {"findings": "content", "commands": "cli"}.get(subject, "bot") not in path.parts:
                continue
            shown = all(keyword.arg for keyword in node.keywords) and subject == "findings"
            given = {str(keyword.arg) for keyword in node.keywords} if shown and name != "worded" else None
            for part in ast.walk(node.args[place]) if len(node.args) > place else ():
                if (
                    isinstance(part, ast.Constant)
                    and isinstance(part.value, str)
                    and part.value.strip(".-_") == part.value
                ):
                    yield f"{path.name}:{node.lineno}", subject, part.value, given
