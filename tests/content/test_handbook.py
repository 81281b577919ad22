"""docs/operators.*.md: every example is loaded and checked, in both languages, and every command exists."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from bot.account.doctor import Diagnostics, examine
from bot.cli import main
from bot.content.load import load
from bot.ports import Unknown
from bot.settings import Settings

from .handbook import BOOKS, apply, commands, examples
from .kit import ROOT

pytestmark = pytest.mark.slow  # seconds together


@pytest.mark.parametrize("language", BOOKS)
def test_followed_from_top_to_bottom_every_example_does_what_it_says(language: str, tmp_path: Path) -> None:
    for part in ("flows", "messages", "config"):
        shutil.copytree(ROOT / part, tmp_path / part)
    shown = examples(language)
    assert len(shown) >= 20
    for n, example in enumerate(shown):
        before = (tmp_path / example.file).read_bytes()
        apply(tmp_path, example)
        if example.says:
            found = [f.line_in(language) for f in load(tmp_path).findings]
            blurred = [":".join([line.split(":")[0], "LINE", *line.split(":")[2:]]) for line in found]
            assert example.says in blurred, "\n".join(found)
            (tmp_path / example.file).write_bytes(before)
        elif n + 1 == len(shown) or shown[n + 1].says:
            assert [str(f) for f in load(tmp_path).findings] == [], example
    loaded = load(tmp_path)
    assert loaded.findings == ()
    assert loaded.content is not None
    assert "place" in loaded.content.flows["report_loss"].steps


def test_both_books_show_the_same_examples() -> None:
    chinese, english = examples("zh-CN"), examples("en")
    assert [(e.file, e.old, e.new, bool(e.says)) for e in chinese] == [
        (e.file, e.old, e.new, bool(e.says)) for e in english
    ]


@pytest.mark.parametrize("language", BOOKS)
def test_every_command_shown_exists(language: str) -> None:
    made: set[str] = set()
    for line in commands(language):
        program, name, *rest = shlex.split(line)
        if program == "cd":
            assert name in made, "into what a command above it made"
            continue
        assert program == "shebao"
        made |= {*rest[:1]} if name == "init" else set()
        command = main.commands[name]
        if rest and not rest[0].startswith("--") and isinstance(command, click.Group):
            command = command.commands[rest[0]]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= options, line


@pytest.mark.parametrize("language", BOOKS)
def test_what_the_doctor_is_shown_to_say_it_says(language: str) -> None:
    settings = replace(Settings(), wechat_token='"token"')
    away = SimpleNamespace(**dict.fromkeys(("info", "config_get", "pointers", "releases", "waiting"), silent))
    said = "\n".join(s.line_in(language) for s in examine(Diagnostics(settings, redis=away)))
    shown = re.findall(r"(?m)^✗ .*\n    .*$", (ROOT / BOOKS[language]).read_text(encoding="utf-8"))
    assert len(shown) == 2
    assert all(sign in said for sign in shown)


def silent(_: str) -> Mapping[str, Any]:
    raise Unknown("127.0.0.1:6379/0 (ConnectionError)")
