"""`shebao run`: everything on one machine. Owns the embedded Valkey, the server and the worker."""

from __future__ import annotations

import base64
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from bot.app import Bot, create_app, create_bot
from bot.cli.serving import server
from bot.cli.watcher import Watcher, publish_directory
from bot.content.read import settings_file
from bot.kit.embedded import CannotStart, EmbeddedValkey, dies_with_parent, make_private
from bot.settings import DEMO_APP, DEMO_KEY, Settings

_ONE = ("--workers", "1", "--log-level", "warning")
STOP_SECONDS = 12
"""Time for open calls, which take at most 8 s."""


def demo_env(var: Path) -> tuple[dict[str, str], bool]:
    """Returns token and keys for development, made once in var/demo.env; True if just made.

    Raises:
        CannotStart: `var` cannot be made private.
    """
    make_private(var)
    path = var / "demo.env"
    made = {
        "SHEBAO_SEAL_KEYS": _demo_key(),
        "SHEBAO_TAG_KEY": _demo_key(),
        "SHEBAO_WECHAT_TOKEN": f"demo{secrets.token_hex(8)}",
        "SHEBAO_WECHAT_APP_ID": DEMO_APP,
        "SHEBAO_WECHAT_AES_KEYS": _demo_key().rstrip("="),
        "SHEBAO_WECHAT_MODE": "compatible",
    }
    fresh = not path.exists()
    if fresh:
        handle, draft = tempfile.mkstemp(dir=var)  # mode 0600
        with os.fdopen(handle, "w") as file:
            file.write("# Made by `shebao run` for trying things out. Never use these keys for residents.\n")
            file.writelines(f"{name}={value}\n" for name, value in made.items())
        try:
            os.link(draft, path)  # whole or not at all; if another process was first, its keys stay
        except FileExistsError:
            fresh = False
        finally:
            Path(draft).unlink()
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")), fresh


def _demo_key() -> str:
    """Returns 32 bytes that show their purpose: with a real account the service does not start with them."""
    return base64.b64encode(DEMO_KEY + secrets.token_bytes(32 - len(DEMO_KEY))).decode()


def development(root: Path, env: Mapping[str, str]) -> tuple[dict[str, str], bool, EmbeddedValkey | None]:
    """Returns the children's environment, whether its keys are new, and the Valkey to own (None: yours).

    The address of a Valkey to own is known, and added to the environment, only after its start.

    Raises:
        CannotStart.
    """
    if (
        not (root / "var" / "demo.env").exists()
        and (root / "var" / "valkey" / "appendonlydir").exists()
        and not {"SHEBAO_SEAL_KEYS", "SHEBAO_TAG_KEY"} <= env.keys()
    ):
        raise CannotStart(
            "var/demo.env is gone, and with it the keys to the data in var/valkey.\n"
            "Put it back, or delete var/ to begin anew."
        )
    demo, fresh = demo_env(root / "var")
    own = None if "SHEBAO_REDIS_URL" in env else EmbeddedValkey(root / "var" / "valkey")
    return {**demo, "SHEBAO_PHONE": "yes", "SHEBAO_PUSH": "yes", "SHEBAO_RECORDING": "yes", **env}, fresh, own


def run(root: Path, port: int, say: Callable[[str], None]) -> int:
    """Runs until Ctrl-C, SIGTERM, or the end of a part. Returns the exit code.

    Raises:
        CannotStart.
    """
    env, fresh, valkey = development(root, os.environ)
    if "SHEBAO_PUBLIC_URL" not in env:
        env = {"SHEBAO_PAGE": "link", **env, "SHEBAO_PUBLIC_URL": f"http://127.0.0.1:{port}/wechat"}
    try:
        settings_file.load(root, env)
    except ValueError as e:
        raise CannotStart(str(e)) from e
    asked: list[int] = []  # a list and not an Event: an Event's own lock may be held when a signal comes
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, lambda number, _: asked.append(number))
    parts: dict[str, subprocess.Popen[bytes]] = {}
    try:
        if valkey is not None:
            valkey.start()
            env["SHEBAO_REDIS_URL"] = valkey.url
        bot = _can_serve(root, env, valkey is not None)
        watcher = Watcher(root, bot.revisions, say) if valkey is not None else None
        _wait_for_port(port)
        parts["worker"] = _child([sys.executable, "-m", "bot.cli", "worker"], root, env)
        parts["web server"] = _child([*server(f"127.0.0.1:{port}"), *_ONE], root, env)
        while not asked and not _stopped(parts, valkey) and not _healthy(port):
            time.sleep(0.1)
        if not asked and not _stopped(parts, valkey):
            _welcome(bot.settings, fresh, port, valkey, say)
        while not asked and not _stopped(parts, valkey):
            time.sleep(0.2)
            if watcher is not None:
                watcher.look()
        if not asked:
            say(f"The {_stopped(parts, valkey)} stopped by itself, so everything stops; see the lines above.")
            say("Nothing that was confirmed is lost. Start again with: shebao run")
            return 1
        say("Stopping; calls under way are finished first.")
        return 0
    finally:
        _stop(list(parts.values()))
        if valkey is not None:
            valkey.stop()


def _can_serve(root: Path, env: Mapping[str, str], publishes: bool) -> Bot:
    """Reports here, once, whatever would stop the parts from starting.

    `publishes`: the store is ours, so residents are served this directory.

    Raises:
        CannotStart: a setting or an address cannot be used.
        StoreAway, BrokenContent, NoRevision, ShardsDiffer: as create_bot.
    """
    try:
        if publishes:
            publish_directory(root, env["SHEBAO_REDIS_URL"])
        bot = create_bot(root, settings_file.load(root, env))
        create_app(bot)
        return bot
    except ValueError as e:
        hint = "; see SHEBAO_REDIS_URL" if str(e).startswith("Redis URL") else ""
        raise CannotStart(f"{e}{hint}") from e


def _wait_for_port(port: int) -> None:
    """Waits until the port is free: a killed process may still hold it.

    Raises:
        CannotStart.
    """
    for _ in range(10):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return
            except PermissionError as e:
                raise CannotStart(f"Port {port} is not allowed for you. Try: shebao run --port 8000") from e
            except OSError:
                time.sleep(0.2)
    other = port + 1 if port < 65535 else port - 1
    raise CannotStart(f"Port {port} is in use. Stop what runs there, or: shebao run --port {other}")


def _child(command: list[str], root: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own commands
        command,
        cwd=root,
        env=env,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=dies_with_parent,
    )


def _stopped(parts: Mapping[str, subprocess.Popen[bytes]], valkey: EmbeddedValkey | None) -> str:
    """Returns the name of a part that ended."""
    ended = [name for name, part in parts.items() if part.poll() is not None]
    if valkey is not None and not valkey.running:
        ended.insert(0, "embedded Valkey")
    return ended[0] if ended else ""


def _stop(parts: list[subprocess.Popen[bytes]]) -> None:
    for part in parts:
        if part.poll() is None:
            part.terminate()
    until = time.monotonic() + STOP_SECONDS
    for part in parts:
        with suppress(subprocess.TimeoutExpired):
            part.wait(max(until - time.monotonic(), 0))
        with suppress(ProcessLookupError):  # each part leads a session: this ends all that it started
            os.killpg(part.pid, signal.SIGKILL)
        part.wait()


def _healthy(port: int) -> bool:
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        asking.request("GET", "/healthz")
        return asking.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def _welcome(
    checked: Settings, fresh: bool, port: int, valkey: EmbeddedValkey | None, say: Callable[[str], None]
) -> None:
    def secret(name: str, value: str) -> str:  # a real one does not belong on a screen
        return f"that of {name}" if name in os.environ else value

    say("")
    say("Shebao 社保 is running.")
    say(f"  phone     http://127.0.0.1:{port}/phone   <- open this first")
    if checked.console_users:
        say(f"  console   http://127.0.0.1:{port}/console")
    say(f"  webhook   http://127.0.0.1:{port}/wechat   ({checked.wechat_mode} mode)")
    say(f"  health    http://127.0.0.1:{port}/healthz")
    say(f"  token     {secret('SHEBAO_WECHAT_TOKEN', checked.wechat_token)}")
    if checked.wechat_mode != "plain":
        say(f"  AES key   {secret('SHEBAO_WECHAT_AES_KEYS', checked.wechat_aes_keys[0])}")
    say(f"  store     {'embedded Valkey, data in var/valkey' if valkey else 'that of SHEBAO_REDIS_URL'}")
    if fresh:
        say("  Keys were made for this demo and put into var/demo.env. Residents need keys of your own.")
    say("")
    say(f"Try it as a resident, in another terminal:   {_command()} chat")
    say("Stop it with Ctrl-C.")
    say("")


def _command() -> str:
    """Returns this command as it can be typed here."""
    typed = Path(sys.argv[0])
    beside = Path(sys.executable).parent / "shebao"
    for path in (typed if typed.name == "shebao" else beside, beside):
        if path.exists():
            resolved = path.absolute()
            here = Path.cwd()
            return str(resolved.relative_to(here)) if resolved.is_relative_to(here) else str(resolved)
    return "shebao"
