"""A guesser has its model before the first message, whatever becomes of the process that trains it."""

from __future__ import annotations

import pytest
from loaded import shipped_content

from bot.content.training import give_model
from bot.reading.guess import Guesser
from bot.reading.learn import train


@pytest.mark.slow
def test_where_that_process_fails_the_model_is_trained_here() -> None:
    train.cache_clear()
    guesser = Guesser(shipped_content().guesser.known)
    give_model(guesser, b"", module="bot.content.nowhere")
    assert train.cache_info().misses == 1
    assert guesser.model.names
