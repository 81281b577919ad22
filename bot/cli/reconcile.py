"""`shebao reconcile`: what residents were told, and what is under way, against the bureau's own records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.actions import port_of
from bot.cli.errors import said, unopened
from bot.ports import Result, Service, Unknown
from bot.store import evidence
from bot.store.redis import RedisStore
from bot.store.seal import SealError

_MOST = 1_000_000
"""Calls of one shard."""


@dataclass(frozen=True)
class Asked:
    """One change. `receipt`: what the resident was told, "" while it is under way. `agrees`: None where
    nobody can tell. `found`: the bureau's word."""

    action: str
    key: str
    receipt: str
    agrees: bool | None
    found: str

    def line(self) -> str:
        if self.receipt:
            state = {True: said("agrees"), False: said("differs"), None: said("unanswered")}[self.agrees]
        else:
            state = said("under_way")
        about = f"{state:9}  {self.receipt or '-':12}  {self.action}  {self.key}"
        return said("asked", about=about, found=self.found)


def reconcile(store: RedisStore, services: Mapping[str, Service]) -> Iterator[Asked]:
    """Every receipt that is kept and every change under way, each asked of the bureau under its key. Changes
    nothing, here or there.

    Raises:
        StoreAway.
    """
    for tag, facts in evidence.everything(store):
        action, key, receipt = facts["action"], f"{tag}.{facts['key']}", facts["receipt"]
        try:
            result = _found(services, action, key)
        except Unknown as e:
            yield Asked(action, key, receipt, None, str(e))
            continue
        yield Asked(action, key, receipt, _confirms(result, receipt), _word(result))
    for shard, sealed in store.jobs.calls(_MOST):
        try:
            owner, job = store.forms.open_job(shard, sealed)
        except SealError as e:
            yield Asked("?", "?", "", None, unopened(e))
            continue
        if job.call.once:
            action, key = job.call.action, f"{owner.tag}.{job.call.key}"
            try:
                yield Asked(action, key, "", True, _word(_found(services, action, key)))
            except Unknown as e:
                yield Asked(action, key, "", None, str(e))


def _found(services: Mapping[str, Service], action: str, key: str) -> Result | None:
    """Raises Unknown: nobody can tell now."""
    if (service := services.get(port_of(action))) is None:  # evidence outlives a service of one's own
        raise Unknown(said("no_such_service"))
    return service.find(action, key)


def _confirms(result: Result | None, receipt: str) -> bool:
    value = result.value if result and result.outcome in ("done", "already") else None
    return isinstance(value, Mapping) and value.get("number") == receipt


def _word(result: Result | None) -> str:
    if result is None:
        return said("no_such_key")
    number = result.value.get("number", "") if isinstance(result.value, Mapping) else ""
    return f"{result.outcome} {number}".strip()
