"""Seals stored values: AES-256-GCM, the key's id first, the owner as associated data."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
_KEY_ID = 4


class SealError(Exception):
    """A stored value that does not open. Its text holds nothing of the value."""


class OpensElsewhere(SealError):
    """Its key, or its form, is one that this process does not know and another may: leave it as it is.

    `known`: of a session, fields that can be read all the same.
    """

    def __init__(self, text: str, known: Mapping[str, Any] | None = None) -> None:
        super().__init__(text)
        self.known: Mapping[str, Any] = known or {}


MAIN, EVIDENCE = RINGS = ("main", "evidence")
"""Rings of keys: evidence is kept for years, and so is the key that opens it."""


class Seal:
    """`keys`: base64 of 32 bytes each, the one to seal with first; the others only open. `evidence_keys`: the
    ring of what is kept for years; none: the same. Any of all these keys opens.

    Tags come from a key of their own, so that sealing keys can rotate without losing a resident.

    Raises:
        ValueError: a key has another length, or there is none.
    """

    def __init__(self, keys: Sequence[str], tag_key: str, evidence_keys: Sequence[str] = ()) -> None:
        if not keys:
            raise ValueError("no sealing key: set SHEBAO_SEAL_KEYS (`shebao new-key` makes one)")
        rings = {MAIN: [_key(k) for k in keys], EVIDENCE: [_key(k) for k in evidence_keys or keys]}
        self._rings = {ring: tuple(dict.fromkeys(map(_id, raw))) for ring, raw in rings.items()}
        self._ciphers = {_id(k): AESGCM(k) for raw in rings.values() for k in raw}
        self._sealing = {ring: ids[0] for ring, ids in self._rings.items()}
        self._tag_key = _key(tag_key)
        self._mac = hmac.new(self._tag_key, digestmod=hashlib.sha256)

    def ids(self, ring: str = "") -> tuple[str, ...]:
        """Returns the ids of a ring's keys, the one to seal with first; without a ring, of all keys."""
        return tuple(key.hex() for key in (self._rings[ring] if ring else self._ciphers))

    def use(self, ring: str, key: str) -> None:
        """Seals with this one of our keys from now on."""
        self._sealing[ring] = bytes.fromhex(key)

    def seal(self, plain: bytes, owner: str, ring: str = MAIN) -> bytes:
        key, nonce = self._sealing[ring], os.urandom(_NONCE)
        return key + nonce + self._ciphers[key].encrypt(nonce, plain, owner.encode())

    def open(self, sealed: bytes, owner: str) -> bytes:
        """Opens a value.

        Raises:
            SealError: the value was changed or is another owner's.
            OpensElsewhere: its key is not known.
        """
        cipher = self._ciphers.get(sealed[:_KEY_ID])
        if cipher is None:
            name = sealed[:_KEY_ID].hex()
            raise OpensElsewhere(f"a stored value was sealed with the key {name}, which is not among ours")
        try:
            nonce = sealed[_KEY_ID : _KEY_ID + _NONCE]
            return cipher.decrypt(nonce, sealed[_KEY_ID + _NONCE :], owner.encode())
        except InvalidTag as e:
            raise SealError("a stored value does not open: it was changed, or belongs to another") from e

    def tag(self, text: str) -> str:
        """Returns a name for a resident (or an ID number) that does not reveal them: 22 characters,
        URL-safe."""
        mac = self._mac.copy()
        mac.update(text.encode())
        return base64.urlsafe_b64encode(mac.digest()[:16]).decode().rstrip("=")

    def hex_tag(self, text: str) -> str:
        """Returns 32 hexadecimal digits that only a holder of the tags' key can get from the text; faster."""
        return hashlib.blake2b(text.encode(), key=self._tag_key, digest_size=16).hexdigest()


def _id(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:_KEY_ID]


def new_key() -> str:
    """Returns a new key in the form of SHEBAO_SEAL_KEYS or SHEBAO_TAG_KEY."""
    return base64.b64encode(os.urandom(32)).decode()


def _key(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as e:
        raise ValueError("a sealing key is not base64; `shebao new-key` makes one") from e
    if len(raw) != 32:
        raise ValueError("a sealing key is not 32 bytes long; `shebao new-key` makes one")
    return raw
