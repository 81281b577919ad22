"""Sends a resident to the page where the real-name service compares faces, and takes its signed answer."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import redis
import structlog
from msgspec import Struct

from bot.actions import BEGIN_FACE
from bot.engine.flow import Value
from bot.page.sealed import Sealed, too_often
from bot.ports import Request, Service, Unknown
from bot.services.faces import RESULTS, FaceProofs
from bot.store.records import ResidentKey
from bot.store.seal import Seal
from bot.turn.callbacks import FRESH, sign

log = structlog.get_logger()

BACK = "/card/faced"
CANCELLED = "cancelled"
"""The resident has left the service's page without an answer."""
LASTS = 600
"""Seconds from leaving to coming back."""
WITHIN = 3.0
"""Seconds for the service to say where to."""
EACH = 6
"""Checks that a resident may begin in a minute; each costs the service a call."""
_STATE = re.compile(r"[0-9a-f]{32}", re.ASCII)


class Refused(Exception):
    """What came back is no answer to anything here: forged, too old, or begun in another browser."""


class TooOften(Exception):
    """As many checks were begun as may be in a minute."""


class FaceCheck(Struct, frozen=True):
    """One that was begun: by whom, in which browser, at which question, and of whose face."""

    openid: str
    browser: str
    mark: str
    about: dict[str, Value]


class Faces:
    """`key`: the service signs with it. `origin`: scheme and host of our page. `now`: epoch seconds."""

    def __init__(
        self,
        client: redis.Redis,
        seal: Seal,
        service: Service,
        key: str,
        origin: str,
        now: Callable[[], float],
    ) -> None:
        self._client, self._kept = client, Sealed(client, seal, "face", FaceCheck, LASTS)
        self.proofs, self._service = FaceProofs(seal.tag), service
        self._key, self._origin, self._now = key, origin, now

    def begin(self, owner: ResidentKey, check: FaceCheck) -> str:
        """Returns the address on which the service compares this face.

        Raises:
            TooOften, StoreAway.
            Unknown: the service does not say.
        """
        if too_often(self._client, f"page:faces:{owner.tag}", EACH):
            raise TooOften
        state = secrets.token_hex(16)
        asked = {"state": state, "return_to": f"{self._origin}{BACK}", **check.about}
        found = self._service.perform(Request(BEGIN_FACE, asked, state, owner.tag, WITHIN, owner.shard)).value
        address = found.get("address", "") if isinstance(found, dict) else ""
        if not self._leads(address):
            raise Unknown("the real-name service gives no address for a face check")
        self._kept.keep(state, check, new=True)
        return address

    def _leads(self, address: str) -> bool:
        """Only over https; the pretend service is on our own host."""
        if not re.fullmatch(r"[!-~]+", address):
            return False
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        own = f"{parts.scheme}://{parts.netloc}" == self._origin
        return bool(parts.hostname) and not parts.username and (parts.scheme == "https" or own)

    def signed(self, sent: Mapping[str, str]) -> tuple[str, str]:
        """Returns state and result of what came back.

        Raises:
            Refused: the service has not signed it just now.
        """
        state, result, at = (sent.get(name, "") for name in ("state", "result", "at"))
        ours = sign(self._key, at, state, BACK, result.encode())
        if not hmac.compare_digest(sent.get("signature", "").encode(), ours.encode()):
            raise Refused("signature")
        if not (at.isascii() and at.isdigit()) or abs(self._now() - int(at[:12])) > FRESH:
            raise Refused("time")
        if not _STATE.fullmatch(state) or result not in (*RESULTS, CANCELLED):
            raise Refused("result")
        return state, result

    def find(self, state: str, browser: str, openid: str) -> FaceCheck | None:
        """Returns the check that this is the answer to; None: it has its answer, or its time is over.

        Raises:
            Refused: it was begun in another browser, or by somebody else.
            StoreAway.
        """
        check = self._kept.find(state)
        if check is not None and (check.browser, check.openid) != (browser, openid):
            raise Refused("browser")
        return check

    def over(self, state: str) -> None:
        """It has its answer.

        Raises:
            StoreAway.
        """
        self._kept.drop(state)
