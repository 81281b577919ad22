"""Calls to WeChat's API: pictures, messages, the menu, with an access token shared by all processes.

wechatpy knows the endpoints and what they take; the requests themselves go through our own transport: with
wechatpy's a refused token recursed through 487 token fetches, there is no time-out by default, and the texts
of its exceptions hold the secret.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import structlog
from redis import Redis
from urllib3.exceptions import HTTPError
from wechatpy import WeChatClient

from bot.exchange import Deadline, Session
from bot.store.seal import Seal
from bot.wechat.answers import WeChatError, address, errcode, field, json_of, text_of
from bot.wechat.spent import SPENT, Spent
from bot.wechat.tokens import OwnToken, Token, Tokens

log = structlog.get_logger()

_TOKEN_REFUSED = frozenset({40001, 40014, 42001})
_NOT_LISTED, _NO_FIT = 40164, 47003
_LARGEST = 12 * 1024 * 1024  # bytes; WeChat's own limit for a picture is 10 MB
_CHUNK = 65536


class Client:
    """Calls WeChat, and implements `bot.ports.Media`. `base_url`: without a slash at its end. `redis` must
    answer bytes. Thread-safe.

    Without `redis` and `seal` the token is this client's own: for checking an account while Redis is away.
    """

    def __init__(
        self,
        app_id: str,
        secret: str,
        redis: Redis | None,
        seal: Seal | None,
        base_url: str,
        clock: Callable[[], float],
    ) -> None:
        # At DEBUG urllib3 writes every URL, and WeChat wants the access token in the URL.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
        self._app_id = app_id
        self._secret = secret
        self._base_url = base_url
        self._session = Session()
        self._spent = Spent(redis, app_id, clock) if redis is not None else None
        self._tokens: Tokens | OwnToken = OwnToken(self._fetch_token)
        if redis is not None and seal is not None:
            self._tokens = Tokens(redis, seal, app_id, self._fetch_token, clock)

    def upload(self, image: bytes, within: float) -> str:
        """Uploads a picture (kept 3 days by WeChat), returns its MediaId. `within`: seconds. Raises
        Unknown."""
        body = _Api(self, within).media.upload("image", ("code.png", image, "image/png"))
        return text_of(json_of("media/upload", body), "media_id", "media/upload")

    def send_text(self, openid: str, text: str, within: float) -> None:
        """Sends a customer-service message. Raises Unknown; WeChatError with WeChat's errcode."""
        _Api(self, within).message.send_text(openid, text)

    def send_notice(
        self, path: str, openid: str, template: str, fields: Mapping[str, str], within: float
    ) -> None:
        """Sends a template or subscription message.

        `path`: message/template/send or message/subscribe/bizsend.

        Raises:
            Unknown: WeChat did not answer.
            WeChatError: with WeChat's errcode.
        """
        data = {name: {"value": value} for name, value in fields.items()}
        body = json.dumps({"touser": openid, "template_id": template, "data": data}, ensure_ascii=False)
        self.call(path, "POST", f"/cgi-bin/{path}", within, {}, data=body.encode())

    def fetch(self, media_id: str, within: float) -> bytes:
        """Returns the bytes of an uploaded picture. Raises Unknown; WeChatError 40007 if it is gone."""
        body: bytes = _Api(self, within).media.download(media_id)
        if not body or body.lstrip().startswith(b"{"):
            raise WeChatError("media/get", "not a picture")
        return body

    def current_menu(self, within: float) -> dict[str, Any]:
        """Calls get_current_selfmenu_info. Raises Unknown; WeChatError with WeChat's errcode."""
        return json_of("get_current_selfmenu_info", _Api(self, within).menu.get_menu_info())

    def conditional_menus(self, within: float) -> list[dict[str, Any]]:
        """Returns menu/get's conditionalmenu. Raises Unknown; WeChatError with WeChat's errcode."""
        found = json_of("menu/get", _Api(self, within).menu.get()).get("conditionalmenu") or []
        if not isinstance(found, list) or not all(isinstance(menu, dict) for menu in found):
            raise WeChatError("menu/get", "conditionalmenu is not a list of menus")
        return found

    def create_menu(self, menu: bytes, within: float) -> None:
        """Calls menu/create with exactly these bytes. Raises Unknown; WeChatError with WeChat's errcode."""
        _Api(self, within).menu.create(menu)

    def seats(self, within: float) -> int:
        """Returns the number of customer-service seats. Raises Unknown; WeChatError with WeChat's errcode."""
        path = "/cgi-bin/customservice/getkflist"  # wechatpy's own method reads the answer before its errcode
        found = json_of("getkflist", self.call("getkflist", "GET", path, within, {})).get("kf_list")
        if not isinstance(found, list):
            raise WeChatError("getkflist", "answer without kf_list")
        return len(found)

    def openid_of(self, code: str, within: float) -> str:
        """Returns whom a code of the page authorisation belongs to. Raises Unknown; WeChatError."""
        asked = {
            "appid": self._app_id,
            "secret": self._secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        until, path = time.monotonic() + within, "/sns/oauth2/access_token"
        body = self._send("sns/oauth2/access_token", "GET", path, until, params=asked)
        return text_of(json_of("sns/oauth2/access_token", body), "openid", "sns/oauth2/access_token")

    def check_token(self, within: float) -> None:
        """Fetches a token without caching it. Raises Unknown; WeChatError with WeChat's errcode."""
        self._fetch_token(False, within)

    def server_time(self, within: float) -> float:
        """Returns whole epoch seconds by WeChat's clock, from its Date header. Raises Unknown."""
        failed, date = "", ""
        try:
            # answers with an errcode; only its header matters
            url = f"{self._base_url}/cgi-bin/token"
            with Deadline(within), self._session.get(url, timeout=within, stream=True) as response:
                date = response.headers.get("Date", "")
        except (requests.RequestException, HTTPError) as error:
            failed = type(error).__name__
        if failed:
            raise WeChatError("token", failed)
        try:
            return parsedate_to_datetime(date).timestamp()
        except ValueError:
            raise WeChatError("token", "answer without a Date") from None

    def token_left(self) -> int | None:
        """Seconds until the cached access token is renewed, None if there is none. Raises RedisError."""
        return self._tokens.left()

    def call(
        self, call: str, method: str, path: str, within: float, params: dict[str, str], **options: Any
    ) -> bytes:
        """Tries once, and once more if WeChat refuses the token."""
        until = time.monotonic() + within
        token = self._tokens.get(until)
        try:
            return self._send(call, method, path, until, params={"access_token": token, **params}, **options)
        except WeChatError as error:
            if error.code not in _TOKEN_REFUSED:
                raise
        token = self._tokens.get(until, refused=token)
        return self._send(call, method, path, until, params={"access_token": token, **params}, **options)

    def _fetch_token(self, force: bool, within: float) -> Token:
        until = time.monotonic() + within
        asked = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
            "force_refresh": force,
        }
        body = self._send("stable_token", "POST", "/cgi-bin/stable_token", until, json=asked)
        found = json_of("stable_token", body)
        lasts = found.get("expires_in")
        if not isinstance(lasts, int) or lasts <= 0:
            raise WeChatError("stable_token", "answer without expires_in")
        return Token(text_of(found, "access_token", "stable_token"), lasts)

    def _send(self, call: str, method: str, path: str, until: float, **options: Any) -> bytes:
        """Returns the answer's body after checking its errcode. Ends at `until`.

        Raises:
            WeChatError: the call failed.
        """
        if self._spent and self._spent.known(call):
            raise WeChatError(call, "quota of the day is spent", SPENT)
        failed = ""
        try:
            status, body = self._read(method, self._base_url + path, until, options)
        except (OSError, HTTPError) as error:  # those of requests are OSErrors
            failed = type(error).__name__
        except OverflowError:
            failed = "answer is too long"
        if failed:  # raised outside the handlers: requests' exception holds the URL, the URL the token
            log.warning("wechat_error", call=call, errcode=0, cause=failed)
            raise WeChatError(call, failed)
        code = errcode(body)
        if code == SPENT and self._spent:
            self._spent.note(call)
        if code:
            log.warning("wechat_error", call=call, errcode=code)
            seen = address(body) if code == _NOT_LISTED else ""
            raise WeChatError(call, f"errcode {code}", code, seen, field(body) if code == _NO_FIT else "")
        # WeChat reports its own failures with 200 and an errcode; another status comes from a proxy.
        if status != 200:
            log.warning("wechat_error", call=call, errcode=0, cause=f"status {status}")
            raise WeChatError(call, f"unexpected answer with status {status}")
        return body

    def _read(self, method: str, url: str, until: float, options: dict[str, Any]) -> tuple[int, bytes]:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        with (
            Deadline(left) as deadline,
            self._session.request(method, url, timeout=left, stream=True, **options) as response,
        ):
            body = bytearray()
            # read1 takes what is there; iter_content would wait for a full chunk, however slowly it arrives
            while (chunk := response.raw.read1(_CHUNK, decode_content=True)) and not deadline.over:
                body += chunk
                if len(body) > _LARGEST:
                    raise OverflowError
            if deadline.over:  # what was read may not be all of it
                raise TimeoutError
            return response.status_code, bytes(body)


class _Api(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy's endpoints over `Client.call`; every method returns the body as bytes. Made for one call."""

    def __init__(self, client: Client, within: float) -> None:
        super().__init__("", "", auto_retry=False)
        self._client, self._within = client, within

    def _request(
        self, method: str, url_or_endpoint: str, params: dict[str, str] | None = None, **options: Any
    ) -> bytes:
        path = f"/cgi-bin/{url_or_endpoint}"
        data = options.get("data")
        if isinstance(data, Mapping):  # WeChat wants raw UTF-8: it shows \\u escapes as they are
            options["data"] = json.dumps(data, ensure_ascii=False).encode()
        return self._client.call(url_or_endpoint, method.upper(), path, self._within, params or {}, **options)
