"""`shebao run`: everything on one machine. Owns the embedded Valkey and the server and worker beside it."""

from __future__ import annotations

import base64
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.store.embedded import EmbeddedValkey, dies_with_parent
from bot.store.seal import new_key

THREADS = 32
"""One slow call must not hold up the others: measured, 8 threads do, 32 do not."""


def demo_env(var: Path) -> tuple[dict[str, str], bool]:
    """Token and keys for trying things out, made once and kept in var/demo.env; True if made just now."""
    path = var / "demo.env"
    if path.exists():
        lines = path.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")), False
    made = {
        "SHEBAO_SEAL_KEYS": new_key(),
        "SHEBAO_TAG_KEY": new_key(),
        "SHEBAO_WECHAT_TOKEN": secrets.token_hex(8),
        "SHEBAO_WECHAT_APP_ID": "wxdemo0000000000",
        "SHEBAO_WECHAT_AES_KEYS": base64.b64encode(secrets.token_bytes(32)).decode().rstrip("="),
        "SHEBAO_WECHAT_MODE": "compatible",
    }
    var.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("# Made by `shebao run` for trying things out. Never use these keys for residents.\n")
    with path.open("a") as file:
        file.writelines(f"{name}={value}\n" for name, value in made.items())
    return made, True


def development(root: Path, env: Mapping[str, str]) -> tuple[dict[str, str], bool, EmbeddedValkey | None]:
    """The environment of the children, whether its keys are new, and the Valkey to own (None: your own)."""
    demo, fresh = demo_env(root / "var")
    merged = {**demo, **env}
    if "SHEBAO_REDIS_URL" in env:
        return merged, fresh, None
    valkey = EmbeddedValkey(root / "var" / "valkey")
    return {**merged, "SHEBAO_REDIS_URL": valkey.url}, fresh, valkey


def run(root: Path, port: int, say: Callable[[str], None]) -> int:
    """Until Ctrl-C or SIGTERM, or a child ends by itself. Answers the exit code. Raises CannotStart."""
    if not _free(port):
        say(f"Port {port} is in use. Stop what runs there, or: shebao run --port {port + 1}")
        return 1
    env, fresh, valkey = development(root, os.environ)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, lambda *_: stop.set())
    children: list[subprocess.Popen[bytes]] = []
    code = 0
    try:
        if valkey is not None:
            valkey.start()
        server = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}"]
        server += ["--worker-class", "gthread", "--threads", str(THREADS), "--log-level", "warning"]
        worker = [sys.executable, "-m", "bot.cli", "worker"]
        children += [_child(command, root, env) for command in (server, worker)]
        _welcome(env, fresh, port, valkey, say)
        while not stop.wait(0.3):
            if any(child.poll() is not None for child in children):
                say("A part of the service stopped by itself; see the lines above.")
                code = 1
                break
    finally:
        for child in children:
            if child.poll() is None:
                child.terminate()
        for child in children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
        if valkey is not None:
            valkey.stop()
    return code


def _child(command: list[str], root: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own commands
        command, cwd=root, env=env, start_new_session=True, preexec_fn=dies_with_parent
    )


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _welcome(
    env: Mapping[str, str], fresh: bool, port: int, valkey: EmbeddedValkey | None, say: Callable[[str], None]
) -> None:
    say("")
    say("Shebao 社保 is running.")
    say(f"  webhook   http://127.0.0.1:{port}/wechat   ({env['SHEBAO_WECHAT_MODE']} mode)")
    say(f"  token     {env['SHEBAO_WECHAT_TOKEN']}")
    say(f"  AES key   {env['SHEBAO_WECHAT_AES_KEYS']}")
    say(f"  store     {'embedded Valkey, data in var/valkey' if valkey else 'SHEBAO_REDIS_URL'}")
    if fresh:
        say("  Keys were made for this demo and put into var/demo.env. Residents need keys of your own.")
    say("")
    say("Try it as a resident, in another terminal:   .venv/bin/shebao chat")
    say("Stop it with Ctrl-C.")
    say("")
