"""docs/coverage.md names tests that exist, and every flow and page."""

import ast
import re
from pathlib import Path

from conftest import ROOT

from bot.app import Bot

COVERAGE = (ROOT / "docs" / "coverage.md").read_text("utf-8")


def _all_tests() -> set[str]:
    """file::function of every test in this folder."""
    return {
        f"{path.stem}::{node.name}"
        for path in Path(__file__).parent.glob("test_*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_test_that_the_coverage_table_names_exists() -> None:
    named = set(re.findall(r"test_\w+::test_\w+", COVERAGE))
    assert named
    assert named <= _all_tests()


def test_every_row_of_the_coverage_table_names_a_test() -> None:
    rows = [line for line in COVERAGE.splitlines() if line.startswith("| ") and "Tests |" not in line]
    assert len(rows) > 30
    assert [row for row in rows if "::test_" not in row] == []


def test_every_flow_and_page_is_named_in_the_coverage_table(bot: Bot) -> None:
    named = set(re.findall(r"`([\w.]+)`", COVERAGE))
    assert set(bot.content.flows) <= named
    assert {f"page.{name}" for name in bot.content.pages} <= named
