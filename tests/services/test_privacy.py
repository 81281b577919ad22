"""What the stubs leave behind in Redis tells nobody who it is about."""

from __future__ import annotations

import redis

from services.kit import PEOPLE, Bureau, who

MOBILE, ADDRESS = "13912345678", "清风市平安区和平路12号3单元501"


def everything_stored(client: redis.Redis, prefix: str) -> bytes:
    """All keys and values of a key space, one after another."""
    stored = []
    for key in client.scan_iter(match=prefix + "*"):
        stored.append(key)
        if client.type(key) == b"list":
            stored.extend(client.lrange(key, 0, -1))
        else:
            stored.append(client.get(key))
    return b"\n".join(stored)


def test_no_name_number_or_address_in_clear(bureau: Bureau, bureau_client: redis.Redis):
    for person in PEOPLE.everyone[:12]:
        ask = {"id_number": person.id_number, "name": person.name}
        bureau.call("real_name.check", resident="openid-like", **ask)
        bureau.call("real_name.check", resident="openid-like", **(ask | {"name": "错名字"}))
        bureau.call("real_name.match_face", image="aW1n", **ask)
    card = bureau.card_of("张三")["id"]
    bureau.call("card.report_loss", card=card, kind="formal", reason="lost")
    applied = bureau.apply("张三", mobile=MOBILE, delivery="express", address=ADDRESS)
    assert applied.outcome == "done"
    stored = everything_stored(bureau_client, bureau.prefix)
    assert stored.count(b"\n") > 8
    for person in PEOPLE.everyone:
        assert person.name.encode() not in stored
        assert person.id_number.encode() not in stored
    clear = [MOBILE, ADDRESS, "openid-like", "formal_loss", card, applied.value["number"], "清风银行"]
    for text in clear:
        assert text.encode() not in stored


def test_a_card_id_tells_nothing_and_is_the_same_again(bureau: Bureau):
    person = who("张三")
    one, again, other = (
        bureau.card_of("张三")["id"],
        bureau.card_of("张三")["id"],
        bureau.card_of("李小芳")["id"],
    )
    assert one == again != other
    assert len(one) == 24
    assert person.id_number not in one
    assert bureau.card_of("张三")["number"] == "1234", "the last four digits and no more"


def test_what_counts_failures_goes_by_itself(bureau: Bureau, bureau_client: redis.Redis):
    bureau.call("real_name.check", id_number=who("张三").id_number, name="错名字")
    keys = list(bureau_client.scan_iter(match=bureau.prefix + "*"))
    assert len(keys) == 4, "the openid's, the number's, the pair's, and how many in all"
    assert all(0 < bureau_client.ttl(key) <= 86_400 for key in keys)
