"""Residents of the benchmark: WeChat's signed (and encrypted) XML for one walk of twelve messages.

Runs in every subject's own environment; needs wechatpy only, for its client side of the encryption.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Generator
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from wechatpy.crypto import WeChatCrypto

TOKEN = "benchmark-token"
APP_ID = "wx0123456789abcdef"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_benchmark"
NONCE = "1234567890"
WALK = (
    "你好",
    "登录",
    "同意",
    "660101198001010019",  # its check digit is wrong
    "660101198001010018",
    "张三",
    "0000",  # not the code
    "CODE",
    "帮助",
    "查社保卡",
    "谢谢",
    "退出登录",
)
"""What a resident writes on the way through sign-in; CODE stands for the digits that the answer shows."""
ASKS = ("你好", "补卡要多久", "谢谢")
LOOKS = ("查社保卡", "同意", "ID", "张三", "CODE", "谢谢")
REPORTS = ("挂失", "同意", "ID", "张三", "CODE", "1", "确认停用")
"""Shorter ways, ID: the resident's own number. The last ends with a receipt."""
_CODE = re.compile(r"(\d) (\d) (\d) (\d)")
_SECRET = WeChatCrypto(TOKEN, AES_KEY, APP_ID)


def walk(
    number: int, texts: tuple[str, ...] = WALK, id_number: str = ""
) -> Generator[tuple[str, str], str, None]:
    """Yields (openid, text) and is sent the answer's words."""
    openid, code = f"oBench{number:022d}", "0000"
    for text in texts:
        answer = yield openid, {"CODE": code, "ID": id_number}.get(text, text)
        if found := _CODE.search(answer):
            code = "".join(found.groups())


def request(openid: str, text: str, number: int, safe: bool) -> tuple[str, bytes]:
    """The query and the body of one delivery; `number` is its MsgId."""
    now = str(int(time.time()))  # wall clock: real processes refuse what is old
    body = (
        f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{escape(text)}</Content><MsgId>{number}</MsgId></xml>"
    )
    query = {"timestamp": now, "nonce": NONCE, "signature": _sign(now, NONCE), "openid": openid}
    if not safe:
        return urlencode(query), body.encode()
    sealed = _SECRET.encrypt_message(body, NONCE, now)
    signature = sealed.partition("<MsgSignature><![CDATA[")[2].partition("]")[0]
    return urlencode({**query, "encrypt_type": "aes", "msg_signature": signature}), sealed.encode()


def words(answer: bytes, safe: bool) -> str:
    """The text of an answer; raises ValueError where nothing was said, so that no subject wins by silence."""
    found = answer.decode()
    if safe:
        field = {
            name: found.partition(f"<{name}>")[2]
            .partition(f"</{name}>")[0]
            .removeprefix("<![CDATA[")
            .removesuffix("]]>")
            for name in ("MsgSignature", "TimeStamp", "Nonce")
        }
        found = _SECRET.decrypt_message(found, field["MsgSignature"], field["TimeStamp"], field["Nonce"])
        found = found.decode() if isinstance(found, bytes) else found
    _, known, said = found.partition("<Content>")
    if not known:
        raise ValueError(f"no answer: {found[:80]!r}")
    return said


def _sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted((TOKEN, *parts))).encode(), usedforsecurity=False).hexdigest()
