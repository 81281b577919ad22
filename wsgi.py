"""The WSGI entry of a checkout: `gunicorn --config python:bot.gunicorn_conf wsgi:app` is `shebao web`."""

from bot.wsgi import app

__all__ = ["app"]
