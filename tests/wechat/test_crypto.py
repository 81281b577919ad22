"""Signatures and encryption: what WeChat sends gets in, everything else is refused and never raises."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto

from bot.wechat.crypto import Keyring, MessageKey, Refused, Signer, check_fresh

from .kit import APP_ID, KEY, NOW, OLD_KEY, TOKEN


@pytest.mark.parametrize("token", ["", "  "])
def test_an_empty_token_is_refused_and_the_setting_named(token: str) -> None:
    with pytest.raises(ValueError, match="SHEBAO_WECHAT_TOKEN"):
        Signer(token)


def test_a_right_signature_passes_and_a_wrong_one_does_not() -> None:
    signer = Signer(TOKEN)
    right = signer.sign("1", "2")
    signer.check(right, "1", "2")
    for wrong in ("", right[:-1], right.upper(), right + "0", "签名", "\udcff", signer.sign("1", "3")):
        with pytest.raises(Refused) as refused:
            signer.check(wrong, "1", "2")
        assert refused.value.status == 403


def test_the_encrypted_text_is_under_the_msg_signature() -> None:
    signer = Signer(TOKEN)
    right = signer.sign("1", "2", "encrypted")
    signer.check(right, "1", "2", "encrypted")
    for parts in (("other",), ()):
        with pytest.raises(Refused):
            signer.check(right, "1", "2", *parts)


@given(st.text(), st.text(), st.text())
def test_no_query_makes_the_check_raise_anything_else(signature: str, timestamp: str, nonce: str) -> None:
    with pytest.raises(Refused):
        Signer(TOKEN).check(signature, timestamp, nonce)


def test_a_timestamp_is_fresh_within_the_window_on_both_sides() -> None:
    for off in (-300, 0, 300):
        check_fresh(str(NOW + off), NOW, 300)
    for off in (-301, 301):
        with pytest.raises(Refused) as refused:
            check_fresh(str(NOW + off), NOW, 300)
        assert refused.value.status == 403
    for odd in ("", "1e9", "-5", "١٢٣", "9" * 5000):
        with pytest.raises(Refused) as refused:
            check_fresh(odd, NOW, 300)
        assert refused.value.status == 400
        check_fresh(odd, NOW, 0)


@given(st.binary(max_size=200))
def test_what_is_encrypted_opens_again(message: bytes) -> None:
    opened, key = Keyring([KEY], APP_ID).decrypt(MessageKey(KEY, APP_ID).encrypt(message))
    assert opened == message
    assert MessageKey(KEY, APP_ID).decrypt(base64.b64decode(key.encrypt(b"reply"))) == b"reply"


def test_wechatpy_and_we_understand_each_other() -> None:
    theirs = PrpCrypto(base64.b64decode(KEY + "="))
    assert Keyring([KEY], APP_ID).decrypt(theirs.encrypt("你好", APP_ID).decode())[0].decode() == "你好"
    assert theirs.decrypt(MessageKey(KEY, APP_ID).encrypt("你好".encode()), APP_ID) == "你好"


def test_the_previous_key_opens_and_answers() -> None:
    keyring = Keyring([KEY, OLD_KEY], APP_ID)
    message, key = keyring.decrypt(MessageKey(OLD_KEY, APP_ID).encrypt(b"before the rotation"))
    assert message == b"before the rotation"
    assert MessageKey(OLD_KEY, APP_ID).decrypt(base64.b64decode(key.encrypt(b"reply"))) == b"reply"


def test_the_43rd_character_may_carry_bits_that_do_not_count() -> None:
    """A, B, C and D at the end differ only in bits beyond the 32nd byte."""
    encrypted = MessageKey(KEY[:-1] + "A", APP_ID).encrypt(b"x")
    for last in "ABCD":
        assert Keyring([KEY[:-1] + last], APP_ID).decrypt(encrypted)[0] == b"x"


@pytest.mark.parametrize("key", ["", KEY[:-1], KEY + "=", KEY[:-1] + "!", "密" * 43, KEY + "\n"])
def test_a_malformed_key_is_refused_and_the_setting_named(key: str) -> None:
    with pytest.raises(ValueError, match="SHEBAO_WECHAT_AES_KEYS"):
        Keyring([key], APP_ID)


def test_keys_without_an_app_id_are_refused_and_the_setting_named() -> None:
    with pytest.raises(ValueError, match="SHEBAO_WECHAT_APP_ID"):
        Keyring([KEY], "")


def _refusal(encrypted: str) -> Refused:
    with pytest.raises(Refused) as refused:
        Keyring([KEY, OLD_KEY], APP_ID).decrypt(encrypted)
    return refused.value


def test_a_message_of_another_account_is_refused() -> None:
    for other in ("wx0000000000000002", APP_ID + "x", APP_ID[:-1]):
        assert _refusal(MessageKey(KEY, other).encrypt(b"x")).status == 400


def _encrypted(plain: bytes) -> str:
    """Encrypted by hand, whatever the padding."""
    raw = base64.b64decode(KEY + "=")
    encryptor = Cipher(algorithms.AES256(raw), modes.CBC(raw[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def test_padding_and_length_are_validated() -> None:
    """wechatpy cuts off as many bytes as the last one says, whatever they hold."""
    body = b"s" * 16 + (9).to_bytes(4, "big") + b"a message" + APP_ID.encode()
    pad = 64 - len(body)
    assert Keyring([KEY], APP_ID).decrypt(_encrypted(body + bytes([pad]) * pad))[0] == b"a message"
    for padding in (bytes(pad - 1) + bytes([pad]), bytes([pad]) * (pad - 1) + b"\x00", b"\xff" * pad):
        assert _refusal(_encrypted(body + padding)).status == 400
    for length in (8, 10, 2**32 - 1):
        wrong = body[:16] + length.to_bytes(4, "big") + body[20:]
        assert _refusal(_encrypted(wrong + bytes([pad]) * pad)).status == 400


@pytest.mark.parametrize("text", ["", "AAAA", "not base64", "密文", "\udcff", "A" * 43, "A" * 64])
def test_a_malformed_ciphertext_is_refused(text: str) -> None:
    """wechatpy answers these with IndexError, ValueError, struct.error, KeyError and UnicodeDecodeError."""
    assert _refusal(text).status == 400


@given(st.binary(min_size=16, max_size=256))
def test_random_ciphertext_is_refused(raw: bytes) -> None:
    assert _refusal(base64.b64encode(raw[: len(raw) // 16 * 16]).decode()).status == 400


@given(st.data())
def test_a_flipped_bit_in_the_last_blocks_is_refused(data: st.DataObject) -> None:
    """The padding and the app id are checked, so that nothing cut or glued together gets in."""
    raw = bytearray(base64.b64decode(MessageKey(KEY, APP_ID).encrypt(b"a message")))
    index = data.draw(st.integers(len(raw) - 32, len(raw) - 1))
    raw[index] ^= 1 << data.draw(st.integers(0, 7))
    assert _refusal(base64.b64encode(bytes(raw)).decode()).status == 400


def test_a_refusal_names_nothing_of_the_message() -> None:
    encrypted = MessageKey(KEY, "wx-other").encrypt("身份证号".encode())
    assert encrypted not in str(_refusal(encrypted))
    assert _refusal(encrypted).__cause__ is None
