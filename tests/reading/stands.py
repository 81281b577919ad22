"""A resident who stands at an open question of a shipped flow, with the engine alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from engine.kit import Talk, make_id
from loaded import shipped_content

ID = make_id("66010119800101001")
CARD = {"id": "c1", "number": "1234", "holder": "张三", "state": "normal", "bank": "某银行", "e_card": "none"}


def _signed_in(talk: Talk) -> None:
    talk.say("同意", ID, "张三")
    talk.say(talk.session.frames[-1].code)
    talk.answer("match", {"name": "张三", "age_group": "adult"})


def _to_who(talk: Talk) -> None:
    talk.menu("FAMILY")
    _signed_in(talk)


def _for_child(talk: Talk) -> None:
    _to_who(talk)
    talk.say("1", "同意", make_id("66010320180601001"), "张小宝")
    talk.image()
    talk.answer("match", {"age_group": "minor"})
    talk.say("挂失")


def _to_why(talk: Talk) -> None:
    talk.menu("CARD_REISSUE")
    _signed_in(talk)
    talk.answer("found", CARD)


def _reissue(talk: Talk) -> None:
    _to_why(talk)
    talk.say("坏了", "同意", "同意")
    talk.image()
    talk.answer("match")


def _papers(talk: Talk) -> None:
    _reissue(talk)
    talk.image()
    talk.image()
    talk.answer("good")


def _to_delivery(talk: Talk) -> None:
    _papers(talk)
    talk.say("2036年5月20日", "13800138000")
    talk.image()


def _to_address(talk: Talk) -> None:
    _to_delivery(talk)
    talk.say("1")


def _to_summary(talk: Talk) -> None:
    _to_address(talk)
    talk.say("平安区和平路12号3单元501")
    talk.answer("known", {"fee": "20元", "postage": "12元", "total": "32元", "days": "7"})


def _to_kind(talk: Talk) -> None:
    talk.menu("CARD_LOSS")
    _signed_in(talk)
    talk.answer("found", CARD)


def _menu(key: str, *said: str) -> Callable[[Talk], None]:
    def go(talk: Talk) -> None:
        talk.menu(key)
        talk.say(*said)

    return go


def _to_cancel(talk: Talk) -> None:
    talk.menu("CARD_FOUND")
    _signed_in(talk)
    talk.answer("found", {**CARD, "state": "temporary_loss"})
    talk.say("同意刷脸")
    talk.image()
    talk.answer("match")


def _to_loss(talk: Talk) -> None:
    _to_kind(talk)
    talk.say("1")


def _to_valid_to(talk: Talk) -> None:
    _papers(talk)


def _to_mobile(talk: Talk) -> None:
    _papers(talk)
    talk.say("2036年5月20日")


def _rate(talk: Talk) -> None:
    talk.say("评价", "不满意")


WAYS: dict[str, Callable[[Talk], None]] = {
    "sign_in.consent": _menu("CARD_LOSS"),
    "sign_in.id_number": _menu("CARD_LOSS", "同意"),
    "sign_in.name": _menu("CARD_LOSS", "同意", ID),
    "sign_in.code": _menu("CARD_LOSS", "同意", ID, "张三"),
    "report_loss.kind": _to_kind,
    "report_loss.check": _to_loss,
    "cancel_loss.check": _to_cancel,
    "report_loss.find": _for_child,
    "family.who": _to_who,
    "reissue.why": _to_why,
    "reissue.front": _reissue,
    "reissue.valid_to": _to_valid_to,
    "reissue.mobile": _to_mobile,
    "reissue.delivery": _to_delivery,
    "reissue.address": _to_address,
    "reissue.check": _to_summary,
    "outlets.place": _menu("OUTLETS"),
    "rate.why": _rate,
}


@cache
def _at(place: str) -> Talk:
    talk = Talk(shipped_content())
    WAYS[place](talk)
    top = talk.session.top
    assert top is not None
    assert f"{top.flow}.{top.step}" == place, (place, top)
    return talk


def standing_at(place: str) -> Talk:
    """A conversation of one's own, at `flow.step`."""
    stood = _at(place)
    talk = replace(stood)
    talk.session, talk.effects = stood.session, stood.effects
    return talk
