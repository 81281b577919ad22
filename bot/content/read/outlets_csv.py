"""Outlets from a table, as Excel and WPS save it: UTF-8 or GBK, commas or tabs, Chinese or English headings.

Whatever is wrong is a finding of the check itself, with row and column in the place of line and column.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from bot.content.read.config_files import OutletModel, check_outlets
from bot.content.read.files import LARGEST, Unreadable
from bot.content.read.source import Source, parse

COLUMNS = {
    "id": ("编号", "代码"),
    "name": ("名称", "网点名称", "网点"),
    "kind": ("类型", "网点类型"),
    "district": ("区县", "区", "所在区"),
    "address": ("地址", "详细地址"),
    "aliases": ("别名", "俗称", "附近"),
    "lat": ("纬度",),
    "lon": ("经度",),
    "phone": ("电话", "联系电话"),
    "hours": ("开放时间", "营业时间", "上班时间", "服务时间"),
    "services": ("业务", "办理业务", "服务"),
}
KINDS = {
    "服务中心": "centre",
    "中心": "centre",
    "大厅": "centre",
    "银行": "bank",
    "自助机": "kiosk",
    "自助": "kiosk",
}
SERVICES = {
    "挂失": "report_loss",
    "解挂": "cancel_loss",
    "取消挂失": "cancel_loss",
    "申领": "apply_card",
    "补换卡": "apply_card",
    "补卡": "apply_card",
    "领卡": "collect_card",
    "即时制卡": "instant_card",
    "立等可取": "instant_card",
    "启用": "enable",
    "激活": "enable",
    "重设密码": "reset_pin",
    "重置密码": "reset_pin",
    "打印": "print_record",
}
OPTIONAL = ("id", "aliases")
IDLE = "column-idle"
"""The finding that keeps nobody from using the table."""
_BETWEEN = re.compile(r"[、，,；;\s]+")
_DAYS = str.maketrans("一二三四五六日天", "12345677")
_TIMES = re.compile(r"(\d{1,2}[:：]\d{2})\s*[-－—–~～至到]+\s*(\d{1,2}[:：]\d{2})")


def read(name: str, raw: bytes) -> tuple[Source, list[OutletModel]]:
    """Returns the table as a source, with rows as its lines, and the outlets in it."""
    source = Source(name, findings=parse(name, raw).findings if isinstance(raw, Unreadable) else [])
    rows = [] if source.findings else _rows(source, _text(source, raw))
    heads = [] if source.findings else _heads(source, rows[0] if rows else [])
    if any(finding.code != IDLE for finding in source.findings):
        return source, []
    source.data = []
    for number, row in enumerate(rows[1:], 2):
        cells = {key: cell for key, cell in zip(heads, row, strict=False) if key}
        for column, cell in enumerate(row, 1):
            if cell and (column > len(heads) or not rows[0][column - 1]):
                source.error((), "cell-astray", at=(number, column))
        if any(cells.values()):
            _place(source, heads, len(source.data), number)
            source.data.append(_outlet(cells))
    outlets: list[OutletModel] = check_outlets(source)
    if (size := len(text(outlets).encode())) > LARGEST:
        source.error((), "table-large", size=f"{size:,}", most=f"{LARGEST:,}")
    return source, outlets


def text(outlets: Sequence[OutletModel]) -> str:
    """Returns config/outlets.yaml."""
    lines = ["# 由shebao outlets import写成；坐标是GCJ-02"]
    for outlet in outlets:
        plain = outlet.model_dump(by_alias=True, exclude_unset=True)
        for i, (key, value) in enumerate(plain.items()):
            lines.append(f"{'- ' if i == 0 else '  '}{key}: {json.dumps(value, ensure_ascii=False)}")
    return "\n".join([*lines, ""])


def _text(source: Source, raw: bytes) -> str:
    """Decodes what Excel calls Unicode text, UTF-8, or GBK; a finding if it is no text."""
    by_mark = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if by_mark else ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            text = raw.decode(encoding)
            if "\0" not in text:
                return text
    source.error((), "not-a-table")
    return ""


def _rows(source: Source, text: str) -> list[list[str]]:
    """Returns the cells; a finding at the first row that is not whole."""
    lines = io.StringIO(text, newline=None)  # also the line ends of an old Mac
    head = lines.getvalue().partition("\n")[0]
    rows: list[list[str]] = []
    try:
        for row in csv.reader(lines, delimiter="\t" if "\t" in head else ",", strict=True):
            rows += [[_shown(cell) for cell in row]]
    except csv.Error:
        source.error((), "table-row", at=(len(rows) + 1, 1))
    return rows


def _shown(cell: str) -> str:
    """Without what nobody sees: marks that come along when a number or an address is copied."""
    kept = (c for c in cell if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf"))
    return "\n".join(" ".join(line.split()) for line in "".join(kept).split("\n")).strip()


def _heads(source: Source, row: Sequence[str]) -> list[str]:
    """Returns the key of each column, "" for one of no use."""
    heads = [
        next((key for key, names in COLUMNS.items() if head.lower() in (key, *names)), "") for head in row
    ]
    for key in COLUMNS:
        if key not in heads and key not in OPTIONAL:
            source.error((), "missing-key", name=f"{key}（{COLUMNS[key][0]}）")
    for column, (head, key) in enumerate(zip(row, heads, strict=True), 1):
        if key and (first := heads.index(key) + 1) < column:
            source.error((), "column-twice", at=(1, column), name=head, other=first)
        elif head and not key:
            source.warn((), "column-idle", at=(1, column), name=head)
    return heads


def _place(source: Source, heads: Sequence[str], index: int, row: int) -> None:
    """Where the check finds each part of an outlet: the row and the number of its column."""
    source.values[(index,)] = (row, 1)
    for column, key in enumerate(heads, 1):
        loc = (index, "at", key) if key in ("lat", "lon") else (index, key)
        source.keys[loc] = source.values[loc] = (row, column)


def _outlet(cells: Mapping[str, str]) -> dict[str, Any]:
    """Without an id it is known by name and address: whoever has chosen it keeps it, whatever rows come
    before it in the next table."""
    get = cells.get
    known = hashlib.sha256(f"{get('name')}\n{get('address')}".encode()).hexdigest()
    return {
        "id": get("id") or f"o{known[:10]}",
        "name": get("name", "").replace("\n", " "),
        "kind": KINDS.get(get("kind", ""), get("kind", "")),
        "district": get("district", ""),
        "address": get("address", "").replace("\n", " "),
        "aliases": [*filter(None, _BETWEEN.split(get("aliases", "")))],
        "at": {"lat": get("lat", ""), "lon": get("lon", "")},
        "phone": get("phone", ""),
        "hours": [*_hours(get("hours", ""))],
        "services": [SERVICES.get(s, s) for s in filter(None, _BETWEEN.split(get("services", "")))],
    }


def _hours(cell: str) -> Iterator[dict[str, str]]:
    """Reads 周一至周五 9:00-12:00 13:30-17:00；周六 9:00-12:00; leaves what it cannot read to the check."""
    for part in filter(None, re.split(r"[;；\n]", cell)):
        times = _TIMES.findall(part)
        if "24小时" in part:
            times = [("0:00", "24:00")]
        days = _days(_TIMES.sub("", part).replace("24小时", ""))
        for start, end in times or [("", "")]:
            yield {"days": days, "from": start.replace("：", ":"), "to": end.replace("：", ":")}


def _days(words: str) -> str:
    """1-5, 6, or "1-7,holidays"; as written where it is none of these."""
    plain = re.sub(r"[\s,，:：]|周|星期|礼拜", "", words).translate(_DAYS)
    plain = re.sub(r"[至到~～－—–]+", "-", plain).replace("、", ",")
    if plain in ("", "每7", "全7", "工作7"):  # 每天, 全天, 工作日: 天 and 日 were read as 7
        return "1-5" if plain.startswith("工作") else "1-7,holidays" if plain else "1-7"
    return plain
