"""Orders of parallel deliveries: all that differ are seen, none is made up."""

from itertools import permutations

from bot.engine.events import TextReceived
from bot.kit.replay.stage import Stage
from bot.kit.replay.together import every_order
from bot.kit.replay.written import as_conversation

from .kit import stage


def test_three_messages_are_seen_in_every_serial_order() -> None:
    process = Stage(stage(), as_conversation({"turns": [{"say": "-"}]})).process
    words = ("挂失", "返回", "带什么材料")
    given = [(f"k{n}", TextReceived(1000, n, text)) for n, text in enumerate(words)]
    ends = {tuple(r.text for r in replies) for _, replies in every_order(process, given)}
    for order in permutations(range(3)):
        serial = process.fork()
        replies = {n: serial.deliver(*given[n]).text for n in order}
        assert tuple(replies[n] for n in range(3)) in ends


def test_one_delivery_that_comes_three_times_is_one_turn() -> None:
    process = Stage(stage(), as_conversation({"turns": [{"say": "-"}]})).process
    given = [("same", TextReceived(1000, 1, "挂失"))] * 3
    found = list(every_order(process, given))
    assert found
    for end, replies in found:
        assert len({r.text for r in replies}) == 1
        assert len(end.store.tape) == 1


def test_what_a_call_leads_to_comes_between_the_others() -> None:
    """Two confirmations: one submits, and the other finds it under way, or done, told or not."""
    process = Stage(stage(), as_conversation({"turns": [{"say": "-"}], "services": ["stubs"]})).process
    person = stage().town.people.everyone[0]
    at, reply = process.clock, ""
    for said in ("挂失", "同意", person.id_number, person.name, "", "1"):
        at += 10
        digits = "".join(c for c in reply.partition("：")[2] if c.isdigit())
        reply = process.deliver(f"m{at}", TextReceived(at, at, said or digits)).text
    given = [(f"k{n}", TextReceived(at + 1, n, "确认停用")) for n in range(2)]
    ends = {tuple(r.text.split("。")[0] for r in replies) for _, replies in every_order(process, given)}
    assert {("【已停用】张*的社保卡（尾号1234）已临时挂失", "正在办，请稍等，不用重复发")} < ends
    assert len(ends) >= 4
    for end, _ in every_order(process, given):
        assert [call.action for call in end.calls] == ["card.report_loss"]
