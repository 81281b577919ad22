"""Weeks of made-up residents, so that the pages of figures have something to show."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

from moment import NOW, china

from bot.app import Bot
from bot.content.drawing.graph import of_flow
from bot.engine import counts
from bot.engine.content import Content
from bot.engine.effects import Count
from bot.engine.events import TextReceived
from bot.store.redis import SHARDS

OLDER = "0a1b2c3d4e5f"
POPULAR = {"report_loss": 90, "sign_in": 160, "card_status": 60, "progress": 70, "reissue": 40, "outlets": 35}
WRONG = {"id_number": 0.3, "name": 0.12, "code": 0.18, "mobile": 0.2, "address": 0.08}
GOOD = {"agreed", "match", "found", "met", "done", "temporary", "listed", "passed"}
"""Outcomes that most residents have."""
ASKED = (
    ("养老金怎么领", 6),
    ("医保余额怎么查", 5),
    ("公积金可以在这里查吗", 4),
    ("我叫测试丰，退休证丢了怎么办", 3),
    ("居民医保什么时候交", 3),
    ("外地住院能报多少", 2),
)


def today() -> date:
    return china().date()


def seed(bot: Bot, days: int = 30) -> None:
    """Runs of every flow on each of the last days, and questions that nothing answered today."""
    draw = random.Random(20261122)
    content = bot.turns.content("")
    for back in range(days):
        day = today() - timedelta(days=back)
        revision = OLDER if back > 9 else content.revision
        for name in content.flows:
            counted: Counter[str] = Counter()
            on = _ways(content, name)
            for _ in range(int(POPULAR.get(name, 8) * draw.uniform(0.7, 1.3))):
                _run(content, name, on, draw, counted)
            key = f"sb:{{s{draw.randrange(SHARDS)}}}:c:{day:%Y%m%d}"
            with bot.client.pipeline(transaction=False) as pipe:
                for field, n in counted.items():
                    pipe.hincrby(key, f"{revision}|{field}", n)
                pipe.execute()
    for n, (text, residents) in enumerate(ASKED):
        for who in range(residents):
            for again in range(1 + (who + n) % 3):
                event = TextReceived(NOW, n * 100 + who, text)
                bot.turns.handle(f"oTest{'made-up':0>15}{who:08}", "gh_1", f"{n}.{who}.{again}", event)


def _ways(content: Content, name: str) -> dict[str, list[tuple[str, str]]]:
    """Step -> where it may lead, and by which outcome."""
    on: dict[str, list[tuple[str, str]]] = {}
    for start, to, label in of_flow(content, name, content.default_language).edges:
        on.setdefault(start, []).append((to, label.partition(", ")[0] if " = " not in label else ""))
    return on


def _run(
    content: Content,
    name: str,
    on: dict[str, list[tuple[str, str]]],
    draw: random.Random,
    counted: Counter[str],
) -> None:
    """One resident's way through a flow, by its graph; what goes well is taken most."""

    def count(one: Count) -> None:
        counted[one.name] += 1

    flow = content.flows[name]
    count(Count(f"{name}.begun"))
    here = flow.first
    for _ in range(30):
        step = flow.steps[here]
        if step.asks or step.port:
            count(counts.asked(name, here))
            while draw.random() < WRONG.get(here, 0.04 if step.kind == "collect" else 0):
                count(counts.wrong(name, here))
            if step.kind != "action" and draw.random() < 0.07:
                why = draw.choice(("expired", "expired", "expired", "cancel", "switch", "back"))
                count(counts.left(name, here, why))
                if why == "back":
                    continue
                count(counts.dropped(name, why))
                return
            seconds = draw.lognormvariate(0.3 if step.kind == "action" else 2.9, 0.9)
            count(counts.took(name, here, int(seconds)))
        ways = on[here]
        usual = next((n for n, (_, w) in enumerate(ways) if w in GOOD), 0)
        if step.kind == "collect" and ways[-1][1] == "else":
            usual = len(ways) - 1
        to, way = draw.choices(ways, weights=[12 if n == usual else 1 for n in range(len(ways))])[0]
        count(counts.edge(name, here, to, way))
        if to in ("end", "stop"):
            count(Count(f"{name}.{to}"))
        if to not in flow.steps:
            return
        here = to
