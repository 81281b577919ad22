"""Outlets from a table: as Excel and WPS save it, with a report by row and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
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
    assert (tmp_path / "config/outlets.yaml").exists()
