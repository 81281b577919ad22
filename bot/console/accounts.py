"""Who may sign in to the console: names, roles and hashes, as SHEBAO_CONSOLE_USERS holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Semaphore

from werkzeug.security import check_password_hash, generate_password_hash

METHOD = "scrypt:32768:8:1"
SHORTEST = 10
"""Characters of a password."""
PUBLISH = "publish"


@dataclass(frozen=True)
class Account:
    """`role`: read or publish. `hash`: werkzeug's, with a dot for its `$`."""

    name: str
    role: str
    hash: str = field(repr=False)

    @property
    def publishes(self) -> bool:
        return self.role == PUBLISH


class Accounts:
    """`users`: `name:role:hash` each, their form checked when the settings were read."""

    def __init__(self, users: Sequence[str]) -> None:
        self._all = {a.name: a for a in (Account(*user.split(":", 2)) for user in users)}
        method = next(iter(self._all.values())).hash.partition(".")[0] if self._all else METHOD
        self._nobody = hashed("nobody has this password", method)
        self._at_once = Semaphore(2)  # a check takes 0.1 s and 32 MB: many at once must not stop the webhook

    def get(self, name: str) -> Account | None:
        return self._all.get(name)

    def check(self, name: str, password: str) -> Account | None:
        """The account, if that is its password. An unknown name takes as long as a known one.

        A password too short, or none, opens nothing, whatever hash somebody made of it by hand.
        """
        account = self._all.get(name)
        kept = account.hash if account else self._nobody
        with self._at_once:
            good = check_password_hash(kept.replace(".", "$"), password)
        return account if good and len(password) >= SHORTEST else None


def hashed(password: str, method: str = METHOD) -> str:
    """Without `$`, which shells and compose files would take for a variable."""
    return generate_password_hash(password, method).replace("$", ".")
