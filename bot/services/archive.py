"""Evidence that has left Redis: a table in a SQLite file, or in PostgreSQL, which several machines share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.ports import ArchiveAway, Archived

_EVIDENCE = sa.Table(
    "evidence",
    sa.MetaData(),
    sa.Column("receipt", sa.String(32), primary_key=True),  # see Archived.name
    sa.Column("kept_until", sa.BigInteger, nullable=False, index=True),
    sa.Column("sealed_with", sa.String(8), nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
_WITHIN = 2
"""Seconds until it counts as away: a turn may ask, and has a budget."""
_FILE: dict[str, Any] = {"connect_args": {"timeout": _WITHIN}}
_SERVER: dict[str, Any] = {
    "connect_args": {
        "connect_timeout": _WITHIN,
        "options": f"-c statement_timeout={_WITHIN * 1000}",
        "tcp_user_timeout": _WITHIN * 1000,  # a firewall may have forgotten the connection
    },
    "pool_timeout": _WITHIN,
    "pool_pre_ping": True,
}
_BATCH = 500


class SqlArchive:
    """See bot.ports.Archive. `url`: as SQLAlchemy writes it, `sqlite:///var/evidence.db`. Makes the table if
    it is missing. Raises ArchiveAway; ValueError for an address that cannot be used."""

    def __init__(self, url: str) -> None:
        try:
            self._url = sa.make_url(url)
            options = _FILE if self._url.get_backend_name() == "sqlite" else _SERVER
            self._engine = sa.create_engine(self._url, hide_parameters=True, **options)
        except (SQLAlchemyError, ImportError) as e:
            raise ValueError(f"archive: {type(e).__name__}; write sqlite:///var/evidence.db") from e
        self._made = False

    def put(self, items: Iterable[Archived]) -> None:
        rows = [
            {"receipt": i.receipt, "kept_until": i.until, "sealed_with": i.sealed_with, "sealed": i.sealed}
            for i in items
        ]
        if rows:
            with self._connection() as there:
                there.execute(
                    sa.delete(_EVIDENCE).where(_EVIDENCE.c.receipt.in_([r["receipt"] for r in rows]))
                )
                there.execute(sa.insert(_EVIDENCE), rows)

    def get(self, receipts: Collection[str]) -> dict[str, Archived]:
        with self._connection() as there:
            rows = there.execute(sa.select(_EVIDENCE).where(_EVIDENCE.c.receipt.in_(receipts))).all()
        return {row.receipt: _archived(row) for row in rows}

    def everything(self) -> Iterator[Archived]:
        last = ""
        while True:
            some = sa.select(_EVIDENCE).where(_EVIDENCE.c.receipt > last)
            with self._connection() as there:
                rows = there.execute(some.order_by(_EVIDENCE.c.receipt).limit(_BATCH)).all()
            yield from map(_archived, rows)
            if len(rows) < _BATCH:
                return
            last = rows[-1].receipt

    def keys(self) -> Mapping[str, int]:
        count = sa.select(_EVIDENCE.c.sealed_with, sa.func.count()).group_by(_EVIDENCE.c.sealed_with)
        with self._connection() as there:
            return dict(tuple(row) for row in there.execute(count))

    def end(self, now: int) -> int:
        with self._connection() as there:
            return there.execute(sa.delete(_EVIDENCE).where(_EVIDENCE.c.kept_until <= now)).rowcount

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        """What is done within is committed at its end. Raises ArchiveAway."""
        try:
            if not self._made:
                with self._engine.begin() as there:  # of several processes at once
                    there.execute(CreateTable(_EVIDENCE, if_not_exists=True))
                    for index in _EVIDENCE.indexes:
                        there.execute(CreateIndex(index, if_not_exists=True))
                self._made = True
            with self._engine.begin() as there:
                yield there
        except SQLAlchemyError as e:
            raise ArchiveAway(type(e).__name__) from e


def _archived(row: sa.Row[tuple[str, int, str, bytes]]) -> Archived:
    return Archived(row.receipt, row.kept_until, row.sealed_with, bytes(row.sealed))
