"""A small client of yaml-language-server over stdio."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any


def server(cache: Path) -> list[str] | None:
    """The command that starts it, installed once into `cache`; None where that is not possible."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return None
    there = cache / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    if not there.exists():
        cache.mkdir(parents=True, exist_ok=True)
        made = subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--prefix", str(cache), "yaml-language-server@1"],
            capture_output=True, timeout=180, check=False,
        )  # fmt: skip
        if made.returncode or not there.exists():
            return None
    return [node, str(there), "--stdio"]


class YamlServer:
    def __init__(self, command: list[str], root: Path) -> None:
        self.root = root
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.count = 0
        self.told: dict[str, list[Any]] = {}

    def __enter__(self) -> YamlServer:
        self.ask("initialize", {"processId": None, "rootUri": self.root.as_uri(), "capabilities": {}})
        self.tell("initialized", {})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()

    def open(self, file: str, text: str) -> str:
        uri = (self.root / file).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return uri

    def diagnostics(self, file: str, text: str) -> list[Any]:
        uri = self.open(file, text)
        until = time.monotonic() + 20
        while uri not in self.told and time.monotonic() < until:
            self._read()
        return self.told.pop(uri)

    def completion(self, file: str, text: str, line: int, character: int) -> set[str]:
        uri = self.open(file, text)
        asked = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        found = self.ask("textDocument/completion", asked)
        items = found["items"] if isinstance(found, dict) else found or []
        return {item["label"] for item in items}

    def hover(self, file: str, word: str) -> str:
        text = (self.root / file).read_text(encoding="utf-8")
        line = next(i for i, x in enumerate(text.split("\n")) if x.startswith(word))
        asked = {"textDocument": {"uri": self.open(file, text)}, "position": {"line": line, "character": 1}}
        return json.dumps(self.ask("textDocument/hover", asked), ensure_ascii=False)

    def tell(self, method: str, params: Any) -> None:
        self._write({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        self.count += 1
        self._write({"jsonrpc": "2.0", "id": self.count, "method": method, "params": params})
        while True:
            came = self._read()
            if came.get("id") == self.count and "method" not in came:
                return came.get("result")

    def _write(self, message: Any) -> None:
        body = json.dumps(message).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _read(self) -> Any:
        assert self.process.stdout is not None
        size = 0
        while (line := self.process.stdout.readline().strip()) or not size:
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
        came = json.loads(self.process.stdout.read(size))
        if came.get("method") == "textDocument/publishDiagnostics":
            self.told[came["params"]["uri"]] = came["params"]["diagnostics"]
        elif "id" in came and "method" in came:  # the server asks for its settings
            items = came.get("params", {}).get("items", [])
            self._write({"jsonrpc": "2.0", "id": came["id"], "result": [None for _ in items]})
        return came
