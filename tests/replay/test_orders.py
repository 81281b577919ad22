"""Orders of parallel deliveries: all that differ are seen, none is made up."""

from itertools import permutations

from bot.engine.events import TextReceived
from bot.replay.stage import Stage
from bot.replay.together import every_order
from bot.replay.written import as_conversation

from .kit import stage


def test_three_messages_are_seen_in_every_serial_order() -> None:
    world = Stage(stage(), as_conversation({"turns": [{"say": "-"}]})).world
    words = ("挂失", "返回", "带什么材料")
    given = [(f"k{n}", TextReceived(1000, n, text)) for n, text in enumerate(words)]
    ends = {tuple(r.text for r in replies) for _, replies in every_order(world, given)}
    for order in permutations(range(3)):
        serial = world.fork()
        replies = {n: serial.run(*given[n]).text for n in order}
        assert tuple(replies[n] for n in range(3)) in ends


def test_one_delivery_that_comes_three_times_is_one_turn() -> None:
    world = Stage(stage(), as_conversation({"turns": [{"say": "-"}]})).world
    given = [("same", TextReceived(1000, 1, "挂失"))] * 3
    found = list(every_order(world, given))
    assert found
    for end, replies in found:
        assert len({r.text for r in replies}) == 1
        assert end.version == 1
