"""Outlets from a table: as Excel and WPS save it, with a report by row and column."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.content.read.files import Unreadable
from bot.content.read.outlets_csv import read, text
from bot.services.places import read_outlets

HEAD = "名称,类型,区县,地址,纬度,经度,电话,开放时间,业务,别名\n"
CENTRE = (
    "泉城社保中心,服务中心,历下区,泉城路1号,36.6,117.0,0531-12333,"
    "周一至周五 9:00-12:00 13:30-17:00,挂失、补卡、领卡,泉城广场、大明湖\n"
)
KIOSK = "火车站自助机,自助机,天桥区,站前路1号,36.7,116.9,12333,每天24小时,挂失 打印,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_becomes_the_file(encoding: str) -> None:
    source, outlets = read("网点.csv", (HEAD + CENTRE + KIOSK).encode(encoding))
    assert not source.findings
    first, second = read_outlets(text(outlets).encode(), "config/outlets.yaml")
    assert (first.name, first.kind, first.lat) == ("泉城社保中心", "centre", 36.6)
    assert first.aliases == ["泉城广场", "大明湖"]
    assert first.services == ["report_loss", "apply_card", "collect_card"]
    assert [(h.days, h.from_, h.to) for h in first.hours] == [
        ("1-5", "9:00", "12:00"),
        ("1-5", "13:30", "17:00"),
    ]
    assert [(h.days, h.from_, h.to) for h in second.hours] == [("1-7,holidays", "0:00", "24:00")]


def test_tabs_and_english_headings() -> None:
    heads = "name kind district address lat lon phone hours services".replace(" ", "\t")
    row = "\t".join(
        ["A", "bank", "B", "C", "36.6", "117.0", "12333", "1-5 9:00-17:00；6 9:00-12:00", "report_loss"]
    )
    source, outlets = read("a.csv", f"{heads}\n{row}\n".encode())
    assert not source.findings
    assert [h.days for h in outlets[0].hours] == ["1-5", "6"]


@pytest.mark.parametrize(
    ("old", "new", "column", "code"),
    [
        ("0531-12333", "0531-1233", 7, "phone"),
        ("36.6", "366", 5, "coordinates"),
        ("服务中心,历下", "办事处,历下", 2, "unknown-value"),
        ("周一至周五 9", "周一到周八 9", 8, "hours-days"),
        ("9:00-12:00", "9点到12点", 8, "hours-days"),
        ("13:30-17:00", "17:00-13:30", 8, "hours-order"),
        ("挂失、", "挂号、", 9, "unknown-value"),
    ],
)
def test_a_mistake_is_told_by_row_and_column(old: str, new: str, column: int, code: str) -> None:
    assert old in CENTRE
    source, _ = read("网点.csv", (HEAD + KIOSK + CENTRE.replace(old, new)).encode())
    assert {(f.file, f.line, f.col, f.code) for f in source.findings} == {("网点.csv", 3, column, code)}


def test_a_heading_that_is_missing_is_named() -> None:
    source, outlets = read("网点.csv", (HEAD.replace("电话", "座机") + CENTRE).encode())
    assert outlets == []
    assert "phone（电话）" in source.findings[0].zh


def codes(raw: bytes) -> list[tuple[int, int, str]]:
    source, _ = read("网点.csv", raw)
    return [(x.line, x.col, x.code) for x in source.findings]


def test_no_row_is_lost_where_a_quotation_mark_has_no_partner() -> None:
    """As it would swallow all rows to the next mark, or to the end."""
    whole = CENTRE.replace("泉城社保中心", '"泉城社保中心"')
    assert codes((HEAD + whole + KIOSK).encode()) == []
    for broken in ('"泉城社保中心', '"泉城"社保中心'):
        rows = HEAD + KIOSK + CENTRE.replace("泉城社保中心", broken) + KIOSK
        assert codes(rows.encode()) == [(3, 1, "table-row")]
    two = CENTRE.replace("历下区,", '"历下区,').replace("泉城广场", '"泉城广场')
    assert codes((HEAD + two + KIOSK).encode()) == [(2, 1, "table-row")]


def test_a_cell_without_a_heading_is_told_and_a_column_of_no_use_is_named() -> None:
    assert codes((HEAD + CENTRE.replace("路1号", "路1号,二楼")).encode())[0] == (2, 11, "cell-astray")
    source, outlets = read(
        "网点.csv", (HEAD.replace("\n", ",备注,\n") + CENTRE.replace("\n", ",无,\n")).encode()
    )
    assert [(x.line, x.col, x.code, x.severity) for x in source.findings] == [
        (1, 11, "column-idle", "warning")
    ]
    assert len(outlets) == 1
    assert codes((HEAD.replace("\n", ",,\n") + CENTRE.replace("\n", ",,\n")).encode()) == []


def test_two_columns_of_one_meaning_are_told_apart_by_nobody() -> None:
    twice = HEAD.replace("\n", ",详细地址\n") + CENTRE.replace("\n", ",\n")
    assert codes(twice.encode()) == [(1, 11, "column-twice")]


@pytest.mark.parametrize(("cell", "column"), [("泉城社保中心", 1), ("历下区", 3), ("泉城路1号", 5 - 1)])
def test_what_residents_are_told_of_an_outlet_is_there(cell: str, column: int) -> None:
    assert codes((HEAD + KIOSK + CENTRE.replace(cell, " \u200b")).encode()) == [(3, column, "blank")]
    assert codes((HEAD + KIOSK.replace("每天24小时", "")).encode()) == [(2, 8, "blank")]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "gb18030"])
def test_what_excel_calls_text_is_read(encoding: str, ends: str) -> None:
    table = (HEAD + CENTRE + KIOSK).replace("，", "、").replace("\n", ends)
    source, outlets = read("网点.csv", table.encode(encoding))
    assert not source.findings
    assert [outlet.name for outlet in outlets] == ["泉城社保中心", "火车站自助机"]


@pytest.mark.parametrize(
    "raw",
    [
        b"PK\x03\x04\x14\0\x06\0\x08\0\0\0",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\xff\xfe\x00\xd8a",
        bytes(range(256)),
    ],
)
def test_what_is_no_table_is_told_as_that(raw: bytes) -> None:
    assert codes(raw) == [(1, 1, "not-a-table")]


def test_marks_that_nobody_sees_are_left_out_and_a_line_in_a_cell_is_kept_together() -> None:
    cells = CENTRE.replace("0531-12333", "\u202d0531-12333\u202c").replace(
        "泉城路1号", '"泉城路1号\n\u3000二楼"'
    )
    source, outlets = read("网点.csv", (HEAD + cells).encode())
    assert not source.findings
    assert (outlets[0].phone, outlets[0].address) == ("0531-12333", "泉城路1号 二楼")


def test_an_endless_cell_and_a_table_too_large_to_be_read_again_are_refused() -> None:
    endless = HEAD + CENTRE.replace("泉城路1号", "泉" * 140_000) + KIOSK
    assert codes(endless.encode()) == [(2, 1, "table-row")]
    assert codes((HEAD + CENTRE.replace("大明湖", "湖" * 120_000) * 6).encode())[-1] == (1, 1, "table-large")
    assert codes(Unreadable(errno.EFBIG)) == [(1, 1, "too-large")]


def test_an_outlet_keeps_its_id_where_rows_come_before_it() -> None:
    """Residents in mid-flow have chosen it by that."""
    ids = [
        [outlet.id for outlet in read("网点.csv", (HEAD + rows).encode())[1]]
        for rows in (CENTRE, KIOSK + CENTRE)
    ]
    assert ids[0] == ids[1][1:]
    assert codes((HEAD + CENTRE + CENTRE).encode()) == [(3, 1, "value-twice")], "a row that is there twice"


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "config").mkdir()
    monkeypatch.chdir(tmp_path)
    table = tmp_path / "网点.csv"
    table.write_text(HEAD + CENTRE.replace("0531-12333", "1233"), encoding="utf-8")
    refused = CliRunner().invoke(main, ["outlets", "import", "网点.csv", "--lang", "zh-CN"])
    assert refused.exit_code == 1
    assert "网点.csv:2:7: 错误 [phone]" in refused.output
    assert not (tmp_path / "config/outlets.yaml").exists()
    table.write_text(HEAD + CENTRE, encoding="utf-8")
    made = CliRunner().invoke(main, ["outlets", "import", "网点.csv", "--lang", "zh-CN"])
    assert made.exit_code == 0, made.output
    assert "1个网点" in made.output
    good = (tmp_path / "config/outlets.yaml").read_bytes()
    table.write_bytes(b"PK\x03\x04\0")
    refused = CliRunner().invoke(main, ["outlets", "import", "网点.csv", "--lang", "zh-CN"])
    assert refused.exit_code == 1
    assert "网点.csv:1:1: 错误 [not-a-table]" in refused.output
    assert (tmp_path / "config/outlets.yaml").read_bytes() == good
    shutil.rmtree(tmp_path / "config")
    (tmp_path / "config").write_text("no directory")
    table.write_text(HEAD + CENTRE, encoding="utf-8")
    refused = CliRunner().invoke(main, ["outlets", "import", "网点.csv"])
    assert "cannot be written" in refused.output
