"""docs/privacy.md names what is kept about residents, docs/licences.md what others wrote."""

from __future__ import annotations

import re
import subprocess

import pytest

from .kit import ROOT, marked, names, read, table

PRIVACY = {"docs/privacy.md": "key", "docs/privacy.zh-CN.md": "键"}
NOBODYS = {
    "sb:shards",
    "sb:fleet",
    "sb:<s>:life",
    "sb:archiving",
    "sb:callback",
    "sb:<s>:rev",
    "sb:<s>:off",
    "sb:<s>:none",
    "sb:<s>:nowhere",
}
"""Of the service itself; beside revisions, the console's own records, and those of WeChat's API."""


def kinds() -> set[str]:
    """Those of docs/architecture.md, held to the code by a test, that may say something of a resident."""
    keys = {key for row in table("docs/architecture.md", "key") for key in marked(row[0])}
    found = {re.sub(r":<(?!s>)[^>]*>.*", "", key) for key in keys}
    return {k for k in found if not k.startswith(("sb:revision", "console:", "wechat:", "…"))} - NOBODYS


@pytest.mark.parametrize("name", PRIVACY)
def test_every_kind_of_key_that_says_something_of_residents_is_named(name: str) -> None:
    assert names(name, PRIVACY[name]) == kinds()


def test_both_languages_have_the_same_rows() -> None:
    first, second = ([row[0] for row in table(name, head)] for name, head in PRIVACY.items())
    assert first == second


def test_what_is_vendored_has_its_licence_beside_it_and_is_listed() -> None:
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    holds = {f.rpartition("/")[0] for f in files if re.search(r"/LICENSE[^/]*\.txt$", f)}
    assert names("docs/licences.md", "directory") == holds
    minified = [f for f in files if re.search(r"\.min\.(js|css)$|-global\.js$", f)]
    assert not [f for f in minified if f.rpartition("/")[0] not in holds]
    assert "licences.md" in read("README.md")
