"""Settings of announcements and callbacks: every mistake is named, no key is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.app import Bot, create_app
from bot.content.read.settings_file import BadSettings, load
from bot.settings import callback_keys

GOOD = {"SHEBAO_SEAL_KEYS": "k", "SHEBAO_TAG_KEY": "t", "SHEBAO_WECHAT_TOKEN": "abc"}
KEY, OTHER = "made-up-key-of-cards", "made-up-key-of-names"


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"SHEBAO_NOTIFY": "sms"}, "SHEBAO_NOTIFY: must be one of"),
        ({"SHEBAO_NOTIFY": "template"}, "SHEBAO_NOTIFY_FIELDS is missing"),
        ({"SHEBAO_NOTIFY_FIELDS": "thing1={name}"}, "“thing1={name}” is not field=words"),
        ({"SHEBAO_NOTIFY_FIELDS": "thing1"}, "“thing1” is not field=words"),
        ({"SHEBAO_NOTIFY_FIELDS": "time3={line}"}, "takes {time}, or a time in a field like time3"),
        ({"SHEBAO_NOTIFY_FIELDS": "phrase4=回复任意字看详情"}, "at most 5 Chinese characters"),
        ({"SHEBAO_NOTIFY_FIELDS": "character_string2={matter}"}, "“{matter}” (47003)"),
        ({"SHEBAO_PROXIES": "-1"}, "SHEBAO_PROXIES: -1 is below 0"),
        ({"SHEBAO_BUDGET": "-0.5"}, "SHEBAO_BUDGET: -0.5 is below 0"),
        ({"SHEBAO_BUDGET": "nan"}, "SHEBAO_BUDGET: “nan” is not a number"),
        ({"SHEBAO_PROXIES": "yes"}, "SHEBAO_PROXIES: “yes” is not a number"),
        ({"SHEBAO_CALLBACK_KEY": "short"}, "SHEBAO_CALLBACK_KEY needs 16"),
        ({"SHEBAO_CALLBACK_KEYS": "card=short"}, "SHEBAO_CALLBACK_KEYS: part 1 is not"),
        ({"SHEBAO_CALLBACK_KEYS": f"outlets={KEY}"}, "SHEBAO_CALLBACK_KEYS: part 1 is not"),
        ({"SHEBAO_CALLBACK_KEYS": f"card={KEY},real_name={KEY}"}, "part 2 repeats"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, env: dict[str, str], named: str) -> None:
    with pytest.raises(BadSettings) as bad:
        load(tmp_path, GOOD | env)
    assert named in str(bad.value)
    assert KEY not in str(bad.value)


def test_each_service_has_its_own_key_or_the_common_one(tmp_path: Path) -> None:
    assert callback_keys(load(tmp_path, GOOD)) == {}
    one = GOOD | {"SHEBAO_CALLBACK_KEY": KEY}
    assert callback_keys(load(tmp_path, one)) == {"card": KEY, "real_name": KEY}
    both = one | {"SHEBAO_CALLBACK_KEYS": f"real_name={OTHER}"}
    assert callback_keys(load(tmp_path, both)) == {"card": KEY, "real_name": OTHER}
    own = GOOD | {"SHEBAO_CALLBACK_KEYS": f"card={KEY}"}
    assert callback_keys(load(tmp_path, own)) == {"card": KEY}
    visits = {"SHEBAO_SERVICES": "visits=https://visits.example", "SHEBAO_BUREAU_TOKEN": "t"}
    assert callback_keys(load(tmp_path, own | visits)) == {"card": KEY}
    named = GOOD | visits | {"SHEBAO_CALLBACK_KEYS": f"visits={KEY}"}
    assert callback_keys(load(tmp_path, named)) == {"visits": KEY}, "a service of a package's own may call us"


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({}, "SHEBAO_PAGE"),
        ({"SHEBAO_PAGE": "link"}, ""),
        ({"SHEBAO_PAGE": "link", "SHEBAO_REAL_NAME": "https://r"}, "SHEBAO_CALLBACK_KEYS"),
        (
            {"SHEBAO_PAGE": "link", "SHEBAO_REAL_NAME": "https://r", "SHEBAO_CALLBACK_KEYS": f"card={KEY}"},
            "KEYS",
        ),
        (
            {
                "SHEBAO_PAGE": "link",
                "SHEBAO_REAL_NAME": "https://r",
                "SHEBAO_CALLBACK_KEYS": f"real_name={KEY}",
            },
            "",
        ),
    ],
)
def test_a_face_check_elsewhere_needs_the_page_and_a_key(
    tmp_path: Path, more: dict[str, str], wrong: str
) -> None:
    page = {"SHEBAO_FACE_CHECK": "page", "SHEBAO_PUBLIC_URL": "http://127.0.0.1/wechat"}
    env = GOOD | page | {"SHEBAO_BUREAU_TOKEN": "t"} | more
    if not wrong:
        assert load(tmp_path, env).face_check == "page"
        return
    with pytest.raises(BadSettings, match=wrong) as refused:
        load(tmp_path, env)
    assert KEY not in str(refused.value)


def test_announcements_as_they_are_set(tmp_path: Path) -> None:
    env = {
        "SHEBAO_NOTIFY": "subscription",
        "SHEBAO_NOTIFY_TEMPLATE": "tpl",
        "SHEBAO_NOTIFY_FIELDS": "thing1={matter}, thing2=回复任意字看详情",
    }
    assert load(tmp_path, GOOD | env).notify == "subscription"


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_plain_mode_is_warned_of_at_the_start(make_bot: Callable[..., Bot], mode: str) -> None:
    with capture_logs() as lines:
        create_app(make_bot(wechat_mode=mode))
    warnings = [line for line in lines if line["event"] == "wechat_plain_mode"]
    assert [line["log_level"] for line in warnings] == (["warning"] if mode == "plain" else [])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("language: &l zh-CN\n", "1:11: An anchor (&name)"),
        ("a: &a [*a]\n", "1:4: An anchor (&name)"),
        ("language: !!python/name:os.system x\n", "1:11: A tag (!name)"),
        ("language: zh-CN\nlanguage: en\n", "2:1: “language” stands here twice"),
        ("language: [\n", "A bracket"),
        ("- language\n", "not lines of key: value"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_place(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/settings.yaml").write_text(text)
    with pytest.raises(BadSettings, match=r"config/settings\.yaml cannot be read") as bad:
        load(tmp_path, GOOD)
    assert why in str(bad.value)


def test_a_file_that_is_no_file_is_told_too(tmp_path: Path) -> None:
    """And a file that is not there is none: every setting has a default or a variable."""
    config = tmp_path / "config"
    config.mkdir()
    load(tmp_path, GOOD)
    (config / "settings.yaml").symlink_to("nowhere")
    with pytest.raises(BadSettings, match="No such file"):
        load(tmp_path, GOOD)
    (config / "settings.yaml").unlink()
    (config / "settings.yaml").mkdir()
    with pytest.raises(BadSettings, match="Is a directory"):
        load(tmp_path, GOOD)
