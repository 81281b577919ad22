"""Sealing what is stored: AES-256-GCM, the key's id first, the owner as associated data."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
_KEY_ID = 4


class SealError(Exception):
    """A stored value that does not open. Its text holds nothing of the value."""


class OpensElsewhere(SealError):
    """Its key, or its form, is one that this process does not know and another may: leave it as it is."""


class Seal:
    """`keys`: base64 of 32 bytes each, the current one first; the others only open.

    Tags come from a key of their own, so that sealing keys can rotate without losing anyone.
    Raises ValueError for a key of another length, or for none.
    """

    def __init__(self, keys: Sequence[str], tag_key: str) -> None:
        raw = [_key(k) for k in keys]
        if not raw:
            raise ValueError("no sealing key: set SHEBAO_SEAL_KEYS (`shebao new-key` makes one)")
        self._ciphers = {hashlib.sha256(k).digest()[:_KEY_ID]: AESGCM(k) for k in raw}
        self._current = hashlib.sha256(raw[0]).digest()[:_KEY_ID]
        self._tag_key = _key(tag_key)

    def seal(self, plain: bytes, owner: str) -> bytes:
        nonce = os.urandom(_NONCE)
        sealed = self._ciphers[self._current].encrypt(nonce, plain, owner.encode())
        return self._current + nonce + sealed

    def open(self, sealed: bytes, owner: str) -> bytes:
        """Raises SealError if the value was changed or is another owner's, OpensElsewhere if its key is not
        known."""
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
        """A name for a resident (or an ID number) that does not tell who it is: 22 characters, URL-safe."""
        digest = hmac.new(self._tag_key, text.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def new_key() -> str:
    """A fresh key as it is written into SHEBAO_SEAL_KEYS or SHEBAO_TAG_KEY."""
    return base64.b64encode(os.urandom(32)).decode()


def _key(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as e:
        raise ValueError("a sealing key is not base64; `shebao new-key` makes one") from e
    if len(raw) != 32:
        raise ValueError("a sealing key is not 32 bytes long; `shebao new-key` makes one")
    return raw
