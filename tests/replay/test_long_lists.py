"""A list as long as a city's: the bubble keeps room for what is asked and offered under it."""

from __future__ import annotations

from pathlib import Path

from bot.engine.wording import LIST_BYTES

from .kit import SIGN_IN, played

ROWS = "\n".join(
    f"        - {{id: o{n}, name: 第{n}号社保卡服务中心, distance: '', address: 平安区和平路{n}号,"
    f" hours: 1-5 9:00–17:00, phone: 000-12345678, services: enable}}"
    for n in range(1, 41)
)


def test_a_list_of_forty_says_how_many_it_leaves_out_and_keeps_every_tap(tmp_path: Path) -> None:
    text = (
        "resident: {person: 张三}\nservices:\n  - outlets.near:\n      outcome: found\n      list:\n"
        + ROWS + "\n  - stubs\n"
        "turns:\n  - {tap: 挂失停用, expect: ~您同意吗}\n" + SIGN_IN
        + "  - {tap: 附近网点, expect: /./}\n  - {say: 平安区, expect: /./}\n"
    )  # fmt: skip
    came = played(tmp_path, text)
    assert came.failure is None, came.failure
    bubble = came.came[-1].bubbles[0]
    shown = bubble.text.count("号社保卡服务中心")
    assert 3 < shown < 40
    assert f"还有{40 - shown}个，这里放不下。" in bubble.text
    first = bubble.text.split("还有")[0]
    assert LIST_BYTES - 200 < len(first.encode()) < LIST_BYTES + 100
    assert "请回复这4个数字" in bubble.text
    assert set(bubble.answers) == {"带什么材料", "自助机", "找工作人员"}
