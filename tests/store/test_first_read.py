"""What is stored may be read by many threads at once, from a process's first message on."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

FIRST = """
import base64, sys, threading
from bot.engine.effects import Reply
from bot.engine.session import Frame, Session
from bot.store.forms import Forms
from bot.store.records import ResidentKey
from bot.store.seal import Seal

class Alone:
    def all_read(self, *_): return False
    def announced(self): return True

KEY = base64.b64encode(bytes(32)).decode()
sys.setswitchinterval(1e-6)
forms, owner = Forms(Seal((KEY,), KEY), Alone()), ResidentKey("o", "tag", 1)
session = Session(born="0", language="zh-CN", frames=(Frame("report_loss", 1, "check"),))
stored = forms.sealed_session(owner, session), forms.sealed_reply(owner, Reply(text="好"))
start, wrong = threading.Barrier(16), []

def read():
    start.wait()
    try:
        assert forms.session("tag", stored[0]) == session
        assert forms.reply(owner, stored[1]).text == "好"
    except Exception as e:
        wrong.append(e)

threads = [threading.Thread(target=read) for _ in range(16)]
[t.start() for t in threads]
[t.join() for t in threads]
raise SystemExit(repr(wrong) if wrong else 0)
"""


def test_many_threads_read_at_once_in_a_process_that_has_just_started() -> None:
    """msgspec learns a type when it is first read; two threads that did so at once ended the process."""
    ran = subprocess.run([sys.executable, "-c", FIRST], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, (ran.returncode, ran.stderr)


def modules() -> list[Path]:
    return [p for p in sorted((ROOT / "bot").rglob("*.py")) if "msgspec" in p.read_text("utf-8")]


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_type_is_learned_by_the_first_message(path: Path) -> None:
    """A decoder made while the module is imported knows it."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    named = [(ast.unparse(call.func).rpartition(".")[2], call) for call in calls]
    known = {ast.unparse(call.args[0]) for name, call in named if name == "Decoder"}
    asked = {
        ast.unparse(k.value)
        for name, call in named
        if name == "decode"
        for k in call.keywords
        if k.arg == "type"
    }
    asked |= {
        ast.unparse(c.args[1]) for name, c in named if name == "convert" and isinstance(c.args[1], ast.Name)
    }
    assert asked <= known
