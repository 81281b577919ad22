"""`shebao replay --target`: against a service that runs by itself, in safe mode, with keys of its own."""

import subprocess

import pytest
from conftest import ROOT

from processes.kit import Service, shebao

KEYS = {
    "SHEBAO_WECHAT_TOKEN": "targettoken1",
    "SHEBAO_WECHAT_APP_ID": "wx00000000000000aa",
    "SHEBAO_WECHAT_AES_KEYS": "ABCDEFGabcdefghijklmnopqrstuvwxyz0123456789",
}
FILES = [
    str(ROOT / "tests/replays" / f"{name}.yaml")
    for name in ("card_home", "sign_in_already", "words_recovery", "sign_in_minor", "loss_temporary",
                 "words_remind", "outlets_many", "hand_off_no_agents")
]  # fmt: skip


@pytest.mark.slow
def test_replays_hold_against_a_running_service_and_what_is_not_seen_is_said(service: Service) -> None:
    service.env |= {**KEYS, "SHEBAO_WECHAT_MODE": "safe"}
    service.start()

    def replay(*more: str, **keys: str) -> subprocess.CompletedProcess[str]:
        return shebao(
            service.root, service.temp, "replay", "--target", service.url, *more, **{**KEYS, **keys}
        )

    came = replay(*FILES)
    assert came.returncode == 0, came.stdout + came.stderr
    assert "4 of 4 conversations as expected" in came.stdout
    assert "not judged, since no answer shows it:" in came.stdout
    for reason in ("--changes", "no prepared answers", "time, reports and deployments", "its own policy"):
        assert reason in came.stdout, came.stdout
    assert service.operations() == []

    changed = replay("--changes", FILES[4])
    assert changed.returncode == 0, changed.stdout
    assert len(service.operations()) == 1
    again = replay("--changes", FILES[4])  # the bureau keeps it: this is seen, and told
    assert again.returncode == 1
    assert "differs" in again.stdout

    other = replay(FILES[0], SHEBAO_WECHAT_AES_KEYS="Z" * 42 + "A")
    assert other.returncode == 1
    assert "are token, app id and AES key its own?" in other.stdout
    assert replay(FILES[0], "--match", "steps").returncode == 2
    missing = shebao(service.root, service.temp, "replay", "--target", service.url, FILES[0])
    assert missing.returncode == 2
    assert "SHEBAO_WECHAT_TOKEN" in missing.stderr
