"""One suite over every adapter of a Service: the stubs, and HTTP → reference bureau → stubs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from services.kit import PEOPLE, Bureau, a_request, assert_declared, who

from bot.ports import Later, Request, Result, Unknown


def perform(bureau: Bureau, request: Request) -> Result:
    return bureau.services[request.action.split(".")[0]].perform(request)


@pytest.mark.quick(30)
@pytest.mark.parametrize("person", PEOPLE.everyone, ids=lambda p: p.name)
def test_every_person_is_answered_within_the_closed_sets(bureau: Bureau, person):
    """Whoever is asked about, no answer holds anything that ports.py does not declare."""
    ask = {
        "real_name.check": {"id_number": person.id_number, "name": person.name},
        "real_name.match_face": {"image": "aW1n", "id_number": person.id_number, "name": person.name},
        "real_name.read_document": {"front": "Zg==", "back": "Yg==", "id_number": person.id_number},
        "card.find": {"id_number": person.id_number},
        "card.applications": {"id_number": person.id_number},
    }
    for action, arguments in ask.items():
        assert_declared(action, bureau.call(action, **arguments))


def test_the_whole_way_from_sign_in_to_a_new_card(bureau: Bureau):
    """What an evening with the first person looks like: sign in, e-card, loss, reissue, new card, enabled."""
    person = PEOPLE.everyone[0]
    signed_in = bureau.call("real_name.check", id_number=person.id_number, name=person.name)
    assert (signed_in.outcome, signed_in.value) == ("match", {"age_group": "adult"})
    card = bureau.card_of(person.name)["id"]
    assert bureau.call("card.issue_e_card", card=card).outcome == "done"
    lost = bureau.call("card.report_loss", card=card, kind="formal", reason="lost")
    assert lost.outcome == "done"
    assert_declared("card.report_loss", lost)
    assert bureau.card_of(person.name)["e_card"] == "needs_authorisation"

    quote = bureau.call("card.quote", card=card, reason="lost", delivery="express")
    assert quote.value == {"fee": "20元", "postage": "12元", "total": "32元", "days": "7–10"}
    applied = bureau.apply(person.name)
    assert_declared("card.apply", applied)
    assert (applied.outcome, applied.value["state"], applied.value["fee"]) == ("done", "unpaid", "20元")
    assert bureau.card_of(person.name)["application"] == applied.value["number"]

    application = bureau.latest(person.name)["id"]
    for state in ("reviewing", "approved", "making", "ready", "collected"):
        bureau.cards.advance(application, state)
        assert bureau.latest(person.name)["state"] == state
        assert_declared("card.progress", bureau.call("card.progress", application=application))
    new = bureau.card_of(person.name)
    assert (new["state"], new["e_card"], new["id"] != card) == ("sealed", "stopped", True)
    assert bureau.call("card.enable", card=new["id"]).outcome == "done"
    assert (bureau.card_of(person.name)["state"], bureau.card_of(person.name)["e_card"]) == (
        "normal",
        "issued",
    )


def test_the_same_key_gives_the_same_result_and_one_record(bureau: Bureau):
    card = bureau.card_of("张三")["id"]
    request = a_request("card.report_loss", card=card, kind="temporary")
    first = perform(bureau, request)
    assert first.outcome == "done"
    assert perform(bureau, request) == first
    assert bureau.done("card.report_loss") == 1


def test_repeating_with_another_key_is_already_and_no_second_record(bureau: Bureau):
    card = bureau.card_of("张三")["id"]
    first = bureau.call("card.report_loss", card=card, kind="temporary")
    again = bureau.call("card.report_loss", card=card, kind="temporary")
    assert (again.outcome, again.value) == ("already", first.value)
    assert bureau.done("card.report_loss") == 1


@pytest.mark.parametrize("keys", ["one key", "a key each"])
def test_twenty_at_once_make_one_record(bureau: Bureau, keys: str):
    card = bureau.card_of("张三")["id"]
    requests = [
        a_request("card.report_loss", key="k" if keys == "one key" else f"k{n}", card=card, kind="formal")
        for n in range(20)
    ]
    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(lambda r: perform(bureau, r), requests))
    assert len({r.value["number"] for r in results}) == 1
    assert [r.outcome for r in results].count("done") == (20 if keys == "one key" else 1)
    assert bureau.done("card.report_loss") == 1


def test_a_key_of_another_operation_changes_nothing(bureau: Bureau):
    one, two = bureau.card_of("张三")["id"], bureau.card_of("李小芳")["id"]
    assert bureau.call("card.report_loss", key="k", card=one, kind="formal").outcome == "done"
    assert bureau.call("card.report_loss", key="k", card=two, kind="formal").outcome == "unavailable"
    assert bureau.card_of("李小芳")["state"] == "normal"


def test_find_tells_what_became_of_a_key(bureau: Bureau):
    request = a_request(
        "card.report_loss", key="tag/1/card.report_loss/0", card=bureau.card_of("张三")["id"], kind="formal"
    )
    service = bureau.services["card"]
    assert service.find(request.action, request.key) is None
    result = service.perform(request)
    assert service.find(request.action, request.key) == result


def test_an_answer_that_was_lost_is_found_under_its_key(bureau: Bureau):
    """没回音's loss report is taken, its answer lost twice: nothing is recorded twice."""
    request = a_request("card.report_loss", card=bureau.card_of("没回音")["id"], kind="formal", reason="lost")
    for _ in range(2):
        with pytest.raises(Unknown):
            perform(bureau, request)
    assert bureau.services["card"].find(request.action, request.key).outcome == "done"
    assert perform(bureau, request).outcome == "done"
    assert bureau.done("card.report_loss") == 1


def test_a_request_that_was_lost_is_not_found_and_is_taken_later(bureau: Bureau):
    request = a_request("card.report_loss", card=bureau.card_of("没办成")["id"], kind="formal", reason="lost")
    for _ in range(2):
        with pytest.raises(Unknown):
            perform(bureau, request)
        assert bureau.services["card"].find(request.action, request.key) is None
    assert bureau.card_of("没办成")["state"] == "normal"
    assert perform(bureau, request).outcome == "done"


def test_a_slow_change_is_unknown_and_a_slow_question_unavailable(bureau: Bureau):
    person = who("慢先生")
    request = a_request(
        "card.report_loss", card=bureau.card_of(person.name)["id"], kind="temporary", within=2.0
    )
    with pytest.raises(Unknown):
        perform(bureau, request)
    assert sum(bureau.clock.slept) == pytest.approx(1.5 + 2.0)
    assert perform(bureau, request).outcome == "done"  # taken the first time, answered at once now
    assert bureau.call("card.find", within=1.0, id_number=person.id_number).outcome == "unavailable"


def test_a_service_that_is_down_takes_nothing(bureau: Bureau):
    request = a_request("card.report_loss", card=bureau.card_of("断一次")["id"], kind="temporary")
    assert perform(bureau, request).outcome == "unavailable"
    assert bureau.services["card"].find(request.action, request.key) is None
    assert perform(bureau, request).outcome == "done"
    assert bureau.call("card.find", id_number=who("断先生").id_number).outcome == "unavailable"
    down = who("登不上")
    assert bureau.call("real_name.check", id_number=down.id_number, name=down.name).outcome == "unavailable"


def test_an_answer_by_callback(bureau: Bureau):
    request = a_request("card.report_loss", card=bureau.card_of("等通知")["id"], kind="temporary")
    with pytest.raises(Later):
        perform(bureau, request)
    assert bureau.services["card"].find(request.action, request.key).outcome == "done"


def test_a_refusal_says_why_and_is_recorded_under_its_key(bureau: Bureau):
    request = a_request("card.report_loss", card=bureau.card_of("被拒绝")["id"], kind="formal")
    refused = perform(bureau, request)
    assert (refused.outcome, refused.value["refusal"]) == ("refused", "policy")
    assert_declared("card.report_loss", refused)
    assert bureau.services["card"].find(request.action, request.key) == refused
    assert bureau.done("card.report_loss") == 0


def test_unknown_number_and_wrong_name_are_one_answer(bureau: Bureau):
    unknown, wrong = who("吕查无"), who("何写错")
    answers = [bureau.call("real_name.check", id_number=p.id_number, name=p.name) for p in (unknown, wrong)]
    assert answers[0] == answers[1] == Result("mismatch")


@pytest.mark.parametrize("name", ["港居民", "澳居民", "台居民", "ANNA MARIA SAMPLE", "𠮷生僻", "古丽·示例"])
def test_every_kind_of_name_and_number_matches(bureau: Bureau, name: str):
    person = who(name)
    assert bureau.call("real_name.check", id_number=person.id_number, name=name).outcome == "match"
    assert bureau.card_of(name)["holder"] == name


def test_names_match_however_they_are_typed(bureau: Bureau):
    for name, typed in (("古丽·示例", "古丽•示例"), ("ANNA MARIA SAMPLE", " anna  maria ＳＡＭＰＬＥ")):
        person = who(name)
        assert (
            bureau.call("real_name.check", id_number=person.id_number.lower(), name=typed).outcome == "match"
        )


def test_a_guardian_acts_for_a_child(bureau: Bureau):
    child, guardian, stranger = who("张小宝"), who("张三"), who("李小芳")
    ask = {"id_number": child.id_number, "name": child.name, "household": "aW1n", "relation": "child"}
    match = bureau.call("real_name.check_family", guardian=guardian.id_number, **ask)
    assert (match.outcome, match.value) == ("match", {"age_group": "minor"})
    assert bureau.call("real_name.check_family", guardian=stranger.id_number, **ask).outcome == "mismatch"
    assert bureau.card_of(child.name)["holder"] == child.name


def test_too_many_failed_checks_lock_for_a_while_that_is_told(bureau: Bureau):
    """Five may fail; then the right name must wait too, for this resident and for this number."""
    person, other = who("张三"), who("李小芳")
    for _ in range(5):
        assert bureau.call("real_name.check", id_number=person.id_number, name="错名").outcome == "mismatch"
    ask = {"id_number": person.id_number, "name": person.name}
    locked = Result("locked", {"wait": "1m"})
    assert bureau.call("real_name.check", **ask) == locked
    assert bureau.call("real_name.check", resident="another", **ask) == locked
    assert bureau.call("real_name.check", id_number=other.id_number, name=other.name) == locked
    bureau.clock.at += 59
    assert bureau.call("real_name.check", **ask) == locked
    bureau.clock.at += 1
    assert bureau.call("real_name.check", **ask).outcome == "match"


def test_the_same_failed_check_sent_again_counts_once(bureau: Bureau):
    request = a_request("real_name.check", id_number=who("张三").id_number, name="错名")
    assert {perform(bureau, request).outcome for _ in range(9)} == {"mismatch"}
    assert bureau.call("real_name.check", id_number=who("张三").id_number, name="张三").outcome == "match"


def test_faces_and_documents_by_attempt(bureau: Bureau):
    person = who("孔模糊")
    face = {"image": "aW1n", "id_number": person.id_number, "name": person.name}
    assert [bureau.call("real_name.match_face", **face).outcome for _ in range(4)] == [
        "unreadable",
        "unreadable",
        "match",
        "match",
    ]
    papers = {"front": "Zg==", "back": "Yg==", "id_number": person.id_number}
    assert [bureau.call("real_name.read_document", **papers).outcome for _ in range(2)] == [
        "unreadable",
        "good",
    ]


def test_outlets_near_a_place(bureau: Bureau):
    near = bureau.call("outlets.near", place={"lat": "30.0002", "lon": "110.0001"})
    assert_declared("outlets.near", near)
    assert near.value[0]["id"] == "pa-heping"
    assert len(near.value) > 5
    assert bureau.call("outlets.near", place={"text": "火星"}) == Result("none", [])
