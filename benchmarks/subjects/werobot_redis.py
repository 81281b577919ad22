"""WeRoBot as its documentation shows it: a handler that counts in a session kept in Redis."""

import os

import redis
from residents import AES_KEY, APP_ID, TOKEN
from werobot import WeRoBot
from werobot.session.redisstorage import RedisStorage

store = RedisStorage(redis.Redis.from_url(os.environ["BENCH_REDIS"]))
robot = WeRoBot(token=TOKEN, enable_session=True, session_storage=store)
if os.environ["BENCH_MODE"] == "safe":
    robot.config["APP_ID"], robot.config["ENCODING_AES_KEY"] = APP_ID, AES_KEY


@robot.handler
def answer(message, session):  # type: ignore[no-untyped-def]
    session["count"] = session.get("count", 0) + 1
    return f"{session['count']}: {message.content}"


app = robot.wsgi
