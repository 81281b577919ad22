"""The shipped nginx with nobody behind it: what it passes on (502), and what it writes down."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from processes.kit import until
from store.servers import PATIENCE, ports

from bot.kit.embedded import dies_with_parent
from bot.page.pictures import MOST
from deploy.machine import configured, needs

TOKEN = "A-link-of-22-characters"


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """Its address, certificate and folder."""
    program, folder = needs("nginx"), tmp_path_factory.mktemp("nginx")
    nobody, plain, tls = ports(3)
    certificate, conf = configured(folder, nobody, plain, tls)
    running = subprocess.Popen(
        [program, "-p", str(folder), "-c", str(conf), "-g", "daemon off;"], preexec_fn=dies_with_parent
    )
    assert until(lambda: (folder / "nginx.pid").exists())
    try:
        yield f"https://127.0.0.1:{tls}", certificate, folder
    finally:
        running.terminate()
        running.wait(PATIENCE)


def answer(nginx: tuple[str, str, Path], path: str, body: bytes = b"") -> requests.Response:
    address, certificate, _ = nginx
    method = "POST" if body else "GET"
    return requests.request(method, address + path, data=body, verify=certificate, timeout=PATIENCE)


def status(nginx: tuple[str, str, Path], path: str, body: bytes = b"") -> int:
    return answer(nginx, path, body).status_code


def test_photos_reach_the_page_and_nothing_else(nginx: tuple[str, str, Path]) -> None:
    """A form with photos is posted to /card itself."""
    assert status(nginx, "/card", b"x" * 2 * MOST) == 502
    assert status(nginx, "/card", b"x" * (2 * MOST + 2_000_000)) == 413
    assert status(nginx, "/card/in", b"x" * 100_000) == 413


def test_a_resident_reads_words_while_nobody_is_behind_it(nginx: tuple[str, str, Path]) -> None:
    """Or where a form is too large for Shebao to see it."""
    for found in (answer(nginx, "/card"), answer(nginx, "/card", b"x" * (2 * MOST + 2_000_000))):
        found.encoding = "utf-8"
        assert "请过几分钟再试" in found.text
        assert found.headers["Content-Type"] == "text/html; charset=utf-8"
        assert found.headers["Cache-Control"] == "no-store"


def test_wechat_finds_its_file(nginx: tuple[str, str, Path]) -> None:
    assert status(nginx, "/MP_verify_abcDEF0123456789.txt") == 502
    assert status(nginx, "/MP_verify_other.txt") == 404
    assert status(nginx, "/MP_verify_abcDEF0123456789.txt/x") == 404


def test_a_link_is_not_written_down(nginx: tuple[str, str, Path]) -> None:
    """Whoever reads the log would be let in."""
    assert status(nginx, f"/card/in/{TOKEN}") == 502
    assert status(nginx, f"/other/card/in/{TOKEN}?x={TOKEN}") == 404
    status(nginx, "/card/static/page.css")
    log = nginx[2] / "shebao.log"
    assert until(lambda: "/card/static/page.css" in log.read_text())
    assert "GET /card/in/ 502" in log.read_text()
    assert TOKEN not in log.read_text()
