"""Strangers who guess meet growing delays; whoever was matched before, and the city, are not locked out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from store.servers import Scattered
from structlog.testing import capture_logs

from bot.ports import Request, Result
from bot.services.ledger import Ledger, Unsealed
from bot.services.limit import STEPS, Limited
from bot.store.sign_ins import KEPT, SignIns
from services.kit import PEOPLE, Clock, a_request, a_seal, who

HOLDER = who("张三")


class Desk:
    """Checks of many openids against the same people; `calls`: how many reached the bureau."""

    def __init__(self, client: redis.Redis, alarm: int = 10_000) -> None:
        client.flushall()
        self.client, self.clock, self.calls = client, Clock(), 0
        self.sign_ins = SignIns(client, a_seal())
        counts = Ledger(client, Unsealed(a_seal().tag), "sb:")
        self.limited = Limited(self, counts, self.clock.now, 5, alarm, self.sign_ins)

    def perform(self, request: Request) -> Result:
        self.calls += 1
        person = PEOPLE.find(str(request.arguments["id_number"]))
        named = person is not None and person.is_called(str(request.arguments["name"]))
        seen = request.arguments.get("image", "good") == "good"
        return Result("match" if named and seen else "mismatch")

    def find(self, action: str, key: str) -> Result | None:
        return None

    def check(self, resident: str, name: str, number: str = HOLDER.id_number, key: str = "") -> Result:
        request = a_request("real_name.check", key=key, resident=resident, id_number=number, name=name)
        return self.limited.perform(request)

    def face(self, resident: str, image: str) -> Result:
        given = {"image": image, "id_number": HOLDER.id_number, "name": HOLDER.name}
        return self.limited.perform(a_request("real_name.match_face", resident=resident, **given))

    def matched(self, resident: str, about: str = "name", number: str = HOLDER.id_number) -> None:
        """As a turn writes it down."""
        field = f"{about}:{self.sign_ins.person(number)}"
        self.client.hset(f"sb:{{s0}}:k:{resident}", field, str(self.clock.at + KEPT))

    def guess(self, many: int, number: str = HOLDER.id_number) -> list[str]:
        return [self.check(f"stranger-{n}", f"猜{n}", number).outcome for n in range(many)]


@pytest.fixture
def desk(bureau_client: redis.Redis) -> Desk:
    return Desk(bureau_client)


def waits(result: Result) -> str:
    assert result.outcome == "locked"
    assert isinstance(result.value, dict)
    return result.value["wait"]


def test_strangers_do_not_touch_the_allowance_of_who_was_matched_before(desk: Desk) -> None:
    desk.matched("holder")
    assert desk.guess(50) == ["mismatch"] * 5 + ["locked"] * 45
    assert desk.calls == 5, "what is locked does not reach the bureau"
    for _ in range(4):
        assert desk.check("holder", "错名字").outcome == "mismatch", "an allowance of their own"
    assert desk.check("holder", HOLDER.name).outcome == "match"


def test_a_holder_who_was_never_matched_meets_one_delay_and_is_told_how_long(desk: Desk) -> None:
    desk.guess(50)
    assert waits(desk.check("holder", HOLDER.name)) == "1m"
    desk.clock.at += 30
    assert waits(desk.check("holder", HOLDER.name)) == "1m", "asking again makes it no longer"
    desk.clock.at += 30
    desk.check("stranger-6", "猜猜")  # they were told the same, and are there first
    assert waits(desk.check("newcomer", HOLDER.name)) == "5m", "it has grown for whoever comes now"
    assert desk.check("holder", HOLDER.name).outcome == "match", "what was told holds"


def test_delays_grow_with_every_failure_and_end_after_a_day(desk: Desk) -> None:
    heard = []
    for failures in range(5 + len(STEPS)):
        if failures >= 5:
            came = desk.check("stranger", "猜")
            heard.append(waits(came))
            desk.clock.at += dict(zip(heard[-1:], STEPS[failures - 5 : failures - 4], strict=True))[heard[-1]]
        assert desk.check("stranger", "猜", who("李小芳").id_number if failures % 2 else HOLDER.id_number)
    assert heard == ["1m", "5m", "15m", "30m", "1h", "4h", "1d"]
    desk.clock.days(2)
    assert desk.check("stranger", "猜").outcome == "mismatch"


def test_an_id_number_is_never_shut_for_longer_than_an_hour(desk: Desk) -> None:
    """Many openids do not help to probe one number, nor to keep its holder out."""
    for n in range(200):
        came = desk.check(f"s{n}", "猜")
        if came.outcome == "locked":
            assert waits(came) in ("1m", "5m", "15m", "30m", "1h")
            desk.clock.at += 600
    assert desk.calls <= 5 + 200
    assert waits(desk.check("holder", HOLDER.name)) in ("30m", "1h")
    desk.clock.at += 3600
    assert desk.check("holder", HOLDER.name).outcome == "match"


def test_one_openid_is_delayed_whatever_numbers_it_tries(desk: Desk) -> None:
    numbers = [person.id_number for person in PEOPLE.everyone[:6]]
    outcomes = [desk.check("stranger", "猜", number).outcome for number in numbers]
    assert outcomes == ["mismatch"] * 5 + ["locked"]
    assert desk.check("neighbour", who("李小芳").name, who("李小芳").id_number).outcome == "match"


def test_faces_are_counted_apart_from_names_and_have_their_own_pairs(desk: Desk) -> None:
    """Whoever has the wallet knows the name: that they were matched by it opens nothing for their face."""
    desk.matched("thief", "name")
    desk.matched("holder", "face")
    assert [desk.face("thief", "other").outcome for _ in range(6)] == ["mismatch"] * 5 + ["locked"]
    assert desk.check("thief", HOLDER.name).outcome == "match"
    assert desk.face("holder", "good").outcome == "match"


def test_parallel_checks_do_not_pass_the_limit(desk: Desk) -> None:
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda n: desk.check(f"s{n}", "猜").outcome, range(32)))
    assert desk.calls == 5
    assert outcomes.count("mismatch") == 5


def test_the_same_request_again_counts_once(desk: Desk) -> None:
    for _ in range(9):
        assert desk.check("resident", "错", key="the same").outcome == "mismatch"
    assert [desk.check("resident", "错").outcome for _ in range(5)] == ["mismatch"] * 4 + ["locked"]


def test_guessing_all_over_the_city_raises_an_alarm_and_delays_strangers_only(
    bureau_client: redis.Redis,
) -> None:
    desk = Desk(bureau_client, alarm=20)
    desk.matched("verified", number=who("李小芳").id_number)
    with capture_logs() as logs:
        for n in range(20):
            assert desk.check(f"s{n}", "猜", PEOPLE.everyone[n].id_number).outcome == "mismatch"
    assert [line["event"] for line in logs if line.get("alert")] == ["many failed checks"]
    assert desk.check("newcomer", HOLDER.name).outcome == "match", "nobody is locked out who has not failed"
    for resident in ("stranger", "verified"):
        for n in range(5):
            assert desk.check(resident, "猜", PEOPLE.everyone[20 + n].id_number).outcome == "mismatch"
    assert waits(desk.check("stranger", "猜", PEOPLE.everyone[26].id_number)) == "15m"
    assert waits(desk.check("verified", "猜", PEOPLE.everyone[26].id_number)) == "1m"
    desk.clock.at += 3600
    assert desk.check("stranger", HOLDER.name).outcome == "match", "and it is over with the hour"


def test_what_is_counted_names_nobody_and_goes_by_itself(desk: Desk) -> None:
    desk.check("openid-like", "错名字")
    keys = desk.client.keys("*")
    assert all(0 < desk.client.ttl(key) <= 86_400 for key in keys)
    stored = b"".join((*keys, *(desk.client.get(key) for key in keys)))
    assert HOLDER.id_number.encode() not in stored
    assert b"openid-like" not in stored


@pytest.mark.parametrize(
    "away", [redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2, retry=None), Scattered()]
)
def test_a_store_that_is_away_asks_nobody(away: redis.Redis) -> None:
    asked: list[Request] = []

    class Bureau:
        def perform(self, request: Request) -> Result:
            asked.append(request)
            return Result("match")

        def find(self, action: str, key: str) -> Result | None:
            return None

    limited = Limited(Bureau(), Ledger(away, Unsealed(a_seal().tag), "sb:"), Clock().now)
    given = {"id_number": HOLDER.id_number, "name": HOLDER.name}
    assert limited.perform(a_request("real_name.check", **given)) == Result("unavailable")
    assert asked == []
