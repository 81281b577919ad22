"""Over TLS: a certificate nobody vouches for takes nothing, and the deadline cuts there too."""

from __future__ import annotations

import datetime
import ssl
import threading
import time
from pathlib import Path

import pytest
from services.certificate import self_signed
from services.kit import Bureau, a_request
from werkzeug.serving import make_server

from bot.kit.stubs.bureau import create_bureau
from bot.ports import Result, Unknown
from bot.services.http import HttpService
from contracts.conftest import TOKEN
from contracts.faults import answer_badly


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, str]:
    """Paths of a self-signed certificate for 127.0.0.1 and of its key."""
    return self_signed(tmp_path, datetime.timedelta(days=1))


def test_tls(direct: Bureau, certificate: tuple[str, str]):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    app = create_bureau(direct.services, TOKEN, answer_badly)
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=context)
    server.daemon_threads = True
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    base = f"https://127.0.0.1:{server.port}"
    request = a_request("card.report_loss", within=1.0, card=direct.card_of("张三")["id"], kind="formal")
    try:
        assert HttpService(base, TOKEN).perform(request) == Result("unavailable"), "nobody vouches for it"
        assert direct.done("card.report_loss") == 0
        for fault in ("hang=4", "drip=4"):
            slow = HttpService(base, TOKEN, headers={"Bureau-Fault": fault}, ca=certificate[0])
            began = time.monotonic()
            with pytest.raises(Unknown, match="time-out after sending"):
                slow.perform(request)
            assert time.monotonic() - began < 3.5, "not the 4 s of the fault"
        assert HttpService(base, TOKEN, ca=certificate[0]).perform(request).outcome == "done"
    finally:
        server.shutdown()
        server.server_close()
