"""No test depends on the day, the hour or the time zone in which it happens to run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

WALL = {
    *(f"time.{name}" for name in ("time", "time_ns", "clock_gettime", "clock_gettime_ns")),
    *(f"time.{name}" for name in ("localtime", "gmtime", "ctime", "asctime", "strftime", "mktime")),
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
    "datetime.date.today",
}
"""What reads the wall clock, or the time zone of the process."""
ZONED = {"datetime.datetime.fromtimestamp": 2, "datetime.date.fromtimestamp": 2, "bot.app.create_bot": 3}
"""What does so unless it gets so many arguments: a zone, or a clock."""
WIRES = ("bot/cli/dev.py", "bot/wsgi.py")
"""Where the program begins, and with it its time."""
WHY = "# wall clock: "
PLACES = ("bot", "tests", "benchmarks")


def asked(source: str) -> Iterator[tuple[int, str]]:
    """Line and what is called there, for all that reads the wall clock; by whatever name it was imported."""
    tree = ast.parse(source)
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for a in node.names:
                name = a.name if a.asname else a.name.partition(".")[0]
                names[a.asname or name] = name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {(a.asname or a.name): f"{node.module}.{a.name}" for a in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            if (path := _path(node, names)) in WALL:
                yield node.lineno, path
        elif isinstance(node, ast.Call):
            path = _path(node.func, names)
            given = len(node.args) + len(node.keywords)
            if given < ZONED.get(path, 0) and not any(k.arg in ("tz", "now") for k in node.keywords):
                yield node.lineno, path
            if isinstance(node.func, ast.Attribute) and node.func.attr == "astimezone" and not given:
                yield node.lineno, "astimezone"


def _path(node: ast.expr, names: dict[str, str]) -> str:
    """`datetime.datetime.now`, whatever the file calls it; "" for what was not imported."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute) and (outer := _path(node.value, names)):
        return f"{outer}.{node.attr}"
    return ""


def unexcused(path: Path) -> list[str]:
    source = path.read_text("utf-8")
    lines = source.splitlines()
    return [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for line, what in asked(source)
        if not lines[line - 1].partition(WHY)[2].strip()
        and (what != "bot.app.create_bot" or str(path.relative_to(ROOT)) not in WIRES)
    ]


@pytest.mark.slow
def test_nobody_asks_what_time_it_really_is_without_saying_why() -> None:
    """Tests take tests/moment.py's clock; the program takes the one that its wiring got."""
    files = [
        p for place in PLACES for p in ((ROOT / place).rglob("*.py") if "." not in place else [ROOT / place])
    ]
    assert len(files) > 300
    found = [line for path in files for line in unexcused(path)]
    assert not found, f"give it a clock, or end the line with “{WHY}why”:\n" + "\n".join(sorted(found))


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.time()",
        "import time as t\nnow = t.time",
        "from time import time as clock\nclock()",
        "from time import localtime\nlocaltime(0)",
        "import datetime as dt\ndt.datetime.now(dt.UTC)",
        "from datetime import datetime as D\nD.now()",
        "from datetime import date\ndate.today()",
        "from datetime import datetime\ndatetime.fromtimestamp(0)",
        "import datetime\nx.astimezone()",
        "from bot.app import create_bot\ncreate_bot(root, settings)",
    ],
)
def test_the_wall_clock_is_found_by_any_name(source: str) -> None:
    assert [line for line, _ in asked(source)] == [2]


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.monotonic()\ntime.sleep(1)",
        "from datetime import UTC, datetime\ndatetime.fromtimestamp(0, UTC)",
        "from bot.app import create_bot\ncreate_bot(root, settings, clock)",
        "from bot.app import create_bot\ncreate_bot(root, settings, now=clock)",
        "from moment import NOW\nself.time.time()",
    ],
)
def test_what_stands_still_is_not(source: str) -> None:
    assert not list(asked(source))
