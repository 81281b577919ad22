"""The console's door: who may come in, what is refused, what is written down."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from conftest import ROOT
from flask import Flask
from moment import NOW, Clock

from bot.app import Bot, create_app
from bot.console import console
from bot.console.audit import KEPT, REFUSED, Audit
from bot.console.blueprint import OPEN
from bot.console.roles import CHANGES, NEEDED
from bot.console.tries import PAIR, WITHIN, Tries
from bot.console.views import said
from bot.console.visits import IDLE, LONGEST
from bot.content.read.files import POLICY
from bot.store.connect import connect
from bot.store.drafts import Drafts, drafted
from bot.store.switches import plan
from web.operator import HASH, PASSWORD, USERS, Operator
from web.town import FakeMenu, connected, dead_letter


@pytest.fixture
def bot(console_bot: Bot) -> Bot:
    return console_bot


@pytest.fixture
def app(console_app: Flask) -> Flask:
    return console_app


def test_there_is_no_console_unless_it_is_configured(make_bot: Callable[..., Bot]) -> None:
    assert create_app(make_bot()).test_client().get("/console").status_code == 404


def views(app: Flask, method: str) -> list[tuple[str, str]]:
    """(endpoint, address) of the console's views, the ones before its door left out."""
    return [
        (rule.endpoint, re.sub(r"<.*?>", "1", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("console.")
        and rule.endpoint not in OPEN
        and method in (rule.methods or ())
    ]


def test_every_page_is_behind_the_door(app: Flask) -> None:
    """Whoever is not signed in is led to the sign-in form and sees nothing else, whatever the address."""
    client = app.test_client()
    for method in ("GET", "POST"):
        assert views(app, method)
        for _, address in views(app, method):
            answer = client.open(address, method=method)
            assert (answer.status_code, answer.location) == (303, "/console/sign-in"), address


@pytest.mark.slow
def test_what_is_not_there_is_never_a_bug(app: Flask) -> None:
    """A missing file, an unknown flow or revision: a page says so, whoever asks."""
    addresses = [re.sub(r"<.*?>", "nope", rule.rule) for rule in app.url_map.iter_rules()]
    for client in (app.test_client(), Operator(app).client):
        for address in addresses:
            assert client.get(address).status_code < 500, address
        for name in ("nope.css", "..%2f..%2froom.py", "%00", "%ff", "a" * 3000):
            assert client.get(f"/console/static/{name}").status_code == 404


def test_every_form_needs_its_token(app: Flask) -> None:
    anna = Operator(app)
    other = Operator(app)
    for _, address in views(app, "POST"):
        for token in ("", "0" * 64, other.token()):
            answer = anna.client.post(address, data={"token": token})
            assert answer.status_code == 403, address
            assert "Nothing was changed" in answer.text


@pytest.mark.slow
def test_whoever_may_only_read_changes_nothing(bot: Bot) -> None:
    """Every form but those that change nothing is refused, and pages show them to those who may use them."""
    dead_letter(bot)
    Drafts(bot.client, bot.store.seal).keep(drafted("anna", 0, {}, {"flows/x.yaml": b"x"}))
    bot.store.switches.off(plan("card", "", "", NOW))
    menu = FakeMenu()
    menu.spent["message/custom/send"] = 1_800_028_800
    app = connected(bot, ROOT, menu)
    anna, bo = Operator(app), Operator(app, "bo")
    changing = [address for endpoint, address in views(app, "POST") if NEEDED[endpoint] in CHANGES]
    for address in changing:
        answer = bo.client.post(address, data={"token": bo.token()})
        assert answer.status_code == 403, address
        assert "may not do this" in answer.text
    shown: set[str] = set()
    postage = urlencode({"file": POLICY, "part": '["postage"]'})
    [draft] = Drafts(bot.client, bot.store.seal).all()
    of_its_own = [
        *(f"/console/edit/entry?{postage}", "/console/edit/file?file=flows/rate.yaml"),
        f"/console/drafts/{draft.id}/trial",
    ]
    for address in [*of_its_own, *(address for _, address in views(app, "GET"))]:
        page = bo.client.get(address).text
        assert not [a for a in changing if f'"{a}"' in page], address
        page = anna.client.get(address).text
        shown |= {a for a in changing if f'"{a}"' in page}
    missing = {"/console/revisions/rollback", "/console/drafts/review"}
    missing |= {"/console/drafts/replay", "/console/drafts/trial/end"}
    assert set(changing) - shown == missing, (
        "there is nothing to go back to yet, only one's own draft, which is broken, and no trial runs"
    )


def test_every_answer_is_closed_to_the_outside(app: Flask) -> None:
    """No script or style in the page, nothing from elsewhere, no frame, no copy in a cache."""
    anna = Operator(app)
    for _, address in [("", "/console/sign-in"), *views(app, "GET")]:
        answer = anna.client.get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cache-Control"] == "no-store"
        assert not re.search(
            r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|(?:src|href)=\"(?:https?:)?//", answer.text
        )


def test_the_cookie_is_out_of_reach(app: Flask) -> None:
    anna = Operator(app, "")
    answer = anna.sign_in("anna")
    kept = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("shebao_console="))
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(kept.split("; "))
    assert "Secure" not in kept
    away = {"base_url": "https://bot.example.com"}
    form = anna.client.get("/console/sign-in?lang=en&look=dark", **away)
    made = form.headers.getlist("Set-Cookie")
    assert len(made) == 3
    for cookie in made:  # what a browser asks of this prefix
        assert cookie.startswith("__Host-shebao_console")
        assert {"Secure", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_a_wrong_password_is_refused_like_an_unknown_name(app: Flask, bot: Bot) -> None:
    anna = Operator(app, "")
    answers = [anna.sign_in("anna", "wrong password"), anna.sign_in("nobody", PASSWORD)]
    assert {a.status_code for a in answers} == {403}
    assert len({re.sub(r'value="\w+"', "", a.text) for a in answers}) == 1
    assert anna.client.get("/console").status_code == 303
    seen = [(e.who, e.what, e.result) for e in Audit(bot.client, bot.store.seal, bot.now).entries()]
    assert seen == [("?", "sign_in", "failed"), ("anna", "sign_in", "failed")]


@pytest.mark.slow  # a password's hash is dear by intention
def test_too_many_tries_are_refused_even_with_the_right_password(app: Flask) -> None:
    """By name and address; from elsewhere the name still works, and a right password is not counted."""
    anna = Operator(app, "")
    for _ in range(PAIR + 2):
        assert anna.sign_in("anna").status_code == 303
    for _ in range(PAIR):
        assert anna.sign_in("anna", "wrong password").status_code == 403
    answer = anna.sign_in("anna")
    assert answer.status_code == 429
    assert "15 minutes" in answer.text
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
    assert Operator(app, "").sign_in("anna", **elsewhere).status_code == 303


def test_every_count_of_tries_has_an_end(bot: Bot) -> None:
    """Also where the one before ends between two of its commands; otherwise it would lock out for good."""
    tries = Tries(bot.client, bot.store.seal)
    assert tries.begin("anna", "192.0.2.7")
    kept = bot.client.keys("console:tries:*")
    assert len(kept) == 3
    for key in kept:
        bot.client.persist(key)
    assert tries.begin("anna", "192.0.2.7")
    assert all(0 < bot.client.ttl(key) <= WITHIN for key in kept)


@pytest.mark.slow  # a password's hash is dear by intention
def test_one_address_cannot_try_many_names(app: Flask) -> None:
    guest = Operator(app, "")
    seen = [guest.sign_in(f"name{n}").status_code for n in range(25)]
    assert seen == [403] * 20 + [429] * 5


def test_a_forged_address_is_believed_of_configured_proxies_only(make_bot: Callable[..., Bot]) -> None:
    """`proxies` counts from the right of X-Forwarded-For: what the outside wrote stands left of it."""
    seen = {}
    for proxies in (0, 1, 2):
        bot = make_bot(console_users=USERS, proxies=proxies)
        said = {
            "X-Forwarded-For": "198.51.100.1, 198.51.100.2, 198.51.100.3",
            "X-Forwarded-Host": "x.example",
        }
        Operator(create_app(bot), "").sign_in("anna", headers=said)
        seen[proxies] = Audit(bot.client, bot.store.seal, bot.now).entries()[0].address
    assert seen == {0: "127.0.0.1", 1: "198.51.100.3", 2: "198.51.100.2"}


def test_operators_behind_a_proxy_do_not_lock_each_other_out(make_bot: Callable[..., Bot]) -> None:
    app = create_app(make_bot(console_users=USERS, proxies=1))
    for _ in range(PAIR + 1):
        last = Operator(app, "").sign_in("anna", "wrong", headers={"X-Forwarded-For": "192.0.2.1"})
    assert last.status_code == 429
    assert Operator(app, "").sign_in("anna", headers={"X-Forwarded-For": "192.0.2.2"}).status_code == 303


def test_sign_in_needs_the_form_of_this_browser(app: Flask) -> None:
    """Another site cannot sign somebody in to an account of its own."""
    form = {"token": Operator(app, "").token("sign-in"), "name": "anna", "password": PASSWORD}
    answer = app.test_client().post("/console/sign-in", data=form)
    assert answer.status_code == 403
    assert "shebao_console=" not in str(answer.headers)


def test_whoever_signs_out_is_out_with_every_copy_of_the_cookie(app: Flask) -> None:
    anna = Operator(app)
    copy = anna.client.get_cookie("shebao_console")
    assert copy
    anna.send("sign-out")
    anna.client.set_cookie("shebao_console", copy.value)
    assert anna.client.get("/console").status_code == 303


def test_a_visit_ends_when_nobody_acts_and_at_the_end_of_the_day(bot: Bot) -> None:
    clock = Clock()
    app = Flask("test", static_folder=None)
    app.register_blueprint(console(replace(bot, now=clock), ROOT))
    anna = Operator(app)
    for _ in range(LONGEST // IDLE):
        clock.at += IDLE - 1
        assert anna.client.get("/console/audit").status_code == 200
    clock.at += IDLE - 1
    assert anna.client.get("/console").status_code == 303
    anna = Operator(app)
    clock.at += IDLE + 1
    assert anna.client.get("/console").status_code == 303


def test_another_password_or_role_ends_the_visits(bot: Bot) -> None:
    copy = Operator(create_app(bot)).client.get_cookie("shebao_console")
    assert copy
    for users, status in (((f"anna:read:{HASH}",), 303), (USERS[1:], 303), (USERS, 200)):
        changed = replace(bot, settings=replace(bot.settings, console_users=users))
        client = create_app(changed).test_client()
        client.set_cookie("shebao_console", copy.value)
        assert client.get("/console/audit").status_code == status


def test_without_redis_the_console_says_so(app: Flask, bot: Bot) -> None:
    copy = Operator(app).client.get_cookie("shebao_console")
    assert copy
    client = create_app(replace(bot, client=connect("redis://127.0.0.1:1/0"))).test_client()
    client.set_cookie("shebao_console", copy.value)
    answer = client.get("/console?lang=en")
    assert answer.status_code == 503
    assert "SHEBAO_REDIS_URL" in answer.text


def test_the_audit_log_is_sealed_capped_and_says_what_was_cut_off(bot: Bot) -> None:
    audit = Audit(bot.client, bot.store.seal, bot.now)
    with audit.change("anna", "retry", "made-up-id", "192.0.2.7"):
        assert [e.result for e in audit.entries()] == ["begun"]
    assert [e.result for e in audit.entries()] == ["done"]
    with pytest.raises(LookupError), audit.change("anna", "drop", "made-up-id", ""):
        raise LookupError("words of a resident")
    assert audit.entries()[0].result == "failed: LookupError"
    assert b"made-up-id" not in b"".join(bot.client.lrange("console:audit", 0, -1))
    for _ in range(KEPT[REFUSED] + 5):
        audit.note("?", "sign_in", "", "192.0.2.7", "failed")
    assert bot.client.llen(REFUSED) == KEPT[REFUSED]
    assert "retry" in [e.what for e in audit.entries(0, 1000)]


def test_refused_sign_ins_are_shown(app: Flask) -> None:
    anna = Operator(app)
    Operator(app, "").sign_in("a password typed as name", "x")
    page = anna.see("audit")
    assert "an unknown name" in page
    assert "typed as name" not in page


def test_language_and_look_are_kept(app: Flask) -> None:
    anna = Operator(app, language="zh")
    assert '<html lang="zh-CN">' in anna.see()
    anna.see("audit?lang=en")
    anna.see("audit?look=dark")
    assert '<html lang="en" data-look="dark">' in anna.see()
    assert "<script>" not in anna.see("audit?look=<script>&lang=<script>&page=<script>&done=<script>")


@pytest.mark.slow
def test_no_word_is_missing_and_none_is_idle() -> None:
    """Both languages have every word; templates name only words there are; each word is used somewhere."""
    zh, en = said("zh"), said("en")
    folder = ROOT / "bot" / "console"
    files = [*folder.rglob("*.html"), *folder.rglob("*.py")]
    files += [
        ROOT / "bot" / "content" / name
        for name in ("changes.py", "understanding.py", "drawing/figures.py", "read/zipped.py")
    ]
    engine = ("events", "recovery", "timers", "walk", "answers", "step", "migrate", "counts")
    files += [ROOT / "bot" / "engine" / f"{name}.py" for name in engine]
    files += [*(ROOT / "bot" / "engine" / "steps").glob("*.py")]  # kinds of step
    files += [*(ROOT / "bot" / "cli").glob("*.py")]  # what commands write into the audit log
    source = "\n".join(p.read_text() for p in files)
    for name, words in vars(zh).items():
        assert vars(words).keys() == vars(getattr(en, name)).keys()
    for name, word in re.findall(r"\bt\.(\w+)\.(\w+)", source):
        assert hasattr(getattr(zh, name), word), f"{name}.{word}"
    held = (folder / "static" / "codemirror" / "codemirror.min.js").read_text()
    assert not [word for word in vars(en.editor).values() if f'"{word}"' not in held], (
        "CodeMirror's own words"
    )
    for name, words in vars(zh).items():
        idle = [
            w
            for w in vars(words)
            if name != "editor"
            and not re.search(rf"\b{re.sub('^(done|role|fate|why|kind|days)_', '', w)}\b", source)
        ]
        assert not idle, f"{name}: {idle}"


def test_no_page_fails_on_what_is_not_there_or_on_what_its_address_says(app: Flask) -> None:
    anna = Operator(app, "anna")
    query = dict.fromkeys(("draft", "id", "to", "file", "path", "name", "days", "from", "done"), "none")
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/console") and "GET" in (rule.methods or ()):
            address = re.sub("<[^>]+>", "none", rule.rule)
            for said in (query, {"done": "save"}, {"done": "title"}, {"done": "review", "n": "{n.x}"}):
                answer = anna.client.get(address, query_string=said)
                assert answer.status_code < 500, (address, said)
                assert answer.status_code < 400 or "Saved in the draft" not in answer.text, address
