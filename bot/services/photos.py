"""Photos for a bureau: a job holds only their MediaIds, the bytes are fetched inside the call."""

from __future__ import annotations

import base64
import time
from dataclasses import replace

from bot.actions import ACTIONS, PHOTOS
from bot.ports import Media, Request, Result, Service, Unknown, Unsendable


class WithPhotos:
    """Passes photos to a service as base64 in place of their MediaIds. They are not stored here."""

    def __init__(self, service: Service, media: Media) -> None:
        self._service, self._media = service, media

    def perform(self, request: Request) -> Result:
        """Implements bot.ports.Service. If a photo cannot be fetched, the service was not asked yet."""
        until = time.monotonic() + request.within
        arguments = dict(request.arguments)
        try:
            for name in PHOTOS & set(arguments):
                photo = self._media.fetch(str(arguments[name]), max(until - time.monotonic(), 0.1))
                arguments[name] = base64.b64encode(photo).decode()
        except Unknown as e:
            if "unavailable" in ACTIONS[request.action].outcomes:
                raise Unsendable(str(e)) from e
            raise
        left = max(until - time.monotonic(), 0.1)
        return self._service.perform(replace(request, arguments=arguments, within=left))

    def find(self, action: str, key: str) -> Result | None:
        return self._service.find(action, key)
