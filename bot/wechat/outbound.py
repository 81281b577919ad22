"""Renders the engine's reply as WeChat's passive reply: Reply -> XML bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.engine.effects import Option, Reply
from bot.wechat.xml import cdata, without_illegal

LIMIT = 2048  # UTF-8 bytes of a text: undocumented for passive replies, but peers and the push API use it
NOTHING = b"success"  # received, no reply, do not send it again

_ELLIPSIS = "…"
_TEXT_LEAST = 300  # bytes the text keeps before options are cut
_LABEL_LEAST = 30  # bytes that tell options apart; of more than some fifty, the last are left out
_WIDE = str.maketrans("<>", "＜＞")
# Characters that may end the attribute, start an entity or an escape, or split the link's query, become
# full-width: phones do not agree on how often they decode the query (WeChat for Android did so twice for
# years, and so lost escapes). A space becomes a no-break one: a link treats it as a letter like any Han
# character, and in the resident's own bubble it looks like the label's space.
_SAFE_IN_LINK = str.maketrans("<>\"'&#%=+?\\` ", "＜＞＂＇＆＃％＝＋？＼｀\u00a0")
_ENTITY = re.compile(r"&(?=#?\w{1,10};)")
_SENTENCE_END = re.compile(r"[。！？；…!?;\n]|\.(?=\s)")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:/_\[\]-]+", re.ASCII)
_BLANKS = re.compile(r"\s+")


def render(reply: Reply, to: str, account: str, at: int, media_id: str = "") -> bytes:
    """Returns the answer's body: XML, or `success` if there is nothing to say.

    `to`: openid. `account`: our gh_ id (any other shows the resident an outage). `at`: epoch seconds.
    `media_id`: an uploaded picture in place of the text.
    """
    if reply.kind == "transfer":
        return _xml("transfer_customer_service", "", to, account, at)
    if reply.kind != "text":
        return NOTHING
    if media_id:
        return _xml("image", f"<Image><MediaId>{cdata(media_id)}</MediaId></Image>", to, account, at)
    text = text_body(reply)
    if not text:  # empty Content shows the resident an outage
        return NOTHING
    return _xml("text", f"<Content>{cdata(text)}</Content>", to, account, at)


def text_body(reply: Reply) -> str:
    """Returns the bubble: texts, lead and one line per option, at most 2048 UTF-8 bytes; "" if empty.

    Options are links to tap. If that is too long, a tap on a numbered one sends its number instead of its
    words; then the last links become plain words, one by one; then the text is cut at the end of a sentence;
    then the words of the options are cut, so that each is still there.
    """
    head = _plain(reply.text)
    lead = _plain(reply.lead) if reply.lead else ""
    if head and lead and reply.options and reply.options[0].follows:
        lead = f"\n{lead}"  # the next actions are not part of the information
    labelled = [(option, _label(option)) for option in reply.options]
    options = [(option, label) for option, label in labelled if label]
    plain = [_line(option, label) for option, label in options]
    linked = [
        _line(option, _opens(option, label) or _link(label, option.tap, label)) for option, label in options
    ]
    body = _join(head, lead, linked)
    if _size(body) <= LIMIT:
        return body
    linked = [
        _line(option, _opens(option, label) or _link(label, option.tap, str(option.number or label)))
        for option, label in options
    ]
    for links in range(len(options), -1, -1):
        body = _join(head, lead, linked[:links] + plain[links:])
        if _size(body) <= LIMIT:
            return body
    least = min(_size(head), _TEXT_LEAST)
    each = (LIMIT - 1 - least - _size(lead)) // max(len(plain), 1) - 1
    if each >= _LABEL_LEAST and _size(_join(lead, "", plain)) + 1 + least > LIMIT:
        plain = [_cut(line, each) for line in plain]
    while plain and _size(_join(lead, "", plain)) + 1 + least > LIMIT:
        plain.pop()
    rest = _join(lead, "", plain)
    if _size(rest) + 1 + least > LIMIT:
        rest = _cut(rest, LIMIT - 1 - least)
    return _join(_cut(head, LIMIT - 1 - _size(rest)), rest, [])


def _join(head: str, lead: str, lines: Sequence[str]) -> str:
    return "\n".join(part for part in (head, lead, *lines) if part)


def _line(option: Option, label: str) -> str:
    numbered = f"{option.number}. {label}" if option.number else label
    return f"\n{_plain(option.lead)}\n{numbered}" if option.lead else numbered


def _link(label: str, tap: str, says: str) -> str:
    """Returns a link that sends `says` as text and `tap` as bizmsgmenuid; an unsafe tap gives no link."""
    if not tap or _BLANKS.search(tap) or tap != without_illegal(tap).translate(_SAFE_IN_LINK):
        return label
    said = says.translate(_SAFE_IN_LINK)
    return f'<a href="weixin://bizmsgmenu?msgmenucontent={said}&msgmenuid={tap}">{label}</a>'


def _opens(option: Option, label: str) -> str:
    """Returns a link to an address of ours; "" if it is none."""
    return f'<a href="{option.url}">{label}</a>' if _ADDRESS.fullmatch(option.url) else ""


def _label(option: Option) -> str:
    return _BLANKS.sub(" ", _plain(option.label))


def _plain(text: str) -> str:
    """Removes markup and XML-illegal characters: a resident's own words must not become a link."""
    legal = without_illegal(text.replace("\r\n", "\n").replace("\r", "\n"))
    return _ENTITY.sub("＆", legal.translate(_WIDE)).strip()


def _cut(text: str, limit: int) -> str:
    """Cuts to `limit` bytes, at the end of a sentence if there is one in the second half of what fits."""
    if _size(text) <= limit:
        return text
    room = text.encode()[: max(0, limit - _size(_ELLIPSIS))].decode("utf-8", "ignore")
    ends = [found.end() for found in _SENTENCE_END.finditer(room, len(room) // 2)]
    return (room[: ends[-1]] if ends else room).rstrip() + _ELLIPSIS


def _size(text: str) -> int:
    return len(text.encode())


def _xml(kind: str, content: str, to: str, account: str, at: int) -> bytes:
    return (
        f"<xml><ToUserName>{cdata(to)}</ToUserName><FromUserName>{cdata(account)}</FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>{content}</xml>"
    ).encode()
