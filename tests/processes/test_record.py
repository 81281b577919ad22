"""`shebao record` beside a running service: its web process and worker hear, the command writes."""

import re
from pathlib import Path

import pytest

from bot.cli.dev import demo_env
from processes.kit import Service, shebao, until


@pytest.mark.slow
def test_a_resident_of_the_running_service_becomes_a_green_replay(service: Service) -> None:
    service.start()
    phone, out = service.phone("慢先生"), Path("recorded.yaml")
    env = {**demo_env(service.root / "var")[0], "SHEBAO_RECORDING": "yes", "SHEBAO_PUSH": "yes"}
    env["SHEBAO_REDIS_URL"] = f"unix://{(service.root / 'var/valkey/socket').read_text()}"
    began = shebao(service.root, service.temp, "record", "--openid", phone.openid, **env)
    assert began.returncode == 0, began.stderr
    for words in ("挂失", "同意", phone.person.id_number):
        phone.say(words)
    shown = phone.say(phone.person.name).text
    found = re.search(r"(\d) (\d) (\d) (\d)", shown)
    assert found, shown
    phone.say("".join(found.groups()))  # slower than a delivery may take: the outcome comes later
    store = service.store()
    owner = store.owner(phone.openid)
    until(lambda: not (s := store.begin(owner, "").session) or not s.calls)
    phone.say("1")
    ended = shebao(
        service.root, service.temp, "record", "--openid", phone.openid, "--finish", "--out", str(out), **env
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    text = (service.root / out).read_text("utf-8")
    for personal in (phone.openid, phone.person.id_number, phone.person.name):
        assert personal not in text
    played = shebao(service.root, service.temp, "replay", str(out))
    assert "1 of 1 conversations as expected" in played.stdout, played.stdout
