"""What nobody writes by mistake: numbers without end, chains of a thousand steps, endless lines."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.content.load import load

pytestmark = pytest.mark.slow  # seconds together

FLOW, ZH = "flows/big.yaml", "messages/zh-CN/report_loss.yaml"
COMMON, POLICY, SETTINGS = "messages/zh-CN/common.yaml", "config/policy.yaml", "config/settings.yaml"
DIGITS = "9" * 5000
WITHIN = 20.0
"""Seconds of computing; each took minutes where time grew with the square of the size."""


def codes(root: Path, file: str) -> set[str]:
    return {finding.code for finding in load(root).findings if finding.file == file}


def flow(*steps: str, head: str = "") -> str:
    return "\n".join(["flow: big", *([head] if head else []), "steps:", *(f"  {step}" for step in steps)])


@pytest.mark.parametrize(
    ("file", "text", "code"),
    [
        (FLOW, flow("a: {say: t, next: end}", head=f"tries: '{DIGITS}'"), "number"),
        (FLOW, flow("a: {say: t, next: end}", head=f"remind: {DIGITS}m"), "duration"),
        (FLOW, flow("a: {say: t, next: end}", head="remind: ٣m"), "duration"),
        (FLOW, flow("a: {later: loss_lapse, date: a, after: '999999', next: end}"), "days"),
        (POLICY, f"evidence_days: {{value: '{DIGITS}', source: x, checked: 2026-01-01}}\n", "number"),
        (POLICY, "agents: {value: online, of: [[online]], source: x, checked: 2026-01-01}\n", "shape"),
        (COMMON, "dates: '{y.year}'\n", "dates"),
        (COMMON, "dates: '{y[0]}'\n", "dates"),
        (COMMON, "dates: '{y:>999999999}'\n", "dates"),
        (COMMON, "weekdays: [{a: b}, 2, 3, 4, 5, 6, 7]\n", "weekdays"),
        (SETTINGS, "language: [zh-CN]\n", "shape"),
        (SETTINGS, "per_minute: ²\n", "quantity"),
        (SETTINGS, "- language\n", "shape"),
        ("messages/zh-CN/pages.yaml", "[]\n", "shape"),
        ("messages/zh-CN/pages.yaml", "", "empty"),
        (COMMON, "", "empty"),
        (COMMON, "codes: words\n", "shape"),
        (POLICY, "- agents\n", "shape"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_value_nobody_expects_is_a_finding(copy: Path, file: str, text: str, code: str) -> None:
    (copy / file).write_text(text, encoding="utf-8")
    assert code in codes(copy, file)
    assert load(copy).content is None


def test_a_thousand_steps_in_a_row(copy: Path) -> None:
    steps = [f"s{i}: {{say: t}}" for i in range(1500)]
    (copy / FLOW).write_text(flow(*steps, "last: {say: t, next: s0}"), encoding="utf-8")
    found = [x for x in load(copy).findings if x.file == FLOW]
    assert {x.code for x in found} == {"loop", "missing-words", "nobody-reaches"}
    assert sum(x.code == "loop" for x in found) == 1


def test_flows_that_rest_on_each_other_in_a_long_row(copy: Path) -> None:
    for i in range(300):
        head = f"flow: c{i}\nlasts: 30m\n" + (f"requires: [c{i + 1}]\n" if i < 299 else "")
        (copy / f"flows/c{i}.yaml").write_text(f"{head}steps:\n  a: {{say: t, next: end}}\n")
    assert codes(copy, "flows/c0.yaml") == {"missing-words", "nobody-reaches"}


def large() -> Iterator[tuple[str, str]]:
    yield ZH, "a\n" * 100_000
    yield ZH, ("- " * 999 + "x\n") * 200
    yield ZH, f"title: x\nwords: [{', '.join(f'词{i}' for i in range(60_000))}]\n"
    yield ZH, f"title: x\ntexts:\n  a: {'1' * 200_000}\n"
    for begun in ("[[a|", "**", "*a", "<b ", "{a.b", "（"):
        yield ZH, f"title: x\ntexts:\n  a: '{begun * 50_000}'\n"
    yield ZH, "title: x\ntexts:\n" + "".join(f"  text{i}: 好\n" for i in range(10_000))
    yield FLOW, flow(*(f"s{i}: {{say: t, next: x{i}}}" for i in range(5_000)))
    yield FLOW, flow(*(f"s{i}: {{say: t}}" for i in range(5_000)), "last: {say: t, next: end}")
    yield ZH, "title: x\n" + "".join(f"key{i}: 1\n" for i in range(60_000))
    yield ZH, "title: x\nslots:\n" + "".join(f"  s{i}: []\n" for i in range(30_000))
    yield FLOW, flow(*(f"s{i}: {{say: t, next: {{link: nowhere}}}}" for i in range(5_000)))
    values = ", ".join(f"v{i}" for i in range(40_000))
    yield FLOW, flow("a: {collect: a, next: end}", head=f"slots: {{a: {{type: choice, values: [{values}]}}}}")


@pytest.mark.parametrize(("file", "text"), list(large()), ids=lambda value: str(value)[:30])
def test_time_grows_with_the_size(copy: Path, file: str, text: str) -> None:
    (copy / file).write_text(text, encoding="utf-8")
    before = time.process_time()
    assert codes(copy, file)
    assert time.process_time() - before < WITHIN
