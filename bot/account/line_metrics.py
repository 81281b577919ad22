"""Counts a process's log lines, one line per event, so that nothing is instrumented twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram

from bot.actions import ACTIONS, outcomes_of

OTHER = "other"
ANSWERS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 4.5, 5)
"""Seconds; WeChat waits 5, and we promise 4.5."""
CALLS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 6, 8)
"""Seconds; an adapter gives up after 8."""
STORES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4)
MOST = 256
"""Values of one label; later ones become `other`. No label has so many: this guards against our mistakes."""


class Labelled:
    """A metric's children by their labels' values."""

    def __init__(self, metric: Any) -> None:
        self._metric = metric
        self._children: dict[tuple[str, ...], Any] = {}

    def __call__(self, *labels: str) -> Any:
        if labels not in self._children:
            if len(self._children) >= MOST:
                return self._metric.labels(*(OTHER for _ in labels))
            shown = (label.replace(" ", "_") or "none" for label in labels)
            self._children[labels] = self._metric.labels(*shown)
        return self._children[labels]


class Lines:
    """Counts log lines, by their event. `registry`: for counts of this process alone."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        def counter(name: str, what: str, *labels: str) -> Any:
            made = Counter(f"shebao_{name}", what, labels, registry=registry)
            return Labelled(made) if labels else made

        def histogram(name: str, what: str, buckets: tuple[float, ...], *labels: str) -> Any:
            made = Histogram(f"shebao_{name}_seconds", what, labels, buckets=buckets, registry=registry)
            return Labelled(made) if labels else made

        self._deliveries = counter(
            "deliveries", "Deliveries of WeChat, by kind and by what became of them.", "kind", "result"
        )
        self._answers = histogram("answer", "From accepting a delivery to its answer.", ANSWERS)
        self._store = histogram("store", "Reading and writing the store for one delivery.", STORES)
        self._conflicts = counter(
            "store_conflicts", "Turns decided again, because another had written first.", "result"
        )
        self._failures = counter("store_failures", "Questions to the store that failed.", "cause")
        self._calls = counter("calls", "Attempts at calls, by action and outcome.", "action", "outcome")
        self._call = histogram("call", "One attempt at a call.", CALLS, "action")
        self._callbacks = counter("callbacks", "Outcomes that services sent later.", "action", "outcome")
        self._pushes = counter("pushes", "Customer-service messages and announcements.", "kind", "result")
        self._wechat = counter(
            "wechat_errors", "Calls that WeChat refused, by its errcode.", "call", "errcode"
        )
        self._refused = counter("wechat_refused", "Requests to the webhook that were refused.", "why")
        self._errors = counter("errors", "Log lines of the level error, by event.", "event")
        self._events: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "turn": self._turn,
            "ignored": lambda line: self._deliveries("Ignored", "ignored").inc(),
            "wechat_ignored": lambda line: self._deliveries("Ignored", "ignored").inc(),
            "wechat_hung_up": lambda line: self._deliveries(OTHER, "hung_up").inc(),
            "wechat_turn_failed": lambda line: self._deliveries(OTHER, "failed").inc(),
            "wechat_refused": lambda line: self._refused(refusal(line["reason"])).inc(),
            "turn raced": lambda line: self._conflicts(line["result"]).inc(),
            "store failed": lambda line: self._failures(line["cause"]).inc(),
            "call": self._called,
            "callback": lambda line: self._callbacks(*_known(line)).inc(),
            "push": lambda line: self._pushes("message", line["result"]).inc(),
            "notice": lambda line: self._pushes("notice", line["result"]).inc(),
            "wechat_error": lambda line: self._wechat(line["call"], str(line["errcode"])).inc(),
        }

    def __call__(self, level: str, line: Mapping[str, Any]) -> None:
        """Implements logs.Observe."""
        event = line["event"]
        if level == "error":
            self._errors(event).inc()
        if event in self._events:
            self._events[event](line)

    def _turn(self, line: Mapping[str, Any]) -> None:
        self._deliveries(line["kind"], line["result"]).inc()
        if "ms" in line:
            self._answers.observe(line["ms"] / 1000)
            self._store.observe(line["store_ms"] / 1000)

    def _called(self, line: Mapping[str, Any]) -> None:
        action, outcome = _known(line)
        self._calls(action, outcome).inc()
        self._call(action).observe(line["ms"] / 1000)


def _known(line: Mapping[str, Any]) -> tuple[str, str]:
    action, outcome = line["action"], line["outcome"]
    if action not in ACTIONS:
        return OTHER, OTHER
    return action, outcome if outcome in (*outcomes_of(action), "delayed") else OTHER


def refusal(reason: str) -> str:
    """Classifies a refusal: caused by the clock, the settings, or the sender."""
    if reason.startswith("timestamp is too old"):
        return "clock"
    if reason.startswith("signature"):
        return "signature"
    return "keys" if "AES keys" in reason or " mode" in reason else "malformed"
