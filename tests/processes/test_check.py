"""`shebao check` on what operators do to files: each mistake on its line, exit 1, no traceback."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from processes.kit import edit, shebao

param = pytest.param
Break = Callable[[Path], object]


def gbk(path: Path) -> None:
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))


def gone(name: str) -> Break:
    return lambda root: (root / name).unlink()


def directory(name: str) -> Break:
    def mistake(root: Path) -> None:
        (root / name).unlink()
        (root / name).mkdir()

    return mistake


def twice(root: Path) -> None:
    path = root / "messages/zh-CN/report_loss.yaml"
    path.write_text(path.read_text("utf-8") + "title: 又来一次\n", "utf-8")


LOSS, SIGN_IN = "messages/zh-CN/report_loss.yaml", "flows/sign_in.yaml"
MENU, POLICY = "config/menu.yaml", "config/policy.yaml"
slow = pytest.mark.slow  # together; each takes a second
BROKEN = [
    param(f"{LOSS}:", lambda r: gbk(r / LOSS), id="a GBK file"),
    param(f"{SIGN_IN}:4:1:", lambda r: edit(r / SIGN_IN, "lasts:", "\tlasts:"), id="a tab", marks=slow),
    param(f"{LOSS}:", twice, id="a key twice", marks=slow),
    param(f"{SIGN_IN}:14:", lambda r: edit(r / SIGN_IN, "agreed: id_n", "agreed: n"), id="an unknown step"),
    param(f"{MENU}:", lambda r: (r / MENU).write_text("- {", "utf-8"), id="not YAML", marks=slow),
    param(f"{SIGN_IN}:1:1:", lambda r: (r / SIGN_IN).write_text("", "utf-8"), id="an empty file", marks=slow),
    param(f"{LOSS}:", lambda r: edit(r / LOSS, "title", "ti\0tle"), id="a NUL", marks=slow),
    param(f"{POLICY}:", lambda r: edit(r / POLICY, "value", "va\0lue"), id="a NUL in policy", marks=slow),
    param(f"{MENU}:1:1:", directory(MENU), id="a directory for a file", marks=slow),
    param(f"{MENU}:1:1:", gone(MENU), id="no menu", marks=slow),
    param(f"{POLICY}:1:1:", gone(POLICY), id="no policy", marks=slow),
    param("flows/pages.yaml:1:1:", gone("flows/pages.yaml"), id="no pages", marks=slow),
    param("flows/", gone(SIGN_IN), id="no flow", marks=slow),
    param(
        "messages/zh-CN/common.yaml:1:1:",
        gone("messages/zh-CN/common.yaml"),
        id="no common words",
        marks=slow,
    ),
    param("messages/en/sign_in.yaml", gone("messages/en/sign_in.yaml"), id="no words of a flow", marks=slow),
]


@pytest.mark.slow
@pytest.mark.parametrize(("place", "mistake"), BROKEN)
def test_a_mistake_is_named_with_its_place(root: Path, temp: Path, place: str, mistake: Break) -> None:
    mistake(root)
    ended = shebao(root, temp, "check")
    assert ended.returncode == 1, ended.stdout
    assert place in ended.stdout
    assert "not served" in ended.stderr
    assert "Traceback" not in ended.stderr
    for line in ended.stdout.splitlines():
        assert line.split(": ")[0].count(":") == 2, line


@pytest.mark.slow
@pytest.mark.parametrize("missing", ["flows", "messages", "config"])
def test_a_missing_directory_is_named(root: Path, temp: Path, missing: str) -> None:
    shutil.rmtree(root / missing)
    ended = shebao(root, temp, "check")
    assert ended.returncode == 1
    assert f"{missing}/" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow  # make check says it by itself
def test_the_projects_own_content_is_good(root: Path, temp: Path) -> None:
    ended = shebao(root, temp, "check")
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.splitlines()[-1].startswith("Good: ")
