"""Makes one attempt at a call; returns its result, or when to try again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from bot.actions import ACTIONS, UnknownPort, port_of, ports
from bot.logs import where
from bot.ports import Later, Request, Result, Service, Unknown, Unsendable
from bot.services.wire import WITH_RECORD
from bot.store.records import Job, ResidentKey

log = structlog.get_logger()

CALL_SECONDS = 8.0
"""An adapter's total deadline; shorter than the lease, so that two attempts never overlap."""
BACKOFF = (30, 60, 120, 300, 900, 1800, 3600)
"""Seconds until a change with an unknown result is sent again with the same key."""
BELIEVED = 3
"""The first attempt at which a service's word counts that it never took a key whose request cannot be sent
again: by then the first one, which may have been on its way, is over a minute old."""


@dataclass(frozen=True)
class Delay:
    """No definite outcome yet: try again in `seconds`. `sent`: the bureau may have taken it. `bug`: of ours.

    `sure`: this attempt was surely not taken.
    """

    seconds: int
    sent: bool
    cause: str = ""
    bug: bool = False
    sure: bool = False


class NotConfirmed(Exception):
    """The service does not say that a change ended as an operator says. `says`: its own outcome; "" if it
    does not answer, or does not know the key."""

    def __init__(self, says: str = "") -> None:
        super().__init__(says)
        self.says = says


class Calls:
    """The services by port. Adapters never retry by themselves: a flow's `retry` is the only policy."""

    def __init__(self, services: Mapping[str, Service]) -> None:
        """Raises UnknownPort if an action could not be called: better now than during a conversation."""
        if lacking := [port for port in ports() if port not in services]:
            raise UnknownPort(lacking)
        self._services = services

    def make(self, owner: ResidentKey, job: Job, attempt: int, doubt: bool = False) -> Result | Delay:
        """Makes the call. Never raises: a bug in an adapter is an unknown result and a log line.

        `doubt`: an earlier attempt may have been taken; then it settles nothing that this one surely was not.
        """
        call, action = job.call, ACTIONS[job.call.action]
        started = time.monotonic()
        key = f"{owner.tag}.{call.key}"
        request = Request(call.action, call.arguments, key, owner.tag, CALL_SECONDS, owner.shard)
        came: Result | Delay
        sendable = True
        pause = BACKOFF[min(max(attempt, 1), len(BACKOFF)) - 1]
        try:
            came = self._services[port_of(call.action)].perform(request)
        except Unsendable:
            came, sendable = Result("unavailable"), False
        except Later:
            came = Delay(BACKOFF[1], sent=False)
        except Unknown as e:
            came = Delay(pause, sent=True, cause=str(e))
        except Exception as e:
            log.error("call failed", resident=owner.tag, action=call.action, **where(e))
            came = Delay(pause, sent=True, cause=type(e).__name__, bug=True)
        if isinstance(came, Delay) and came.sent and not call.once:
            nothing = "unavailable" if "unavailable" in action.outcomes else action.outcomes[-1]
            came = Result(nothing)
        if isinstance(came, Result) and came.outcome == "unavailable":
            if call.once and doubt:
                came = self._found(owner, request, pause, final=not sendable and attempt >= BELIEVED)
            if isinstance(came, Result) and came.outcome == "unavailable" and attempt <= call.retry_times:
                came = Delay(call.retry_every, sent=False, sure=True)
        log.info(
            "call",
            resident=owner.tag,
            action=call.action,
            attempt=attempt,
            outcome=came.outcome if isinstance(came, Result) else "delayed",
            cause=getattr(came, "cause", ""),
            ms=round((time.monotonic() - started) * 1000),
        )
        return came

    def confirmed(self, owner: ResidentKey, job: Job, outcome: str) -> Result:
        """Returns the result of a change of which an operator knows the outcome: the service's own, since the
        resident is told its receipt and dates. Where it gives none, an outcome without a record is believed.

        Raises:
            NotConfirmed.
        """
        action = job.call.action
        try:
            found = self._services[port_of(action)].find(action, f"{owner.tag}.{job.call.key}")
        except Unknown:
            found = None
        except Exception as e:  # a bug of the adapter's may be why the job did not end by itself
            log.error("call not looked for", resident=owner.tag, action=action, **where(e))
            found = None
        if found is None and outcome in WITH_RECORD and ACTIONS[action].fields:
            raise NotConfirmed
        if found is not None and found.outcome != outcome:
            raise NotConfirmed(found.outcome)
        return found or Result(outcome)

    def _found(self, owner: ResidentKey, request: Request, pause: int, final: bool) -> Result | Delay:
        """Returns the result of an earlier attempt, if this one was surely not taken. `final`: the service's
        word that it never took any counts; otherwise the request can still be sent again."""
        cause = "unavailable, after an attempt that may have been taken"
        try:
            found = self._services[port_of(request.action)].find(request.action, request.key)
        except Unknown:
            return Delay(pause, sent=True, cause=cause)
        except Exception as e:
            log.error("call not looked for", resident=owner.tag, action=request.action, **where(e))
            return Delay(pause, sent=True, cause=type(e).__name__, bug=True)
        if found is None and not final:
            return Delay(pause, sent=True, cause=cause)
        return found or Result("unavailable")
