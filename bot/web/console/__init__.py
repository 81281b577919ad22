"""The operators' console in the browser: off unless SHEBAO_CONSOLE_USERS names somebody."""

from bot.web.console.room import console
from bot.web.console.wechat import WeChat, over

__all__ = ["WeChat", "console", "over"]
