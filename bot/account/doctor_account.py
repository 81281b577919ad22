"""The part of `shebao doctor` about WeChat's API: quotas, token, clock, menu, customer service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from bot.account.asked import Account
from bot.account.checks import BAD, GOOD, WARN, CheckResult, Diagnostics
from bot.account.live_menu import Refused, live_buttons, plan, rules
from bot.content.errcodes import midnight, spent
from bot.content.read.menu import Button
from bot.ports import Unknown

_SKEW = 30  # seconds a clock may be off before signatures grow stale


def quotas(p: Diagnostics) -> Iterator[CheckResult]:
    if p.spent is None:
        return
    try:
        found = p.spent()
    except Unknown:  # Redis has a result of its own
        return
    if not found:
        yield CheckResult(GOOD, "quota.good")
        return
    yield CheckResult(
        BAD, "quota.spent", {"calls": partial(spent, found), "until": midnight(max(found.values()))}
    )


def access(p: Diagnostics) -> Iterator[CheckResult]:
    """Checks the cached access token; `wechat` asks for a new one."""
    if p.kept is None:
        yield CheckResult(WARN, "api.none")
        return
    with suppress(Unknown):  # Redis has a result of its own
        left = p.kept()
        about = {"minutes": max(left or 0, 0) // 60}
        yield CheckResult(GOOD, "access.none" if left is None else "access.kept", about)


def pushes(p: Diagnostics) -> Iterator[CheckResult]:
    """Checks what can still be pushed today, without a message from the resident."""
    if p.settings.push != "yes":
        yield CheckResult(GOOD, "pushes.off")
    elif p.pushes is not None:
        try:
            found = p.pushes()
        except Unknown as e:
            yield CheckResult(BAD, "pushes.silent", {"why": str(e)})
            return
        about = {"left": f"{found.left:,}", "limit": f"{found.limit:,}", "used": f"{found.used:,}"}
        scarce = found.left * 10 < found.limit
        yield CheckResult(WARN if scarce else GOOD, "pushes.scarce" if scarce else "pushes.good", about)


def wechat(p: Diagnostics) -> Iterator[CheckResult]:
    """Checks from the clock to the seats; stops where the API is silent or gives no token."""
    try:
        if p.wechat_time and p.now:
            off = round(p.now() - p.wechat_time())
            right = abs(off) <= _SKEW
            yield CheckResult(GOOD if right else BAD, "clock.good" if right else "clock.off", {"off": off})
        if p.account is None:
            yield CheckResult(WARN, "api.none")
            return
        try:
            p.account.token()
        except Refused as e:
            yield _refused(BAD, "access", e)
            return
        yield CheckResult(GOOD, "access.good")
        yield from _menu(p.account, p.menu)
        if p.agents:
            yield _seats(p.account)
    except Unknown as e:
        # without a secret it asks the API nothing: replies work all the same
        yield CheckResult(BAD if p.account else WARN, "api.silent", {"why": str(e)})


def _menu(account: Account, wanted: tuple[Button, ...]) -> Iterator[CheckResult]:
    try:
        live, on = live_buttons(account)
        if not live:
            yield CheckResult(BAD, "menu.none")
        elif not on:
            yield CheckResult(BAD, "menu.off")
        else:
            yield (
                CheckResult(WARN, "menu.differs")
                if plan(wanted, live).changes
                else CheckResult(GOOD, "menu.good")
            )
        if others := rules(account):
            yield CheckResult(WARN, "menu.conditional", {"size": len(others), "rules": "; ".join(others)})
    except Refused as e:
        yield _refused(BAD, "menu", e)


def _seats(account: Account) -> CheckResult:
    try:
        size = account.seats()
    except Refused as e:
        return _refused(WARN, "seats", e)
    return CheckResult(GOOD, "seats.good", {"size": size}) if size else CheckResult(WARN, "seats.none")


def _refused(state: str, subject: str, e: Refused) -> CheckResult:
    return CheckResult(state, f"{subject}.refused", {"code": e.code, "remedy": e.remedy})
