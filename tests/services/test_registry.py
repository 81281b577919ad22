"""One registration serves web, worker, chat and replays; a port that nobody serves fails at the start."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from conftest import ROOT
from moment import Clock
from phone import Phone

from bot.actions import ACTIONS, EVENTS, REF, TEXT, EventKind, UnknownPort, action, listed
from bot.app import Bot, create_app
from bot.cli.chat import Chat
from bot.engine.flow import Action, Field
from bot.kit.replay.remote import over_http
from bot.kit.replay.run import Options, everything
from bot.kit.stubs import registry
from bot.ports import Request, Result
from bot.services.openapi import document
from bot.turn.calls import Calls

FILES = {
    "flows/toy.yaml": """\
        flow: toy
        slots:
          answer: {type: record}
        steps:
          ask:
            action: toy.ask
            with: {}
            save: answer
            next: {known: told, unavailable: away}
          told:
            say: told
            next: end
          away:
            say: away
            next: end
        """,
    "messages/zh-CN/toy.yaml": """\
        title: 玩具
        words: [玩具在吗]
        texts:
          told: "玩具说：{answer.word}。"
          away: 现在查不到，不是您的问题。请过一会儿再试。
        """,
    "messages/en/toy.yaml": """\
        title: A toy
        words: [is the toy there]
        texts:
          told: "The toy says: {answer.word}."
          away: It cannot be looked up now. It is not your fault. Please try later.
        """,
    "made.yaml": "turns:\n  - {say: 玩具在吗, expect: 玩具说：嘎嘎。, at: nothing}\n",
}
ASK = {"toy.ask": Action(("known", "unavailable"), {}, {"word": Field()})}
SERVICE = """\
from bot.engine.flow import Action, Field
from bot.ports import Result
from bot.kit.stubs.registry import register

class Toy:
    def perform(self, request): return Result("known", {"word": "嘎嘎"})
    def find(self, action, key): return None

def add():
    ask = Action(("known", "unavailable"), {}, {"word": Field()})
    register("toy", lambda place: Toy(), {"toy.ask": ask})
"""


class Toy:
    def perform(self, request: Request) -> Result:
        return Result("known", {"word": "嘎嘎"})

    def find(self, action: str, key: str) -> Result | None:
        return None


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("toy")
    for part in ("flows", "messages", "config"):
        shutil.copytree(ROOT / part, root / part)
    for name, text in FILES.items():
        (root / name).write_text(dedent(text), encoding="utf-8")
    return root


@pytest.fixture
def toy() -> Iterator[None]:
    registry.register("toy", lambda place: Toy(), ASK)
    yield
    registry.unregister("toy")


@pytest.mark.slow
@pytest.mark.usefixtures("toy")
def test_the_web_process_and_the_worker_serve_it(content: Path, make_bot: Callable[..., Bot]) -> None:
    bot = make_bot(content)
    assert "玩具说：嘎嘎。" in Phone(create_app(bot).test_client(), bot).say("玩具在吗")
    busy = make_bot(content, inline_calls=0)  # then all calls are the worker's
    phone = Phone(create_app(busy).test_client(), busy, "李小芳")
    assert "嘎嘎" not in phone.say("玩具在吗")
    worker = busy.worker()
    assert any(worker.take(*found) for found in busy.store.due())
    assert "玩具说：嘎嘎。" in phone.say("好了吗")


@pytest.mark.usefixtures("toy")
def test_the_chat_serves_it(content: Path, make_bot: Callable[..., Bot]) -> None:
    said: list[str] = []
    chat = Chat(make_bot(content), content, said.append, Clock(), beside="nobody")
    assert chat.be("1")
    chat.line("玩具在吗")
    assert "  │ 玩具说：嘎嘎。" in said


@pytest.mark.slow  # a server of its own
@pytest.mark.usefixtures("toy")
def test_replays_serve_it_in_process_and_over_http(content: Path) -> None:
    options = Options(content)
    for results in (
        everything([content / "made.yaml"], options),
        over_http([content / "made.yaml"], options),
    ):
        (result,) = results
        assert not result.text


@pytest.mark.usefixtures("toy")
def test_a_port_that_nobody_serves_fails_at_the_start(content: Path, make_bot: Callable[..., Bot]) -> None:
    with pytest.raises(UnknownPort, match="toy"):
        Calls({"card": Toy(), "real_name": Toy(), "outlets": Toy()})
    ACTIONS["puppet.ask"] = ASK["toy.ask"]
    try:
        with pytest.raises(UnknownPort, match="puppet"):
            make_bot(content)
    finally:
        del ACTIONS["puppet.ask"]


def test_what_cannot_be_registered_is_refused_and_changes_nothing() -> None:
    before = dict(ACTIONS)
    for port, actions in (("card", {}), ("toy", {"toy.a": ASK["toy.ask"], "other.ask": ASK["toy.ask"]})):
        with pytest.raises(ValueError, match=port):
            registry.register(port, lambda place: Toy(), actions)
    assert before == ACTIONS


ORDER = {
    "toy.order": action("done refused unavailable", "shop!", number=REF),
    "toy.state": action("found none unavailable", "order", number=REF, state=TEXT),
    "toy.orders": listed("found none unavailable", "shop", number=REF),
}


def test_a_service_brings_its_events_which_go_with_it() -> None:
    registry.register("toy", registry.prepared, ORDER, {"toy.sent": EventKind("toy.order", "toy.state")})
    try:
        assert EVENTS["toy.sent"].fields.keys() == {"number", "state"}
        assert "toy.events" in document()["webhooks"]
    finally:
        registry.unregister("toy")
    assert "toy.sent" not in EVENTS


@pytest.mark.parametrize(
    ("name", "event", "why"),
    [
        ("sent", EventKind("toy.order", "toy.state"), "call it toy.<slot>"),
        ("toy.card.sent", EventKind("toy.order", "toy.state"), "call it toy.<slot>"),
        ("card.sent", EventKind("toy.order", "toy.state"), "call it toy.<slot>"),
        ("toy.day", EventKind("toy.order", "toy.state"), "cannot be day"),
        ("toy.application", EventKind("toy.order", "toy.state"), "cannot be day, application"),
        ("toy.sent", EventKind("toy.ordr", "toy.state"), "change=toy.ordr"),
        ("toy.sent", EventKind("card.apply", "toy.state"), "change=card.apply"),
        ("toy.sent", EventKind("toy.state", "toy.state"), "change=toy.state"),
        ("toy.sent", EventKind("toy.order", "toy.orders"), "record=toy.orders"),
        ("toy.sent", EventKind("toy.order", "toy.order!"), "record=toy.order!"),
        ("toy.sent", EventKind("toy.order", "card.progress"), "record=card.progress"),
    ],
)
def test_an_event_that_could_find_nobody_is_refused_with_what_to_do(
    name: str, event: EventKind, why: str
) -> None:
    before = dict(ACTIONS), dict(EVENTS)
    with pytest.raises(ValueError, match=why.replace("!", "\\!")):
        registry.register("toy", registry.prepared, ORDER, {name: event})
    assert before == (ACTIONS, EVENTS)
    with pytest.raises(KeyError):
        registry.unregister("toy")


@pytest.mark.slow  # two processes
def test_a_package_beside_ours_adds_one_by_an_entry_point(content: Path, tmp_path: Path) -> None:
    (tmp_path / "toys.py").write_text(SERVICE, encoding="utf-8")
    info = tmp_path / "toys-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toys\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[shebao.services]\ntoy = toys:add\n")
    for command in (["check"], ["replay", "made.yaml"]):
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli", *command],
            cwd=content,
            env={"PYTHONPATH": f"{tmp_path}:{ROOT}"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
