"""Faces that were compared on a page of the real-name service: its answer takes the place of a picture."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping

from bot.actions import ACTIONS, MATCH_FACE
from bot.engine.flow import Value
from bot.ports import Request, Result, Service

RESULTS = ACTIONS[MATCH_FACE].outcomes
"""What the service may have found: the outcomes of the action that it stands for."""
_PROOF = re.compile(r"face-([a-z]+)-([0-9a-f]{32})-[A-Za-z0-9_-]{22}", re.ASCII)


class FaceProofs:
    """Makes and reads what a flow holds in place of a picture: who it is for, whose face, what was found.

    `tag`: an HMAC, that of the seal; so nobody else makes one.
    """

    def __init__(self, tag: Callable[[str], str]) -> None:
        self._tag = tag

    def make(self, resident: str, about: Mapping[str, Value], result: str, state: str) -> str:
        """`about`: the arguments of the comparison, without the picture. `state`: of the check, 32 hex."""
        whole = f"face {resident} {sorted(about.items())} {result} {state}"
        return f"face-{result}-{state}-{self._tag(whole)}"

    def result(self, proof: str, resident: str, about: Mapping[str, Value]) -> str:
        """Returns what was found of this resident and this person; "" for anything else."""
        found = _PROOF.fullmatch(proof)
        if found is None or found[1] not in RESULTS:
            return ""
        made = self.make(resident, about, found[1], found[2])
        return found[1] if hmac.compare_digest(made, proof) else ""


class ProvenFaces:
    """`real_name.*` where faces are compared on a page of the service's: no picture is taken for a face."""

    def __init__(self, service: Service, proofs: FaceProofs) -> None:
        self._service, self._proofs = service, proofs

    def perform(self, request: Request) -> Result:
        """Implements bot.ports.Service."""
        if request.action != MATCH_FACE:
            return self._service.perform(request)
        about = dict(request.arguments)
        proof = str(about.pop("image", ""))
        return Result(self._proofs.result(proof, request.resident, about) or "unavailable")

    def find(self, action: str, key: str) -> Result | None:
        return self._service.find(action, key)
