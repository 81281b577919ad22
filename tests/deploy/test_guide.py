"""docs/deploy.md in both languages: the same commands, on files that are there."""

from __future__ import annotations

import re
import shlex

import yaml
from conftest import ROOT
from docs.kit import blocks, read

from deploy.machine import DEPLOY, ENV, unit

GUIDES = ("docs/deploy.md", "docs/deploy.zh-CN.md")


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
    for name in ("web1", "web2", "worker1", "worker2"):
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]
