"""The operators' console in the browser: off unless SHEBAO_CONSOLE_USERS names somebody."""

from bot.console.blueprint import console
from bot.console.wechat import WeChat, over

__all__ = ["WeChat", "console", "over"]
