"""The stored forms: JSON sealed with the resident's tag, as this release writes and reads them.

Unknown fields are ignored, and an unknown form is left to a process that knows it.
"""

from __future__ import annotations

import zlib
from typing import Any, TypeVar

from msgspec import DecodeError, Struct, ValidationError, json
from msgspec.structs import asdict, replace

from bot.engine.effects import Reply
from bot.engine.session import NewerSchema, Session, as_written_now, refuse_newer
from bot.store.fleet import Fleet
from bot.store.records import JOB_SCHEMA, Job, ResidentKey
from bot.store.seal import EVIDENCE, MAIN, OpensElsewhere, Seal, SealError

T = TypeVar("T")
PACKED, PACKS, PACKS_SESSION = "packed", b"z", b"d"
"""The form that processes announce to read, 1 or both, and the prefixes of deflated JSON: alone, and after
`_SESSION`."""
_WINDOW = -12  # raw, 4 KB: its setup costs more than a larger one saves
_SESSION = (
    b'"given":{},"resume":true,"none":true,"lines":[],"beyond":,"text":,"values":{},"shown":true,"told":"slow",'
    b'"subject":"","call":"","once":true,"action":"card.report_loss","result":{"flow":"","says":[[""]],"until":17,'
    b'"outcome":"done","code":"","code_until":17,"wrong":1,"doubt":{"value":"","revised":true,"linked":true,'
    b'"why":"requires"},"refused":{},"settled":{},"held":{},"counts":{},"types":{"name":"name","id_number":'
    b'"id_number"},"parked":{"frames":[],"until":17},"planned":[],"aside":[],"asking":"leave","leaving_for":{},'
    b'"person_until":17,"reminded":true,"after_receipt":"","unrevised":true,"lapse":{},"listed":{},"states":{},'
    b'"pages_ended":17,"page":"","calls":{"{"openid":"o","session":{"born":"0000","language":"zh-CN","runs":17,'
    b'"frames":[{"flow":"report_loss","run":17,"step":"check","mark":"","log":[["card",{"id":"","holder":"",'
    b'"number":"","state":"normal","e_card":"none","pin_locked":"no","expired":"no","bank":""}],["kind",'
    b'"temporary"]],"trail":[{"step":"kind","before":1}],"asked_at":17,"since":17,"rests_on":"sign_in=",'
    b'"epoch":"}],"kept":{"sign_in":{"slots":{"id_number":"","name":"","person":{"age_group":"adult"}},"until":17'
    b'}},"consents":{"sign_in.privacy":{"version":"2026-11","at":17}},"offered":[{"flow":"sign_in"},'
    b'{"flow":"card_home"},{"flow":"replace_card"}],"offered_tag":"17","heard_at":17,"wake_at":17,"revision":"",'
    b'"epoch":"","schema":1}}'
)
"""What sessions have in common, so that none stores it. It never changes: what was packed after it could no
longer be read. Another one is another form."""


class Kept(Struct):
    """A session as it is stored: a timer knows only its resident's tag."""

    openid: str
    session: Session


class _Head(Struct):
    schema: int = 0


# Made while this is imported: msgspec learns a type when it is first read, and two threads that do so at once
# end the process (SIGSEGV). So nothing is read by its type alone.
_KEPT, _JOB, _REPLY = json.Decoder(Kept), json.Decoder(Job), json.Decoder(Reply)
_HEAD, _ANY = json.Decoder(_Head), json.Decoder(dict[str, Any])


class Forms:
    """`fleet`: which forms every living process reads."""

    def __init__(self, seal: Seal, fleet: Fleet) -> None:
        self._seal, self._fleet = seal, fleet

    def open(self, owner: ResidentKey, sealed: bytes) -> dict[str, Any]:
        """Raises SealError."""
        return _read(self._seal.open(sealed, owner.tag), _ANY)

    def open_tagged(self, sealed: bytes) -> tuple[str, dict[str, Any]]:
        """Raises SealError."""
        tag, plain = self._untagged(sealed)
        return tag, _read(plain, _ANY)

    def _untagged(self, sealed: bytes) -> tuple[str, bytes]:
        tag, _, body = sealed.partition(b"|")
        named = tag.decode("ascii", "replace")
        return named, self._seal.open(body, named)

    def reply(self, owner: ResidentKey, sealed: bytes) -> Reply:
        """Raises SealError."""
        return _read(self._seal.open(sealed, owner.tag), _REPLY)

    def session(self, tag: str, sealed: bytes) -> Session:
        """Raises SealError."""
        plain = self._seal.open(sealed, tag)
        try:
            try:
                return as_written_now(_read(plain, _KEPT).session)
            except OpensElsewhere:
                raise
            except SealError:
                refuse_newer(_read(plain, _ANY).get("session"))
                raise
        except NewerSchema as e:
            raise OpensElsewhere(str(e), e.known) from e

    def open_job(self, shard: int, sealed: bytes) -> tuple[ResidentKey, Job]:
        """Raises SealError."""
        tag, plain = self._untagged(sealed)
        if _read(plain, _HEAD).schema > JOB_SCHEMA:
            raise OpensElsewhere("a job was written by a newer release")
        job = _read(plain, _JOB)
        return ResidentKey(job.openid, tag, shard), job

    def sealed(self, owner: ResidentKey, value: object | None, ring: str = MAIN) -> bytes:
        """Returns its sealed JSON, or nothing for None."""
        return self._seal.seal(json.encode(value), owner.tag, ring) if value is not None else b""

    def sealed_reply(self, owner: ResidentKey, reply: Reply | None) -> bytes:
        """Adds the openid: a push knows only the tag."""
        return self.sealed(owner, {**asdict(reply), "openid": owner.openid}) if reply else b""

    def sealed_job(self, owner: ResidentKey, job: Job) -> bytes:
        """Leaves out the fields that a release without announcements takes for damage."""
        known = job if self._fleet.announced() else replace(job, person="", number="", consents=None)
        return self.tagged(owner, known)

    def sealed_session(self, owner: ResidentKey, session: Session | None) -> bytes:
        """Packs it once every living process can read that: sessions are most of what Redis holds."""
        if session is None:
            return b""
        plain = json.encode(Kept(owner.openid, session))
        if self._fleet.all_read(PACKED, 2):
            plain = PACKS_SESSION + _deflated(plain, 3, 5, _SESSION)
        elif self._fleet.all_read(PACKED, 1):
            plain = PACKS + _deflated(plain, 1, 5)
        return self._seal.seal(plain, owner.tag)

    def packed(self, tag: str, value: object) -> bytes:
        """Returns it as `tagged` does, packed as small as it gets, in the ring of evidence."""
        plain = PACKS + _deflated(json.encode(value), 9, 9)
        return tag.encode() + b"|" + self._seal.seal(plain, tag, EVIDENCE)

    def tagged(self, owner: ResidentKey, value: object | None, ring: str = MAIN) -> bytes:
        """Puts the owner's tag before the seal, for readers that know only the value's key."""
        return owner.tag.encode() + b"|" + self.sealed(owner, value, ring) if value is not None else b""


def _deflated(plain: bytes, level: int, memory: int, after: bytes = b"") -> bytes:
    packing = zlib.compressobj(level, zlib.DEFLATED, _WINDOW, memory, zdict=after)
    return packing.compress(plain) + packing.flush()


def _read(plain: bytes, decoder: json.Decoder[T]) -> T:
    """Reads what was sealed, packed or not. Ignores unknown fields.

    Raises:
        OpensElsewhere: it has a form that is not known here.
        SealError: it is none of ours.
    """
    try:
        if plain[:1] == PACKS:
            plain = zlib.decompress(plain[1:], _WINDOW)
        elif plain[:1] == PACKS_SESSION:
            plain = zlib.decompressobj(_WINDOW, _SESSION).decompress(plain[1:])
        return decoder.decode(plain)
    except ValidationError as e:
        raise SealError("a stored value opens and is none of ours") from e
    except (DecodeError, zlib.error) as e:
        raise OpensElsewhere("a stored value has a form that is not known here") from e
