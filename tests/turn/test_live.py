"""With a real account nothing starts that is fit for trying things out only; without one everything does."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.dev import demo_env
from bot.content.messages import CHINESE
from bot.content.read.settings_file import BadSettings, load, read
from bot.store.seal import new_key

SECRET = "made-up-app-secret"
LIVE = {
    "SHEBAO_SEAL_KEYS": new_key(),
    "SHEBAO_TAG_KEY": new_key(),
    "SHEBAO_WECHAT_TOKEN": "aB3dE6gH9jK2",
    "SHEBAO_WECHAT_APP_ID": "wx0123456789abcdef",
    "SHEBAO_WECHAT_APP_SECRET": SECRET,
    "SHEBAO_WECHAT_AES_KEYS": "kWxPLi1qBd7yRn0sT5vHcU3oZaJf8mGe2EKbQ9XwDhN",
    "SHEBAO_REAL_NAME": "https://bureau.example",
    "SHEBAO_CARD": "http://127.0.0.1:8100",
    "SHEBAO_BUREAU_TOKEN": "made-up-bureau-token",
}
UNFIT = [
    ({"SHEBAO_PHONE": "yes"}, "SHEBAO_PHONE", "set it to no"),
    ({"SHEBAO_REAL_NAME": "stub"}, "SHEBAO_REAL_NAME", "set the bureau's address"),
    ({"SHEBAO_CARD": "stub"}, "SHEBAO_CARD", "set the bureau's address"),
    ({"SHEBAO_CARD": "http://bureau.example"}, "SHEBAO_CARD", "https://"),
    ({"SHEBAO_REAL_NAME": "http://localhost.example"}, "SHEBAO_REAL_NAME", "https://"),
    ({"SHEBAO_REAL_NAME": "http://localhost@bureau.example"}, "SHEBAO_REAL_NAME", "https://"),
    ({"SHEBAO_REAL_NAME": "http://10.0.0.1/127.0.0.1"}, "SHEBAO_REAL_NAME", "https://"),
    ({"SHEBAO_REAL_NAME": "http://[::2]:80"}, "SHEBAO_REAL_NAME", "https://"),
    ({"SHEBAO_WECHAT_API": "http://api.weixin.qq.com"}, "SHEBAO_WECHAT_API", "https://"),
    ({"SHEBAO_WECHAT_TOKEN": "aB3dE6gH9jK"}, "SHEBAO_WECHAT_TOKEN", "12 to 32"),
    ({"SHEBAO_TAG_KEY": LIVE["SHEBAO_SEAL_KEYS"]}, "SHEBAO_TAG_KEY", "new-key"),
    ({"SHEBAO_SEAL_KEYS": f"{new_key()},{LIVE['SHEBAO_TAG_KEY']}"}, "SHEBAO_TAG_KEY", "new-key"),
    ({"SHEBAO_EVIDENCE_KEYS": f"{new_key()},{LIVE['SHEBAO_TAG_KEY']}"}, "SHEBAO_TAG_KEY", "new-key"),
    ({"SHEBAO_FRESHNESS": "0"}, "SHEBAO_FRESHNESS", "Set it to 300"),
]
APIS = [
    "https://api.weixin.qq.com",
    "https://API.weixin.qq.com./",
    "https://sh.api.weixin.qq.com:443",
    "default",
]


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(("changes", "variable", "remedy"), UNFIT)
def test_a_real_account_does_not_start_with_it(
    tmp_path: Path, api: str, changes: dict[str, str], variable: str, remedy: str
) -> None:
    env = LIVE | ({} if api == "default" else {"SHEBAO_WECHAT_API": api}) | changes
    with pytest.raises(BadSettings) as bad:
        load(tmp_path, env)
    (line,) = str(bad.value).splitlines()
    assert line.startswith(variable)
    assert remedy in line
    assert not [value for value in LIVE.values() if value in line]


def test_everything_is_said_at_once_in_both_languages(tmp_path: Path) -> None:
    every = {name: value for changes, _, _ in UNFIT for name, value in changes.items()}
    every["SHEBAO_TAG_KEY"] = LIVE["SHEBAO_TAG_KEY"]
    _, wrong = read(tmp_path, LIVE | every)
    assert {w.name for w in wrong} == {variable.removeprefix("SHEBAO_").lower() for _, variable, _ in UNFIT}
    for w in wrong:
        assert w.sentence(CHINESE).startswith(f"SHEBAO_{w.name.upper()}")
        assert "请" in w.sentence(CHINESE)


@pytest.mark.parametrize(
    "bureau",
    [
        "http://localhost:8100",
        "http://127.0.0.1",
        "http://127.8.9.1:1/x",
        "http://[::1]:80",
        "https://b.example",
    ],
)
def test_a_real_account_starts_with_a_bureau_on_this_machine_or_encrypted(
    tmp_path: Path, bureau: str
) -> None:
    assert load(tmp_path, LIVE | {"SHEBAO_CARD": bureau, "SHEBAO_REAL_NAME": bureau}).card == bureau


@pytest.mark.parametrize("changes", [changes for changes, variable, _ in UNFIT if "API" not in variable])
@pytest.mark.parametrize(
    "without", [{"SHEBAO_WECHAT_APP_SECRET": ""}, {"SHEBAO_WECHAT_API": "http://127.0.0.1:9"}]
)
def test_without_a_real_account_it_starts_as_before(
    tmp_path: Path, changes: dict[str, str], without: dict[str, str]
) -> None:
    load(tmp_path, LIVE | changes | without)


@pytest.mark.parametrize("name", ["SEAL_KEYS", "TAG_KEY", "WECHAT_TOKEN", "WECHAT_APP_ID", "WECHAT_AES_KEYS"])
def test_the_demos_keys_are_known_on_any_machine(tmp_path: Path, name: str) -> None:
    demo, _ = demo_env(tmp_path / "var")
    variable = f"SHEBAO_{name}"
    assert load(tmp_path, demo).seal_keys
    for value in (demo[variable], f"{LIVE[variable]},{demo[variable]}")[: 2 if name.endswith("KEYS") else 1]:
        with pytest.raises(BadSettings, match=f"{variable} holds what `make run` made"):
            load(tmp_path / "elsewhere", LIVE | {variable: value})


def test_a_demo_key_does_not_seal_evidence_either(tmp_path: Path) -> None:
    demo, _ = demo_env(tmp_path / "var")
    with pytest.raises(BadSettings, match="SHEBAO_EVIDENCE_KEYS holds what `make run` made"):
        load(tmp_path / "elsewhere", LIVE | {"SHEBAO_EVIDENCE_KEYS": demo["SHEBAO_SEAL_KEYS"]})


def test_keys_of_a_demo_made_by_an_earlier_release_are_known_where_it_was_made(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    old = {name: LIVE[name] for name in ("SHEBAO_SEAL_KEYS", "SHEBAO_TAG_KEY", "SHEBAO_WECHAT_TOKEN")}
    lines = ["# made by `shebao run`", *(f"{name}={value}" for name, value in old.items()), ""]
    (tmp_path / "var" / "demo.env").write_text("\n".join(lines))
    _, wrong = read(tmp_path, LIVE)
    assert {(w.name, w.code) for w in wrong} == {
        (name, "live_demo") for name in ("seal_keys", "tag_key", "wechat_token")
    }


def test_what_is_in_var_is_its_owners_alone_also_where_it_was_not(tmp_path: Path) -> None:
    var = tmp_path / "var"
    (var / "valkey").mkdir(parents=True, mode=0o755)
    (var / "valkey" / "appendonly").write_text("x")
    (var / "demo.env").write_text("SHEBAO_TAG_KEY=x\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("x")
    (var / "link").symlink_to(elsewhere)
    for path, mode in ((var, 0o777), (var / "demo.env", 0o644), (elsewhere, 0o644)):
        path.chmod(mode)
    demo_env(var)
    assert {p.name: oct(p.lstat().st_mode & 0o777) for p in (var, *var.rglob("*")) if not p.is_symlink()} == {
        "var": "0o700", "valkey": "0o700", "appendonly": "0o600", "demo.env": "0o600",
    }  # fmt: skip
    assert elsewhere.stat().st_mode & 0o777 == 0o644
