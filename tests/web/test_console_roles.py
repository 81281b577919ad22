"""Roles, the second factor, and proving again who one is: what each account may do, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT
from flask import Flask
from moment import NOW, Clock

from bot.app import Bot
from bot.cli import main
from bot.console import console
from bot.console.blueprint import OPEN
from bot.console.passwords import is_common
from bot.console.roles import CHANGES, NEEDED, ROLES
from bot.console.totp import STEP, code_at
from bot.console.tries import PAIR
from bot.console.visits import FRESH
from bot.content.read.settings_file import load
from bot.settings import CONSOLE_ROLES, is_live
from web.operator import HASH, PASSWORD, TOKEN, Operator, written
from web.town import dead_letter, report_loss

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238's, in base32
USERS = (f"anna:publish:{HASH}:{SECRET}", f"dora:duty:{HASH}", f"ed:edit:{HASH}", f"lou:look:{HASH}")


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def serve_as(console_bot: Bot, clock: Clock) -> Callable[..., Flask]:
    """`serve_as(users, setting=value…)`: a console for these accounts."""

    def make(users: tuple[str, ...] = USERS, **changed: object) -> Flask:
        app = Flask("test", static_folder=None)
        settings = replace(console_bot.settings, console_users=users, **changed)  # type: ignore[arg-type]
        app.register_blueprint(console(replace(console_bot, settings=settings, now=clock), ROOT))
        return app

    return make


# --- roles ---
def test_every_page_and_form_stands_in_the_table_of_roles(console_app: Flask) -> None:
    """One that is missing is nobody's; one that is left over is a mistake."""
    behind = {
        rule.endpoint
        for rule in console_app.url_map.iter_rules()
        if rule.endpoint.startswith("console.") and rule.endpoint not in OPEN
    }
    assert behind == NEEDED.keys()
    assert {*ROLES} == {*CONSOLE_ROLES}
    posts = {r.endpoint for r in console_app.url_map.iter_rules() if "POST" in (r.methods or ())}
    still = {"console.sign_out", "console.sign_out_everywhere", "console.resident"}
    assert {e for e in behind & posts if NEEDED[e] not in CHANGES} == still


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("name", "sees", "mends"),
    [("lou", False, False), ("ed", False, False), ("dora", True, True), ("bo", True, False)],
)
def test_each_role_may_do_its_part(
    console_bot: Bot, serve_as: Callable[..., Flask], name: str, sees: bool, mends: bool
) -> None:
    """Who only looks at figures sees no resident; a line of before (`read`) may do what it could."""
    id_ = dead_letter(console_bot)
    who = Operator(serve_as((*USERS, f"bo:read:{HASH}")), name)
    assert who.client.get("/console/funnels").status_code == 200
    assert who.client.get("/console/resident").status_code == (200 if sees else 403)
    assert ("/console/resident" in who.see()) == sees, "nobody is led where they may not go"
    assert ('action="/console/jobs/retry"' in who.see("jobs")) == mends
    assert (who.send("jobs/retry", id=id_).status_code == 200) == mends
    assert who.send("revisions/publish", draft="x", base="").status_code == 403


# --- passwords ---
def test_what_anybody_tries_first_is_no_password() -> None:
    for password in (
        *("123456789012", "qwertyuiop12", "password1234", "P@ssw0rd1234", "Admin@123456", "Shebao@2026!!"),
        *("woaini1314520", "1qaz2wsx3edc", "q1w2e3r4t5y6", "aaaaaaaaaaaa", "19900101199001", "testtesttest"),
        *("anna12345678", "社保卡社保卡社保卡社保卡", "987654321abc", "!@#$%^&*()_+"),
    ):
        assert is_common(password, "anna"), password
    for password in (PASSWORD, "correct horse battery staple", "xK9#mQ2$vL7p", "我家门口有三棵石榴树"):
        assert not is_common(password, "anna"), password


@pytest.mark.parametrize(
    ("password", "said"), [("eleven char", "12 characters"), ("Shebao@2026!!", "first that anybody tries")]
)
def test_the_command_refuses_a_password_that_is_short_or_common(password: str, said: str) -> None:
    made = CliRunner().invoke(main, ["console-user", "anna"], input=f"{password}\n{password}\n")
    assert made.exit_code == 1
    assert said in made.output


@pytest.mark.slow
def test_the_command_gives_a_second_factor_to_those_who_change_something() -> None:
    for role, expected in (("look", False), ("edit", True)):
        asked = f"{PASSWORD}\n{PASSWORD}\n"
        made = CliRunner().invoke(main, ["console-user", "carl", "--role", role], input=asked)
        line = made.stdout.strip().splitlines()[-1]
        assert ("otpauth://totp/Shebao%3Acarl?secret=" in made.stderr) == expected
        found = load(Path("/nowhere"), {
            **{f"SHEBAO_{n}": "x" for n in ("SEAL_KEYS", "TAG_KEY", "WECHAT_TOKEN")},
            "SHEBAO_CONSOLE_USERS": line,
        })  # fmt: skip
        assert found.console_users == (line,)
        assert (line.rpartition(":")[2] in made.stderr) == expected


# --- the second factor ---
@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_rfc_6238(at: int, code: str) -> None:
    """Appendix B; an app shows the last six of its eight digits."""
    assert code_at(SECRET, at // STEP) == code


def test_a_code_is_asked_for_counts_once_and_may_be_a_step_off(
    serve_as: Callable[..., Flask], clock: Clock
) -> None:
    app, step = serve_as(), NOW // STEP
    anna = Operator(app, "")
    assert 'name="code"' in anna.see("sign-in")
    for wrong in ("", "000000", code_at(SECRET, step - 2), code_at(SECRET, step + 2)):
        assert anna.sign_in("anna", code=wrong).status_code == 403, wrong
    good = code_at(SECRET, step)
    assert anna.sign_in("anna", "wrong password", good).status_code == 403
    anna = Operator(app, "")
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
    assert anna.sign_in("anna", code=f"{good[:3]} {good[3:]}", **elsewhere).status_code == 303
    assert Operator(app, "").sign_in("anna", code=good, **elsewhere).status_code == 403
    for drift in (-1, 1):
        code = code_at(SECRET, step + drift)
        assert Operator(app, "").sign_in("anna", code=code, **elsewhere).status_code == 303
    assert Operator(app, "").sign_in("lou").status_code == 303, "who has none is not asked"


@pytest.mark.slow  # a password's hash is dear by intention
def test_wrong_codes_are_limited_as_wrong_passwords_are(serve_as: Callable[..., Flask]) -> None:
    anna = Operator(serve_as(), "")
    for _ in range(PAIR):
        assert anna.sign_in("anna", code="000000").status_code == 403
    assert anna.sign_in("anna", code=code_at(SECRET, NOW // STEP)).status_code == 429


def test_without_a_second_factor_nothing_is_changed_where_one_is_asked_for(
    console_bot: Bot, serve_as: Callable[..., Flask]
) -> None:
    """An old line still signs in and looks: an upgrade locks nobody out."""
    phone, _ = report_loss(console_bot)
    id_ = dead_letter(console_bot, "没办成")
    dora = Operator(serve_as(second_factor="yes"), "dora")
    page = dora.see("jobs")
    assert "has no second factor yet" in page
    assert "jobs/retry" not in page
    answer = dora.send("jobs/retry", id=id_)
    assert answer.status_code == 403
    assert "has no second factor yet" in answer.text
    assert len(console_bot.store.jobs.dead()) == 1
    assert "Lost card" in dora.send("resident", asked=phone.openid).text
    for setting, may in (("live", True), ("no", True)):
        page = Operator(serve_as(second_factor=setting), "dora").see("jobs")
        assert ("jobs/retry" in page) == may, setting


def test_with_a_real_account_a_second_factor_is_asked_for_and_plain_cookies_are_refused(
    console_bot: Bot, serve_as: Callable[..., Flask]
) -> None:
    live = {"wechat_app_secret": "x", "wechat_api": "https://api.weixin.qq.com"}
    assert is_live(replace(console_bot.settings, **live))
    app, over = serve_as(**live), {"base_url": "https://localhost"}
    client = app.test_client()
    form = client.get("/console/sign-in?lang=en", **over)
    assert all(c.startswith("__Host-") and "Secure" in c for c in form.headers.getlist("Set-Cookie"))
    token = TOKEN.search(form.text)
    assert token
    typed = {"token": token[1], "name": "dora", "password": PASSWORD}
    assert client.post("/console/sign-in", data=typed, **over).status_code == 303
    assert "has no second factor yet" in client.get("/console/jobs", **over).text
    kept = client.get_cookie("__Host-shebao_console")
    assert kept
    plain = app.test_client()
    plain.set_cookie("shebao_console", kept.value)
    assert plain.get("/console/jobs").status_code == 303


# --- how long it lasts ---
def test_before_publishing_somebody_who_signed_in_long_ago_proves_again_who_they_are(
    console_bot: Bot, serve_as: Callable[..., Flask], clock: Clock
) -> None:
    """Password and code are asked for beside the form's own fields, which are sent on as they were."""
    anna = Operator(serve_as(), "")
    anna.sign_in("anna", code=code_at(SECRET, clock.at // STEP))
    assert anna.send("revisions/rollback", draft="0" * 12, base="").status_code == 404, "fresh: it is tried"
    clock.at += FRESH + 1
    form = {"draft": "0" * 12, "base": "<b>", "note": "why"}
    answer = anna.send("revisions/rollback", **form)
    assert answer.status_code == 403
    assert "sign in again" in answer.text
    assert 'name="base" value="&lt;b&gt;"' in answer.text
    assert 'action="/console/revisions/rollback"' in answer.text
    assert [what for _, what, _, _ in written(console_bot)] == ["rollback"]
    code = code_at(SECRET, clock.at // STEP)
    for proof in ({"password": "wrong", "code": code}, {"password": PASSWORD, "code": "000000"}):
        assert "is wrong" in anna.send("revisions/rollback", **form, **proof).text
    assert anna.send("revisions/rollback", **form, password=PASSWORD, code=code).status_code == 404
    assert anna.send("revisions/rollback", **form).status_code == 404, "for a while it is not asked again"
    assert anna.client.get("/console/audit").status_code == 200


def test_who_signs_out_everywhere_is_out_everywhere_and_after_a_restart(
    serve_as: Callable[..., Flask],
) -> None:
    app = serve_as()
    one, other, dora = Operator(app, "lou"), Operator(app, "lou"), Operator(app, "dora")
    copy = other.client.get_cookie("shebao_console")
    assert copy
    one.send("sign-out/everywhere")
    for again in (app, serve_as()):  # the same process, and another
        client = again.test_client()
        client.set_cookie("shebao_console", copy.value)
        assert client.get("/console/funnels").status_code == 303
    assert dora.client.get("/console/funnels").status_code == 200
    assert Operator(app, "lou").client.get("/console/funnels").status_code == 200
