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
PACKED, PACKS = "packed", b"z"
"""The form that processes announce to read, and the prefix of deflated JSON."""
_WINDOW = -12  # raw, 4 KB: its setup costs more than a larger one saves


class Kept(Struct):
    """A session as it is stored: a timer knows only its resident's tag."""

    openid: str
    session: Session


class _Head(Struct):
    schema: int = 0


class Forms:
    """`fleet`: which forms every living process reads."""

    def __init__(self, seal: Seal, fleet: Fleet) -> None:
        self._seal, self._fleet = seal, fleet

    def open(self, owner: ResidentKey, sealed: bytes) -> dict[str, Any]:
        """Raises SealError."""
        return _read(self._seal.open(sealed, owner.tag), dict)

    def open_tagged(self, sealed: bytes) -> tuple[str, dict[str, Any]]:
        """Raises SealError."""
        tag, plain = self._untagged(sealed)
        return tag, _read(plain, dict)

    def _untagged(self, sealed: bytes) -> tuple[str, bytes]:
        tag, _, body = sealed.partition(b"|")
        named = tag.decode("ascii", "replace")
        return named, self._seal.open(body, named)

    def reply(self, owner: ResidentKey, sealed: bytes) -> Reply:
        """Raises SealError."""
        return _read(self._seal.open(sealed, owner.tag), Reply)

    def session(self, tag: str, sealed: bytes) -> Session:
        """Raises SealError."""
        plain = self._seal.open(sealed, tag)
        try:
            try:
                return as_written_now(_read(plain, Kept).session)
            except OpensElsewhere:
                raise
            except SealError:
                refuse_newer(_read(plain, dict).get("session"))
                raise
        except NewerSchema as e:
            raise OpensElsewhere(str(e), e.known) from e

    def open_job(self, shard: int, sealed: bytes) -> tuple[ResidentKey, Job]:
        """Raises SealError."""
        tag, plain = self._untagged(sealed)
        if _read(plain, _Head).schema > JOB_SCHEMA:
            raise OpensElsewhere("a job was written by a newer release")
        job = _read(plain, Job)
        return ResidentKey(job.openid, tag, shard), job

    def sealed(self, owner: ResidentKey, value: object | None, ring: str = MAIN) -> bytes:
        """Returns its sealed JSON, or nothing for None."""
        return self._seal.seal(json.encode(value), owner.tag, ring) if value is not None else b""

    def sealed_reply(self, owner: ResidentKey, reply: Reply | None) -> bytes:
        """Adds the openid: a push knows only the tag."""
        return self.sealed(owner, {**asdict(reply), "openid": owner.openid} if reply else None)

    def sealed_job(self, owner: ResidentKey, job: Job) -> bytes:
        """Leaves out the fields that a release without announcements takes for damage."""
        known = job if self._fleet.announced() else replace(job, person="", number="")
        return self.tagged(owner, known)

    def sealed_session(self, owner: ResidentKey, session: Session | None) -> bytes:
        """Packs it once every living process can read that: sessions are most of what Redis holds."""
        if session is None:
            return b""
        plain = json.encode(Kept(owner.openid, session))
        return self._seal.seal(_packed(plain, 1) if self._fleet.all_read(PACKED, 1) else plain, owner.tag)

    def packed(self, tag: str, value: object) -> bytes:
        """As `tagged`, packed as small as it gets, in the ring of evidence."""
        return tag.encode() + b"|" + self._seal.seal(_packed(json.encode(value), 9), tag, EVIDENCE)

    def tagged(self, owner: ResidentKey, value: object | None, ring: str = MAIN) -> bytes:
        """Puts the owner's tag before the seal, for readers that know only the value's key."""
        return owner.tag.encode() + b"|" + self.sealed(owner, value, ring) if value is not None else b""


def _packed(plain: bytes, level: int) -> bytes:
    packing = zlib.compressobj(level, zlib.DEFLATED, _WINDOW, 5 if level == 1 else 9)
    return PACKS + packing.compress(plain) + packing.flush()


def _read(plain: bytes, kind: type[T]) -> T:
    """Reads what was sealed, packed or not. Ignores unknown fields.

    Raises:
        OpensElsewhere: it has a form that is not known here.
        SealError: it is none of ours.
    """
    try:
        if plain[:1] == PACKS:
            plain = zlib.decompress(plain[1:], _WINDOW)
        return json.decode(plain, type=kind)
    except ValidationError as e:
        raise SealError("a stored value opens and is none of ours") from e
    except (DecodeError, zlib.error) as e:
        raise OpensElsewhere("a stored value has a form that is not known here") from e
