"""One subject in its own process: told `N M` it lets residents N to M walk, and prints the CPU µs a message.

    python in_process.py SUBJECT [plain|safe]

Only the time inside the subject is counted: building requests and reading answers is the residents' own.
"""

from __future__ import annotations

import importlib
import io
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent / "subjects")]

from residents import request, walk, words  # noqa: E402


def over_wsgi(app: Any, safe: bool) -> Callable[[str, str, int], tuple[int, str]]:
    """Send one message to a WSGI application: nanoseconds of CPU, and what it answered."""
    status = ""

    def started(line: str, headers: Any, error: Any = None) -> Callable[[bytes], None]:
        nonlocal status
        status = line
        return lambda _: None

    def send(openid: str, text: str, number: int) -> tuple[int, str]:
        query, body = request(openid, text, number, safe)
        environ = {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": "/wechat",
            "QUERY_STRING": query,
            "CONTENT_TYPE": "text/xml",
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        began = time.process_time_ns()
        answer = app(environ, started)
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        took = time.process_time_ns() - began
        if not status.startswith("200"):
            raise SystemExit(f"answered {status}: {body[:200]!r}")
        return took, words(body, safe)

    return send


def direct(say: Callable[[str, str], str]) -> Callable[[str, str, int], tuple[int, str]]:
    def send(openid: str, text: str, number: int) -> tuple[int, str]:
        began = time.process_time_ns()
        answer = say(openid, text)
        return time.process_time_ns() - began, answer

    return send


def main(subject: str, mode: str = "plain") -> None:
    module = importlib.import_module(subject)
    send = direct(module.say) if hasattr(module, "say") else over_wsgi(module.app, mode == "safe")
    print("ready", flush=True)
    for line in sys.stdin:
        first, last = map(int, line.split())
        spent, sent = 0, 0
        for resident in range(first, last):
            steps, answer = walk(resident), None
            while True:
                try:
                    openid, text = steps.send(answer)  # type: ignore[arg-type]
                except StopIteration:
                    break
                took, answer = send(openid, text, resident * 100 + sent % 100)
                spent, sent = spent + took, sent + 1
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"us": spent / sent / 1000, "messages": sent, "rss_mb": rss / 1024}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
