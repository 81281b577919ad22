"""What grows with the content, from 20 flows to 175: checking, loading, loading after a save, a message.

Aim, for 175 flows of 20 steps with their texts in two languages, on an idle core: `shebao check` and loading
after a save within 1.5 s, and a message that costs what it costs with 20.

Run: .venv/bin/python benchmarks/check.py [flows] [steps]
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bot.content import load, masking
from bot.content.check import sentences
from bot.content.read import source, words
from bot.content.read.files import written
from bot.engine.content import Content
from bot.engine.events import TextReceived
from bot.engine.session import new
from bot.engine.step import step

ROOT = Path(__file__).parents[1]
AIM = 1.5
NOW = 1_800_000_000
SAVED = "messages/zh-CN/big_3.yaml"
FREE = "我的卡找不到了怎么办呢"
"""Words that no flow has as they are."""


def flow(n: int, steps: int) -> str:
    """Looks a card up, asks, decides, changes something, says what came of it; then questions to fill."""
    lines = [
        f"flow: big_{n}",
        f"start: {{menu: [BIG_{n}]}}",
        "requires: [sign_in]",
        "exhausted: {link: hand_off}",
        "slots:",
        "  card: {type: record}",
        "  loss: {type: record}",
        "  kind: {type: choice, values: [temporary, formal]}",
    ]
    fill = steps - 7
    lines += [f"  s{i}: {{type: choice, values: [a, b, c]}}" for i in range(fill // 2)]
    lines += [
        "steps:",
        "  find:",
        "    action: card.find",
        "    with: {id_number: sign_in.id_number}",
        "    save: card",
        "    next: {found: kind, not_found: no_card}",
        "  kind:",
        "    collect: kind",
    ]
    for i in range(fill):
        if i % 2:
            lines += [f"  say_{i}:", f"    say: t{i}"]
        else:
            lines += [f"  ask_{i}:"]
            lines += [f"    collect: s{i // 2}"] if i // 2 < fill // 2 else [f"    say: t{i}"]
            if i // 2 < fill // 2:
                lines += [f"    next: {{a: say_{i + 1}, else: say_{i + 1}}}"] if i + 1 < fill else []
    lines += [
        "  check:",
        "    confirm: check",
        "    next: {agreed: submit, refused: kept}",
        "  submit:",
        "    action: card.report_loss",
        "    with: {card: card.id, kind: kind}",
        "    once: true",
        "    save: loss",
        "    next: {done: done, already: kept, refused: kept}",
        "  done: {say: done, next: end}",
        "  kept: {say: kept, next: stop}",
        "  no_card: {say: no_card, next: stop}",
    ]
    return "\n".join(lines) + "\n"


def texts(n: int, steps: int, chinese: bool) -> str:
    fill = steps - 7

    def say(zh: str, en: str) -> str:
        return zh if chinese else en

    lines = [
        f"title: {say(f'大事{n}号', f'Big thing {n}')}",
        f"words: [{say(f'办大事{n}号', f'do big thing {n}')}]",
        "slots:",
    ]
    for name, values in [
        ("kind", ("temporary", "formal")),
        *((f"s{i}", ("a", "b", "c")) for i in range(fill // 2)),
    ]:
        lines += [
            f"  {name}:",
            f"    label: {say('选项', 'choice')} {name}",
            f"    ask: {say('您想怎么办这件事？', 'How would you like it done?')}",
            "    values:",
            *(f"      {v}: {say('选', 'take')} {v} {say('这个', 'this')}" for v in values),
            "    again:",
            f"      - {say('请回复前面的数字。', 'Please reply with a number.')}",
            f"      - {say('不清楚就回复1。', 'If not sure, reply 1.')}",
        ]
    lines += ["texts:"]
    for i in range(fill):
        if i % 2 or i // 2 >= fill // 2:
            lines += [
                f"  t{i}: |-",
                f"    {say('【正常】卡的尾号是', 'The card ends in ')}{{card.number}}。",
                f"    {say('请接着办下一步。', 'Please go on.')}",
            ]
    lines += [
        "  check:",
        f'    text: "{say("请核对：停用", "Please check: block ")}{{card.number}}"',
        f"    agreed: {say('确认停用', 'Block the card')}",
        f"    refused: {say('先不停', 'Not yet now')}",
        f'  done: "{say("【已停用】受理号", "BLOCKED ")}{{loss.number}}"',
        f"  kept: {say('好的，没有改动。', 'Nothing changed.')}",
        f"  no_card: {say('没有查到您的卡。', 'No card found.')}",
    ]
    return "\n".join(lines) + "\n"


def build(root: Path, flows: int, steps: int) -> None:
    """The shipped content and the big flows beside it."""
    for part in ("flows", "messages", "config"):
        shutil.copytree(ROOT / part, root / part)
    for n in range(flows):
        (root / f"flows/big_{n}.yaml").write_text(flow(n, steps), encoding="utf-8")
        for code in ("zh-CN", "en"):
            (root / f"messages/{code}/big_{n}.yaml").write_text(
                texts(n, steps, code == "zh-CN"), encoding="utf-8"
            )


def processes(root: Path) -> float:
    """Seconds of CPU that `shebao check` takes, the least of three; a process of its own each time."""
    env, least = {**os.environ, "PYTHONPATH": str(ROOT)}, 99.0
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli", "check"],
            cwd=root, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        least = min(least, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert done.returncode == 0, done.stdout
    return least


def loaded(root: Path) -> tuple[float, float, Content]:
    """Seconds of CPU to load the content, and to load it after a save of one file; the least of three."""
    files = dict(written(root))
    first = again = 99.0
    for number in range(3):
        source._PARSED.clear()
        load._load.cache_clear()
        for kept in (sentences.judged, words.normal, masking.private):
            kept.cache_clear()
        began = time.process_time()
        load.load_files(files)
        first = min(first, time.process_time() - began)
        saved = {**files, SAVED: files[SAVED] + f"# {number}\n".encode()}
        began = time.process_time()
        content = load.load_files(saved).content
        again = min(again, time.process_time() - began)
    assert content is not None
    return first, again, content


def message(content: Content, text: str) -> float:
    """Microseconds of CPU that the engine's step takes of a first message; the median of 300."""
    session, event = new(content, 1, NOW), TextReceived(NOW, 1, text)
    took = []
    for _ in range(300):
        began = time.process_time_ns()
        step(content, session, event)
        took.append((time.process_time_ns() - began) / 1000)
    return statistics.median(took)


def main(flows: int = 175, steps: int = 20) -> bool:
    few: list[float] = []
    many: list[float] = []
    for size, row in ((20, few), (flows, many)):
        with tempfile.TemporaryDirectory() as temp:
            root = Path(temp)
            build(root, size, steps)
            first, again, content = loaded(root)
            row += [processes(root), first, again, message(content, "挂失停用"), message(content, FREE)]
    names = ("shebao check, s", "load, s", "load after a save, s", "a step, µs", "free words, µs")
    print(f"CPU, with the shipped flows and 20 or {flows} more of {steps} steps")
    for name, one, other in zip(names, few, many, strict=True):
        print(f"{name:22} {one:8.2f} {other:8.2f}   x {other / one:.2f}")
    return many[0] > AIM or many[2] > AIM or many[3] > 1.1 * few[3]


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
