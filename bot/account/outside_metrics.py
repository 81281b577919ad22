"""Figures from outside: certificates, WeChat's clock, the rest of the day's quota.

Checked in the background, some minutes apart, when Prometheus asks; the last result is returned. So no
request waits for a silent host, and unknown figures are left out.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import structlog
from cryptography import x509
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from bot.account.served import Served
from bot.logs import where
from bot.ports import Unknown
from bot.wechat.client import Client
from bot.wechat.quota import quota

log = structlog.get_logger()

EVERY = 600.0
"""Seconds."""
WITHIN = 5.0
"""Seconds for one host."""


class OutsideCollector:
    """prometheus_client's Collector. `every`: seconds between two checks."""

    def __init__(self, bot: Served, every: float = EVERY) -> None:
        self._bot, self._every = bot, every
        self._seen: list[Metric] = []
        self._looked = -every
        self._lock = threading.Lock()

    def describe(self) -> Iterable[Metric]:
        """Returns nothing, so that registering it sends no requests."""
        return ()

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            if time.monotonic() - self._looked >= self._every:
                self._looked = time.monotonic()
                threading.Thread(target=self._look, name="outside", daemon=True).start()
        return self._seen

    def look(self) -> None:
        """Checks now. Never raises for the state of a host."""
        self._seen = [*self._certificates(), *self._wechat()]

    def _look(self) -> None:
        try:
            self.look()
        except Exception as e:  # a bug here must not end the thread for all other figures
            log.error("figures stumbled", **where(e))

    def _certificates(self) -> Iterator[Metric]:
        settings, now = self._bot.settings, time.time()  # wall clock: a certificate uses it
        text = "Until the certificate at that address ends."
        known = GaugeMetricFamily("shebao_certificate_remaining_seconds", text, labels=["of"])
        for of in ("public_url", "real_name", "card"):
            parts = urlsplit(str(getattr(settings, of)))
            if parts.scheme == "https" and parts.hostname:
                with suppress(OSError, ValueError):
                    known.add_metric([of], certificate_ends(parts.hostname, parts.port or 443) - now)
        yield known

    def _wechat(self) -> Iterator[Metric]:
        settings, bot = self._bot.settings, self._bot
        if not settings.wechat_app_secret:
            return
        who = (settings.wechat_app_id, settings.wechat_app_secret)
        client = Client(*who, bot.client, bot.store.seal, settings.wechat_api, bot.now)
        with suppress(Unknown):
            asked = bot.now()
            theirs = client.server_time(WITHIN)
            text = "This machine's clock less WeChat's."
            yield GaugeMetricFamily(
                "shebao_wechat_clock_offset_seconds", text, (asked + bot.now()) / 2 - theirs
            )
        if settings.push == "yes":
            with suppress(Unknown):
                found = quota(client, WITHIN)
                text = "Customer-service messages that may still be sent today."
                yield GaugeMetricFamily("shebao_wechat_quota_remaining", text, found.left)
                text = "Customer-service messages that may be sent in a day."
                yield GaugeMetricFamily("shebao_wechat_quota_limit", text, found.limit)


def certificate_ends(host: str, port: int) -> float:
    """Returns epoch seconds. The certificate is not verified: an expired one has an end too.

    Raises:
        OSError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((host, port), WITHIN) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        shown = secured.getpeercert(binary_form=True) or b""
    return x509.load_der_x509_certificate(shown).not_valid_after_utc.timestamp()
