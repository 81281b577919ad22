"""What is installed is pinned with hashes, fits pyproject.toml and names no place that it comes from."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version

import pytest
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
BUILD = PROJECT["build-system"]["requires"]
RUN = [*PROJECT["project"]["dependencies"], *BUILD]
LOCKS = {
    "requirements.txt": RUN,
    "requirements-dev.txt": [*RUN, *PROJECT["project"]["optional-dependencies"]["dev"]],
}


def pinned(name: str) -> dict[str, tuple[Requirement, list[str]]]:
    """By package: its line, and its hashes."""
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        wanted, *hashes = re.split(r"\s+--hash=", line.strip())
        requirement = Requirement(wanted)
        found[canonicalize_name(requirement.name)] = requirement, hashes
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_each_package_has_one_version_and_its_hashes(name: str) -> None:
    for package, (requirement, hashes) in pinned(name).items():
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), package
        assert hashes, package
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), package


@pytest.mark.parametrize("name", LOCKS)
def test_it_names_no_place_to_download_from(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert not re.findall(r"://|^\s*-[^-]|--(?!hash)\S+| @ ", text, re.M)


@pytest.mark.parametrize(("name", "wanted"), LOCKS.items())
def test_it_fits_the_project(name: str, wanted: list[str]) -> None:
    """After a change of pyproject.toml: make lock."""
    locked = pinned(name)
    for requirement in map(Requirement, wanted):
        there = locked[canonicalize_name(requirement.name)][0]
        (exact,) = there.specifier
        assert requirement.specifier.contains(exact.version, prereleases=True), requirement


def test_both_files_agree() -> None:
    run, dev = (pinned(name) for name in LOCKS)
    assert {name: run[name] for name in run} == {name: dev.get(name) for name in run}


def test_what_is_installed_here_is_what_is_locked() -> None:
    for package, (requirement, _) in pinned("requirements.txt").items():
        if requirement.marker is None or requirement.marker.evaluate():
            assert version(package) in requirement.specifier, package
