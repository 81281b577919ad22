"""The operators' console in the browser: off unless SHEBAO_CONSOLE_USERS names somebody."""

from bot.console.room import console
from bot.console.wechat import WeChat, over

__all__ = ["WeChat", "console", "over"]
