"""Flask answering a fixed text: what any of the others cannot go below."""

from flask import Flask

app = Flask(__name__)


@app.post("/wechat")
def wechat() -> str:
    return "<xml><Content>1</Content></xml>"
