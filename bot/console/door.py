"""Proving who one is: by password, and by a code where the account has a second factor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.console.accounts import Account, Accounts
from bot.console.audit import FAILED, Audit
from bot.console.totp import Codes
from bot.console.tries import Tries


class Refused(Exception):
    """`status`: HTTP's. `why`: a word of words/sign_in.yaml."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


@dataclass(frozen=True)
class Door:
    """Everything raises redis.RedisError."""

    accounts: Accounts
    codes: Codes
    tries: Tries
    audit: Audit
    now: Callable[[], float]

    def prove(self, name: str, password: str, code: str, address: str) -> Account:
        """Wrong codes count as wrong passwords do.

        Raises:
            Refused: which says not which it was.
        """
        known = self.accounts.get(name)
        who = known.name if known else "?"  # what was typed may be a password
        if not self.tries.begin(name, address):
            raise Refused(429, "too_many")
        account = self.accounts.check(name, password)
        if account is None:
            self.audit.note(who, "sign_in", "", address, FAILED)
            raise Refused(403, self._wrong)
        if account.secret and not self.codes.take(account, code, self.now()):
            self.audit.note(who, "sign_in", "", address, f"{FAILED}: code")
            raise Refused(403, self._wrong)
        self.tries.good(name, address)
        self.audit.note(who, "sign_in", "", address)
        return account

    @property
    def _wrong(self) -> str:
        return "wrong_code" if self.accounts.have_codes else "wrong"
