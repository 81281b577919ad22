"""The part of `shebao doctor` about WeChat's API: quotas, token, clock, menu, customer service."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bot.account.asked import Account
from bot.account.checks import BAD, WARN, CheckResult, Diagnostics, bad, caution, good
from bot.account.live_menu import Refused, live_buttons, plan, rules
from bot.content.errcodes import midnight, spent
from bot.content.read.menu import Button
from bot.ports import Unknown

_SKEW = 30  # seconds a clock may be off before signatures grow stale


def quotas(p: Diagnostics) -> Iterator[CheckResult]:
    if p.spent is None:
        return
    found = p.spent()
    if not found:
        yield good("quota.good")
        return
    yield bad("quota.spent", {"calls": partial(spent, found), "until": midnight(max(found.values()))})


def access(p: Diagnostics) -> Iterator[CheckResult]:
    """Checks the cached access token; `wechat` asks for a new one."""
    if p.kept is None:
        yield caution("api.none")
        return
    left = p.kept()
    about = {"minutes": max(left or 0, 0) // 60}
    yield good("access.none" if left is None else "access.kept", about)


def pushes(p: Diagnostics) -> Iterator[CheckResult]:
    """Checks what can still be pushed today, without a message from the resident."""
    if p.settings.push != "yes":
        yield good("pushes.off")
    elif p.pushes is not None:
        try:
            found = p.pushes()
        except Unknown as e:
            yield bad("pushes.silent", {"why": str(e)})
            return
        about = {"left": f"{found.left:,}", "limit": f"{found.limit:,}", "used": f"{found.used:,}"}
        scarce = found.left * 10 < found.limit
        yield caution("pushes.scarce", about) if scarce else good("pushes.good", about)


def wechat(p: Diagnostics) -> Iterator[CheckResult]:
    """Checks from the clock to the seats; stops where the API is silent or gives no token."""
    try:
        if p.wechat_time and p.now:
            off = round(p.now() - p.wechat_time())
            yield good("clock.good", {"off": off}) if abs(off) <= _SKEW else bad("clock.off", {"off": off})
        if p.account is None:
            yield caution("api.none")
            return
        try:
            p.account.token()
        except Refused as e:
            yield _refused(BAD, "access", e)
            return
        yield good("access.good")
        yield from _menu(p.account, p.menu)
        if p.agents:
            yield _seats(p.account)
    except Unknown as e:
        # without a secret it asks the API nothing: replies work all the same
        about = {"why": str(e)}
        yield bad("api.silent", about) if p.account else caution("api.silent", about)


def _menu(account: Account, wanted: tuple[Button, ...]) -> Iterator[CheckResult]:
    try:
        live, on = live_buttons(account)
        if not live:
            yield bad("menu.none")
        elif not on:
            yield bad("menu.off")
        else:
            yield caution("menu.differs") if plan(wanted, live).changes else good("menu.good")
        if others := rules(account):
            yield caution("menu.conditional", {"size": len(others), "rules": "; ".join(others)})
    except Refused as e:
        yield _refused(BAD, "menu", e)


def _seats(account: Account) -> CheckResult:
    try:
        size = account.seats()
    except Refused as e:
        return _refused(WARN, "seats", e)
    return good("seats.good", {"size": size}) if size else caution("seats.none")


def _refused(state: str, subject: str, e: Refused) -> CheckResult:
    return CheckResult(state, f"{subject}.refused", {"code": e.code, "remedy": e.remedy})
