"""What is shipped for a machine: the wheel is whole, and systemd takes the units."""

from __future__ import annotations

import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT
from processes.kit import clean_env

from deploy.machine import DEPLOY, installed, needs, unit, wheel

UNITS = ("shebao-web@.service", "shebao-worker@.service", "shebao-web.socket")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_every_file_of_the_package(made: Path) -> None:
    there = {p.relative_to(ROOT).as_posix() for p in (ROOT / "bot").rglob("*") if p.is_file()}
    there = {name for name in there if "__pycache__" not in name}
    missing = there - set(zipfile.ZipFile(made).namelist())
    assert not missing


def test_a_city_rests_on_the_wheel_alone(made: Path, tmp_path: Path) -> None:
    """Its commands find the release's flows, words and replays in the package, far from this tree."""
    shebao, env = installed(tmp_path / "opt", made) / "bin" / "shebao", clean_env(tmp_path)

    def run(*words: str, at: Path = tmp_path) -> str:
        said = subprocess.run([shebao, *words], cwd=at, env=env, capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stdout + said.stderr
        return said.stdout

    run("init", "quancheng", "--city", "泉城市")
    root = tmp_path / "quancheng"
    assert "Good: " in run("check", at=root)
    assert "config/policy.yaml#bureau  the city's" in run("diff", "shipped", at=root)
    run("calendar", "2026", at=root)
    assert not (root / "config" / "calendar.yaml").exists(), "the release has that year"
    (root / "messages" / "zh-CN").mkdir(parents=True)
    (root / "messages" / "zh-CN" / "rate.yaml").write_text("texts:\n  thanks: 谢谢。\n", encoding="utf-8")
    played = run("replay", at=root).splitlines()[-1]
    found = re.match(r"(\d+) of (\d+) conversations of the release as expected in this city", played)
    assert found, played
    assert found[1] == found[2]
    assert int(found[1]) > 100


def test_systemd_takes_the_units_and_finds_little_left_to_lock(tmp_path: Path) -> None:
    analyze = needs("systemd-analyze")
    for name in UNITS:
        text = (DEPLOY / "systemd" / name).read_text("utf-8").replace("/opt/shebao/bin/shebao", "/bin/true")
        (tmp_path / name).write_text(text)
    paths = [str(tmp_path / name.replace("@.", "@1.")) for name in UNITS]
    said = subprocess.run([analyze, "verify", *paths], capture_output=True, text=True, check=False)
    assert (
        said.returncode,
        said.stdout,
        [line for line in said.stderr.splitlines() if "shebao" in line],
    ) == (0, "", [])
    for name in UNITS[:2]:
        look = [analyze, "security", "--offline=yes", "--threshold=20", str(tmp_path / name)]  # 2.0 of 10
        subprocess.run(look, check=True, stdout=subprocess.DEVNULL)


def test_web_and_worker_run_alike(tmp_path: Path) -> None:
    """One user, one directory, one environment, locked up alike: they share var/metrics and the keys."""
    differs = {
        "ExecStart",
        "ExecReload",
        "Description",
        "Type",
        "NotifyAccess",
        "Sockets",
        "Requires",
        "After",
    }
    web, worker = (
        {k: v for k, v in unit(name).items() if k not in differs | {"Environment", "KillMode"}}
        for name in UNITS[:2]
    )
    assert web == worker
