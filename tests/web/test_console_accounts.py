"""Making the console's accounts, and the setting that holds them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.app import Bot, create_app
from bot.cli import main
from bot.console.accounts import Accounts, hashed
from bot.console.totp import STEP, code_at
from bot.content.read.settings_file import BadSettings, load
from web.operator import HASH, PASSWORD, USERS, Operator

ENV = {"SHEBAO_SEAL_KEYS": "x", "SHEBAO_TAG_KEY": "x", "SHEBAO_WECHAT_TOKEN": "x"}


def test_the_command_makes_an_account_that_can_sign_in(console_bot: Bot) -> None:
    asked = f"{PASSWORD}\n{PASSWORD}\n"
    made = CliRunner().invoke(main, ["console-user", "carl", "--role", "publish"], input=asked)
    assert made.exit_code == 0
    user = made.output.strip().splitlines()[-1]
    assert PASSWORD not in user
    assert "$" not in user
    found = load(Path("/nowhere"), {**ENV, "SHEBAO_CONSOLE_USERS": f"{USERS[0]},{user}"})
    changed = replace(console_bot.settings, console_users=found.console_users)
    carl = Operator(create_app(replace(console_bot, settings=changed)), "")
    code = code_at(user.rpartition(":")[2], console_bot.now() // STEP)
    assert carl.sign_in("carl", code=code).status_code == 303


@pytest.mark.parametrize(
    ("users", "said"),
    [
        ("anna:publish:secret123", "console-user"),
        (f"anna:admin:{HASH}", "console-user"),
        (f"Änna:read:{HASH}", "console-user"),
        (f"anna:read:{HASH},anna:publish:{HASH}", "twice"),
    ],
)
def test_a_wrong_account_is_named_at_the_start_without_its_secret(users: str, said: str) -> None:
    with pytest.raises(BadSettings) as e:
        load(Path("/nowhere"), {**ENV, "SHEBAO_CONSOLE_USERS": users})
    assert said in str(e.value)
    assert "secret123" not in str(e.value)
    assert HASH not in str(e.value)


@pytest.mark.parametrize(("name", "password"), [("Anna B", PASSWORD), ("anna", "short")])
def test_the_command_refuses_bad_names_and_short_passwords(name: str, password: str) -> None:
    made = CliRunner().invoke(main, ["console-user", name], input=f"{password}\n{password}\n")
    assert made.exit_code == 1


@pytest.mark.parametrize("password", ["", "short"])
def test_an_empty_or_short_password_opens_nothing_though_its_hash_was_made_by_hand(password: str) -> None:
    accounts = Accounts([f"anna:read:{hashed(password, 'scrypt:1024:8:1')}"])
    assert accounts.get("anna") is not None
    assert accounts.check("anna", password) is None
