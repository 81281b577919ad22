"""docs/architecture.md says of each key how long it lives, as the code has it."""

from __future__ import annotations

import pytest

from bot.console import tries, visits
from bot.page import authorisation, faces, links, pictures
from bot.page.visits import IDLE
from bot.store import fleet, packing, sign_ins, trials
from bot.store.evidence import EVERY
from bot.turn.callbacks import FRESH

from .kit import marked, table

DAY = 86_400
UNITS = {"year": 365 * DAY, "day": DAY, "hour": 3600, "minute": 60, "second": 1}
LIVES = {
    "sb:fleet": [fleet.LIVES],
    "sb:<s>:s:<tag>": [packing.SESSION_TTL],
    "sb:<s>:d:<tag>:<hash>": [packing.DELIVERY_TTL],
    "sb:<s>:o:<tag>": [packing.SESSION_TTL],
    "sb:<s>:page:<tag>": [packing.PAGE_OPEN],
    "sb:<s>:h:<tag>": [packing.SESSION_TTL],
    "sb:archiving": [EVERY],
    "sb:callback:<hash>": [2 * FRESH],
    "sb:<s>:t:<tag>": [packing.TRACE_TTL],
    "sb:<s>:x:<tag>": [packing.ASIDE_TTL],
    "sb:<s>:tape:<tag>": [packing.TAPE_TTL],
    "sb:<s>:c:<day>": [packing.COUNTS_TTL],
    "sb:<s>:a:<day>": [packing.DAY_TTL],
    "sb:<s>:u:<day>": [packing.QUESTIONS_TTL],
    "sb:<s>:i:<day>": [packing.QUESTIONS_TTL],
    "console:trial-word:<hash>": [trials.TOLD, trials.LASTS, trials.WORD_LASTS],
    "sb:<s>:k:<tag>": [sign_ins.KEPT, sign_ins.TOLD_KEPT],
    "sb:people:<person>": [sign_ins.KEPT],
    "sb:frozen:<person>": [sign_ins.FROZEN],
    "console:tries:<hash>": [tries.WITHIN, visits.LONGEST],
    "sb:<s>:pic:<tag>": [pictures.LASTS, pictures.SUBMITTED],
    "page:link:<hash>": [links.LASTS],
    "page:code:<hash>": [authorisation.LASTS],
    "page:face:<hash>": [faces.LASTS],
    "page:visit:<hash>": [IDLE],
}


def spoken(seconds: int) -> set[str]:
    unit, size = next((unit, size) for unit, size in UNITS.items() if seconds % size == 0)
    count = seconds // size
    words = {1: f"{'an' if unit == 'hour' else 'a'} {unit}", 3: f"three {unit}s"}
    return {f"{count} {unit}{'s' * (count > 1)}", words.get(count, "")} - {""}


@pytest.mark.parametrize("key", LIVES)
def test_a_key_lives_as_long_as_is_said(key: str) -> None:
    (cell,) = (row[2] for row in table("docs/architecture.md", "key") if key in marked(row[0]))
    for seconds in LIVES[key]:
        assert any(words in cell for words in spoken(seconds)), (cell, spoken(seconds))
