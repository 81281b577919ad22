"""`shebao run`: starts everything, says what to do next, and leaves nothing behind."""

import json
import os
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.cli.dev import demo_env
from processes.kit import PATIENCE, Service, edit, left_in, processes, shebao, until


@pytest.mark.slow
def test_it_serves_and_sigterm_leaves_nothing_behind(service: Service) -> None:
    service.start()
    said = service.out.read_text("utf-8")
    assert f"{service.url}/wechat" in said
    assert service.settings.wechat_token in said
    assert "shebao chat" in said
    assert set(service.pids()) == {"supervisor", "server", "web", "worker", "valkey"}
    assert service.end(signal.SIGTERM) == 0
    assert processes(service.root) == {}
    assert list(left_in(service.temp)) == []
    assert "Traceback" not in service.terminal


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_behind_in_a_deep_directory(service: Service, tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 40)
    deep.parent.mkdir()
    service.root = service.root.rename(deep)
    service.start()
    assert len(list(left_in(service.temp))) == 1  # the socket's
    assert service.end(signal.SIGINT) == 0
    assert processes(service.root) == {}
    assert list(left_in(service.temp)) == []


@pytest.mark.slow
def test_a_killed_supervisor_takes_everything_with_it_and_its_temp_directory_goes_at_the_next_start(
    service: Service, tmp_path: Path
) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 40)
    deep.parent.mkdir()
    service.root = service.root.rename(deep)
    service.start()
    assert service.process is not None
    service.process.kill()
    service.process.wait()
    assert until(lambda: processes(service.root) == {}), processes(service.root)
    service.start()
    assert len(list(left_in(service.temp))) == 1
    assert service.end() == 0
    assert list(left_in(service.temp)) == []


@pytest.mark.slow
def test_it_may_be_started_again_at_once_after_kill_9(service: Service) -> None:
    service.start().redis().set("kept", "yes")
    for _ in range(2):
        assert service.process is not None
        service.process.kill()
        service.process.wait()
        service.start()
        assert service.redis().get("kept") == b"yes"
        service.pids()
    assert service.end() == 0


@pytest.mark.slow
def test_a_valkey_that_outlives_its_owner_is_waited_for(service: Service) -> None:
    """Two of them on the same data would spoil it."""
    service.start().redis().set("kept", "yes")
    old = service.pids()["valkey"]
    os.kill(old, signal.SIGSTOP)
    assert service.process is not None
    service.process.kill()
    service.process.wait()
    threading.Timer(3, os.kill, (old, signal.SIGCONT)).start()
    service.start()
    assert service.pids()["valkey"] != old
    assert service.redis().get("kept") == b"yes"
    assert service.end() == 0


def test_keys_made_by_several_at_once_are_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: demo_env(tmp_path / "var"), range(8)))
    assert len({tuple(keys.items()) for keys, _ in made}) == 1
    assert sum(fresh for _, fresh in made) == 1
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["demo.env"]


@pytest.mark.slow
def test_keys_are_made_once_and_data_is_kept(service: Service) -> None:
    phone = service.start().phone()
    keys = service.root / "var" / "demo.env"
    assert keys.stat().st_mode & 0o777 == 0o600
    assert "Keys were made" in service.out.read_text("utf-8")
    made = keys.read_bytes()
    phone.tap("挂失停用")
    phone.say("同意")
    service.end()
    service.out.write_text("")
    service.start()
    assert keys.read_bytes() == made
    assert "Keys were made" not in service.out.read_text("utf-8")
    phone.say(phone.person.id_number)
    assert "姓名" in phone.bubble


@pytest.mark.slow
def test_a_second_one_in_the_same_directory_is_told_so_and_harms_nothing(service: Service) -> None:
    service.start()
    second = service.run_again()
    assert second.returncode == 1
    assert "is in use" in second.stderr
    assert "shebao chat" in second.stderr
    assert "Traceback" not in second.stderr
    assert until(lambda: service.health() == 200)
    assert service.redis().ping()


@pytest.mark.slow
def test_a_busy_port_is_named(root: Path, temp: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        ended = shebao(root, temp, "run", "--port", str(port))
    assert ended.returncode == 1
    assert f"Port {port} is in use" in ended.stderr
    assert processes(root) == {}


@pytest.mark.slow
def test_broken_content_is_not_served(root: Path, temp: Path) -> None:
    edit(root / "flows" / "report_loss.yaml", "found: state,", "found: stat,")
    ended = shebao(root, temp, "run")
    assert ended.returncode == 1
    assert "flows/report_loss.yaml:17:19: error [unknown-step]" in ended.stderr
    assert "1 error" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (root / "var" / "valkey").exists()


@pytest.mark.slow
def test_every_odd_setting_is_named_at_once(root: Path, temp: Path) -> None:
    ended = shebao(
        root, temp, "run",
        SHEBAO_SEAL_KEYS="", SHEBAO_WECHAT_MODE="odd", SHEBAO_FRESHNESS="soon", SHEBAO_CARD="here",
    )  # fmt: skip
    assert ended.returncode == 1
    for name in ("SEAL_KEYS", "WECHAT_MODE", "FRESHNESS", "CARD"):
        assert f"SHEBAO_{name}" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert processes(root) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"SHEBAO_SEAL_KEYS": "c2hvcnQ="}, "new-key"),
        ({"SHEBAO_WECHAT_AES_KEYS": "short"}, "SHEBAO_WECHAT_AES_KEYS"),
        ({"SHEBAO_REDIS_URL": "redis://127.0.0.1:1/0"}, "SHEBAO_REDIS_URL"),
        ({"SHEBAO_REDIS_URL": "nonsense"}, "SHEBAO_REDIS_URL"),
    ],
)
def test_a_setting_that_cannot_work_is_said_in_a_line(
    root: Path, temp: Path, env: dict[str, str], said: str
) -> None:
    ended = shebao(root, temp, "run", **env)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_broken_people_are_named(root: Path, temp: Path) -> None:
    edit(root / "config" / "stub.yaml", 'id_number: "660101198001010018"', 'id_number: "660101198001010019"')
    ended = shebao(root, temp, "run")
    assert ended.returncode == 1
    assert "config/stub.yaml:20:16: error [stub-check]" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_lost_keys_are_said_before_residents_meet_them(root: Path, temp: Path) -> None:
    shebao(root, temp, "chat", said="你好\n")
    (root / "var" / "demo.env").unlink()
    for command in ("run", "chat"):
        ended = shebao(root, temp, command)
        assert ended.returncode == 1
        assert "var/demo.env is gone" in ended.stderr
        assert "Traceback" not in ended.stderr
    assert not (root / "var" / "demo.env").exists()


@pytest.mark.slow
def test_outside_the_project_it_says_where_it_must_run(tmp_path: Path, temp: Path) -> None:
    ended = shebao(tmp_path, temp, "run")
    assert ended.returncode == 1
    assert "no flows/" in ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("part", "named"), [("worker", "worker"), ("server", "web server")])
def test_a_part_that_dies_is_named_and_everything_stops(service: Service, part: str, named: str) -> None:
    service.start()
    os.kill(service.pids()[part], signal.SIGKILL)
    assert service.process is not None
    assert service.process.wait(PATIENCE) == 1
    assert f"The {named} stopped by itself" in service.terminal
    assert until(lambda: processes(service.root) == {}), processes(service.root)
    assert list(left_in(service.temp)) == []


@pytest.mark.slow
def test_secrets_of_ones_own_do_not_stand_on_the_screen(service: Service) -> None:
    service.env = {"SHEBAO_WECHAT_TOKEN": "a-token-of-my-own"}
    service.start()
    assert "a-token-of-my-own" not in service.terminal
    assert "SHEBAO_WECHAT_TOKEN" in service.terminal


@pytest.mark.slow
def test_what_the_web_server_itself_logs_is_masked_json(service: Service) -> None:
    service.start()
    with socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE) as sock:
        sock.sendall(b"GET /wechat?openid=oUJx7aaaaaaaaaaaaaaaaaaaaaaaB\x00 HTTP/9.9\r\n\r\n")
        while sock.recv(4096):
            pass
    service.end()
    assert "oUJx7" not in service.terminal
    for line in service.err.read_text("utf-8").splitlines():
        json.loads(line)
