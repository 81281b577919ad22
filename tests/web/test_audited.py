"""What a command does to a resident or a job stands in the audit log, as what the console does."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from bot.app import Bot
from bot.cli import main
from bot.cli.audited import login
from bot.cli.wiring import Wiring
from bot.console.audit import TERMINAL, Audit
from web.operator import Operator, written
from web.town import dead_letter, report_loss


def test_commands_that_touch_a_resident_are_written_down(
    console_bot: Bot, console_app: Flask, tmp_path: Path
) -> None:
    """By whom and about which tag; never the openid, never the receipt's number."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, [*arguments], obj=Wiring(bot=lambda: console_bot))

    phone, receipt = report_loss(console_bot)
    tag, openid = console_bot.store.owner(phone.openid).tag, phone.openid
    id_ = dead_letter(console_bot, "没办成")
    assert run("evidence", receipt, "--by", "anna").exit_code == 0
    run("evidence", "0000000000")
    run("reset", openid)
    run("jobs", "retry", "all")
    assert run("forget", openid, "--by", "bo").exit_code == 0
    me = login()
    assert written(console_bot) == [
        ("bo", "forget", tag, "done"),
        (me, "retry", id_, "done"),
        (me, "reset", tag, "done"),
        (me, "evidence", "", "done"),
        ("anna", "evidence", tag, "done"),
    ]
    audit = Audit(console_bot.client, console_bot.store.seal, console_bot.now)
    assert {entry.address for entry in audit.entries()} == {TERMINAL}
    page = Operator(console_app).see("audit")
    assert "read the evidence of a receipt" in page
    assert "a command" in page
    assert openid not in page + str(audit.entries())
    assert receipt not in page


def test_with_sudo_it_is_who_called_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "anna")
    assert login() == "anna"
