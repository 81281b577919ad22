"""`shebao doctor` and `shebao menu` as they are typed: built from the environment, however broken it is."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from redis import Redis
from werkzeug.serving import make_server

from bot.account import diagnostics
from bot.account.doctor import examine
from bot.cli import main
from bot.content.read.files import collect
from bot.store.redis import SHARDS
from bot.store.revisions import RevisionStore, pointer
from bot.store.seal import new_key
from bot.wechat.spent import Spent

from .kit import APP_ID, KEY, TOKEN
from .kit import client as made_up
from .wechat_api import Api, serving

pytestmark = pytest.mark.slow  # seconds together

ROOT = Path(__file__).parents[2]
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as running:
        yield running


@pytest.fixture
def env(api: Api, redis_url: str) -> dict[str, str]:
    """An account in order, but for a stub bureau."""
    return {
        "SHEBAO_SEAL_KEYS": new_key(),
        "SHEBAO_TAG_KEY": new_key(),
        "SHEBAO_WECHAT_TOKEN": TOKEN.replace("-", ""),
        "SHEBAO_WECHAT_APP_ID": APP_ID,
        "SHEBAO_WECHAT_APP_SECRET": "app-secret",
        "SHEBAO_WECHAT_AES_KEYS": KEY,
        "SHEBAO_WECHAT_API": api.url,
        "SHEBAO_REDIS_URL": redis_url,
    }


def signs(env: dict[str, str], root: Path = ROOT) -> dict[str, str]:
    """code -> state; the keys in the doctor's order."""
    return {s.code: s.state for s in examine(diagnostics.of_directory(root, env))}


def bad(env: dict[str, str], root: Path = ROOT) -> set[str]:
    return {code for code, state in signs(env, root).items() if state == "bad"}


def run(env: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(main, words, env={"SHEBAO_WECHAT_TOKEN": None, **env})


def test_an_account_in_order_lacks_only_its_menu(api: Api, env: dict[str, str], token_store: Redis) -> None:
    token_store.config_set("maxmemory-policy", "noeviction")
    assert bad(env) == {"menu.none"}
    found = signs(env)
    assert {"redis.good", "clock.good", "access.good", "eviction.good"} <= set(found)
    assert found["seats.none"] == "warn"
    assert token_store.keys("wechat:*") == []  # looking leaves nothing behind


def test_what_is_published_is_looked_at(env: dict[str, str], token_store: Redis) -> None:
    revisions = RevisionStore(token_store, SHARDS)
    assert "revision.none" in signs(env)
    revisions.move("abc", "test", "", "publish")
    assert "revision.good" in signs(env)
    token_store.set(pointer(3), "older")
    assert signs(env)["revision.torn"] == "bad"


def test_a_spent_quota_is_found_and_called_again_when_it_was_reset(
    env: dict[str, str], token_store: Redis
) -> None:
    assert "no quota" in run(env, "quota").output
    now = time.time  # wall clock: so has the command
    Spent(token_store, APP_ID, now).note("message/custom/send")
    assert signs(env)["quota.spent"] == "bad"
    shown = run(env, "quota").output
    assert "customer-service messages" in shown
    assert "00:00 (China time)" in shown
    assert "--again" in shown
    assert "called again from now on" in run(env, "quota", "--again").output
    assert "quota.good" in signs(env)


def test_the_menu_is_that_of_what_is_published_not_of_the_directory(
    env: dict[str, str], api: Api, token_store: Redis
) -> None:
    revisions = RevisionStore(token_store, SHARDS)
    files = {**collect(ROOT)}
    files["config/menu.yaml"] = files["config/menu.yaml"].replace("卡丢了".encode(), "丢卡了".encode())
    revisions.keep("older0", files)
    revisions.move("older0", "test", "", "publish")
    diff = run(env, "menu", "diff").output
    assert "+ 丢卡了" in diff
    assert "config/menu.yaml here is another one" in diff
    assert run(env, "menu", "publish", "--yes").exit_code == 0
    assert "丢卡了".encode() in api.menus[0]
    assert signs(env)["menu.good"] == "good"
    token_store.set(pointer(3), "other")
    assert "cut off" in run(env, "menu", "publish", "--yes").output
    revisions.move("gone", "test", "", "publish")
    assert "revision gone is not in this Redis" in run(env, "menu", "diff").output
    assert "menu.differs" in signs(env), "then it is compared with the directory's"


def test_nothing_set_at_all() -> None:
    found = bad({"SHEBAO_REDIS_URL": "redis://127.0.0.1:9/0", "SHEBAO_WECHAT_API": NOBODY})
    assert found == {
        "seal.missing",
        "tag.missing",
        "token.missing",
        "aes.missing",
        "app.missing",
        "redis.away",
    }


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"SHEBAO_WECHAT_APP_SECRET": "not-this"}, {"access.refused"}),
        ({"SHEBAO_WECHAT_API": NOBODY}, {"api.silent"}),
        ({"SHEBAO_REDIS_URL": "redis://127.0.0.1:9/0"}, {"redis.away", "menu.none"}),
        ({"SHEBAO_REDIS_URL": "redis+sentinel://127.0.0.1:9/service"}, {"redis.away", "menu.none"}),
        ({"SHEBAO_REDIS_URL": "redis+cluster://127.0.0.1:9"}, {"redis.away", "menu.none"}),
        ({"SHEBAO_REDIS_URL": "mysql://h"}, {"redis.url", "menu.none"}),
        ({"SHEBAO_SEAL_KEYS": "short", "SHEBAO_TAG_KEY": "x"}, {"seal.form", "tag.form", "menu.none"}),
        ({"SHEBAO_BUDGET": "soon", "SHEBAO_PUSH": "maybe"}, {"settings.wrong", "menu.none"}),
        ({"SHEBAO_LANGUAGE": "xx"}, {"content.errors", "menu.none"}),
        ({"SHEBAO_PUBLIC_URL": f"{NOBODY}/wechat"}, {"address.silent", "menu.none"}),
        ({"SHEBAO_PUBLIC_URL": "nonsense"}, {"address.silent", "menu.none"}),
    ],
)
def test_what_is_broken_is_found_and_the_rest_looked_at(
    env: dict[str, str], changes: dict[str, str], codes: set[str]
) -> None:
    assert bad(env | changes) == codes


def test_the_commands_as_typed(env: dict[str, str], api: Api, token_store: Redis) -> None:
    made = run(env, "doctor", "--lang", "zh-CN")
    assert made.exit_code == 1
    assert "后台做的菜单会失效" in made.output
    assert "没有菜单" in run(env, "menu", "show", "--lang", "zh-CN").output
    assert run(env, "menu", "publish", "--yes").exit_code == 0
    assert len(api.menus) == 1
    assert b"wechat:token" in token_store.keys("*")[0]  # kept for all processes
    assert run(env, "doctor").exit_code == 0
    for secret in (env["SHEBAO_SEAL_KEYS"], "app-secret", KEY, api.token):
        assert secret not in made.output


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"SHEBAO_WECHAT_APP_SECRET": ""}, "SHEBAO_WECHAT_APP_SECRET"),
        ({"SHEBAO_SEAL_KEYS": ""}, "SHEBAO_SEAL_KEYS is missing"),
        ({"SHEBAO_SEAL_KEYS": "short"}, "new-key"),
        ({"SHEBAO_REDIS_URL": "redis://127.0.0.1:9/0"}, "token store does not answer"),
        ({"SHEBAO_REDIS_URL": "redis+cluster://127.0.0.1:9"}, "Redis does not answer"),
    ],
)
def test_a_menu_without_what_it_needs_says_so(
    env: dict[str, str], changes: dict[str, str], says: str
) -> None:
    made = run(env | changes, "menu", "show")
    assert made.exit_code == 1
    assert says in made.output
    assert made.exception is None or isinstance(made.exception, SystemExit)


def test_what_is_missing_is_said_in_the_language_asked_for_and_where_to_begin(env: dict[str, str]) -> None:
    unset = {**env, "SHEBAO_SEAL_KEYS": ""}
    for words in (("menu", "diff"), ("publish",)):
        made = run(unset, *words, "--lang", "zh-CN")
        assert made.exit_code == 1
        assert "没有设置SHEBAO_SEAL_KEYS" in made.output
        assert "make run" in made.output
    assert "More: shebao doctor" in run(unset, "jobs", "list").output
    away = {**env, "SHEBAO_REDIS_URL": "redis://127.0.0.1:9/0"}
    assert "Redis没有应答" in run(away, "diff", "--lang", "zh-CN").output


def test_settings_nobody_can_read(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    for text in (b"\xff\xfe", b"a: [", b"- a\n- b\n", b"wechat_mode: {a: b}\nbudget: [1]\n"):
        (tmp_path / "config" / "settings.yaml").write_bytes(text)
        assert "settings.wrong" in bad(env, tmp_path)


@pytest.fixture
def served() -> Iterator[str]:
    """The real webhook on a port of its own, with another clock-proof token than the kit's."""
    app = made_up(lambda delivery, event: pytest.fail("asked"), freshness=0).application
    app.add_url_rule("/healthz", view_func=lambda: ("ok", 200))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/wechat"
    server.shutdown()


def test_the_public_address_is_called_as_wechat_calls_it(env: dict[str, str], served: str) -> None:
    found = signs(env | {"SHEBAO_PUBLIC_URL": served, "SHEBAO_WECHAT_TOKEN": TOKEN})
    assert {"address.good", "health.good"} <= set(found)
    other = signs(env | {"SHEBAO_PUBLIC_URL": served, "SHEBAO_WECHAT_TOKEN": "another"})
    assert other["address.token"] == "bad"
    lost = signs(env | {"SHEBAO_PUBLIC_URL": served.replace("/wechat", "/elsewhere")})
    assert lost["address.status"] == "bad"


def test_the_kit_has_a_key_of_the_right_length() -> None:
    assert len(base64.b64decode(KEY + "=")) == 32
