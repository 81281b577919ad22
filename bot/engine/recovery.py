"""The words that always work: 取消 返回 帮助 重来 人工 继续 好了吗 改… 我的信息 删除我的信息 撤回同意 …"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.engine import asking, form, own_texts, stack
from bot.engine.begin import ask_engine_question, begin
from bot.engine.content import Content
from bot.engine.corrections import correct, submitting
from bot.engine.effects import Count, Say, Unmatch
from bot.engine.events import Event, TextReceived, VoiceReceived
from bot.engine.holdings import say_held
from bot.engine.session import Frame, Offered, Session
from bot.engine.suspend import resume, say_nothing_open
from bot.engine.turn import Turn
from bot.reading.agree import Answer, decided, pieces
from bot.reading.choices import is_unwanted
from bot.reading.clean import Said, clauses, hear
from bot.reading.find import OPEN_TYPES


def recover(turn: Turn, receipt: str) -> bool:
    """Returns True if the message was a recovery word. `receipt`: the flow of the receipt that was just
    sent."""
    said = turn.message.normal
    word = turn.content.recovery.get(said)
    if word is None and correct(turn):
        return True
    word = word or _beside(turn, said)
    if word is None:
        return False
    if word == "result" and (turn.event.has_pending_replies or _changing(turn)):
        return False  # a pending reply, or a text during submission, answers that
    if word == "result" and _not_yet(turn):
        return True
    if word == "result" and turn.session.result is None:
        return _nothing_done(turn)
    if word == "more" and not turn.listed and "list_over" not in turn.language.common:
        return False
    turn.effects.append(Count(f"word.{word}"))
    turn.tally.leave(word.partition(":")[0])
    if word.startswith("language:"):
        turn.change(language=word.removeprefix("language:"))
        turn.say_common("language_set")
        if not turn.session.frames:
            asking.offer_again(turn)
    elif word == "cancel":
        _cancel(turn, receipt)
    elif word == "result" or (word == "repeat" and not turn.session.frames and turn.session.result):
        _result(turn)
        turn.change(after_receipt=receipt)
    else:
        WORDS[word](turn)
    return True


def _beside(turn: Turn, said: str) -> str | None:
    """Returns the meaning of a recovery word among words without meaning: 那就算了吧, 我要返回; of one that
    cancels also with nothing after it but why, or what is not wanted: 算了，太麻烦, 算了不挂了."""
    content = turn.content
    if said in content.triggers:
        return None
    found = content.recovering.match(said)
    if found is None:
        return None
    if turn.session.frames and turn.here.slot and turn.flow.slots[turn.here.slot].type == "text":
        return None  # 工作人员好 is what somebody thinks
    if found.end() == len(said):
        return found.lastgroup
    if not turn.session.frames:
        return None
    if found.lastgroup != "cancel":
        return None
    rest = said[found.end() :]
    again = content.recovering.fullmatch(rest)
    if (again and again.lastgroup == "cancel") or content.remarks.meant(Said(rest), gaps=True) in _GIVEN_UP:
        return "cancel"
    if content.remarks.meant(Said(said[found.end("cancel") :]), gaps=True) == "refuse":
        return "cancel"  # 算了我去窗口: 我 is no filler
    last = (clauses(turn.message) or [turn.message])[-1].normal
    last = last[found.end() :] if last.startswith(said[: found.end()]) else last
    return "cancel" if is_unwanted(Said(last)) and not _GOES_ON.search(last) else None


_GOES_ON = re.compile("[了吧][^了吧啊呢嘛]")
"""算了不去了寄到家里: what comes after is what is wanted."""


_GIVEN_UP = frozenset({"angry", "thanks", "noted", "refuse"})


def _not_yet(turn: Turn) -> bool:
    """Asks an open question again after 好了吗, and costs no try: the resident believes it is
    answered (the answer was lost with a machine)."""
    if not turn.session.frames or turn.frame.call or not turn.frame.asked_at:
        return False
    step = turn.here
    if step.before_once:
        turn.say_common("not_submitted")
        return True
    if turn.session.result is not None or not step.asks:
        return False
    if step.slot and turn.flow.slots[step.slot].type in OPEN_TYPES:
        return False
    turn.say_resumed()
    return True


def _nothing_done(turn: Turn) -> bool:
    """Answers 好了吗 with nothing open and no result of today, so that nobody believes it was done."""
    if turn.session.frames or "nothing_open" not in turn.language.common:
        return False
    say_nothing_open(turn)
    asking.offer_again(turn)
    return True


def _changing(turn: Turn) -> bool:
    return any(call.once for call in turn.session.calls.values())


def _cancel(turn: Turn, receipt: str) -> None:
    undo = turn.content.flows[receipt].undo if receipt in turn.content.flows else ""
    if undo:
        turn.change(system_question="cancel", pending_target=Offered(undo))
        ask_engine_question(turn)
    elif not turn.session.frames and not turn.session.suspended and not receipt:
        say_nothing_open(turn)
    elif not submitting(turn):
        group = turn.group
        own_texts.say_unfinished(turn, *group)
        if receipt:
            own_texts.say(turn, "stopped_done", Frame(receipt, 0, ""))
        else:
            own_texts.say(turn, "stopped", *group)
        turn.change(suspended=None)
        turn.back_to(turn.below)


def _back(turn: Turn) -> None:
    if submitting(turn):
        return
    if not turn.session.frames:
        say_nothing_open(turn)
        return
    frames = turn.session.frames
    base = turn.base()
    at = len(frames) - 1
    while at > base and not frames[at].history and not frames[at].completed_actions:
        at -= 1  # nothing answered here: the last answer was further down
    if not frames[at].history:
        turn.say_common("nothing_back")
        return
    turn.change(frames=frames[: at + 1])
    turn.clear_from(turn.frame.history[-1].step)


def _help(turn: Turn) -> None:
    if not help_here(turn):
        turn.digressed = True
        turn.say_common("help")


def help_here(turn: Turn) -> bool:
    """Says the help of the open question; False if it has none."""
    name = turn.here.slot if turn.session.frames else ""
    words = turn.words(turn.frame.flow).slots[name] if name else None
    if words is None or words.help is None:
        return False
    turn.say_text(f"{turn.frame.flow}.{name}.help", words.help)
    return True


def _restart(turn: Turn) -> None:
    if submitting(turn):
        return
    if not turn.session.frames:
        say_nothing_open(turn)
        return
    flow = turn.group[0].flow
    turn.change(frames=turn.below)
    stack.push(turn, flow, "start")


def _person(turn: Turn) -> None:
    begin(turn, Offered(turn.content.person))


def _repeat(turn: Turn) -> None:
    if not turn.session.frames:
        say_nothing_open(turn)
    elif turn.event.mark and not turn.frame.call:
        form.new_code(turn)  # the page asks for one that can be read


def _more(turn: Turn) -> None:
    """Shows what comes next of the list that was cut, and what was offered under it."""
    turn.digressed = True
    if turn.listed:
        turn.say_next_page(turn.listed)
    else:
        turn.say_common("list_over")
    if not turn.session.frames:
        asking.offer_again(turn)


def _result(turn: Turn) -> None:
    result = turn.session.result
    turn.digressed = True
    if result is not None:
        if result.flow in turn.content.flows:
            turn.say_common("result", flow=turn.title(result.flow))
        turn.effects += [Say(name, text) for name, text in result.says]


def _resume(turn: Turn) -> None:
    if resume(turn):
        return
    if turn.session.frames:
        turn.say_resumed()
    else:
        say_nothing_open(turn)


def _forget(turn: Turn) -> None:
    turn.change(system_question="forget", pending_target=None)
    ask_engine_question(turn)


def asks_what_is_held(content: Content, session: Session | None, event: Event) -> bool:
    """Checks whether the answer to this event lists what is stored, so that `Event.held` must be looked
    up."""
    if not isinstance(event, TextReceived | VoiceReceived):
        return False
    asked = session is not None and session.system_question == "forget"
    return asked or content.recovery.get(hear(event.text).normal) in ("my_data", "forget")


def _withdraw(turn: Turn) -> None:
    """撤回同意: withdraws consents and deletes what rested on them."""
    if submitting(turn):
        return
    own_texts.say_unfinished(turn, *turn.session.frames)
    own_texts.say(turn, "consent_withdrawn", *turn.session.frames)
    turn.change(
        consents={}, kept={}, frames=(), suspended=None, scheduled=(), background_runs=(), result=None
    )
    turn.effects.append(Unmatch())


def declined(turn: Turn) -> bool:
    """Returns True for words that refuse the change of what is open before its summary is shown: 不挂了."""
    content, said = turn.content, turn.message
    if not turn.session.frames or turn.here.before_once:
        return False
    if all(piece in content.no for piece in pieces(said.folded)):  # 不对，不对 refuses no change
        return False
    for frame in turn.group:
        texts, steps = turn.words(frame.flow).texts, content.flows[frame.flow].steps.values()
        for text in (texts[step.text] for step in steps if step.before_once):
            agreed, refused = (turn.label(label, "") for label in (text.agreed, text.refused))
            answers = (Answer(agreed), Answer(refused, text.words.get("refused", ())))
            if decided(said, *answers, content.plain) is False:
                _cancel(turn, "")
                return True
    return False


WORDS: dict[str, Callable[[Turn], None]] = {
    "back": _back,
    "help": _help,
    "restart": _restart,
    "person": _person,
    "repeat": _repeat,
    "more": _more,
    "resume": _resume,
    "my_data": say_held,
    "forget": _forget,
    "withdraw": _withdraw,
}
