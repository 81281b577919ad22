"""Who may sign in to the console: names, roles and hashes, as SHEBAO_CONSOLE_USERS holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Semaphore

from werkzeug.security import check_password_hash, generate_password_hash

from bot.console.roles import CHANGES, NEEDED, ROLES
from bot.settings import CONSOLE_USER

METHOD = "scrypt:32768:8:1"
OLDEST = 10
"""Characters that a password had to have before: those still open."""


@dataclass(frozen=True)
class Account:
    """`role`: one of ROLES. `hash`: werkzeug's, with a dot for its `$`. `secret`: of the second factor, ""
    where the line has none; `held`: until it has one, what changes something is closed to it.
    """

    name: str
    role: str
    hash: str = field(repr=False)
    secret: str = field(default="", repr=False)
    held: bool = False

    def may(self, endpoint: str) -> bool:
        """`endpoint`: of the console, without its blueprint's name."""
        right = NEEDED.get(f"console.{endpoint}")
        return right in ROLES[self.role] and not (self.held and right in CHANGES)


class Accounts:
    """`users`: `name:role:hash` or `name:role:hash:secret` each, their form checked when the settings were
    read. `strict`: roles that change something need a second factor."""

    def __init__(self, users: Sequence[str], strict: bool = False) -> None:
        self._all = {account.name: account for account in (_read(user, strict) for user in users)}
        method = next(iter(self._all.values())).hash.partition(".")[0] if self._all else METHOD
        self._nobody = hashed("nobody has this password", method)
        self._at_once = Semaphore(2)  # a check takes 0.1 s and 32 MB: many at once must not stop the webhook

    @property
    def have_codes(self) -> bool:
        """Checks whether anybody has a second factor."""
        return any(account.secret for account in self._all.values())

    def get(self, name: str) -> Account | None:
        return self._all.get(name)

    def check(self, name: str, password: str) -> Account | None:
        """Returns the account, if that is its password. An unknown name takes as long as a known one.

        A password too short, or none, opens nothing, whatever hash somebody made of it by hand.
        """
        account = self._all.get(name)
        kept = account.hash if account else self._nobody
        with self._at_once:
            good = check_password_hash(kept.replace(".", "$"), password)
        return account if good and len(password) >= OLDEST else None


def _read(user: str, strict: bool) -> Account:
    found = CONSOLE_USER.fullmatch(user)
    if found is None:
        raise ValueError("not an account")
    name, role, hash_, secret = found["name"], found["role"], found["hash"], found["secret"] or ""
    return Account(name, role, hash_, secret, strict and not secret and bool(ROLES[role] & CHANGES))


def hashed(password: str, method: str = METHOD) -> str:
    """Without `$`, which shells and compose files would take for a variable."""
    return generate_password_hash(password, method).replace("$", ".")
