"""One suite over both archives: a SQLite file, and PostgreSQL where Debian's is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from store.servers import PATIENCE, ports

from bot.kit.embedded import dies_with_parent
from bot.ports import ArchiveAway, Archived
from bot.services.archive import SqlArchive

NOBODY = 65534
ONE = Archived("receipt-1", 2_000, "0a0b0c0d", b"\x00sealed\xff")
TWO = Archived("receipt-2", 3_000, "0a0b0c0e", b"another")


def postgres() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL is not installed here; .ci/run installs it")
    return found[-1].parent


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    programs, (port,) = postgres(), ports(1)
    folder = Path(tempfile.mkdtemp(prefix="sbt-", dir="/tmp"))
    shutil.chown(folder, NOBODY, NOBODY)  # it does not run as root
    run = {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": folder, "stdout": subprocess.DEVNULL}
    init = [programs / "initdb", "-D", folder / "data", "-U", "shebao", "-A", "trust", "--no-sync"]
    subprocess.run(init, check=True, **run)  # type: ignore[call-overload]
    options = ["-p", str(port), "-k", str(folder), "-h", "127.0.0.1"]
    server = subprocess.Popen(
        [programs / "postgres", "-D", folder / "data", "-F", *options],
        stderr=subprocess.DEVNULL, preexec_fn=dies_with_parent, **run,  # type: ignore[call-overload]
    )  # fmt: skip
    try:
        ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "60"]
        while subprocess.run(ready, check=False).returncode:
            assert server.poll() is None
        yield f"postgresql+psycopg://shebao@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(PATIENCE)
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlArchive]:
    url = f"sqlite:///{tmp_path}/evidence.db"
    made = SqlArchive(url if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield made
    made.end(10**9)
    made.close()


def test_what_is_put_is_found_and_the_same_receipt_is_replaced(archive: SqlArchive) -> None:
    assert archive.get(["receipt-1"]) == {}
    archive.put([ONE, TWO])
    assert archive.get(["receipt-1", "receipt-3"]) == {"receipt-1": ONE}
    newer = Archived("receipt-1", 2_500, "0a0b0c0e", b"newer")
    archive.put([newer])
    assert list(archive.everything()) == [newer, TWO]
    assert archive.keys() == {"0a0b0c0e": 2}


def test_what_is_over_is_deleted(archive: SqlArchive) -> None:
    archive.put([ONE, TWO])
    assert archive.end(2_000) == 1
    assert list(archive.everything()) == [TWO]


def test_everything_is_read_in_parts(archive: SqlArchive) -> None:
    many = [Archived(f"receipt-{n:04}", 2_000, "0a0b0c0d", b"x") for n in range(1_200)]
    archive.put(many)
    assert list(archive.everything()) == many


def test_what_does_not_answer_is_away_and_a_wrong_address_is_said() -> None:
    (port,) = ports(1)
    with pytest.raises(ArchiveAway):
        SqlArchive("sqlite:////nowhere/evidence.db").get(["receipt-1"])
    with pytest.raises(ArchiveAway):
        SqlArchive(f"postgresql+psycopg://shebao@127.0.0.1:{port}/postgres").keys()
    for wrong in ("nonsense", "nosuch://host/name"):
        with pytest.raises(ValueError, match="archive"):
            SqlArchive(wrong)
