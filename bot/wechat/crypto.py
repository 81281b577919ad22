"""WeChat's signatures and its message encryption (official "message push" and "encryption" pages).

wechatpy is not used here: it compares signatures with `!=`, takes an empty token, checks neither padding
nor time, and answers bad ciphertext with five kinds of exceptions.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_AES_BLOCK = 16
_PAD_BLOCK = 32  # WeChat pads to 32 bytes although AES blocks have 16
_SALT = 16
_LENGTH = 4
_KEY = re.compile(r"[A-Za-z0-9+/]{43}", re.ASCII)
# The signed parts are joined without separators. These forms keep a byte from moving into the part
# beside it: a nonce is too short for the shortest ciphertext, and a time cannot grow by a zero.
_NONCE = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
_SECONDS = re.compile(r"0|[1-9][0-9]{0,11}", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}", re.ASCII)


class Refused(Exception):
    """The request is refused. `status`: 400 malformed, 403 not allowed.

    `reason` is for the log only; it holds nothing of the request.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Signer:
    """Signs and checks with the token set in WeChat's console. Raises ValueError for an empty token."""

    def __init__(self, token: str) -> None:
        if not token.strip():
            # Anyone can sign with an empty token.
            raise ValueError("the WeChat token is empty: set SHEBAO_WECHAT_TOKEN as in WeChat's console")
        self._token = token

    def sign(self, timestamp: str, nonce: str, *encrypted: str) -> str:
        """Returns SHA-1 in hexadecimal of token and arguments, sorted; a msg_signature if given
        `encrypted`."""
        parts = sorted(_bytes(part) for part in (self._token, timestamp, nonce, *encrypted))
        return hashlib.sha1(b"".join(parts)).hexdigest()  # noqa: S324 - WeChat's protocol names SHA-1

    def check(self, signature: str, timestamp: str, nonce: str, *encrypted: str) -> None:
        """Checks the signature and the form of each part, in constant time.

        Raises:
            Refused: the signature is wrong (403), or a part lacks WeChat's form (400).
        """
        right = self.sign(timestamp, nonce, *encrypted).encode()
        if not hmac.compare_digest(_bytes(signature), right):
            raise Refused(403, "signature does not match")
        if not _SECONDS.fullmatch(timestamp):
            raise Refused(400, "timestamp is not a number")
        if not _NONCE.fullmatch(nonce):
            raise Refused(400, "nonce is not 1 to 32 letters, digits, - and _")
        if not all(_BASE64.fullmatch(part) for part in encrypted):
            raise Refused(400, "encrypted body is not base64 of whole blocks")


def check_fresh(timestamp: str, now: int, window: int) -> None:
    """Raises Refused if `timestamp` (epoch seconds) is more than `window` seconds from `now`; 0 takes any."""
    if not window:
        return
    if not _SECONDS.fullmatch(timestamp):
        raise Refused(400, "timestamp is not a number")
    if abs(now - int(timestamp)) > window:
        raise Refused(403, "timestamp is too old or too far ahead")


def check_sent(sent: int, timestamp: str, nonce: str) -> None:
    """Checks that timestamp and nonce were not swapped.

    A signature also fits the swapped parts. Nonces can be numbers of ten digits, and were seen hours ahead of
    the timestamp, so a request kept until then would be fresh once more. `sent`: CreateTime, epoch seconds;
    an encrypted message has it under its signature.

    Raises:
        Refused: 403, the swapped parts fit better to the time of the message.
    """
    joined = "".join(sorted((timestamp, nonce)))
    others = [other for other in (joined[:10], joined[-10:]) if _SECONDS.fullmatch(other)]
    if any(abs(sent - int(other)) < abs(sent - int(timestamp)) for other in others):
        raise Refused(403, "nonce and timestamp have changed places")


class MessageKey:
    """One EncodingAESKey (43 characters) of the account `app_id`. Raises ValueError for what is neither."""

    def __init__(self, key: str, app_id: str) -> None:
        if not app_id.strip():
            # The app id at a message's end distinguishes it from another account's, and from a truncated one.
            raise ValueError("the WeChat app id is empty: set SHEBAO_WECHAT_APP_ID as in WeChat's console")
        if not _KEY.fullmatch(key):
            raise ValueError(
                "a WeChat AES key is not 43 letters and digits: "
                "set SHEBAO_WECHAT_AES_KEYS as in WeChat's console"
            )
        # 43 characters carry two bits too many, which WeChat does not keep zero; this decoder drops them.
        raw = base64.b64decode(key + "=")
        self._app_id = app_id.encode()
        self._cipher = Cipher(algorithms.AES256(raw), modes.CBC(raw[:_AES_BLOCK]))

    def encrypt(self, message: bytes, salt: bytes = b"") -> str:
        """Returns Base64 of the message as WeChat expects it. `salt`: 16 bytes, random if not given."""
        salt = salt or os.urandom(_SALT)
        plain = salt + len(message).to_bytes(_LENGTH, "big") + message + self._app_id
        pad = _PAD_BLOCK - len(plain) % _PAD_BLOCK
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def decrypt(self, encrypted: bytes) -> bytes | None:
        """Returns the message; None if it was encrypted for another key or account."""
        decryptor = self._cipher.decryptor()
        plain = decryptor.update(encrypted) + decryptor.finalize()
        pad = plain[-1]
        if not 1 <= pad <= _PAD_BLOCK or plain[-pad:] != bytes([pad]) * pad:
            return None
        plain = plain[_SALT:-pad]
        length = int.from_bytes(plain[:_LENGTH], "big")
        message, app_id = plain[_LENGTH : _LENGTH + length], plain[_LENGTH + length :]
        if not hmac.compare_digest(app_id, self._app_id):
            return None
        return message


class Keyring:
    """The account's AES keys, the current one first: WeChat keeps using the previous one for a while.

    Raises:
        ValueError: as MessageKey.
    """

    def __init__(self, keys: Sequence[str], app_id: str) -> None:
        self._keys = [MessageKey(key, app_id) for key in keys]

    def decrypt(self, encrypted: str) -> tuple[bytes, MessageKey]:
        """Returns the message and the key that opened it, to answer with. Raises Refused (400)."""
        try:
            raw = base64.b64decode(_bytes(encrypted), validate=True)
        except ValueError:
            raw = b""
        if not raw or len(raw) % _AES_BLOCK:
            raise Refused(400, "encrypted body is not base64 of whole blocks")
        for key in self._keys:
            message = key.decrypt(raw)
            if message is not None:
                return message, key
        raise Refused(400, "encrypted body opens with none of the AES keys for this app id")


def _bytes(text: str) -> bytes:
    # hmac.compare_digest raises on non-ASCII str, and a query string may hold half a surrogate pair.
    return text.encode("utf-8", "surrogatepass")
