"""The content as a zip: out and in again byte for byte, and what comes from outside is told, not trusted."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

from bot.content.read import zipped
from bot.content.read.files import CITY, collect, own, revised
from bot.content.read.zipped import LARGEST_ZIP, MOST, Problem, pack, read

FLOW = "flows/own.yaml"
GOOD = {FLOW: b"flow: own\n", "messages/zh-CN/own.yaml": "title: 自己\n".encode()}


def made(entries: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return raw.getvalue()


def one(name: str, content: bytes = b"x", *, mode: int = 0) -> bytes:
    """GOOD with one more entry."""
    raw = io.BytesIO(made(GOOD))
    with zipfile.ZipFile(raw, "a", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo("x")
        info.filename, info.external_attr = name, mode << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, content)
    return raw.getvalue()


def test_out_and_in_again_every_byte_is_the_same() -> None:
    files = {**collect(ROOT), "flows/挂失.yaml": "\ufeff一\r\n".encode()}
    raw = pack(files)
    found = read(raw)
    assert (found.problems, found.left_out) == ([], [])
    assert revised(found.files) == files
    assert pack(found.files) == raw


def test_a_directory_gives_its_content_only(tmp_path: Path) -> None:
    """Whatever else lies there may be secret."""
    others = ("config/secrets.env", "config/settings.yaml", "flows/.own.yaml.swp", "tests/a.yaml")
    for name in (*GOOD, *others, CITY):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(GOOD.get(name, b"x"))
    (tmp_path / "flows/gone.yaml").symlink_to(tmp_path / "nowhere")
    with zipfile.ZipFile(io.BytesIO(pack(own(tmp_path)))) as archive:
        assert archive.namelist() == [CITY, *GOOD]


def test_a_folder_around_the_content_is_taken_off_and_what_is_none_is_left_out() -> None:
    """As GitHub packs a repository."""
    others = (
        "README.md",
        "config/settings.yaml",
        "docs/flows/own.yaml",
        ".git/config",
        "tests/replays/a.yaml",
    )
    rest = {f"city-main/{name}": b"x" for name in others}
    mac = {"__MACOSX/city-main/flows/._own.yaml": b"x", "city-main/.DS_Store": b"x"}
    found = read(made({**{f"city-main/{name}": raw for name, raw in GOOD.items()}, **rest, **mac}))
    assert found.problems == []
    assert revised(found.files) == GOOD
    assert found.left_out == [name for name in rest if ".git/" not in name]


@pytest.mark.parametrize(
    "name", ["flows/own.yml", "flows/a/own.yaml", "messages/own.yaml", "config/Menu.yaml"]
)
def test_what_is_nearly_content_goes_to_the_check_which_says_what_is_wrong(name: str) -> None:
    assert name in read(one(name)).files


@pytest.mark.parametrize(
    "name",
    [
        "../flows/x.yaml",
        "flows/../../x.yaml",
        "/etc/passwd",
        "C:/flows/x.yaml",
        "..\\..\\x.yaml",
        "flows/x\x07.yaml",
        "flows/\u202eyaml.x",
        "x/../../flows/x.yaml",
    ],
)
def test_a_name_that_leads_elsewhere_is_told(name: str) -> None:
    found = read(one(name))
    assert [problem.why for problem in found.problems] == ["path"]
    assert found.files == {}


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK])
def test_links_and_devices_are_told(kind: int) -> None:
    found = read(one("flows/x.yaml", b"/etc/passwd", mode=kind | 0o777))
    assert found.problems == [Problem("link", "flows/x.yaml")]


def test_a_file_that_swells_is_cut_off_and_told() -> None:
    bomb = one("flows/x.yaml", b"\0" * 9_000_000)
    assert len(bomb) < LARGEST_ZIP
    assert read(bomb).problems == [Problem("large", "flows/x.yaml")]
    lies = bytearray(bomb)  # it says that it is small
    at = lies.rindex(b"PK\x01\x02") + 24
    lies[at : at + 4] = struct.pack("<I", 10)
    assert read(bytes(lies)).problems[0].why in ("large", "damaged")


def test_many_large_files_are_told_together() -> None:
    many = {f"flows/x{n}.yaml": b"\0" * 1_900_000 for n in range(15)}
    assert {problem.why for problem in read(made(many)).problems} == {"large"}


def test_too_many_files_and_too_large_a_zip() -> None:
    assert read(made({f"a{n}": b"" for n in range(MOST + 1)})).problems == [Problem("many")]
    assert read(made(GOOD) + b"\0" * LARGEST_ZIP).problems == [Problem("large")]


@pytest.mark.parametrize("raw", [b"", b"PK", b"title: no zip\n", made(GOOD)[:-30], made(GOOD)[40:]])
def test_what_is_no_zip_is_told(raw: bytes) -> None:
    assert [problem.why for problem in read(raw).problems] == ["damaged"]


def test_damaged_locked_and_strange_entries_are_told_by_name() -> None:
    raw = bytearray(made({FLOW: bytes(range(256)) * 20}))
    at = raw.index(b"own.yaml") + 20
    raw[at] ^= 0xFF
    assert read(bytes(raw)).problems == [Problem("damaged", FLOW)]
    for offset, value, why in ((8, 1, "locked"), (10, 99, "damaged")):  # encrypted; a method of 7-Zip
        raw = bytearray(made(GOOD))
        at = raw.index(b"PK\x01\x02") + offset
        raw[at : at + 2] = struct.pack("<H", value)
        assert read(bytes(raw)).problems == [Problem(why, FLOW)]


def test_names_of_windows_and_macos_are_read() -> None:
    for raw_name, flag in (("挂失".encode("gbk"), 0), ("挂失".encode(), 0), ("挂失".encode(), 0x800)):
        raw = made({f"flows/{'x' * len(raw_name)}.yaml": b"x"})
        raw = raw.replace(b"x" * len(raw_name) + b".yaml", raw_name + b".yaml")
        at = raw.index(b"PK\x01\x02") + 8
        raw = raw[:at] + struct.pack("<H", flag) + raw[at + 2 :]
        local = 6
        raw = raw[:local] + struct.pack("<H", flag) + raw[local + 2 :]
        assert list(read(raw).files) == ["flows/挂失.yaml"]
    assert "messages/é/x.yaml" in read(one("messages/e\u0301/x.yaml")).files
    assert "flows/y.yaml" in read(one("flows\\y.yaml")).files


def test_two_files_that_are_one_elsewhere_are_told() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = one(FLOW)
    assert read(twice).problems == [Problem("twice", FLOW)]
    assert read(one("flows/Own.yaml")).problems == [Problem("case", f"{FLOW} flows/Own.yaml")]


def test_a_zip_of_something_else_and_one_of_two_directories() -> None:
    assert read(made({"photo.jpg": b"x"})).problems == [Problem("none")]
    two = made({f"{city}/{name}": raw for city in ("north", "south") for name, raw in GOOD.items()})
    assert read(two).problems == [Problem("which", "north/ south/")]


def test_limits_leave_room_for_the_release() -> None:
    files = collect(ROOT)
    assert len(pack(files)) * 5 < LARGEST_ZIP
    assert len(files) * 5 < MOST
    assert sum(map(len, files.values())) * 5 < zipped.WHOLE
