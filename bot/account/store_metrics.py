"""Figures that are in the store already, read when Prometheus asks; any process can return them.

Several processes return the same figures: take `max` over them, never `sum`.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from redis.cluster import RedisCluster

from bot.account.served import Served
from bot.actions import switches
from bot.engine import counts as named
from bot.engine.scope import china_time
from bot.services.ledger import Ledger, Unreachable, Unsealed
from bot.services.limit import failures
from bot.store.connect import answering, server_time
from bot.store.counts import Counts
from bot.store.deadline import within
from bot.store.epochs import EMPTY, OLDER, OTHER
from bot.store.fleet import living
from bot.store.records import StoreAway
from bot.store.redis import SHARDS
from bot.wechat.spent import Spent
from bot.wechat.tokens import kept_for

WITHIN = 3.0
"""Seconds for all figures; Prometheus waits 10."""
PEEK = 100
"""Due jobs of a shard that are counted by kind."""
KINDS = {"j": "call", "t": "timer", "p": "push"}
COUNTED_FOR = 60.0
"""Seconds for which the day's counts are reused: reading them takes long."""


class StoreCollector:
    """prometheus_client's Collector. Leaves out what it cannot read; `shebao_store_up` shows that."""

    def __init__(self, bot: Served) -> None:
        self._bot = bot
        self._counts = Counts(bot.client, bot.store.seal)
        self._checks = Ledger(bot.client, Unsealed(bot.store.seal.tag), "sb:")
        self._spent = Spent(bot.client, bot.settings.wechat_app_id, bot.now)
        self._counted: tuple[float, list[Metric]] = (0.0, [])
        self._lock = threading.Lock()

    def describe(self) -> Iterable[Metric]:
        """Returns nothing, so that registering it asks nothing of a store that may be away."""
        return ()

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            up = writes = 1
            found: list[Metric] = []
            with within(time.monotonic() + WITHIN):
                try:
                    for part in (self._doubt, self._shards, self._maintenance, self._memory, self._fleet):
                        found += part()
                    found += [*self._wechat(), *self._real_name(), *self._day()]
                except StoreAway:
                    up = writes = 0
                else:
                    writes = int(self._writable())
        yield _gauge("store_up", "Whether the store answers all that figures are read from.", up)
        yield _gauge("store_writable", "Whether the store takes what is written, with its copies.", writes)
        yield from found

    def _writable(self) -> bool:
        try:
            self._bot.store.check_writes()
            self._bot.store.check_copies(self._bot.turns.settings.copies)
        except StoreAway:
            return False
        return True

    def _doubt(self) -> Iterator[Metric]:
        doubt = self._bot.store.epochs.doubt()
        each = {(what,): what == doubt for what in (OLDER, EMPTY, OTHER)}
        yield _labelled("store_doubt", "Whether the store is another one, or came back.", each, "what")

    def _maintenance(self) -> Iterator[Metric]:
        now = int(self._bot.now())
        off = [m for m in self._bot.store.switches.of(0) if m.covers(now)]
        known = {(service,): any(m.service == service for m in off) for service in switches()}
        yield _labelled("service_off", "Whether a service is switched off for maintenance.", known, "service")
        newest_first = sorted(off, key=lambda m: -m.since)
        lasts = {(m.service, "planned" if m.until else "open"): now - m.since for m in newest_first}
        yield _labelled("service_off_seconds", "For how long it has been.", lasts, "service", "end")

    def _shards(self) -> Iterator[Metric]:
        """Reads all shards in one round trip."""
        client = self._bot.client
        with answering():
            now, ours = server_time(client), self._bot.now()
            pipe: Any = client.pipeline(transaction=False)
            for shard in range(SHARDS):
                key = f"sb:{{s{shard}}}"
                pipe.zrangebyscore(f"{key}:due", 0, now, start=0, num=PEEK, withscores=True)
                pipe.zcount(f"{key}:due", 0, now)
                pipe.zcard(f"{key}:due")
                pipe.hlen(f"{key}:dead")
                pipe.hmget(f"{key}:life", "epochs", "beat", "at")
                pipe.get(f"{key}:rev")
            rows = pipe.execute()
        due, all_due, all_, dead, lives, pointers = (rows[n::6] for n in range(6))
        number: Counter[str] = Counter()
        oldest: defaultdict[str, float] = defaultdict(lambda: now)
        for members in due:
            for member, score in members:
                kind = KINDS.get(member[:1].decode(), "other")
                number[kind] += 1
                oldest[kind] = min(oldest[kind], score)
        waiting = {(kind,): number[kind] for kind in KINDS.values()}
        yield _labelled("work_due", "What is due and not taken yet, at most 100 a shard.", waiting, "kind")
        lag = {(kind,): max(now - oldest[kind], 0) for kind in KINDS.values()}
        yield _labelled("work_oldest_seconds", "For how long the oldest of it has been due.", lag, "kind")
        later = sum(all_) - sum(all_due)
        yield _gauge("work_scheduled", "What is due later: retries, timers, pushes.", later)
        yield _gauge("dead_letters", "Jobs that a bug of ours has stopped.", sum(dead))
        beats = [(int(at or 0), int(beat or 0)) for _, beat, at in lives]
        yield _gauge("store_beat", "What workers raise every 5 seconds.", max(beat for _, beat in beats))
        if raised := max(at for at, _ in beats):
            age = max(now - raised, 0)
            yield _gauge("worker_beat_age_seconds", "Since a worker has raised the beat.", age)
        begun = max(len((epochs or b"").split()) for epochs, _, _ in lives)
        yield _gauge("store_epochs", "Epochs of the store; one more each time that it came back.", begun)
        served = Counter(((p or b"none").decode(),) for p in pointers)
        text = "Shards that are served with a published revision."
        yield _labelled("revision_shards", text, served, "revision")
        yield _gauge("clock_offset_seconds", "This machine's clock less the store's.", ours - now)

    def _memory(self) -> Iterator[Metric]:
        client: Any = self._bot.client
        with answering():
            if isinstance(client, RedisCluster):
                nodes = client.info("memory", target_nodes=RedisCluster.PRIMARIES)
            else:
                nodes = {"": client.info("memory")}
        used = {(node,): int(info["used_memory"]) for node, info in nodes.items()}
        yield _labelled("store_memory_bytes", "Memory that the store uses.", used, "node")
        most = {
            (node,): int(info.get("maxmemory") or 0) or int(info.get("total_system_memory") or 0)
            for node, info in nodes.items()
        }
        known = {node: limit for node, limit in most.items() if limit}
        yield _labelled(
            "store_memory_limit_bytes", "Memory that it may use, or that there is.", known, "node"
        )

    def _fleet(self) -> Iterator[Metric]:
        members, _ = living(self._bot.client)
        known = {(m.id or "earlier", m.release, m.revision or "unknown"): 1 for m in members}
        yield _labelled("process_info", "A living process.", known, "process", "release", "revision")

    def _wechat(self) -> Iterator[Metric]:
        with answering():
            spent = self._spent.all()
            lasts = kept_for(self._bot.client, self._bot.settings.wechat_app_id)
        known = {(call,): 1 for call in spent}
        yield _labelled("wechat_quota_spent", "Interfaces not called again before midnight.", known, "call")
        if lasts is not None:
            yield _gauge("wechat_token_remaining_seconds", "For how long the access token is good.", lasts)

    def _real_name(self) -> Iterator[Metric]:
        try:
            failed = failures(self._checks, self._bot.now())
        except Unreachable as e:
            raise StoreAway(str(e)) from e
        text = "Failed checks this hour, with numbers their residents were never matched with."
        yield _gauge("real_name_failures", text, failed)
        limit = self._bot.settings.real_name_alarm
        yield _gauge("real_name_failures_limit", "The setting real_name_alarm.", limit)

    def _day(self) -> list[Metric]:
        """Returns what the commits have counted since midnight in China, when the counts restart."""
        at, known = self._counted
        if not known or time.monotonic() - at > COUNTED_FOR:
            known = list(self._counted_today())
            self._counted = time.monotonic(), known
        return known

    def _counted_today(self) -> Iterator[Metric]:
        today = china_time(self._bot.now()).date()
        total: Counter[str] = Counter()
        for of_revision in self._counts.read([today], today)[today].values():
            total.update(of_revision)
        flows = self._bot.turns.content("").flows
        runs: Counter[tuple[str, str]] = Counter()
        for name, n in total.items():
            counted = named.read(name)
            if counted is not None and counted.kind == "run":
                runs[counted.flow if counted.flow in flows else "other", counted.detail] += n
        known = CounterMetricFamily(
            "shebao_flow_runs", "Runs of flows, by what became of them.", labels=["flow", "event"]
        )
        for (flow, what), n in sorted(runs.items()):
            known.add_metric([flow, what], n)
        yield known
        for name, count, text in (
            ("unanswered_messages", "unknown", "Messages that nothing answered."),
            ("handed_off_messages", "hand_off.message", "Messages passed on to a person."),
        ):
            yield CounterMetricFamily(f"shebao_{name}", text, total[count])


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"shebao_{name}", text, value)


def _labelled(name: str, text: str, values: Mapping[Any, float], *labels: str) -> Metric:
    """`values`: by tuples of what `labels` are."""
    made = GaugeMetricFamily(f"shebao_{name}", text, labels=labels)
    for of, value in values.items():
        made.add_metric(of, value)
    return made
