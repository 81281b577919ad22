"""The operators' console in the browser: off unless SHEBAO_CONSOLE_USERS names somebody."""

from bot.web.console.desk import WeChat
from bot.web.console.room import console

__all__ = ["WeChat", "console"]
