"""What the page shows of a session is described without stepping it; a submit is for what was shown."""

from __future__ import annotations

from msgspec.structs import replace

from bot.engine.content import Content
from bot.engine.events import WORD, TextReceived
from bot.engine.session import Session, new
from bot.engine.step import StepResult, step
from bot.engine.view import NOTHING, QUESTION, View, view

from .kit import MONDAY, make_id

ID = make_id("66010119800101001")


class Seat:
    """Somebody at chat and page, in turn; every event has the same time, as on a fast machine."""

    def __init__(self, content: Content) -> None:
        self.content, self.at = content, MONDAY
        self.session: Session = new(content, 7, MONDAY)
        self.said: StepResult | None = None

    @property
    def seen(self) -> View:
        return view(self.content, self.session, self.at)

    def do(self, text: str, mark: str = "", tap: str = "") -> list[str]:
        event = TextReceived(self.at, 11, text=text, mark=mark, tap=tap)
        self.said = step(self.content, self.session, event)
        self.session = self.said.session
        return [e.id for e in self.said.effects if hasattr(e, "id") and hasattr(e, "text")]


def test_looking_changes_nothing_and_draws_nothing(content: Content) -> None:
    """The code that stands is the one that is described, however often."""
    seat = Seat(content)
    for text in ("卡丢了", "同意", ID, "张三"):
        seat.do(text)
    before = seat.session
    first = seat.seen
    assert first == seat.seen
    assert seat.session is before
    assert (first.kind, first.type, first.label) == (QUESTION, "code", "核对数字")
    assert first.code == before.frames[-1].code
    assert " ".join(first.code) in first.text
    assert first.flow == "report_loss"


def test_a_submit_for_another_question_does_nothing(content: Content) -> None:
    seat = Seat(content)
    seat.do("卡丢了")
    old = seat.seen.mark
    seat.do("同意")
    frames = seat.session.frames
    assert seat.do(ID, mark=old)[0] == "common.stale"
    assert replace(seat.session.frames[-1], asked_at=0, since=0) == replace(frames[-1], asked_at=0, since=0)
    assert "sign_in.name.ask" in seat.do(ID, mark=seat.seen.mark)


def test_every_question_has_a_mark_of_its_own(content: Content) -> None:
    """Also the same question of another run, and a code that was drawn anew."""
    seat = Seat(content)
    marks = [seat.seen.mark]
    for text in ("卡丢了", "同意", ID, "张三", "0000", "取消", "卡丢了"):
        seat.do(text)
        marks.append(seat.seen.mark)
    nothing = marks.pop(6)
    assert nothing == marks[0]
    assert len(set(marks)) == len(marks)


def test_a_word_is_said_with_its_button_only(content: Content) -> None:
    """In a field it is an answer, right or wrong."""
    seat = Seat(content)
    seat.do("卡丢了")
    seat.do("同意")
    assert seat.do("取消", mark=seat.seen.mark)[0] == "sign_in.id_number.again"
    seat.do("取消", mark=seat.seen.mark, tap=WORD)
    assert seat.seen.kind == NOTHING


def test_what_is_put_aside_by_now_is_not_shown_as_open(content: Content) -> None:
    seat = Seat(content)
    seat.do("卡丢了")
    mark = seat.seen.mark
    seat.at += 86_400
    assert seat.seen.kind == NOTHING
    assert seat.do("同意", mark=mark)[0].endswith("unfinished") or "common.expired" in seat.do(
        "同意", mark=mark
    )
    assert not seat.session.frames
