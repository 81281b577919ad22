"""docs/deploy.md in both languages: the same commands, on files that are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import yaml
from conftest import ROOT
from docs.kit import blocks, read

from deploy.machine import DEPLOY, ENV, unit

GUIDES = ("docs/deploy.md", "docs/deploy.zh-CN.md")
SERVICES = ("web1", "web2", "worker1", "worker2")


def test_both_guides_give_the_same_commands() -> None:
    for kind in ("sh", "env"):
        assert blocks(GUIDES[0], kind) == blocks(GUIDES[1], kind)
    assert len(read(GUIDES[0]).split("\n## ")) == len(read(GUIDES[1]).split("\n## "))


def test_every_file_that_is_installed_is_here_and_every_shipped_one_is_spoken_of() -> None:
    words = {word for block in blocks(GUIDES[0], "sh") for word in shlex.split(block, comments=True)}
    named = {word for word in words if word.startswith("deploy/")}
    assert not [name for name in named if not (ROOT / name).is_file()]
    shipped = {p.relative_to(ROOT).as_posix() for p in DEPLOY.rglob("*") if p.is_file()}
    assert not [name for name in shipped if name not in read(GUIDES[0])]


def test_each_path_of_the_units_is_made_by_the_guide() -> None:
    guide = read(GUIDES[0])
    units = "".join(p.read_text("utf-8") for p in (DEPLOY / "systemd").glob("shebao-*"))
    for path in set(re.findall(r"=(/(?:etc|opt|srv)/[\w./-]+)", units)) - {"/opt/shebao/bin/shebao"}:
        assert path in guide, path
    assert "ln -sfn" in guide


def test_the_machine_of_the_tests_is_set_as_the_guide_says() -> None:
    (env,) = blocks(GUIDES[0], "env")
    said = {line.partition("=")[0] for line in env.splitlines() if not line.startswith("#")}
    assert said <= set(ENV)


def test_compose_starts_the_same_commands_as_the_units() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    (worker,) = unit("shebao-worker@.service")["ExecStart"]
    for name in ("worker1", "worker2"):
        assert " ".join(services[name]["command"]) == worker.removeprefix("/opt/shebao/bin/")
    for name in SERVICES:
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]


def test_what_the_settings_keep_in_a_file_outlives_a_container() -> None:
    """Evidence leaves Redis after three days: then that file is all there is."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    (env,) = blocks(GUIDES[0], "env")
    kept = {f"/srv/shebao/{path}" for path in re.findall(r"\bvar/[\w./]+", env)}
    assert kept
    for name in SERVICES:
        service = compose["services"][name]
        volumes = dict(volume.split(":")[1::-1] for volume in service["volumes"])
        lost = [mount.partition(":")[0] for mount in service["tmpfs"]]
        for path in kept:
            above = {p.as_posix() for p in Path(path).parents}
            assert {volumes[p] for p in above & volumes.keys()} == {"var"}, "one volume for all of them"
            assert not above & {*lost}
    assert "var" in compose["volumes"]
    image = (DEPLOY / "Containerfile").read_text("utf-8")
    assert "install -d -o 10001 -g 10001 -m 700 /srv/shebao/var" in image, (
        "a volume takes its owner from there"
    )


def test_nothing_below_var_becomes_roots() -> None:
    """The service could not write it: its commands run as its user, and a copy is only read from."""
    lines = [line for block in blocks(GUIDES[0], "sh") for line in block.splitlines()]
    commands = [line for line in lines if re.search(r"(^|[ /])shebao (?!new-key)[a-z]", line)]
    assert commands
    assert not [line for line in commands if not line.startswith("shebao ")]
    assert "exec runuser -u shebao -- /opt/shebao/bin/shebao" in (DEPLOY / "shebao.sh").read_text("utf-8")
    there = [line for line in lines if "/srv/shebao/var" in line]
    assert [line for line in there if not re.search(r"-o shebao|runuser -u shebao|-readonly", line)] == []
    assert any("evidence.db" in line and "touch" in line for line in there), "touched: never emptied"
