"""The drill: whole conversations under everything that goes wrong, then the count: `make drill`."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

import redis
from store.servers import PATIENCE, Server, patient, sentinels, until

from bot.store.connect import connect
from bot.store.redis import SHARDS
from drill.chaos import Chaos, Stopwatch, Troubles
from drill.count import Figures, bugs, carried_out, changes, count, personal
from drill.cut import Network
from drill.residents import Resident, Stranger
from drill.stage import Stage
from drill.wechat import WeChat

AT_ONCE = 32
"""Residents who write at the same time."""
GUESS_AT_ONCE = 6
ENOUGH_WITHIN = 600
"""Seconds after which it ends even where not enough was seen."""
STRANGERS = 1_000_000
"""The first stranger's number; residents have smaller ones."""
MESSAGES = 30
"""Messages until a resident gives up on a goal for now."""
LEASE = 20
"""Seconds; what is due later than that is no lease, so time may pass for it."""
_LET_PASS = """
local moved = 0
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], '+inf')) do
  if string.find(ARGV[2], string.sub(member, 1, 1), 1, true) then
    redis.call('ZADD', KEYS[1], 1, member)
    moved = moved + 1
  end
end
return moved
"""


def drill(
    turns: int,
    seed: int,
    build: str = "",
    every: float = 3.0,
    faults: float = 1.0,
    folder: Path | None = None,
    failover: bool = False,
    strangers: bool = False,
    plans: tuple[str, ...] = (),
    say: Callable[[str], None] = lambda _: None,
    enough: Callable[[Counter[str]], bool] = lambda _: True,
) -> Figures:
    """`turns`: about so many. `every`: seconds between two kills, 0: none. Keeps a `folder` it is given.
    `enough`: of what was seen so far: what happened, changes by goal, "late" answers. Until then it goes on,
    however fast or slow the machine is.

    `failover`: a primary with replicas and Sentinels; its primary falls silent, is replaced, cut off.
    `strangers`: others guess all the time at the names of residents who have signed in.
    `plans`: only these of chaos.py.
    """
    made = folder or Path(tempfile.mkdtemp(prefix="drill-"))
    made.mkdir(parents=True, exist_ok=True)
    troubles = Troubles()
    watch = None if build else Stopwatch()  # what is broken on purpose has no excuse
    if watch:
        watch.start()
    wechat = WeChat(seed, faults, troubles, watch)
    started = time.monotonic()
    try:
        with _stage(made, wechat, seed, faults, build, failover) as (stage, network, servers, watchers):
            stage.start()
            wechat.web = stage.web
            refused = (1.0, 6.0, 10.0, 30.0) if turns > 2000 else (1.0, 6.0)  # more than a budget
            chaos = Chaos(stage, seed, every, troubles, network, servers, watchers, refused, plans)
            chaos.served_by = partial(setattr, wechat, "web")
            wechat.set_back = chaos.set_back
            with redis_of(stage) as client, time_passing(client):
                if every:
                    chaos.start()
                guesses, end = Counter[str](), time.monotonic() + ENOUGH_WITHIN

                def unfinished() -> bool:
                    if chaos.failed:
                        return False
                    if wechat.turns < turns or (every and chaos.unfinished()):
                        return True
                    seen = {**chaos.done, **guesses, **changes(stage.ledger), "late": len(wechat.late)}
                    return not enough(Counter(seen)) and time.monotonic() < end

                residents = talk(wechat, turns, guesses if strangers else None, stage.ledger, unfinished)
                if every:
                    chaos.end()
            spoken = time.monotonic() - started
            say(f"{wechat.turns} turns in {spoken:.0f} s; now everything is left alone, and time passes")
            stage.wait()
            with redis_of(stage) as client:
                patient(client)
                left = settle(stage, wechat, residents, client, 2 if build else 10)
                slow = watch is not None and watch.was_slow(started, time.monotonic())
                figures = Figures(failover=failover, slow=slow)
                count(figures, stage.ledger, residents, chaos.set_back)
                figures.bugs = [*bugs(made / "logs"), *dead_letters(client), *wechat.unknown]
                figures.bugs += [f"{left} calls, pushes or timers never done"] * bool(left)
                _write_out(client)
            where = [made / name for name in ("logs", "valkey", "servers") if (made / name).exists()]
            figures.personal = sorted(personal(where, residents))
            notes = stage.notes.read_text("utf-8").splitlines() if stage.notes.exists() else []
            figures.happened = Counter(notes) + Counter(chaos.done) + guesses
            if folder is not None:
                _write_transcripts(folder / "transcripts", residents)
    finally:
        wechat.close()
        if watch:
            watch.end()
        if folder is None:
            shutil.rmtree(made, ignore_errors=True)
    figures.turns, figures.deliveries, figures.pushes = wechat.turns, wechat.deliveries, wechat.pushes
    figures.late, figures.late_in_trouble = wechat.late, wechat.late_in_trouble
    figures.measured, figures.slowest, figures.seconds = (
        wechat.measured,
        wechat.slowest,
        time.monotonic() - started,
    )
    return figures


@contextmanager
def _stage(
    made: Path, wechat: WeChat, seed: int, faults: float, build: str, failover: bool
) -> Iterator[tuple[Stage, Network, list[Server], list[Server]]]:
    api, network = wechat.api.server_port, Network(made)
    if not failover:
        stage = Stage(made, api, seed, faults, build)
        try:
            yield stage, network, [], []
        finally:
            stage.stop()
        return
    with closing(network), sentinels(made / "servers", before=network.before) as (servers, watchers):
        hosts = ",".join(f"127.0.0.1:{s.front}" for s in watchers)
        stage = Stage(made, api, seed, faults, build, f"redis+sentinel://{hosts}/shebao")
        try:
            yield stage, network, servers, watchers
        finally:
            stage.stop()


@contextmanager
def redis_of(stage: Stage) -> Iterator[redis.Redis]:
    client = connect(stage.store)
    try:
        yield client
    finally:
        client.close()


def talk(
    wechat: WeChat,
    turns: int,
    guesses: Counter[str] | None,
    ledger: Path,
    unfinished: Callable[[], bool],
) -> list[Resident]:
    """New residents come as long as it is unfinished; each follows its plan, and gives up the rest of it
    after so many turns. `guesses`: what comes of those of strangers; None: there are no strangers."""
    residents: list[Resident] = []
    lock, now = threading.Lock(), int(time.time())  # wall clock: real processes

    def come() -> None:
        while unfinished():
            with lock:
                resident = Resident(wechat, len(residents) + 1, now)
                resident.carried_out = partial(carried_out, ledger)
                residents.append(resident)
                wechat.everyone[resident.openid] = resident.hear
            resident.go_on(MESSAGES, turns)

    numbers, holders = itertools.count(), dict[int, Resident]()

    def guess(guesses: Counter[str]) -> None:
        """At one after the other, a dozen times each: enough to meet the delays."""
        while unfinished():
            known = [r for r in residents if r.stays_known]
            if not known:
                time.sleep(0.2)
                continue
            number = next(numbers)
            with lock:
                holder = holders.setdefault(number // 12, known[-1])
                stranger = Stranger(wechat, STRANGERS + number, now)
                wechat.everyone[stranger.openid] = stranger.hear  # a late answer is pushed
            came = stranger.guess(holder)
            with lock:
                guesses[f"guess {came or 'unanswered'}"] += 1

    with ThreadPoolExecutor(AT_ONCE + GUESS_AT_ONCE) as pool:
        who = [pool.submit(come) for _ in range(AT_ONCE)]
        if guesses is not None:
            who += [pool.submit(guess, guesses) for _ in range(GUESS_AT_ONCE)]
        for done in who:
            done.result()
    return residents


def met_the_delays(seen: Counter[str]) -> bool:
    """Both answers to a stranger's wrong name were heard."""
    return seen["guess refused"] >= 3 and seen["guess delayed"] >= 1


def settle(stage: Stage, wechat: WeChat, residents: list[Resident], client: redis.Redis, rounds: int) -> int:
    """No more faults. Time passes until nothing waits; whoever has not heard writes on; timers, a message."""
    wechat.faults = 0
    stage.calm()
    for _ in range(rounds):
        if _until_nothing_waits(client):
            break  # nor will it the next time
        with ThreadPoolExecutor(AT_ONCE) as pool:
            if all(pool.map(lambda r: r.go_on(12, 0), residents)):
                break
    passes(client, 0, "t")
    passed = until(lambda: not waiting(client, kinds=b"t", due=True))
    return _until_nothing_waits(client) + (not passed)


def _until_nothing_waits(client: redis.Redis) -> int:
    """What waits all the same."""
    end = time.monotonic() + PATIENCE
    while (left := waiting(client)) and time.monotonic() < end:
        passes(client, 0, "jp")
        time.sleep(0.5)
    return left


@contextmanager
def time_passing(client: redis.Redis) -> Iterator[None]:
    """Every few seconds as if an hour had passed for what waits to be tried again; leases hold."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(2):
            with suppress(redis.RedisError):  # it is away: that is what the drill does
                passes(client, client.time()[0] + LEASE, "j")

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def passes(client: redis.Redis, later_than: int, kinds: str) -> int:
    """What is due later than that is due now. How many."""
    script = client.register_script(_LET_PASS)
    return sum(int(script(keys=[f"sb:{{s{n}}}:due"], args=[later_than, kinds])) for n in range(SHARDS))


def waiting(client: redis.Redis, kinds: bytes = b"jp", due: bool = False) -> int:
    """Calls and pushes that are not done. `due`: only what should have been done by now."""
    most = client.time()[0] if due else "+inf"
    members = [m for n in range(SHARDS) for m in client.zrangebyscore(f"sb:{{s{n}}}:due", 0, most)]
    return sum(member[:1] in kinds for member in members)


def dead_letters(client: redis.Redis) -> list[str]:
    return ["dead letter" for n in range(SHARDS) for _ in client.hgetall(f"sb:{{s{n}}}:dead")]


def _write_out(client: redis.Redis) -> None:
    client.bgsave()
    while client.info("persistence")["rdb_bgsave_in_progress"]:
        time.sleep(0.1)


def _write_transcripts(folder: Path, residents: list[Resident]) -> None:
    """What each of them heard, to find out how something came about."""
    folder.mkdir(exist_ok=True)
    for resident in residents:
        told = (f"--- {at:.2f}\n{text}\n" for at, text in resident.heard)
        (folder / f"{resident.openid}.txt").write_text("".join(told), "utf-8")


def seed_of_today() -> int:
    return int(os.environ.get("DRILL_SEED") or random.SystemRandom().randrange(10**6))
