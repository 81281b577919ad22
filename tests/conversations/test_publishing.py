"""Publishing under people in mid-conversation, over the real webhook: nobody is lost, nothing is doubled."""

from __future__ import annotations

import contextlib
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT
from phone import Phone

from bot.app import Bot, create_app
from bot.cli import main
from bot.cli.wiring import Wiring
from bot.content.read.files import Files, collect
from bot.store.session_census import standing
from bot.turn.revisions import preview

from .kit import PATH, crowd, goes_on, operations

LOSS = "flows/report_loss.yaml"
QUESTION = {
    LOSS: (
        (
            "  loss: {type: record}\n",
            "  loss: {type: record}\n  where: {type: choice, values: [here, away]}\n",
        ),
        ("next: {temporary: check, formal: reason}", "next: {temporary: where, formal: reason}"),
        ("  upgrade:\n", "  where:\n    collect: where\n    next: check\n  upgrade:\n"),
    ),
    "messages/zh-CN/report_loss.yaml": (
        (
            "  reason:\n    label",
            "  where:\n    label: 丢卡的地方\n    ask: 卡是在本市丢的吗？\n"
            "    values: {here: 在本市, away: 在外地}\n    again:\n"
            "      - 请回复1或2。\n      - 不清楚就回复1。\n"
            "    help: 不清楚就选“在本市”。\n  reason:\n    label",
        ),
    ),
    "messages/en/report_loss.yaml": (
        (
            "  reason:\n    label",
            "  where:\n    label: Place of the loss\n    ask: Was it lost in this city?\n"
            "    values: {here: In this city, away: Elsewhere}\n    again:\n"
            "      - Please reply with 1 or 2.\n      - Not sure? Reply 1.\n"
            "    help: If you are not sure, choose “In this city”.\n  reason:\n    label",
        ),
    ),
}
"""What a new operator adds to report_loss: one more question, after the way the card is stopped."""


def with_question(files: Files) -> Files:
    found = dict(files)
    for name, edits in QUESTION.items():
        text = found[name].decode()
        for old, new in edits:
            assert text.count(old) == 1, (name, old)
            text = text.replace(old, new)
        found[name] = text.encode()
    return found


def lost(operations_of: list[dict[str, object]]) -> Counter[object]:
    return Counter(op["subject"] for op in operations_of if op["action"] == "card.report_loss")


@pytest.mark.slow
def test_a_hundred_residents_in_mid_flow_live_through_a_publish_and_a_rollback(
    tmp_path: Path, make_bot: Callable[..., Bot]
) -> None:
    names = crowd(tmp_path, 100)
    bot = make_bot(tmp_path)
    app = create_app(bot)
    dice = random.Random(7)
    phones = [person(app.test_client(), bot, tmp_path, name) for name in names]
    files = collect(tmp_path)
    first = bot.revisions.publish(files, "anna")
    for phone in phones:  # each stops somewhere on the way
        for step in PATH[: dice.randrange(1, len(PATH))]:
            step(phone)
    there = standing(bot.store)
    assert sum(count for (flow, _), count in there.items() if flow == "report_loss") == 100

    shown = preview(bot.revisions, bot.store, with_question(files))
    affected = {f"{step.flow}.{step.step}": count for step, count in shown.stand}
    assert affected["report_loss.kind"] == there["report_loss", "kind"] > 0
    bot.revisions.publish(with_question(files), "anna", "asks where", shown.base)
    for phone in phones[:50]:
        for _ in range(dice.randrange(3)):
            phone.say("？")  # they hesitate, and are asked the same or an earlier question
            assert phone.bubble.text
    for phone in phones[:30]:
        goes_on(phone)
    assert bot.revisions.now.content.revision != first.revision

    bot.revisions.rollback(first.revision, "bo", "the question puzzles people")
    for phone in phones[30:]:
        goes_on(phone)
    assert bot.revisions.now.content.revision == first.revision
    reported = lost(operations(bot))
    assert len(reported) == 100
    assert set(reported.values()) == {1}


def person(client: object, bot: Bot, root: Path, name: str) -> Phone:
    from bot.kit.stubs.people import load_people

    phone = Phone(client, bot, "张三", name)
    phone.person = next(p for p in load_people(root / "config" / "stub.yaml").everyone if p.name == name)
    phone.openid = f"oTest{phone.person.id_number}"
    return phone


# --- from the command line -----------------------------------------------------------------------
@pytest.fixture
def shebao(tmp_path: Path, make_bot: Callable[..., Bot]):  # type: ignore[no-untyped-def]
    """`shebao("publish", "--yes")` in a content directory: exit code and output."""

    crowd(tmp_path, 1)

    def run(*words: str, answer: str = "") -> tuple[int, str]:
        wiring = Wiring(bot=lambda: make_bot(tmp_path))
        with contextlib.chdir(tmp_path):
            result = CliRunner().invoke(main, words, input=answer, obj=wiring)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output

    run.root = tmp_path  # type: ignore[attr-defined]
    return run


def edit(root: Path) -> None:
    for name, raw in with_question(collect(root)).items():
        (root / name).write_bytes(raw)


@pytest.mark.slow
def test_publish_shows_what_changes_asks_and_publishes(shebao) -> None:  # type: ignore[no-untyped-def]
    code, out = shebao("publish", "--yes", "--by", "anna")
    assert code == 0
    assert "is the first" in out
    assert shebao("publish") == (0, "Nothing would change: this is what is served.\n")
    edit(shebao.root)
    code, out = shebao("publish", answer="n\n")
    assert code == 1
    assert "flows/report_loss.yaml  steps.where  added" in out
    assert "+ 卡是在本市丢的吗？" in out
    assert "report_loss.kind" in out
    code, out = shebao("publish", "--lang", "zh-CN", "--by", "bo", "--note", "多问一句", answer="y\n")
    assert code == 0
    assert "已发布" in out
    code, out = shebao("revisions")
    assert [line[:1] for line in out.splitlines()] == ["*", " "]
    assert "多问一句" in out


@pytest.mark.slow
def test_rollback_goes_back_one_and_diff_shows_what_differs(shebao) -> None:  # type: ignore[no-untyped-def]
    shebao("publish", "--yes")
    assert shebao("rollback", "--yes")[0] == 1  # nothing earlier
    edit(shebao.root)
    shebao("publish", "--yes")
    code, out = shebao("rollback", "--yes", "--note", "too early")
    assert code == 0
    assert "steps.where  removed" in out
    code, out = shebao("diff")
    assert code == 0
    assert "steps.where  added" in out
    newest = shebao("revisions")[1].splitlines()[0].split()[1]
    assert "steps.where  added" in shebao("diff", newest[:6], ".")[1]
    code, out = shebao("diff", "ffffff")
    assert (code, "There is no revision ffffff" in out) == (1, True)


@pytest.mark.slow
def test_rollback_goes_to_what_was_really_served_before(shebao) -> None:  # type: ignore[no-untyped-def]
    """Not to what was taken back itself: a, b, c, back to b, d, and back from d is b."""
    words = shebao.root / "messages/zh-CN/report_loss.yaml"
    first = words.read_text()
    for letter in "abcd":
        words.write_text(first.replace("卡是怎么没的？", f"卡是怎么没的？{letter}"))
        shebao("publish", "--yes")
        if letter == "c":
            shebao("rollback", "--yes")
    code, out = shebao("rollback", "--yes")
    assert code == 0
    assert "+ 卡是怎么没的？b" in out
    marks = [line[:1] for line in shebao("revisions")[1].splitlines()]
    assert marks == ["*", "x", " ", "x", " ", " "]  # back to b, d, back to b, c, b, a
    assert "[taken back]" in shebao("revisions")[1].splitlines()[1]
    assert "[已退回]" in shebao("revisions", "--lang", "zh-CN")[1].splitlines()[1]
    assert "was published before and taken back" in shebao("publish", answer="n\n")[1]


@pytest.mark.slow
def test_an_old_revision_that_cannot_be_served_is_said_and_nothing_moves(  # type: ignore[no-untyped-def]
    shebao, make_bot: Callable[..., Bot]
) -> None:
    shebao("publish", "--yes")
    edit(shebao.root)
    shebao("publish", "--yes")
    first = shebao("revisions")[1].splitlines()[1].split()[0]
    store = make_bot().revisions.store
    spoilt = {**store.files(first), LOSS: b"flow: &x report_loss\n"}
    store.client.delete(f"sb:revision:{first}")
    store.keep(first, spoilt)
    code, out = shebao("rollback", "--yes")
    assert code == 1
    assert f"cannot serve {first} any more" in out
    assert "[anchor]" in out
    store.client.delete(f"sb:revision:{first}")
    assert f"revision {first} is not in this Redis: shebao revisions" in shebao("rollback", "--yes")[1]
    assert shebao("revisions")[1][0] == "*"


@pytest.mark.slow
def test_a_changed_menu_is_to_be_sent_to_wechat(shebao) -> None:  # type: ignore[no-untyped-def]
    assert "menu publish" not in shebao("publish", "--yes")[1]
    path = shebao.root / "config" / "menu.yaml"
    path.write_text(path.read_text().replace("卡丢了", "丢卡了"))
    assert "send it to WeChat with shebao menu publish" in shebao("publish", "--yes")[1]
    assert "shebao menu publish送到微信" in shebao("rollback", "--yes", "--lang", "zh-CN")[1]


@pytest.mark.slow
def test_a_broken_directory_is_not_published_and_the_old_one_serves_on(shebao) -> None:  # type: ignore[no-untyped-def]
    shebao("publish", "--yes")
    path = shebao.root / LOSS
    path.write_text(path.read_text().replace("collect: reason", "collect: raeson"))
    code, out = shebao("publish", "--yes")
    assert code == 1
    assert "flows/report_loss.yaml:33:14: error [unknown-slot]" in out
    assert len(shebao("revisions")[1].splitlines()) == 1


@pytest.mark.slow
def test_replays_that_do_not_hold_stop_a_publish_that_nobody_watches(shebao) -> None:  # type: ignore[no-untyped-def]
    folder = shebao.root / "tests" / "replays"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "replays" / "loss_formal_then_new_card.yaml", folder)
    shutil.copy(ROOT / "config" / "stub.yaml", shebao.root / "config")
    shebao("publish", "--yes")
    words = shebao.root / "messages" / "zh-CN" / "report_loss.yaml"
    words.write_text(words.read_text().replace("卡是怎么没的？", "卡怎么不见了？"))
    code, out = shebao("publish", "--yes")
    assert code == 1
    assert "1 replays played against both" in out
    assert "卡是怎么没的？" in out
    assert "tests/replays/loss_formal_then_new_card.yaml:" in out
    assert "--skip-replays" in out
    assert shebao("publish", "--yes", "--skip-replays")[0] == 0
