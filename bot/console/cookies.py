"""The console's cookies: out of reach of scripts, other sites and other hosts of the same domain."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Request, Response

from bot.web.hosts import is_loopback


@dataclass(frozen=True)
class Cookies:
    """`live`: residents are behind it. Browsers take a name with `__Host-` only over https, from this host
    and for all of it (RFC 6265bis); the plain name is for trying things out on this machine over http.
    """

    live: bool

    def get(self, request: Request, name: str) -> str:
        return request.cookies.get(self.named(request, name), "")

    def set(
        self, request: Request, response: Response, name: str, value: str, lasts: int | None = None
    ) -> None:
        response.set_cookie(
            self.named(request, name), value, max_age=lasts, path="/", httponly=True, samesite="Strict",
            secure=not self._plain(request),
        )  # fmt: skip

    def drop(self, request: Request, response: Response, name: str) -> None:
        self.set(request, response, name, "", 0)

    def named(self, request: Request, name: str) -> str:
        return name if self._plain(request) else f"__Host-{name}"

    def _plain(self, request: Request) -> bool:
        return not self.live and is_loopback(request)
