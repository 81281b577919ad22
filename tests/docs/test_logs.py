"""docs/logs.md names every event that the code logs, with its level and its fields, and no other."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from .kit import ROOT, marked, table

DOC = "docs/logs.md"
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
ALWAYS = {"event", "level", "timestamp", "trace_id"}


def calls() -> Iterator[tuple[str, ast.Call, set[str]]]:
    """Where a line is logged: file, call, and the fields that may have been bound to its logger."""
    for path in (ROOT / "bot").rglob("*.py"):
        text = path.read_text()
        if "log." not in text and "get_logger" not in text:
            continue
        nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)]
        said = [(n, n.func) for n in nodes if isinstance(n.func, ast.Attribute)]
        bound = {
            str(given.arg)
            for n, func in said
            if func.attr == "bind" and ast.unparse(func.value) in ("log", "line")
            for given in n.keywords
        }
        for n, func in said:
            logger = ast.unparse(func.value) if func.attr in LEVELS else ""
            if logger in ("log", "line") or logger.endswith("get_logger()"):
                yield path.name, n, bound if logger == "line" else set()


def fields(call: ast.Call) -> set[str]:
    found: set[str] = set()
    for given in call.keywords:
        if given.arg:
            found.add(given.arg)
        else:
            assert "where(" in ast.unparse(given.value), "only an exception's place is spread into a line"
            found |= {"error", "trace"}
    if isinstance(call.func, ast.Attribute) and call.func.attr == "exception":
        found |= {"error", "trace"}
    return found


def test_every_event_is_documented_with_its_level_and_fields() -> None:
    levels, own, bound = (defaultdict[str, set[str]](set) for _ in range(3))
    for file, call, may in calls():
        name = call.args[0]
        assert isinstance(name, ast.Constant), f"{file}: an event has one name; what differs is a field"
        assert isinstance(call.func, ast.Attribute)
        levels[name.value].add(call.func.attr.replace("exception", "error"))
        own[name.value] |= fields(call)
        bound[name.value] |= may
    shown = {marked(row[0])[0]: (set(row[1].split(", ")), set(marked(row[2]))) for row in table(DOC, "event")}
    assert set(shown) == set(own)
    for event, (level, told) in shown.items():
        assert level == levels[event], event
        assert own[event] <= told <= own[event] | bound[event], event
    known = {name for row in table(DOC, "field") for name in marked(row[0])}
    assert known == ALWAYS.union(*(told for _, told in shown.values()))


def test_no_other_logger_writes_words_of_its_own() -> None:
    """Else they would be lines without an event's name."""
    for path in (ROOT / "bot").rglob("*.py"):
        if path.name != "logs.py" and "getLogger" in (text := path.read_text()):
            tree = ast.parse(text)
            named = [n for n in ast.walk(tree) if isinstance(n, ast.Assign) and "getLogger" in ast.unparse(n)]
            assert not named, path
