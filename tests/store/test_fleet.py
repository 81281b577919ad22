"""Keys are rotated while processes of both kinds live; whatever one seals, all can open."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from conftest import SEAL_KEY, TAG_KEY

from bot.account.checks import Diagnostics
from bot.account.doctor import examine
from bot.account.reached import Keys, Server
from bot.settings import Settings
from bot.store import evidence as kept
from bot.store.census import census
from bot.store.connect import connect
from bot.store.fleet import KEY, LIVES, Fleet, KeyMissing
from bot.store.redis import RedisStore
from bot.store.seal import EVIDENCE, MAIN, Seal

NEW = "bmV3a2V5bmV3a2V5bmV3a2V5bmV3a2V5bmV3a2V5MTI="
NEWER = "bmV3ZXJuZXdlcm5ld2VybmV3ZXJuZXdlcm5ld2VyMTI="
OLD_ID, NEW_ID = Seal([SEAL_KEY], TAG_KEY).ids()[0], Seal([NEW], TAG_KEY).ids()[0]
Make = Callable[..., tuple[Fleet, Seal]]


@pytest.fixture
def process(redis_url: str) -> Iterator[Make]:
    """`process(keys…)`: one that starts, and its seal."""
    client = connect(redis_url)

    def make(*keys: str, evidence: tuple[str, ...] = (), forms: int = 1) -> tuple[Fleet, Seal]:
        seal = Seal(keys, TAG_KEY, evidence)
        fleet = Fleet(client, seal, {"session": forms})
        fleet.say()
        return fleet, seal

    yield make
    client.close()


def passes(redis_url: str, seconds: int, *silent: Fleet) -> None:
    """Time passes for what was said, and the agreements that rest on it; the others go on talking."""
    with connect(redis_url) as client:
        for name, said in client.hgetall(KEY).items():
            at, _, rest = said.partition(b" ")
            if name.startswith(b"p:"):
                client.hset(KEY, name, b"%d %s" % (int(at) - seconds, rest))


def sealing(seal: Seal, ring: str = MAIN) -> str:
    return seal.seal(b"", "", ring)[:4].hex()


def talk(*fleets: Fleet) -> None:
    """For as long as a word holds, as their pulses do."""
    for fleet in fleets:
        for ring in (MAIN, EVIDENCE):
            if ring in fleet._agreed:
                fleet._agreed[ring] -= LIVES
    for fleet in (*fleets, *fleets):
        fleet.say()


def test_a_new_key_waits_until_everybody_alive_knows_it(process: Make, redis_url: str) -> None:
    old, old_seal = process(SEAL_KEY)
    new, new_seal = process(NEW, SEAL_KEY)
    talk(new, old)
    assert sealing(new_seal) == sealing(old_seal) == OLD_ID
    passes(redis_url, LIVES + 1)  # the old one is gone
    new.say()
    assert sealing(new_seal) == OLD_ID, "it may only have been cut off"
    talk(new)
    assert sealing(new_seal) == NEW_ID


def test_a_process_that_starts_seals_as_the_others_do(process: Make, redis_url: str) -> None:
    process(SEAL_KEY)
    passes(redis_url, LIVES + 1)  # the store was away: nobody's word holds, and they all live
    assert sealing(process(NEW, SEAL_KEY)[1]) == OLD_ID


def test_whoever_lacks_the_key_that_seals_does_not_start(process: Make) -> None:
    new, _ = process(NEW, SEAL_KEY)
    talk(new)
    with pytest.raises(KeyMissing, match=NEW_ID):
        process(SEAL_KEY)


def test_two_that_want_different_keys_change_nothing(process: Make) -> None:
    first, _ = process(SEAL_KEY)
    one, one_seal = process(NEW, NEWER, SEAL_KEY)
    other, other_seal = process(NEWER, NEW, SEAL_KEY)
    talk(one, other, first)
    assert sealing(one_seal) == sealing(other_seal) == OLD_ID


def test_evidence_has_a_ring_of_its_own(process: Make, redis_url: str) -> None:
    _, seal = process(SEAL_KEY, evidence=(NEW,))
    assert (sealing(seal), sealing(seal, EVIDENCE)) == (OLD_ID, NEW_ID)
    rotated = Seal([NEWER], TAG_KEY, [NEW])
    assert rotated.open(seal.seal(b"x", "o", EVIDENCE), "o") == b"x", "its key outlives that of sessions"


def test_a_form_is_written_once_every_living_process_reads_it(process: Make, redis_url: str) -> None:
    new, _ = process(SEAL_KEY, forms=2)
    assert new.all_read("session", 2)
    process(SEAL_KEY, forms=1)
    new.say()
    assert not new.all_read("session", 2)
    passes(redis_url, LIVES + 1)
    new.say()
    assert new.all_read("session", 2)


# --- whether an old key may go --------------------------------------------------------------------
def test_what_an_old_key_sealed_is_counted_wherever_it_stands(redis_url: str) -> None:
    client = connect(redis_url)
    seal = Seal([SEAL_KEY], TAG_KEY)
    sealed = seal.seal(b"{}", "tag")
    client.hset("sb:{s1}:s:tag", mapping={"v": b"12345678", "d": sealed})
    client.set("sb:{s1}:d:tag:1", b"r" + sealed)
    client.hset("sb:{s1}:j:x", mapping={"d": b"tag|" + sealed, "a": 1})
    client.rpush("sb:{s1}:e:y", b"tag|" + sealed, sealed)
    client.zadd("sb:{s1}:due", {"j:x": 1})
    client.set("sb:revision:x", sealed)
    found = census(client, (OLD_ID, NEW_ID))
    assert found == {OLD_ID: {"s": 1, "d": 1, "j": 1, "e": 2}, NEW_ID: {}}
    client.close()


@pytest.mark.parametrize(
    ("old", "seals", "behind", "code"),
    [
        ({"s": 3}, OLD_ID, 2, "seal.still"),
        ({"s": 3, "e": 1}, NEW_ID, 0, "seal.remains"),
        ({"e": 1}, NEW_ID, 0, "seal.evidence"),
        ({}, NEW_ID, 0, "seal.may_go"),
    ],
)
def test_the_doctor_says_when_an_old_key_may_go(
    old: dict[str, int], seals: str, behind: int, code: str
) -> None:
    settings = Settings(seal_keys=(NEW, SEAL_KEY), tag_key=TAG_KEY)
    keys = Keys({OLD_ID: old}, frozenset({seals}), behind)
    signs = [s for s in examine(Diagnostics(settings=settings, keys=lambda: keys)) if s.code == code]
    assert len(signs) == 1
    for language in ("en", "zh-CN"):
        assert OLD_ID in signs[0].line_in(language)


def test_the_doctor_reads_it_from_the_store(process: Make, redis_url: str) -> None:
    process(SEAL_KEY)
    process(NEW, SEAL_KEY)
    found = Server(lambda: connect(redis_url), "here").keys((OLD_ID,), {NEW_ID})
    assert (found.behind, found.seals) == (1, {OLD_ID})


def test_evidence_and_traces_are_sealed_with_the_ring_of_evidence(redis_url: str) -> None:
    store = RedisStore(connect(redis_url), Seal([SEAL_KEY], TAG_KEY, [NEW]))
    owner = store.owner("o-made-up")
    assert store.forms.sealed(owner, {}, EVIDENCE)[:4].hex() == NEW_ID
    assert kept.find(store, "none") == []
    store.client.close()
