"""Bodies recorded by other projects, posted signed: none of them brings a 500, nor do their mutations.

They lie outside the project; `SHEBAO_SAMPLES` names another place. Without them these tests are skipped.
"""

from __future__ import annotations

import base64
import csv
import json
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.wechat.crypto import Keyring, MessageKey, Refused, Signer
from bot.wechat.inbound import parse

from .kit import APP_ID, KEY, Turn, client, read, sealed, signed

SAMPLES = Path(
    os.environ.get("SHEBAO_SAMPLES") or Path(__file__).parents[3] / "shared" / "facts" / "wechat-samples"
)
pytestmark = pytest.mark.skipif(not (SAMPLES / "INDEX.tsv").exists(), reason="no recorded bodies here")

_NOTE = re.compile(r"\b(token|aeskey|appid|msg_signature|timestamp|nonce|signature)=(\S*)")


@dataclass(frozen=True)
class Sample:
    name: str
    body: bytes
    notes: dict[str, str]

    @property
    def opens(self) -> bool:
        return bool(self.notes.get("aeskey") and self.notes.get("token"))


def _samples() -> list[Sample]:
    if not (SAMPLES / "INDEX.tsv").exists():
        return []
    with (SAMPLES / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
        rows = list(csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Sample(row["file"], (SAMPLES / row["file"]).read_bytes(), dict(_NOTE.findall(row["notes"])))
        for row in rows
    ]


def _vectors(kind: str) -> list[dict[str, Any]]:
    path = SAMPLES / "VECTORS.json"
    return json.loads(path.read_text(encoding="utf-8"))[kind] if path.exists() else []


ALL = _samples()


def _check(status: int, body: bytes) -> bool:
    """Whether it was taken: XML or `success`; else a refusal without a word."""
    if status == 200:
        assert body == b"success" or read(body)["MsgType" if b"<MsgType>" in body else "Encrypt"]
        return True
    assert (status, body) in ((400, b""), (403, b""))
    return False


def test_every_recorded_body_is_taken_in_every_mode() -> None:
    assert len(ALL) > 100
    refused = set()
    for sample in ALL:
        for mode in ("plain", "compatible", "safe"):
            query, body = (signed(), sample.body) if mode == "plain" else sealed(sample.body)
            response = client(Turn(), mode=mode).post("/wechat", query_string=query, data=body)
            if not _check(response.status_code, response.data):
                refused.add(sample.name)
    assert len(refused) == 1
    assert "mismatched_tag" in refused.pop()


def test_recorded_encrypted_bodies_open_with_their_keys_and_signatures() -> None:
    opened = 0
    for sample in ALL:
        if not sample.opens:
            continue
        notes, turn = sample.notes, Turn()
        query = {name: notes[name] for name in ("msg_signature", "timestamp", "nonce")} | {
            "encrypt_type": "aes"
        }
        web = client(
            turn,
            mode="safe",
            token=notes["token"],
            app_id=notes["appid"],
            aes_keys=(KEY, notes["aeskey"]),
            freshness=0,
        )
        response = web.post("/wechat", query_string=query, data=sample.body)
        assert response.status_code == 200, sample.name
        if response.data != b"success":
            reply = read(response.data)
            inner = MessageKey(notes["aeskey"], notes["appid"]).decrypt(base64.b64decode(reply["Encrypt"]))
            assert inner is not None
            assert read(inner)["ToUserName"] == turn.seen[0][0].openid
        wrong = web.post("/wechat", query_string=query | {"nonce": "1"}, data=sample.body)
        assert (wrong.status_code, wrong.data) == (403, b"")
        opened += 1
    assert opened >= 5


def _mutations(body: bytes, dice: random.Random) -> Iterator[bytes]:
    yield body[: dice.randrange(len(body))]
    yield body[dice.randrange(len(body)) :]
    flipped = bytearray(body)
    for _ in range(dice.randint(1, 5)):
        flipped[dice.randrange(len(body))] = dice.randrange(256)
    yield bytes(flipped)
    tags = re.findall(rb"<(\w+)>", body) or [b"xml"]
    tag = dice.choice(tags)
    yield body.replace(b"</xml>", b"<%s>\xf0\x9f</%s></xml>" % (tag, tag))  # twice, and not UTF-8
    yield re.sub(rb"<%s>.*?</%s>" % (tag, tag), b"", body, flags=re.DOTALL)
    yield re.sub(
        rb"<%s>.*?</%s>" % (tag, tag), b"<%s>-1e999 \x1d&#29;]]></%s>" % (tag, tag), body, flags=re.DOTALL
    )
    yield body.replace(b"<" + tag, b"<a>" * dice.randint(1, 3000) + b"<" + tag)
    yield body.upper()
    middle = dice.randrange(len(body))
    yield body[:middle] + body[dice.randrange(len(body)) :] + body[:middle]


@pytest.mark.slow
def test_mutated_bodies_bring_no_500() -> None:
    dice = random.Random(20251)
    web = {mode: client(Turn(), mode=mode) for mode in ("plain", "compatible", "safe")}
    posted = taken = 0
    for sample in ALL:
        for mutation in _mutations(sample.body, dice):
            mode = dice.choice(sorted(web))
            query, body = (signed(), mutation) if mode == "plain" else sealed(mutation)
            if dice.random() < 0.3:  # the envelope itself, mutated under a signature that fits the old one
                query, body = sealed(sample.body)
                body = next(_mutations(body, dice)) if dice.random() < 0.5 else body.replace(b"=", b"\xff")
            response = web[mode].post("/wechat", query_string=query, data=body)
            taken += _check(response.status_code, response.data)
            posted += 1
    assert posted > 1000
    assert posted / 10 < taken < posted


# --- golden vectors -------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["get_verify", "post_plain"])
def test_recorded_signatures_hold(kind: str) -> None:
    vectors = _vectors(kind)
    assert len(vectors) > 2
    for vector in vectors:
        signer = Signer(vector["token"])
        if vector["verified"]:
            signer.check(vector["signature"], vector["timestamp"], vector["nonce"])
        else:  # known to be wrong in its source
            with pytest.raises(Refused):
                signer.check(vector["signature"], vector["timestamp"], vector["nonce"])


def test_recorded_ciphertexts_decrypt_and_encrypt_to_the_same() -> None:
    vectors = _vectors("aes_decrypt") + _vectors("aes_encrypt_reply")
    assert len(vectors) > 3
    for vector in vectors:
        plain = vector["plaintext"].encode()
        assert Keyring([KEY, vector["aeskey"]], vector["appid"]).decrypt(vector["Encrypt"])[0] == plain
        key = MessageKey(vector["aeskey"], vector["appid"])
        assert key.encrypt(plain, vector["random"].encode()) == vector["Encrypt"]
        signature = vector.get("msg_signature") or vector.get("MsgSignature")
        if signature:
            Signer(vector["token"]).check(signature, vector["timestamp"], vector["nonce"], vector["Encrypt"])
        with pytest.raises(Refused):
            Keyring([vector["aeskey"]], APP_ID).decrypt(vector["Encrypt"])


def test_the_official_json_push_is_recognised() -> None:
    for vector in _vectors("aes_decrypt"):
        if vector["plaintext"].startswith("{"):
            assert parse(vector["plaintext"].encode(), 0, 0)[0].kind == "json"
