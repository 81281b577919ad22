"""What one writes by hand with wechatpy and Flask: signature, deduplication, a session; three round trips."""

import json
import os

import redis
from flask import Flask, request
from residents import AES_KEY, APP_ID, TOKEN
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

client = redis.Redis.from_url(os.environ["BENCH_REDIS"])
secret = WeChatCrypto(TOKEN, AES_KEY, APP_ID) if os.environ["BENCH_MODE"] == "safe" else None
app = Flask(__name__)


@app.post("/wechat")
def wechat() -> str:
    args, body = request.args, request.data
    if secret:
        body = secret.decrypt_message(body, args["msg_signature"], args["timestamp"], args["nonce"])
    else:
        check_signature(TOKEN, args["signature"], args["timestamp"], args["nonce"])
    message = parse_message(body)
    if not client.set(f"d:{message.id}", 1, nx=True, ex=60):
        return "success"
    held = client.get(f"s:{message.source}")
    session = json.loads(held) if held else {"count": 0}
    session["count"] += 1
    client.set(f"s:{message.source}", json.dumps(session), ex=3600)
    answer = create_reply(f"{session['count']}: {message.content}", message).render()
    return secret.encrypt_message(answer, args["nonce"], args["timestamp"]) if secret else answer
